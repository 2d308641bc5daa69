"""One interval tick: plan what is due, wake what was deferred, hand over, and keep the ledger's day (design §3)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from lianbot.domain.calendar import local
from lianbot.domain.errors import LedgerClockError
from lianbot.flows.delivery import Sender
from lianbot.flows.ledgering import Ledgering
from lianbot.flows.planning import Planner
from lianbot.flows.recalling import Recalling
from lianbot.flows.rollout import Rollouts
from lianbot.flows.ways import Fallback
from lianbot.ports.clock import Clock
from lianbot.ports.control import ClearingBook
from lianbot.ports.outbox import LEDGER_CLOCK, Outbox, Staff
from lianbot.ports.runner import Follower, Upkeep

CHECKPOINT_AT = time(23, 55)
REPEATS_KEPT = timedelta(hours=24)
FORGET_EVERY = timedelta(hours=1)
log = logging.getLogger("lianbot.runner")


@dataclass(slots=True)
class Ticker:
    """What happens by time. Ticks never overlap in a process; between processes the rows decide."""

    planner: Planner
    clearings: ClearingBook
    rollouts: Rollouts
    recalling: Recalling
    sender: Sender
    outbox: Outbox
    ledgering: Ledgering
    upkeep: Upkeep
    staff: Staff
    clock: Clock
    owner: str
    alone: bool
    seconds: float
    fallback: Fallback | None = None
    followers: Sequence[Follower] = ()
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    _kept_day: datetime | None = None
    _forgot_at: datetime | None = None
    _stopping: bool = False

    async def start_up(self) -> None:
        """After a crash: name what may have gone out, and finish plans that were begun."""
        now = self.clock.now()
        lost = await self.outbox.recover(now, alone=self.alone)
        if lost:
            log.warning("hand-overs without an answer: %d marked unknown", lost)
        await self.planner.resume(alone=self.alone)

    async def tick(self) -> None:
        """One round; a round still under way is not joined by another, none begins after `stop`.

        A part that fails holds up no other part: the first error is raised when all have had their turn.
        """
        if self._busy.locked() or self._stopping:
            return
        async with self._busy:
            failed: list[Exception] = []
            for part in self._parts():
                try:
                    await part()
                except Exception as error:
                    if failed:
                        log.exception("another part of the round failed")
                    failed.append(error)
            if failed:
                raise next((one for one in failed if isinstance(one, LedgerClockError)), failed[0])

    def _parts(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """In order: what is planned leaves in the same round, chores come after the messages."""
        return (
            self.upkeep.refresh_directory,
            self._clear,
            self._plan,
            self._recover,
            self.rollouts.look,
            self.recalling.look,
            self._send,
            *(follower.run for follower in self.followers),
            self.upkeep.record_intake,
            self.upkeep.look_at_duties,
            self._keep_day,
            self._forget_repeats,
        )

    async def _clear(self) -> None:
        """Where who decided it died, or left the rest to us; before planning, which waits for it."""
        if cleared := await self.clearings.look():
            log.info("rows that shall not leave: %d skipped", cleared)

    async def _plan(self) -> None:
        for occurrence in await self.planner.plan_due():
            log.info("planned occurrence=%s rows=%d", occurrence.id, occurrence.planned)

    async def _recover(self) -> None:
        await self.outbox.recover(self.clock.now(), alone=False)

    async def _send(self) -> None:
        await self.sender.resolve_unknown()
        tally = await self.sender.drain()
        if self.fallback is not None and await self.fallback.look():
            # what one way refused leaves by the next in the same round
            again = await self.sender.drain()
            tally.add(again)
        if tally.accepted or tally.refused or tally.unknown:
            log.info(
                "handed over accepted=%d refused=%d unanswered=%d held=%d",
                tally.accepted,
                tally.refused,
                tally.unknown,
                tally.held,
            )

    async def _keep_day(self) -> None:
        """The daily checkpoint at 23:55 local time; at the first look, the one that fell into a stop."""
        due = day_ended(self.clock.now())
        if self._kept_day is None:
            await self.ledgering.catch_up(due)
        elif due > self._kept_day:
            await self.ledgering.checkpoint()
            await self.upkeep.keep_topics()
        self._kept_day = due

    async def _forget_repeats(self) -> None:
        """Hourly, and at the first look: a process that is restarted every night forgets them too."""
        now = self.clock.now()
        if self._forgot_at is None or now - self._forgot_at >= FORGET_EVERY:
            await self.upkeep.wipe_repeats(now - REPEATS_KEPT)
            await self.upkeep.roll_up()
            self._forgot_at = now

    async def tick_safely(self) -> None:
        """The edge of the loop: a failed round is logged, the next one comes."""
        try:
            await self.tick()
        except LedgerClockError as error:
            log.exception("the clock is behind the ledger")
            await self.staff.alert(LEDGER_CLOCK, str(error), self.clock.now())
        except Exception:
            log.exception("a round failed; the next comes in %s s", self.seconds)

    async def stop(self) -> None:
        """Ends claiming and waits for the round under way; nothing is cut in the middle of a hand-over."""
        self._stopping = True
        self.sender.finish_soon()
        async with self._busy:
            await self.outbox.release(self.owner)

    def schedule(self) -> AsyncIOScheduler:
        """APScheduler's interval tick; the plan itself is rows of ours."""
        return every(self.seconds, self.tick_safely)


def day_ended(now: datetime) -> datetime:
    """The last moment at or before `now` at which a local day's books are closed."""
    due = local(now).replace(
        hour=CHECKPOINT_AT.hour, minute=CHECKPOINT_AT.minute, second=0, microsecond=0
    )
    return due if local(now) >= due else due - timedelta(days=1)


def every(seconds: float, round_: Callable[[], Awaitable[None]]) -> AsyncIOScheduler:
    """A scheduler that calls again and again, never twice at once."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(
        round_,
        "interval",
        seconds=seconds,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    return scheduler
