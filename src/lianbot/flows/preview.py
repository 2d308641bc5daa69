"""What a worker would get in the days ahead: the plan played forward on paper, nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    Campaign,
    Course,
    Cron,
    Festival,
    Milestone,
    Once,
    Review,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.hours import Hours
from lianbot.domain.items import Edition
from lianbot.domain.posts import PostProfile
from lianbot.domain.routing import Chosen
from lianbot.flows.drawing import Draw, draw_course, draw_from, draw_rotating, draw_series
from lianbot.flows.enrolment_posts import default_level
from lianbot.flows.rhythms import FESTIVAL_SPAN, MOST_OF_A_FESTIVAL, week_of
from lianbot.flows.slots import Slot, choose_route, slot_of
from lianbot.ports.ahead import NOTHING_YET, Standing
from lianbot.ports.planning import Candidate, Moments, Shelf

AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One message as it would be planned: `at` is when it would leave, None when it would be skipped or held for a visit.

    `reminder`: it comes only to who has not answered by then.
    """

    due_at: datetime
    at: datetime | None
    campaign: str
    item: str
    title: str
    state: DeliveryState
    reason: Reason
    reminder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Everything the draws need, loaded once."""

    editions: Mapping[str, Edition]
    shelves: Mapping[str, Mapping[tuple[str, str], Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCalendar:
    """What a term brings to a post at a level; `people` are on it now."""

    post: Post
    level: Level
    people: int
    entries: tuple[Coming, ...]


def used_levels(people: Mapping[tuple[Post, Level], int]) -> list[tuple[Post, Level]]:
    """Every post once, with the levels that have people, most people first; without people its frontline."""
    found: list[tuple[Post, Level]] = []
    for post in Post:
        mine = sorted((-count, level) for (one, level), count in people.items() if one is post)
        levels = [level for count, level in mine if count] or [default_level((post,))]
        found += [(post, level) for level in levels]
    return found


async def stock_of(campaigns: Sequence[Campaign], shelf: Shelf) -> Stock:
    names = {one.schedule.shelf for one in campaigns if isinstance(one.schedule, Course)}
    shelves = {name: await shelf.course(name) for name in sorted(names)}
    wanted = {item for one in campaigns for item in one.items}
    wanted |= {item for order in shelves.values() for items in order.values() for item in items}
    return Stock(editions=await shelf.current(sorted(wanted)), shelves=shelves)


def preview(
    candidate: Candidate,
    campaigns: Sequence[Campaign],
    *,
    moments: Moments,
    stock: Stock,
    profiles: Mapping[Post, PostProfile],
    hours: Hours,
    milestones: Mapping[Milestone, date],
    now: datetime,
    until: datetime,
    routed: bool = False,
    standing: Standing = NOTHING_YET,
    reminding: bool = True,
) -> list[Coming]:
    """Pure but for the almanac handed in. `routed`: whom no channel reaches gets nothing.

    With `reminding` it is what comes to somebody who answers nothing: the one reminder of each push is among it and
    weighs on the caps as planning would have it. Reviews are left out: they depend on answers not yet given. The bulletin is
    a line of the weekly item and no message.
    """
    worker = candidate.worker
    laid = hours.of_posts(profiles, worker.posts, worker.team_id, worker.shift, worker.preferred)
    play = _Play(candidate, stock, laid, milestones, moments, standing, routed, reminding)
    due = sorted(
        (
            (at, one)
            for one in campaigns
            for at in moments.due_between(one, now, until)
            if one.audience.includes(candidate.worker, local(at).date(), candidate.answered)
        ),
        key=lambda pair: (pair[0], pair[1].created_at, pair[1].title),
    )
    play.festival_weeks = {week_of(at)[0] for _, at in standing.festivals} | {
        week_of(at)[0]
        for at, one in due
        if isinstance(one.schedule, Festival) and play.draw(one, at) is not None
    }
    coming = play.waiting({one.id: one for one in campaigns}, now)
    for at, one in due:
        coming += play.remind_before(at)
        if (found := play.one(one, at)) is not None:
            coming.append(found)
    return coming + play.remind_before(until + A_MOMENT)


A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reminder:
    """When it is due, of a push that had left by then."""

    at: datetime
    campaign: Campaign
    edition: Edition


class _Play:
    """The worker's state as the weeks go by."""

    def __init__(
        self,
        candidate: Candidate,
        stock: Stock,
        profile: PostProfile,
        milestones: Mapping[Milestone, date],
        moments: Moments,
        standing: Standing,
        routed: bool,
        reminding: bool,
    ) -> None:
        self._moments = moments
        self._routed = routed
        self._candidate = candidate
        self._stock = stock
        self._profile = profile
        self._milestones = milestones
        self._standing = standing
        self._reminding = reminding
        self._festivals = list(standing.festivals)
        self._tried = {campaign: set(items) for campaign, items in standing.tried.items()}
        self._reminded = set(standing.reminded)
        self._reminders: list[_Reminder] = []
        self.festival_weeks: set[datetime] = set()

    def waiting(self, campaigns: Mapping[UUID, Campaign], now: datetime) -> list[Coming]:
        """What is planned already and has not left; reminders of it, and of what left unanswered, are still to come."""
        for one in self._standing.open:
            if one.reminds and one.leaves_at is not None and one.campaign_id in campaigns:
                campaign = campaigns[one.campaign_id]
                self._remind_later(campaign, one.edition, one.due_at, one.leaves_at, now)
        return [
            Coming(
                due_at=one.due_at,
                at=one.leaves_at,
                campaign=one.campaign,
                item=one.edition.item,
                title=one.edition.title,
                state=one.state,
                reason=one.reason,
                reminder=one.reminder,
            )
            for one in self._standing.open
            if one.waits
        ]

    def one(self, campaign: Campaign, at: datetime) -> Coming | None:
        edition = self.draw(campaign, at)
        if edition is None:
            return None
        if isinstance(campaign.schedule, Since):
            self._tried.setdefault(campaign.id, set()).add(edition.item)
        slot = self._slot(campaign, at, self._hold(campaign, at))
        if slot.state is not DeliveryState.SKIPPED:
            self._take(campaign, edition, at, slot.at)
        return _coming(campaign, edition, at, slot)

    def remind_before(self, moment: datetime) -> list[Coming]:
        """Of those due before that moment: of two that are due together the push goes first."""
        due = sorted((one for one in self._reminders if one.at < moment), key=lambda one: one.at)
        self._reminders = [one for one in self._reminders if one.at >= moment]
        return [found for one in due if (found := self._remind(one)) is not None]

    def _remind(self, due: _Reminder) -> Coming | None:
        """The only one of that item, whatever campaign the next push of it comes from."""
        known, day = self._candidate, local(due.at).date()
        if due.edition.item in self._reminded or not due.campaign.audience.includes(
            known.worker, day, known.answered
        ):
            return None
        slot = self._slot(due.campaign, due.at, Reason.NONE)
        if slot.state is not DeliveryState.SKIPPED:
            self._reminded.add(due.edition.item)
            self._weigh(slot.at)
        return replace(_coming(due.campaign, due.edition, due.at, slot), reminder=True)

    def _remind_later(
        self, campaign: Campaign, edition: Edition, due: datetime, left: datetime, now: datetime
    ) -> None:
        """Only those are reminded whom the push has reached by then."""
        if not self._reminding or campaign.remind_after_days is None:
            return
        at = due + timedelta(days=campaign.remind_after_days)
        if left < at:
            self._reminders.append(_Reminder(at=max(at, now), campaign=campaign, edition=edition))

    def _slot(self, campaign: Campaign, at: datetime, hold: Reason) -> Slot:
        ends_at = self._moments.ends_at(campaign, at)
        if not self._routed:
            route = Chosen(way=None, binding=None, reason=Reason.NONE)
        else:
            route = choose_route(self._candidate, campaign.channels)
        slot = slot_of(self._candidate, route, self._profile, at, hold, ends_at)
        return replace(slot, at=None) if slot.reason is Reason.HELD else slot

    def _hold(self, campaign: Campaign, at: datetime) -> Reason:
        match campaign.schedule:
            case Course():
                return Reason.FESTIVAL if week_of(at)[0] in self.festival_weeks else Reason.NONE
            case Festival(node=node):
                told = sum(
                    one == node and due > at - FESTIVAL_SPAN for one, due in self._festivals
                )
                return Reason.CAPPED_FESTIVAL if told >= MOST_OF_A_FESTIVAL else Reason.NONE
            case Once() | Cron() | Since() | Review():
                return Reason.NONE

    def _take(
        self, campaign: Campaign, edition: Edition, due: datetime, at: datetime | None
    ) -> None:
        known = self._candidate
        self._candidate = replace(known, told=known.told | {edition.item})
        self._weigh(at)
        if isinstance(campaign.schedule, Festival):
            self._festivals.append((campaign.schedule.node, due))
        if at is not None:
            self._remind_later(campaign, edition, due, at, due)

    def _weigh(self, at: datetime | None) -> None:
        """What waits for a visit weighs on nobody."""
        if at is not None:
            known = self._candidate
            self._candidate = replace(known, pushes=(*known.pushes, at))

    def draw(self, campaign: Campaign, at: datetime) -> Edition | None:
        draw = self._draw(campaign, at)
        return draw(self._candidate) if draw else None

    def _draw(self, campaign: Campaign, at: datetime) -> Draw | None:
        editions = self._stock.editions
        match campaign.schedule:
            case Once() | Cron():
                return draw_from(editions, campaign.items, at)
            case Course():
                shelf = self._stock.shelves[campaign.schedule.shelf]
                return draw_course(campaign, shelf, editions, at, at)
            case Festival():
                return draw_rotating(editions, campaign.items, at)
            case Since():
                days: dict[UUID, date] = {}
                if campaign.schedule.event in self._milestones:
                    days[self._candidate.worker.id] = self._milestones[campaign.schedule.event]
                tried = {self._candidate.worker.id: frozenset(self._tried.get(campaign.id, ()))}
                return draw_series(
                    editions, campaign.items, campaign.schedule.days, days, tried, at
                )
            case Review():
                return None


def _coming(campaign: Campaign, edition: Edition, due: datetime, slot: Slot) -> Coming:
    return Coming(
        due_at=due,
        at=slot.at,
        campaign=campaign.title,
        item=edition.item,
        title=edition.title,
        state=slot.state,
        reason=slot.reason,
    )
