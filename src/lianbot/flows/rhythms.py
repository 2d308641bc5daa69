"""What an occurrence gives to whom: the draw of its schedule, who is held back from it, whom it is about."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from lianbot.domain.calendar import local, start_of_local_day
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    Course,
    Cron,
    Festival,
    Occurrence,
    OccurrenceKind,
    Once,
    Review,
    Since,
)
from lianbot.domain.deliveries import Reason
from lianbot.domain.items import Edition
from lianbot.flows.drawing import (
    Draw,
    draw_course,
    draw_from,
    draw_in_turn,
    draw_review,
    draw_rotating,
    draw_series,
)
from lianbot.ports.planning import Candidate, Moments, PlanBook, Shelf
from lianbot.ports.rhythm import Rhythm

MOST_OF_A_FESTIVAL = 2
FESTIVAL_SPAN = timedelta(days=45)
"""Messages about the same node within this time are about the same festival."""
SERIES_PATIENCE = timedelta(days=21)
"""A series looks no further back: who started long before lianbot came is not taught as a newcomer."""

NOBODY = UUID(int=0)
A_SECOND = timedelta(seconds=1)

Hold = Callable[[Candidate], Reason]


def hold_nobody(_candidate: Candidate) -> Reason:
    return Reason.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`campaign` may be narrowed to the workers whose own day it is; `hold` says why a draw is skipped.

    `counts`: what is sent weighs against the caps. `beyond`: it goes further than the audience that was approved.
    """

    campaign: Campaign
    draw: Draw
    hold: Hold = hold_nobody
    counts: bool = True
    beyond: bool = False


def hold_told_enough(told: Mapping[UUID, int]) -> Hold:
    """At most two messages a person a festival."""

    def hold(candidate: Candidate) -> Reason:
        enough = told.get(candidate.worker.id, 0) >= MOST_OF_A_FESTIVAL
        return Reason.CAPPED_FESTIVAL if enough else Reason.NONE

    return hold


def hold_for_festival(
    had: Collection[UUID], coming: Sequence[tuple[Campaign, Draw]], on: date
) -> Hold:
    """A festival message replaces the week's lesson: one that came, or one that will before Sunday ends."""

    def hold(candidate: Candidate) -> Reason:
        replaced = candidate.worker.id in had or any(
            campaign.audience.includes(candidate.worker, on, candidate.answered)
            and draw(candidate) is not None
            for campaign, draw in coming
        )
        return Reason.FESTIVAL if replaced else Reason.NONE

    return hold


def hold_alone(rule: Rule, items: Collection[str]) -> Rule:
    """The same rule for all but those who draw one of these items."""

    def hold(candidate: Candidate) -> Reason:
        drawn = rule.draw(candidate)
        alone = drawn is not None and drawn.item in items
        return Reason.TOO_FEW if alone else rule.hold(candidate)

    return replace(rule, hold=hold)


def week_of(moment: datetime) -> tuple[datetime, datetime]:
    """The local week, Monday to Sunday, as start ≤ t < end in UTC."""
    here = local(moment)
    monday = start_of_local_day(moment - timedelta(days=here.weekday()))
    return monday, start_of_local_day(monday + timedelta(days=7, hours=12))


def narrowed(campaign: Campaign, about: Collection[UUID]) -> Campaign:
    """The same campaign for those workers of its audience whose own day it is."""
    picked = campaign.audience.workers
    # an empty field restricts nothing: when it is nobody's day, nobody has to be named
    chosen = tuple(one for one in about if not picked or one in picked) or (NOBODY,)
    return replace(campaign, audience=replace(campaign.audience, workers=chosen))


