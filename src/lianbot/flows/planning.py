"""Time → due occurrence → one delivery row a worker, with windows and caps applied (design §4, §5)."""

import logging
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from lianbot.domain.campaigns import (
    SMALLEST_AUDIENCE,
    TELLS,
    Campaign,
    Course,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Review,
)
from lianbot.domain.codes import Post
from lianbot.domain.errors import LedgerClockError, LianbotError
from lianbot.domain.hours import NO_HOURS, Hours
from lianbot.domain.people import Worker
from lianbot.domain.posts import PostProfile
from lianbot.flows.crowds import picked_by_hand, too_few
from lianbot.flows.rhythms import Rule, Rules, hold_alone
from lianbot.flows.slots import plan_row
from lianbot.flows.waiting import Waiting
from lianbot.phrases import alerts
from lianbot.ports.clock import Clock
from lianbot.ports.hours import HoursBook
from lianbot.ports.outbox import KIND_LENGTH, LEDGER_CLOCK, Staff
from lianbot.ports.planning import (
    Candidate,
    DueReminder,
    Moments,
    PlanBook,
    PlannedRow,
    Shelf,
)
from lianbot.ports.rhythm import Rhythm

log = logging.getLogger("lianbot.planning")
LATE = timedelta(days=3)
"""A due moment older than this when we look is written down as missed, not sent late."""


