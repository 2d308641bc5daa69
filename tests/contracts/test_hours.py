"""Quiet days and teams' windows are kept, audited, and held to when planning and when sending."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import NotFoundError
from lianbot.domain.hours import NO_HOURS, TeamHours
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.planning import Planner
from lianbot.storage.hours import HoursStore
from lianbot.storage.tables import audit, deliveries
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)
EVENING = TeamHours(send=(DayWindow(start=time(20, 10), end=time(21, 30)),))


@pytest.fixture
def book(school) -> HoursStore:
    return HoursStore(school.database)


async def plan(school, book) -> dict[int, set[tuple[str, str]]]:
    """State and reason by team."""
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(seconds=1)))
    school.clock.pass_(seconds=1)
    await Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: ALWAYS},
        clock=school.clock,
        hours=book,
    ).plan_due()
    found: dict[int, set[tuple[str, str]]] = {}
    async with school.database.read() as connection:
        for row in await connection.execute(
            select(deliveries).where(deliveries.c.channel.is_not(None))
        ):
            found.setdefault(row.team_id, set()).add((row.state, row.reason))
    return found


async def test_on_a_quiet_day_everything_waits_for_the_next(school, book):
    await book.keep_quiet(date(2026, 12, 1), "停电", school.editor.id, school.clock.now())
    waiting = {(DeliveryState.DEFERRED, Reason.QUIET)}
    assert await plan(school, book) == {1: waiting, 2: waiting}


async def test_a_team_with_its_own_window_waits_alone(school, book):
    await book.keep_team(2, EVENING, school.editor.id, school.clock.now())
    assert await plan(school, book) == {
        1: {(DeliveryState.PLANNED, Reason.NONE)},
        2: {(DeliveryState.DEFERRED, Reason.WINDOW)},
    }


async def test_what_was_kept_can_be_taken_back_and_leaves_its_trace(school, book):
    now, by = school.clock.now(), school.editor.id
    await book.keep_quiet(date(2026, 12, 9), "校庆", by, now)
    await book.keep_team(1, EVENING, by, now)
    assert (await book.hours()).teams == {1: EVENING}
    assert await book.drop_quiet(date(2026, 12, 9), by, now)
    assert not await book.drop_quiet(date(2026, 12, 9), by, now)
    await book.keep_team(1, TeamHours(), by, now)
    assert await book.hours() == NO_HOURS
    async with school.database.read() as connection:
        acts = (await connection.execute(select(audit.c.action))).scalars().all()
    assert [one for one in acts if one.startswith("hours")] == [
        "hours.quiet",
        "hours.team",
        "hours.not_quiet",
        "hours.team",
    ]


async def test_a_team_that_does_not_exist_is_named(school, book):
    with pytest.raises(NotFoundError, match="99"):
        await book.keep_team(99, EVENING, school.editor.id, school.clock.now())
