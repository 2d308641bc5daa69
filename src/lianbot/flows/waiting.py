"""What waits is looked at now and then: what has ended is skipped, what a newer edition has overtaken is renewed.

What leaves is looked at again anyway, a moment before; this is for rows that sleep on, and for those that a lead reads aloud.
"""

import logging
from datetime import datetime, timedelta

from lianbot.domain.campaigns import EXPIRES
from lianbot.ports.planning import PlanBook

EXPIRE_EVERY = timedelta(minutes=10)
RENEW_EVERY = timedelta(minutes=1)
OVERLAP = timedelta(minutes=2)
"""An approval that was being committed during the last look is seen by the next."""
log = logging.getLogger("lianbot.waiting")


class Waiting:
    """Remembers when it looked; a process that starts looks at once, and as far back as rows can wait."""

    def __init__(self, book: PlanBook) -> None:
        self._book = book
        self._expired: datetime | None = None
        self._renewed: datetime | None = None

    async def look(self, now: datetime) -> None:
        if self._expired is None or now - self._expired >= EXPIRE_EVERY:
            if gone := await self._book.expire(now):
                log.info("expired rows=%d", gone)
            self._expired = now
        if self._renewed is None or now - self._renewed >= RENEW_EVERY:
            since = now - EXPIRES if self._renewed is None else self._renewed - OVERLAP
            if renewed := await self._book.renew(since, now):
                log.info("renewed rows=%d", renewed)
            self._renewed = now
