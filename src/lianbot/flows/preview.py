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
from lianbot.flows.drawing import Draw, draw_course, draw_from, draw_rotating, draw_series
from lianbot.flows.enrolment_posts import default_level
from lianbot.flows.planning import choose_route, choose_slot
from lianbot.flows.rhythms import MOST_OF_A_FESTIVAL, week_of
from lianbot.ports.planning import Candidate, Moments, Shelf

AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One message as it would be planned: `at` is when it would leave, None when it would be skipped."""

    due_at: datetime
    at: datetime | None
    campaign: str
    item: str
    title: str
    state: DeliveryState
    reason: Reason


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
) -> list[Coming]:
    """Pure but for the almanac handed in. `routed`: whom no channel reaches gets nothing.

    Reviews and reminders are left out: they depend on answers not yet given.
    """
    worker = candidate.worker
    laid = hours.of_posts(profiles, worker.posts, worker.team_id, worker.shift, worker.preferred)
    play = _Play(candidate, stock, laid, milestones, moments, routed)
    due = sorted(
        (
            (at, one)
            for one in campaigns
            for at in moments.due_between(one, now, until)
            if one.audience.includes(candidate.worker, local(at).date(), candidate.answered)
        ),
        key=lambda pair: (pair[0], pair[1].created_at, pair[1].title),
    )
    play.festival_weeks = {
        week_of(at)[0]
        for at, one in due
        if isinstance(one.schedule, Festival) and play.draw(one, at) is not None
    }
    return [coming for at, one in due if (coming := play.one(one, at)) is not None]


class _Play:
    """The worker's state as the weeks go by."""

    def __init__(
        self,
        candidate: Candidate,
        stock: Stock,
        profile: PostProfile,
        milestones: Mapping[Milestone, date],
        moments: Moments,
        routed: bool,
    ) -> None:
        self._moments = moments
        self._routed = routed
        self._candidate = candidate
        self._stock = stock
        self._profile = profile
        self._milestones = milestones
        self._festivals: dict[tuple[str, int], int] = {}
        self._tried: dict[UUID, set[str]] = {}
        self.festival_weeks: set[datetime] = set()

    def one(self, campaign: Campaign, at: datetime) -> Coming | None:
        edition = self.draw(campaign, at)
        if edition is None:
            return None
        if isinstance(campaign.schedule, Since):
            self._tried.setdefault(campaign.id, set()).add(edition.item)
        reason = self._hold(campaign, at) or self._unreached(campaign)
        ends_at = self._moments.ends_at(campaign, at)
        pushes = self._candidate.pushes
        slot = None if reason else choose_slot(self._profile, pushes, at, ends_at)
        if slot is not None and slot.at is not None:
            self._take(campaign, edition, at, slot.at)
        return Coming(
            due_at=at,
            at=slot.at if slot else None,
            campaign=campaign.title,
            item=edition.item,
            title=edition.title,
            state=slot.state if slot else DeliveryState.SKIPPED,
            reason=slot.reason if slot else reason,
        )

    def _hold(self, campaign: Campaign, at: datetime) -> Reason:
        match campaign.schedule:
            case Course():
                return Reason.FESTIVAL if week_of(at)[0] in self.festival_weeks else Reason.NONE
            case Festival():
                told = self._festivals.get((campaign.schedule.node, local(at).year), 0)
                return Reason.CAPPED_FESTIVAL if told >= MOST_OF_A_FESTIVAL else Reason.NONE
            case Once() | Cron() | Since() | Review():
                return Reason.NONE

    def _unreached(self, campaign: Campaign) -> Reason:
        if not self._routed:
            return Reason.NONE
        return choose_route(self._candidate, campaign.channels).reason

    def _take(self, campaign: Campaign, edition: Edition, due: datetime, at: datetime) -> None:
        known = self._candidate
        self._candidate = replace(
            known, told=known.told | {edition.item}, pushes=(*known.pushes, at)
        )
        if isinstance(campaign.schedule, Festival):
            key = (campaign.schedule.node, local(due).year)
            self._festivals[key] = self._festivals.get(key, 0) + 1

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