class Rules:
    """Loads what a schedule's draw needs, in one look an occurrence."""

    def __init__(
        self, *, book: PlanBook, shelf: Shelf, moments: Moments, rhythm: Rhythm | None
    ) -> None:
        self._book = book
        self._shelf = shelf
        self._moments = moments
        self._rhythm = rhythm

    def is_personal(self, campaign: Campaign) -> bool:
        """Looked at daily, but most days are nobody's: an occurrence is opened only for somebody."""
        return isinstance(campaign.schedule, Since | Review)

    async def rule(
        self, campaign: Campaign, now: datetime, due: datetime | None = None
    ) -> Rule | None:
        """How this campaign draws now what was due at `due`; None when it is nobody's day."""
        match campaign.schedule:
            case Once() | Cron():
                editions = await self._shelf.current(campaign.items)
                return Rule(campaign=campaign, draw=draw_from(editions, campaign.items, now))
            case Course():
                return await self._course(campaign, campaign.schedule, now, due or now)
            case Festival():
                return await self._festival(campaign, campaign.schedule, now)
            case Since():
                return await self._series(campaign, campaign.schedule, now)
            case Review():
                return await self._review(campaign, now)

    async def amended(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> Rule | None:
        """An addition draws like its push, for its own audience; a correction is one notice for all it is about."""
        amendment, notice = await self._book.amendment(occurrence.id)
        if occurrence.kind is OccurrenceKind.CORRECTION:
            everybody = replace(campaign, audience=Audience())
            return Rule(campaign=everybody, draw=lambda _candidate: notice, counts=False)
        audience = amendment.audience or Audience()
        rule = await self.rule(replace(campaign, audience=audience), now, occurrence.due_at)
        if rule is None:
            return None
        if amendment.beyond:
            return replace(rule, beyond=True)
        return _within(rule, campaign.audience, now)

    async def _course(
        self, campaign: Campaign, schedule: Course, now: datetime, due: datetime
    ) -> Rule:
        shelf = await self._shelf.course(schedule.shelf)
        asked = await self._rhythm.reviews_due(now) if self._rhythm else {}
        wanted = {item for items in (*shelf.values(), *asked.values()) for item in items}
        editions = await self._shelf.current(sorted(wanted))
        lesson = draw_course(campaign, shelf, editions, now, due)
        draw = draw_in_turn(lesson, draw_review(asked, editions, now), due)
        return Rule(campaign=campaign, draw=draw, hold=await self._replaced(now))

    async def _replaced(self, now: datetime) -> Hold:
        if self._rhythm is None:
            return hold_nobody
        monday, end = week_of(now)
        had = await self._rhythm.festival_between(monday, end)
        # one that is due already and only waits for its turn in this very round is still to come
        coming = [
            (due.campaign, await self._rotating(due.campaign, now))
            for due in await self._book.approved()
            if isinstance(due.campaign.schedule, Festival)
            and self._moments.due_between(
                due.campaign,
                min(now, max(due.scanned_until, monday - A_SECOND)),
                end - A_SECOND,
            )
        ]
        return hold_for_festival(had, coming, local(now).date())

    async def _rotating(self, campaign: Campaign, now: datetime) -> Draw:
        return draw_rotating(await self._shelf.current(campaign.items), campaign.items, now)

    async def _festival(self, campaign: Campaign, schedule: Festival, now: datetime) -> Rule:
        draw = await self._rotating(campaign, now)
        if self._rhythm is None:
            return Rule(campaign=campaign, draw=draw)
        told = await self._rhythm.festival_told(schedule.node, now - FESTIVAL_SPAN)
        return Rule(campaign=campaign, draw=draw, hold=hold_told_enough(told))

    async def _series(self, campaign: Campaign, schedule: Since, now: datetime) -> Rule | None:
        if self._rhythm is None:
            return None
        today = local(now).date()
        first = today - timedelta(days=max(schedule.days)) - SERIES_PATIENCE
        last = today - timedelta(days=min(schedule.days))
        days = await self._rhythm.milestones(schedule.event, first, last)
        if not days:
            return None
        editions = await self._shelf.current(campaign.items)
        tried = await self._rhythm.tried(campaign.id)
        draw = draw_series(editions, campaign.items, schedule.days, days, tried, now)
        return Rule(campaign=narrowed(campaign, days), draw=draw)

    async def _review(self, campaign: Campaign, now: datetime) -> Rule | None:
        if self._rhythm is None:
            return None
        due = await self._rhythm.reviews_due(now)
        if not due:
            return None
        items = sorted({item for waiting in due.values() for item in waiting})
        draw = draw_review(due, await self._shelf.current(items), now)
        return Rule(campaign=narrowed(campaign, due), draw=draw)


def _within(rule: Rule, approved: Audience, now: datetime) -> Rule:
    """Nobody beyond the approved audience, even who came into the rule's reach since it was asked for."""
    day = local(now).date()

    def draw(candidate: Candidate) -> Edition | None:
        fits = approved.includes(candidate.worker, day, candidate.answered)
        return rule.draw(candidate) if fits else None

    return replace(rule, draw=draw)
