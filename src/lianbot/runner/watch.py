"""What a process of the web alone must look at by time: who is who, what is approved, and the day's end."""

import logging
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from lianbot.ports.clock import Clock
from lianbot.ports.runner import Upkeep
from lianbot.runner.ticker import day_ended, every

log = logging.getLogger("lianbot.runner")


@dataclass(slots=True)
class Watch:
    """`serve --only web` plans and sends nothing, but answers from memory that others change."""

    upkeep: Upkeep
    clock: Clock
    seconds: float
    _kept_day: datetime | None = None

    async def look(self) -> None:
        """Somebody whom another process bound is known here within one round."""
        await self.upkeep.refresh_directory()
        ended = day_ended(self.clock.now())
        if self._kept_day is not None and ended > self._kept_day:
            await self.upkeep.keep_topics()
        self._kept_day = ended

    async def look_safely(self) -> None:
        """The edge of the loop: a failed look is logged, the next one comes."""
        try:
            await self.look()
        except Exception:
            log.exception("a look failed; the next comes in %s s", self.seconds)

    def schedule(self) -> AsyncIOScheduler:
        return every(self.seconds, self.look_safely)