class Planner:
    """Plans each due moment exactly once, in chunks, so that callbacks never wait for it."""

    def __init__(
        self,
        *,
        book: PlanBook,
        shelf: Shelf,
        moments: Moments,
        profiles: Mapping[Post, PostProfile],
        clock: Clock,
        rhythm: Rhythm | None = None,
        hours: HoursBook | None = None,
        staff: Staff | None = None,
    ) -> None:
        self._book = book
        self._staff = staff
        self._rhythm = rhythm
        self._hours = hours
        self._rules = Rules(book=book, shelf=shelf, moments=moments, rhythm=rhythm)
        self._moments = moments
        self._profiles = profiles
        self._clock = clock
        self._waiting = Waiting(book)

    async def resume(self, *, alone: bool) -> list[Occurrence]:
        """Finish what a planner that died had begun; workers who have a row already are left alone."""
        now = self._clock.now()
        finished: list[Occurrence] = []
        for occurrence in await self._book.unfinished(now, alone=alone):
            campaign = await self._book.campaign(occurrence.campaign_id)
            finished += await self._apart(campaign, self._refill(campaign, occurrence, now))
        return finished

    async def plan_due(self) -> list[Occurrence]:
        """Every occurrence that became due since the last look, reminders included."""
        now = self._clock.now()
        planned = await self.resume(alone=False)
        for due in await self._book.approved():
            planned += await self._apart(
                due.campaign, self._plan_campaign(due.campaign, due.scanned_until, now)
            )
        for reminder in await self._book.due_reminders(now):
            planned += await self._apart(reminder.campaign, self._plan_reminder(reminder, now))
        await self._book.wake(now)
        # last: a look that fails must not keep anybody asleep
        await self._waiting.look(now)
        return planned

    async def _apart(
        self, campaign: Campaign, planning: Awaitable[list[Occurrence]]
    ) -> list[Occurrence]:
        """One campaign that cannot be planned holds up neither the others nor the sending: staff are told.

        Without staff to tell, the error goes on to the caller.
        """
        try:
            return await planning
        except Exception as error:
            if self._staff is None:
                raise
            log.exception("planning failed campaign=%s", campaign.id)
            clock_is_wrong = isinstance(error, LedgerClockError)
            kind = LEDGER_CLOCK if clock_is_wrong else f"plan:{campaign.title}"[:KIND_LENGTH]
            await self._staff.alert(kind, _told(campaign, error), self._clock.now())
            return []

    async def _refill(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> list[Occurrence]:
        return [await self._fill(campaign, occurrence, now)]

    async def _plan_reminder(self, reminder: DueReminder, now: datetime) -> list[Occurrence]:
        """One reminder a push: its due moment follows from the push's, so that two tickers make one row."""
        days = reminder.campaign.remind_after_days or 0
        due_at = reminder.occurrence.due_at + timedelta(days=days)
        occurrence = await self._plan_one(
            reminder.campaign, OccurrenceKind.REMINDER, due_at, now, reminder.occurrence.id
        )
        return [occurrence] if occurrence else []

    async def _plan_campaign(
        self, campaign: Campaign, after: datetime, now: datetime
    ) -> list[Occurrence]:
        planned: list[Occurrence] = []
        moments = self._moments.due_between(campaign, after, now)
        if self._rules.is_personal(campaign):
            moments = moments[-1:] if moments and await self._is_somebodys(campaign, now) else []
        if moments and await self._too_few(campaign, now):
            await self._book.scanned(campaign.id, now)
            return []
        # after a long stop only the newest due moment is sent: no backlog is dumped on anyone
        late = [at for at in moments if at != moments[-1] or now - at > LATE]
        if late:
            kind = alerts.missed(campaign.title)[:KIND_LENGTH]
            detail = alerts.missed_moments(campaign, late)
            await self._book.miss(campaign.id, late, now, kind, detail)
        for due_at in moments[len(late) :]:
            if occurrence := await self._plan_one(campaign, OccurrenceKind.PUSH, due_at, now):
                planned.append(occurrence)
            else:
                return planned  # another process plans it, or died planning: look again later
        await self._book.scanned(campaign.id, now)
        return planned

    async def _too_few(self, campaign: Campaign, now: datetime) -> bool:
        """Whether chosen people became fewer than the floor since the approval: then nothing leaves (P8).

        Where they draw one text or another, the rows of each text are counted when they are planned.
        """
        if not campaign.audience.points_at_people() or picked_by_hand(campaign):
            return False
        size = await self._book.audience_size(campaign, now)
        if size >= SMALLEST_AUDIENCE:
            return False
        await self._tell_too_few(campaign, f"只剩 {size} 人", now)
        return True

    async def _plan_one(
        self,
        campaign: Campaign,
        kind: OccurrenceKind,
        due_at: datetime,
        now: datetime,
        reminds: UUID | None = None,
    ) -> Occurrence | None:
        occurrence = await self._book.open_occurrence(
            campaign.id, kind, due_at, now, reminds=reminds
        )
        return None if occurrence is None else await self._fill(campaign, occurrence, now)

    async def _is_somebodys(self, campaign: Campaign, now: datetime) -> bool:
        """Whether anybody would draw something: most days of a personal schedule are nobody's."""
        rule = await self._rules.rule(campaign, now)
        if rule is None:
            return False
        nothing = Occurrence(
            id=UUID(int=0),
            campaign_id=campaign.id,
            kind=OccurrenceKind.PUSH,
            due_at=now,
            state=OccurrenceState.PLANNING,
        )
        async for chunk in self._book.candidates(rule.campaign, nothing, now):
            if any(rule.draw(candidate) is not None for candidate in chunk):
                return True
        return False

    async def _fill(self, campaign: Campaign, occurrence: Occurrence, now: datetime) -> Occurrence:
        rule = await self._rule(campaign, occurrence, now)
        hours = await self._hours.hours() if self._hours else NO_HOURS
        if occurrence.kind is not OccurrenceKind.CORRECTION:
            ends_at = self._moments.ends_at(campaign, occurrence.due_at)
            occurrence = replace(occurrence, ends_at=ends_at)
        if rule is not None:
            rule = await self._in_company(campaign, occurrence, rule, now)
            async for chunk in self._book.candidates(rule.campaign, occurrence, now):
                rows = self._rows(chunk, rule, occurrence, hours)
                await self._book.write_rows(occurrence, rows, self._clock.now())
        asks = isinstance(campaign.schedule, Review | Course) and occurrence.reminds is None
        if self._rhythm is not None and asks:
            await self._rhythm.asked(occurrence.id, now)
        return await self._book.finish(occurrence, now)

    async def _in_company(
        self, campaign: Campaign, occurrence: Occurrence, rule: Rule, now: datetime
    ) -> Rule:
        """The same rule, holding back those who would be alone with their text by now (P8); staff are told."""
        if occurrence.kind not in TELLS or not picked_by_hand(campaign, beyond=rule.beyond):
            return rule
        drawn = Counter(await self._book.drawn(occurrence))
        async for chunk in self._book.candidates(rule.campaign, occurrence, now):
            drawn.update(one.item for one in map(rule.draw, chunk) if one is not None)
            if all(drawn[item] >= SMALLEST_AUDIENCE for item in campaign.items):
                return rule
        few = too_few(drawn)
        for item, count in few.items():
            await self._tell_too_few(campaign, f"收到 {item} 的只有 {count} 人", now)
        return hold_alone(rule, few) if few else rule

    async def _tell_too_few(self, campaign: Campaign, who: str, now: datetime) -> None:
        if self._staff is not None:
            await self._staff.alert(
                alerts.few(campaign.title)[:KIND_LENGTH],
                f"{campaign.title}：{who}，少于 {SMALLEST_AUDIENCE} 人，等于点名，没有发给他们；"
                "请班长当面讲，或换成适合大家的内容另写一份",
                now,
            )

    def _rows(
        self, chunk: Sequence[Candidate], rule: Rule, occurrence: Occurrence, hours: Hours
    ) -> list[PlannedRow]:
        now = self._clock.now()
        drawn = ((candidate, rule.draw(candidate)) for candidate in chunk)
        return [
            plan_row(
                candidate,
                edition,
                occurrence_id=occurrence.id,
                channels=rule.campaign.channels,
                profiles=self._profiles_of(candidate.worker, hours),
                now=now,
                hold=rule.hold(candidate),
                counts=rule.counts,
                ends_at=occurrence.ends_at,
                staged=occurrence.kind is OccurrenceKind.PUSH and bool(rule.campaign.stages),
            )
            for candidate, edition in drawn
            if edition is not None
        ]

    def _profiles_of(self, worker: Worker, hours: Hours) -> Mapping[Post, PostProfile]:
        laid = hours.of_posts(
            self._profiles, worker.posts, worker.team_id, worker.shift, worker.preferred
        )
        return {worker.posts[0]: laid}

    async def _rule(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> Rule | None:
        if occurrence.amends is not None:
            return await self._rules.amended(campaign, occurrence, now)
        if occurrence.reminds is None:
            return await self._rules.rule(campaign, now, occurrence.due_at)
        sent = await self._book.reminded_edition(occurrence.reminds)
        return Rule(campaign=campaign, draw=lambda candidate: sent.get(candidate.worker.id))


def _told(campaign: Campaign, error: Exception) -> str:
    """A foreign error's text may quote what it stumbled over: only its name is shown."""
    what = str(error) if isinstance(error, LianbotError) else type(error).__name__
    return f"{campaign.title}：{what}"
