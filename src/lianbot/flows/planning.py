"""Time → due occurrence → one delivery row a worker, with windows and caps applied (design §4, §5)."""

import logging
from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lianbot.domain.calendar import (
    local,
    may_leave,
    next_chance,
    start_of_local_day,
)
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
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import LedgerClockError, LianbotError
from lianbot.domain.hours import NO_HOURS, Hours
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, PreferredTime, Worker
from lianbot.domain.posts import PostProfile
from lianbot.domain.routing import Chosen, Contact, choose_way
from lianbot.domain.ways import Way, policy_of
from lianbot.flows.crowds import picked_by_hand, too_few
from lianbot.flows.drawing import Draw as Draw
from lianbot.flows.drawing import draw_from as draw_from
from lianbot.flows.drawing import draw_next as draw_next
from lianbot.flows.drawing import draw_variant as draw_variant
from lianbot.flows.rhythms import Rule, Rules, hold_alone
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
WEEK = timedelta(days=7)
DAY_CAP = 1
WEEK_CAP = 2
LATE = timedelta(days=3)
"""A due moment older than this when we look is written down as missed, not sent late."""
ASLEEP = datetime(9000, 1, 1, tzinfo=UTC)
"""`not_before` of a row whose stage has not come: no clock reaches it, only the release does."""
PATIENCE = timedelta(days=6)
"""A row that cannot leave within this time is skipped with its reason instead of waiting for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When and whether a row may leave."""

    state: DeliveryState
    reason: Reason
    at: datetime | None


def choose_route(candidate: Candidate, channels: Sequence[ChannelKind]) -> Chosen:
    """The first way of the policy by which the worker can be reached."""
    if candidate.worker.preferred is PreferredTime.PAPER_ONLY:
        return Chosen(way=None, binding=None, reason=Reason.PAPER_ONLY)
    contact = candidate.contact or Contact(
        bindings=candidate.bindings,
        opted_out=candidate.opted_out,
        broken=dict.fromkeys(candidate.broken, Reason.NOT_MEMBER),
    )
    return choose_way(contact, policy_of(channels))


def over(ends_at: datetime | None, at: datetime) -> bool:
    """Whether nothing may leave at `at` any more of what ends at `ends_at`."""
    return ends_at is not None and at >= ends_at


def choose_slot(
    profile: PostProfile,
    pushes: Sequence[datetime],
    now: datetime,
    ends_at: datetime | None = None,
) -> Slot:
    """The first moment from `now` on that the post's windows and the caps leave free.

    ≤ 1 push a local day and ≤ 2 in any 7 local days over all campaigns (P4); what does not fit within
    six days is skipped with the cap as its reason, what does not before its end as expired.
    """
    at: datetime | None = now
    reason = Reason.NONE
    while at is not None and at - now <= PATIENCE:
        if over(ends_at, at):
            return Slot(state=DeliveryState.SKIPPED, reason=Reason.EXPIRED, at=None)
        if not may_leave(profile, at):
            reason = reason or _shut(profile, at)
            at = next_chance(profile, at)
            continue
        blocked = cap_blocking(pushes, at)
        if blocked is Reason.NONE:
            state = DeliveryState.PLANNED if at <= now else DeliveryState.DEFERRED
            return Slot(state=state, reason=reason if at > now else Reason.NONE, at=at)
        reason = blocked
        at = next_chance(profile, start_of_local_day(at + timedelta(days=1)))
    return Slot(state=DeliveryState.SKIPPED, reason=reason or Reason.WINDOW, at=None)


def _shut(profile: PostProfile, at: datetime) -> Reason:
    return Reason.QUIET if local(at).date() in profile.quiet else Reason.WINDOW


def cap_blocking(pushes: Sequence[datetime], at: datetime) -> Reason:
    """The cap that another push at `at` would break; NONE when it fits.

    Counted by local days: a lesson that left at 14:01:05 last Tuesday must not hold up the one at 14:01:00 today.
    """
    day, days = local(at).date(), [local(push).date() for push in pushes]
    if days.count(day) >= DAY_CAP:
        return Reason.CAPPED_DAY
    for last in (day, *(one for one in days if day < one < day + WEEK)):
        if sum(last - WEEK < one <= last for one in days) >= WEEK_CAP:
            return Reason.CAPPED_WEEK
    return Reason.NONE


def plan_row(
    candidate: Candidate,
    edition: Edition,
    *,
    occurrence_id: UUID,
    channels: Sequence[ChannelKind],
    profiles: Mapping[Post, PostProfile],
    now: datetime,
    hold: Reason = Reason.NONE,
    staged: bool = False,
    counts: bool = True,
    ends_at: datetime | None = None,
) -> PlannedRow:
    """Pure: the row's first state. Skipped rows are rows too: a skip has a reason and a mend.

    `staged`: what could leave sleeps until its stage is released. `counts`: it weighs against the caps and keeps
    to them; a correction does not (design §5).
    """
    worker = candidate.worker
    route = choose_route(candidate, channels)
    if not counts:
        candidate = replace(candidate, pushes=())
    slot = slot_of(candidate, route, profiles[worker.posts[0]], now, hold, ends_at)
    planned_for = slot.at if counts else None
    # what waits for a visit leaves by the worker's own act: no stage holds it
    if staged and slot.at and slot.reason is not Reason.HELD:
        slot = Slot(state=DeliveryState.DEFERRED, reason=Reason.STAGED, at=ASLEEP)
    return PlannedRow(
        worker_id=worker.id,
        edition=edition.sha256,
        item=edition.item,
        quiz=draw_variant(edition, occurrence_id, worker.id),
        topic=edition.topic,
        team_id=worker.team_id,
        post=worker.posts[0],
        channel=route.binding.channel if route.binding else None,
        account=route.binding.account if route.binding else None,
        state=slot.state,
        reason=slot.reason,
        not_before=slot.at if slot.state is DeliveryState.DEFERRED else None,
        counts_at=planned_for,
        way=route.way,
    )


def slot_of(
    candidate: Candidate,
    route: Chosen,
    profile: PostProfile,
    now: datetime,
    hold: Reason,
    ends_at: datetime | None,
) -> Slot:
    """Of a worker reached by that route; `profile` is laid out for the worker already."""
    if never := hold or route.reason:
        return Slot(state=DeliveryState.SKIPPED, reason=never, at=None)
    if over(ends_at, now):
        return Slot(state=DeliveryState.SKIPPED, reason=Reason.EXPIRED, at=None)
    if route.way is Way.HELD:
        return Slot(state=DeliveryState.DEFERRED, reason=Reason.HELD, at=now + PATIENCE)
    return choose_slot(profile, candidate.pushes, now, ends_at)


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
        await self._waiting.look(now)
        await self._book.wake(now)
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
