"""Terms and previews over this house: what the content folder holds, as the flows want it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from lianbot.bootstrap.house import House, content_directory
from lianbot.curriculum import load, load_calendar
from lianbot.curriculum.almanac import almanac_of
from lianbot.curriculum.records import QuietSpan, ReminderPart
from lianbot.domain.calendar import local
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
from lianbot.flows.preview import AHEAD, Coming, preview, stock_of
from lianbot.flows.term import TermCourse, TermDesk, TermReminder, TermSources
from lianbot.ports.planning import Candidate
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.terms import TermStore

NOBODY = UUID(int=0)
YEARS_BACK = timedelta(days=366)


def term_desk(house: House) -> TermDesk:
    return TermDesk(
        book=TermStore(house.database),
        campaigns=house.campaigns,
        shelf=house.content,
        moments=house.moments,
        clock=house.clock,
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


async def preview_worker(house: House, number: str) -> list[Coming]:
    """The next 90 days of one worker. Raises NotFoundError."""
    found = next((one for one in await house.people.workers() if one.number == number), None)
    if found is None:
        raise NotFoundError(f"名册里没有工号 {number} 的在册员工")
    only = _only(found.id, house)
    async for chunk in house.plans.candidates(only, _nothing(only), house.clock.now()):
        return await _preview(house, chunk[0])
    raise NotFoundError(f"名册里没有工号 {number} 的在册员工")


async def preview_post(house: House, post: Post, level: Level) -> list[Coming]:
    """The next 90 days of somebody who starts today on that post and has heard nothing yet."""
    newcomer = Worker(
        id=NOBODY,
        number="",
        name="",
        phone=None,
        contractor_id=0,
        team_id=0,
        site_id=0,
        posts=(post,),
        level=level,
        started=local(house.clock.now()).date(),
    )
    nothing_yet = Candidate(
        worker=newcomer,
        bindings=(),
        opted_out=frozenset(),
        broken=frozenset(),
        pushes=(),
        told=frozenset(),
    )
    return await _preview(house, nothing_yet)


async def _preview(house: House, candidate: Candidate) -> list[Coming]:
    now = house.clock.now()
    campaigns = [one for one in await house.campaigns.all() if one.state in _COMING]
    return preview(
        candidate,
        campaigns,
        moments=house.moments,
        stock=await stock_of(campaigns, house.content),
        profile=house.profiles[candidate.worker.posts[0]],
        hours=await house.hours.hours(),
        milestones=await _milestones(house, candidate.worker),
        now=now,
        until=now + AHEAD,
    )


_COMING = (CampaignState.APPROVED, CampaignState.DRAFT)
"""A draft is shown too: the preview is what the approver looks at."""


async def _milestones(house: House, worker: Worker) -> dict[Milestone, date]:
    today = local(house.clock.now()).date()
    if worker.id == NOBODY:
        return {Milestone.START: today}
    rhythm = SqlRhythm(house.database)
    found = {
        event: (await rhythm.milestones(event, today - YEARS_BACK, today)).get(worker.id)
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
