"""The access token of one account: kept in memory, shared through the shelf, refreshed by one caller at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeGuard

from lianbot.domain.messages import NotSent, Refused, SendAction
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import AccessToken, TokenShelf

REFUSAL_PAUSE: Final = timedelta(minutes=5)
"""After a refused secret nobody asks again for this long: many wrong tries get the IP banned for an hour [S69]."""

_MARGIN: Final = timedelta(minutes=3)
_SHORT_LIVED: Final = timedelta(minutes=10)


class NoTokenError(Exception):
    """No token could be had. `outcome` is what a send has to report; it holds no secret."""

    def __init__(self, outcome: Refused | NotSent) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    outcome: Refused
    until: datetime


def usable_until(now: datetime, expires_in: int) -> datetime:
    """When a fresh token must be given up: a little before the platform does, except where that is soon."""
    life = timedelta(seconds=max(expires_in, 0))
    return now + (life - _MARGIN if life > _SHORT_LIVED else life / 2)


class TokenKeeper:
    """Hands out the current token of the account called `name`."""

    def __init__(
        self,
        *,
        name: str,
        shelf: TokenShelf,
        clock: Clock,
        fetch: Callable[[], Awaitable[AccessToken]],
    ) -> None:
        self._name = name
        self._shelf = shelf
        self._clock = clock
        self._fetch = fetch
        self._held: AccessToken | None = None
        self._refusal: _Refusal | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> str:
        """A token that should work. Raises NoTokenError."""
        if self._usable(self._held):
            return self._held.value
        async with self._turn:
            if self._usable(self._held):
                return self._held.value
            stored = await self._shelf.current(self._name)
            if self._usable(stored):
                self._held = stored
                return stored.value
            return await self._replace(stored.value if stored else None)

    async def renewed(self, stale: str) -> str:
        """A token other than `stale`, fetched at most once however many callers found it stale."""
        async with self._turn:
            if self._held is not None and self._held.value != stale:
                return self._held.value
            return await self._replace(stale)

    def _usable(self, token: AccessToken | None) -> TypeGuard[AccessToken]:
        return token is not None and token.expires_at > self._clock.now()

    async def _replace(self, stale: str | None) -> str:
        refusal = self._refusal
        if refusal is not None and self._clock.now() < refusal.until:
            raise NoTokenError(refusal.outcome)
        try:
            self._held = await self._shelf.replace(self._name, stale, self._fetch)
        except NoTokenError as error:
            self._remember(error.outcome)
            raise
        self._refusal = None
        return self._held.value

    def _remember(self, outcome: Refused | NotSent) -> None:
        if isinstance(outcome, Refused) and outcome.action is not SendAction.RETRY:
            until = self._clock.now() + REFUSAL_PAUSE
            self._refusal = _Refusal(outcome=outcome, until=until)
