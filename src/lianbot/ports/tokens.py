"""What a platform lends for a while, shared by all processes: access tokens and media ids, one renewal at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A platform's token or media id, and the moment (UTC) from which it must not be used any more."""

    value: str
    expires_at: datetime


class TokenShelf(Protocol):
    """Where the current token lies."""

    async def current(self, name: str) -> AccessToken | None:
        """The stored token, whatever its age; None when there is none."""
        ...

    async def replace(
        self, name: str, stale: str | None, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> AccessToken:
        """Fetch and store a new token unless another process has replaced `stale` meanwhile; then give that one."""
        ...
