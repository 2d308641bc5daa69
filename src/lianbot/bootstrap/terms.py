"""Terms, previews and the burden over this house: what the content folder holds, as the flows want it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from lianbot.bootstrap.house import House, content_directory
from lianbot.curriculum import load, load_calendar
from lianbot.curriculum.almanac import almanac_of
from lianbot.curriculum.records import QuietSpan, ReminderPart
from lianbot.domain.burden import Burden
from lianbot.domain.calendar import SHANGHAI, local
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Milestone,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Once,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import ChannelKind, Worker
from lianbot.flows.bundling import TermCourse, TermReminder, TermSources
from lianbot.flows.crowds import somebody
from lianbot.flows.forecast import Weight, weigh
from lianbot.flows.preview import (
    AHEAD,
    Coming,
    PostCalendar,
    preview,
    stock_of,
    used_levels,
)
from lianbot.flows.rhythms import Rules
from lianbot.flows.term import TermDesk
from lianbot.ports.planning import Candidate
from lianbot.storage.ahead import SqlAhead
from lianbot.storage.burden import BurdenStore
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.terms import TermStore
from lianbot.web.console.parts import Ahead

NOBODY = UUID(int=0)
YEARS_BACK = timedelta(days=366)
NOTHING = Weight(added=Burden(), over=())


def term_desk(house: House) -> TermDesk:
    return TermDesk(
        book=TermStore(house.database),
        campaigns=house.campaigns,
        shelf=house.content,
        moments=house.moments,
        clock=house.clock,
        names={post: profile.short for post, profile in house.profiles.items()},
        channels=house.desk.channels,
    )


def ahead_of(house: House) -> Ahead:
    """What the console shows of the days ahead and behind."""
    return Ahead(
        desk=term_desk(house),
        book=TermStore(house.database),
        sources=lambda: term_sources(house),
        nodes=almanac_of(load_calendar(content_directory(house.settings))).names,
        calendar=lambda term_id: term_calendar(house, term_id),
        worker=lambda number: preview_worker(house, number),
        post=lambda post, level: preview_post(house, post, level),
        burden=lambda first: burden_of_month(house, first),
        weigh=lambda campaign: weigh_campaign(house, campaign),
    )


def term_sources(house: House) -> TermSources:
    """Raises ContentError when the content folder has errors."""
    today = local(house.clock.now()).date()
    root = content_directory(house.settings)
    library = load(root, today=today)
    return TermSources(
        courses=tuple(
            TermCourse(
                id=course.id,
                name=course.name,
                post=course.post,
                levels=course.levels,
                items=course.shelf,
                rests=_rests(course.quiet),
            )
            for course in library.courses
        ),
        reminders=tuple(
            TermReminder(
                item=item.id,
                node=item.part.node,
                offset=item.part.offset_days,
                group=item.part.rotate_group,
                posts=item.posts,
                levels=item.levels,
            )
            for item in library.items
            if isinstance(item.part, ReminderPart)
        ),
        almanac=almanac_of(load_calendar(root)),
        profiles=house.profiles,
    )


def _rests(quiet: Sequence[QuietSpan]) -> Callable[[date], bool]:
    return lambda day: any(span.covers(day) for span in quiet)


# ---- ahead --------------------------------------------------------------------------------------


async def preview_worker(house: House, number: str) -> list[Coming]:
    """The next 90 days of one worker. Raises NotFoundError."""
    found = next((one for one in await house.people.workers() if one.number == number), None)
    if found is None:
        raise NotFoundError(f"名册里没有工号 {number} 的在册员工")
    only = _only(found.id, house)
    async for chunk in house.plans.candidates(only, _nothing(only), house.clock.now()):
        return await _preview(house, chunk[0], await _milestones(house, found), routed=True)
    raise NotFoundError(f"名册里没有工号 {number} 的在册员工")


async def preview_post(house: House, post: Post, level: Level) -> list[Coming]:
    """The next 90 days of somebody who starts today on that post and has heard nothing yet."""
    today = local(house.clock.now()).date()
    return await _preview(house, somebody((post,), level), {Milestone.START: today})


async def _preview(
    house: House,
    candidate: Candidate,
    milestones: dict[Milestone, date],
    *,
    routed: bool = False,
) -> list[Coming]:
    now = house.clock.now()
    campaigns = [one for one in await house.campaigns.all() if one.state in _COMING]
    return preview(
        candidate,
        campaigns,
        moments=house.moments,
        stock=await stock_of(campaigns, house.content),
        profiles=house.profiles,
        hours=await house.hours.hours(),
        milestones=milestones,
        now=now,
        until=now + AHEAD,
        routed=routed,
        standing=await SqlAhead(house.database).standing(candidate.worker.id, now),
    )


async def term_calendar(house: House, term_id: UUID) -> list[PostCalendar]:
    """What the term brings whoever works on a post and has heard nothing yet, for each post and level with people.

    Raises NotFoundError.
    """
    book = TermStore(house.database)
    term = await book.get(term_id)
    campaigns = [one for one in await book.campaigns(term_id) if one.state in _COMING]
    stock = await stock_of(campaigns, house.content)
    hours = await house.hours.hours()
    people = Counter((one.posts[0], one.level) for one in await house.people.workers())
    return [
        PostCalendar(
            post=post,
            level=level,
            people=people[post, level],
            entries=tuple(
                preview(
                    somebody((post,), level),
                    campaigns,
                    moments=house.moments,
                    stock=stock,
                    profiles=house.profiles,
                    hours=hours,
                    milestones={},
                    now=_midnight(term.first) - timedelta(seconds=1),
                    until=_midnight(term.last + timedelta(days=1)),
                    reminding=False,
                )
            ),
        )
        for post, level in used_levels(people)
    ]


_COMING = (CampaignState.APPROVED, CampaignState.DRAFT)
"""A draft is shown too: the preview is what the approver looks at."""


async def _milestones(house: House, worker: Worker) -> dict[Milestone, date]:
    today = local(house.clock.now()).date()
    rhythm = SqlRhythm(house.database)
    found = {
        event: (await rhythm.milestones(event, today - YEARS_BACK, today + AHEAD)).get(worker.id)
        for event in Milestone
    }
    return {event: day for event, day in found.items() if day is not None}


def _only(worker_id: UUID, house: House) -> Campaign:
    """A campaign of one, never stored: it asks for that worker's facts."""
    now = house.clock.now()
    return Campaign(
        id=NOBODY,
        title="",
        audience=replace(Audience(), workers=(worker_id,)),
        schedule=Once(at=now),
        items=(),
        channels=(ChannelKind.WECOM,),
        remind_after_days=None,
        created_by=NOBODY,
        created_at=now,
        state=CampaignState.DRAFT,
        steps=1,
        approvals=(),
    )


