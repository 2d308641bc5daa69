"""One reader for what the phone pages send: text fields, or 400 with a sentence."""

from aiohttp import web
from multidict import MultiDict

from lianbot.phrases import pages as say


async def read_form(request: web.Request) -> MultiDict[str]:
    """The text fields. A body that is no form, or that broke off, raises 400; nothing is recorded then.

    Our pages send no files: one that comes is closed and left out.
    """
    try:
        form = await request.post()
        return MultiDict(
            (name, _sendable(value)) for name, value in form.items() if not _is_file(value)
        )
    except (
        ValueError,
        LookupError,
        RuntimeError,
        AssertionError,
        web.RequestPayloadError,
    ) as error:
        raise web.HTTPBadRequest(text=say.FORM_BROKEN) from error


def _sendable(value: object) -> str:
    """Some charsets decode to half characters, which no database takes, and PostgreSQL takes no NUL: ValueError."""
    text = str(value)
    text.encode()
    if "\x00" in text:
        raise ValueError("NUL")
    return text


def _is_file(value: object) -> bool:
    if isinstance(value, web.FileField):
        value.file.close()
        return True
    return isinstance(value, (bytes, bytearray))
