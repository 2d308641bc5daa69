"""分批: releases the stages of a push one after the other, and stops it by itself when too much fails (design §4).

The rows of later stages sleep as `deferred(staged)`: claiming never meets them. All that is known is in rows, so
any process may take any step at any time, and of two that take the same one only one succeeds.
"""

import logging
from datetime import datetime
from typing import assert_never

from lianbot.domain.rollouts import (
    USUAL,
    Caution,
    Done,
    Halt,
    Release,
    Rollout,
    Wait,
    next_step,
)
from lianbot.flows.settling import told_apart_at
from lianbot.phrases import alerts
from lianbot.ports.clock import Clock
from lianbot.ports.control import RolloutBook

log = logging.getLogger("lianbot.rollout")


class Rollouts:
    """Looks at every staged push that is under way."""

    def __init__(self, *, book: RolloutBook, clock: Clock, caution: Caution = USUAL) -> None:
        self.caution = caution
        self._book = book
        self._clock = clock

    async def look(self) -> None:
        """Takes the steps that are due now; between two looks nothing happens."""
        now = self._clock.now()
        for rollout in await self._book.watched():
            await self._pour(rollout, now)
            await self._step(await self._book.seen(rollout.occurrence_id) or rollout, now)

    async def _step(self, rollout: Rollout, now: datetime) -> None:
        settled = await self._book.settled(rollout, told_apart_at(now))
        step = next_step(rollout, settled, now, self.caution)
        match step:
            case Release():
                if await self._book.release(rollout, step.let_go, now):
                    log.info("stage released push=%s rows=%d", rollout.occurrence_id, step.let_go)
                    released = await self._book.seen(rollout.occurrence_id)
                    await self._pour(released or rollout, now)
            case Halt():
                await self._halt(rollout, step, now)
            case Done():
                await self._book.done(rollout)
            case Wait():
                pass
            case _:
                assert_never(step)

    async def _pour(self, rollout: Rollout, now: datetime) -> None:
        """In short transactions: callbacks must not wait for a stage of thousands."""
        while rollout.poured < rollout.let_go and await self._book.pour(rollout, now):
            again = await self._book.seen(rollout.occurrence_id)
            if again is None:
                return
            rollout = again

    async def _halt(self, rollout: Rollout, step: Halt, now: datetime) -> None:
        kind = alerts.halted(rollout.occurrence_id)
        detail = alerts.HALTED.format(
            failed=step.failed, let_go=rollout.let_go, percent=self.caution.bad_percent
        )
        if await self._book.halt(rollout, step.failed, kind, detail, now):
            log.warning(
                "push stopped by itself push=%s failed=%d", rollout.occurrence_id, step.failed
            )