def _nothing(campaign: Campaign) -> Occurrence:
    return Occurrence(
        id=NOBODY,
        campaign_id=campaign.id,
        kind=OccurrenceKind.PUSH,
        due_at=campaign.created_at,
        state=OccurrenceState.PLANNING,
    )


# ---- burden ---------------------------------------------------------------------------------------


async def weigh_campaign(house: House, campaign: Campaign) -> Weight:
    """At its next due moment; nothing when it is due no more, or on nobody's day."""
    now = house.clock.now()
    rules = Rules(
        book=house.plans,
        shelf=house.content,
        moments=house.moments,
        rhythm=SqlRhythm(house.database, only_looks=True),
    )
    due = house.moments.due_between(campaign, now, now + AHEAD)
    rule = await rules.rule(campaign, due[0]) if due else None
    if rule is None:
        return NOTHING
    ends_at = house.moments.ends_at(campaign, due[0])
    return await weigh(
        rule, house.plans, house.profiles, await house.hours.hours(), due[0], ends_at
    )


async def burden_of_month(house: House, first: date) -> dict[UUID, Burden]:
    """By worker, what left in the month that begins on `first`; who got nothing is not in it."""
    following = (first + timedelta(days=31)).replace(day=1)
    return dict(await BurdenStore(house.database).between(_midnight(first), _midnight(following)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=SHANGHAI).astimezone(UTC)
