"""Uploads: the body of one, and media ids shared by all processes until shortly before the platform forgets them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from lianbot.domain.enclosures import MediaFile
from lianbot.domain.messages import NoAnswer, NotSent, Refused
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken, TokenShelf

KEPT: Final = timedelta(days=3) - timedelta(hours=6)
"""A media id lives three days [S67][S62]; it is renewed while a push under way may still use the old one."""

_NAME_CHARS: Final = 80


class NotUploadedError(Exception):
    """No media id could be had; `outcome` is what a send has to report."""

    def __init__(self, outcome: Refused | NoAnswer | NotSent) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


def multipart(file: MediaFile) -> tuple[bytes, str]:
    """Body and content type of an upload; the part is called `media` on both platforms."""
    boundary = f"lianbot{file.sha256[:40]}"
    suffix = file.name.rpartition(".")[2]
    # the name is ours, not the editor's: nothing in it can break the header
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{file.sha256[:16]}.{suffix}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + file.data + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


class MediaIds:
    """media id by file: rows with an end, one upload at a time for all processes (as with tokens)."""

    def __init__(self, *, account: str, shelf: TokenShelf, clock: Clock) -> None:
        self._account = account
        self._shelf = shelf
        self._clock = clock

    async def of(
        self,
        file: MediaFile,
        upload: Callable[[], Awaitable[str]],
        *,
        stale: str | None = None,
    ) -> str:
        """The id the platform knows the file by. `stale` is one it does not take any more.

        Raises what `upload` raises.
        """
        name = f"media:{self._account}:{file.sha256}"[:_NAME_CHARS]
        kept = await self._shelf.current(name)
        if kept is not None and kept.value != stale and kept.expires_at > self._clock.now():
            return kept.value

        async def fetch() -> AccessToken:
            return AccessToken(value=await upload(), expires_at=self._clock.now() + KEPT)

        return (await self._shelf.replace(name, kept.value if kept else None, fetch)).value
