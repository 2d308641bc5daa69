"""录音 on the phone: an editor reads a voice script aloud with the phone's own recorder and hands it in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from aiohttp import BodyPartReader, web

from lianbot.domain.errors import LianbotError, NotFoundError
from lianbot.domain.items import EditionState
from lianbot.domain.people import Account, KnownWorker, Role
from lianbot.phrases import pages
from lianbot.phrases import voices as say
from lianbot.ports.desk import AccountDesk, ContentDesk, StoredEdition
from lianbot.web.parts import PARTS
from lianbot.web.phone.addresses import edition_in, mark_of
from lianbot.web.phone.render import render
from lianbot.web.phone.visitors import sign_in
from lianbot.web.signing import Visitor

MOST_BYTES = 15 * 2**20
"""Below what the proxy lets through; a minute from any phone is a tenth of it."""
MOST_SHOWN = 80
MICROPHONE_HERE = "camera=(), geolocation=(), microphone=(self)"
"""This page alone may ask for it; every other says no beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """What the recording pages read, and where a recording goes: (edition, bytes, who, slow) → seconds."""

    accounts: AccountDesk
    content: ContentDesk
    keep: Callable[[str, bytes, Account, bool], Awaitable[float]]


VOICES = web.AppKey("voices", Voices)


def add_voices(app: web.Application, voices: Voices) -> None:
    app[VOICES] = voices
    app.router.add_get("/m/voice", scripts)
    app.router.add_get("/m/voice/{sha}", script)
    app.router.add_post("/m/voice/{sha}", recorded)


async def editor_of(request: web.Request, who: KnownWorker | None) -> Account | None:
    """The editor's account of this worker; None for everybody else."""
    tools = request.app.get(VOICES)
    if who is None or tools is None:
        return None
    accounts = await tools.accounts.of_worker(who.id)
    return next((one for one in accounts if one.may(Role.EDITOR)), None)


def _stranger(request: web.Request) -> web.Response:
    return render(request.app[PARTS], "voice_stranger.html", voices=say)


async def scripts(request: web.Request) -> web.Response:
    """The newest edition of each item that has something to read out; those without a voice first."""
    if await editor_of(request, await sign_in(request)) is None:
        return _stranger(request)
    newest: dict[str, StoredEdition] = {}
    for one in await request.app[VOICES].content.all():
        open_still = one.edition.state in {EditionState.APPROVED, EditionState.AWAITING}
        if open_still and one.edition.voice_script:
            newest.setdefault(one.edition.item, one)
    found = sorted(newest.values(), key=lambda one: bool(one.edition.voice))
    return render(
        request.app[PARTS], "voices.html", voices=say, editions=found[:MOST_SHOWN], said=""
    )


async def script(request: web.Request) -> web.Response:
    who = await sign_in(request)
    if who is None or await editor_of(request, who) is None:
        return _stranger(request)
    return await _script(request, who.id)


async def _script(
    request: web.Request, worker_id: UUID, *, said: str = "", fault: str = ""
) -> web.Response:
    parts, sha = request.app[PARTS], edition_in(request)
    stored = await request.app[VOICES].content.get(sha)
    visitor = Visitor(worker_id=worker_id, occurrence_id=mark_of(sha))
    page = render(
        parts,
        "voice.html",
        voices=say,
        edition=stored.edition,
        said=said,
        fault=fault,
        token=parts.tokens.seal(visitor, parts.clock.now()),
    )
    page.headers["Permissions-Policy"] = MICROPHONE_HERE
    if fault:
        page.set_status(422)
    return page


async def recorded(request: web.Request) -> web.Response:
    """The token stands before the file, so that nobody unknown makes us read megabytes."""
    sha = edition_in(request)
    worker, account, slow, data = await _read(request, sha)
    try:
        seconds = await request.app[VOICES].keep(sha, data, account, slow)
    except NotFoundError:
        raise
    except LianbotError as error:
        return await _script(request, worker, fault=str(error))
    return await _script(request, worker, said=say.kept(seconds))


async def _read(request: web.Request, sha: str) -> tuple[UUID, Account, bool, bytes]:
    slow = False
    found: tuple[UUID, Account] | None = None
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                break
            if part.name == "t":
                found = await _known(request, (await _bytes(part, 1024)).decode(), sha)
            elif part.name == "slow":
                slow = (await _bytes(part, 16)) == b"1"
            elif part.name == "voice":
                if found is None:
                    break
                return *found, slow, await _bytes(part, MOST_BYTES)
    except (ValueError, AssertionError, LookupError, web.RequestPayloadError) as error:
        raise web.HTTPBadRequest(text=pages.FORM_BROKEN) from error
    if found is None:
        raise web.HTTPForbidden(text=pages.PAGE_TOO_OLD)
    raise web.HTTPBadRequest(text=say.NO_FILE)


async def _known(request: web.Request, token: str, sha: str) -> tuple[UUID, Account]:
    parts = request.app[PARTS]
    visitor = parts.tokens.open(token, parts.clock.now())
    if visitor is None or visitor.occurrence_id != mark_of(sha):
        raise web.HTTPForbidden(text=pages.PAGE_TOO_OLD)
    account = await editor_of(request, parts.directory.by_id(visitor.worker_id))
    if account is None:
        raise web.HTTPForbidden(text=say.NOT_AN_EDITOR)
    return visitor.worker_id, account


async def _bytes(part: BodyPartReader, most: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(data), text=say.TOO_LARGE)
    return bytes(data)
