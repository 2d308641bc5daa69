"""Caps are checked again at the moment of sending, over all campaigns, on both databases."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over
from lianbot.domain.posts import PostProfile
from lianbot.flows.planning import Planner
from lianbot.flows.settling import hold_back
from lianbot.storage.claims import lease_planned, take_turn
from lianbot.storage.tables import deliveries
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)
AN_HOUR = timedelta(hours=1)


async def plan(school) -> None:
    """One campaign due now, planned as if nothing else existed."""
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(seconds=1)))
    school.clock.pass_(seconds=1)
    planner = Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: ALWAYS},
        clock=school.clock,
    )
    await planner.plan_due()
    async with school.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.state == DeliveryState.DEFERRED)
            .values(state=DeliveryState.PLANNED, not_before=None, reason="")
        )


async def send(school) -> None:
    for parcel in await school.outbox.claim("me", 100, school.clock.now()):
        held = hold_back(parcel, ALWAYS, school.clock.now())
        if held is not None:
            await school.outbox.mark(held, "me")
            continue
        begun = hand_over(parcel.delivery, b"body", school.clock.now())
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")


async def states(school) -> list[tuple[str, str, datetime | None]]:
    """Of one worker, oldest first."""
    async with school.database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.state, deliveries.c.reason, deliveries.c.not_before)
            .where(deliveries.c.worker_id == school.worker_ids[0])
            .order_by(deliveries.c.id)
        )
        return [tuple(row) for row in rows]


async def test_two_campaigns_that_leave_together_give_each_worker_one_message_a_day(school):
    await plan(school)
    await plan(school)
    await send(school)
    first, second = await states(school)
    assert first[0] == DeliveryState.ACCEPTED
    assert second[:2] == (DeliveryState.DEFERRED, Reason.CAPPED_DAY)
    assert second[2] is not None
    assert second[2] > school.clock.now()


async def test_a_third_message_within_seven_days_waits(school):
    for _ in range(3):
        await plan(school)
        await send(school)
        school.clock.pass_(days=1)
    assert [state for state, _, _ in await states(school)][:2] == [DeliveryState.ACCEPTED] * 2
    assert (await states(school))[2][:2] == (DeliveryState.DEFERRED, Reason.CAPPED_WEEK)


@pytest.mark.parametrize("days", [7, 30])
async def test_what_left_a_week_ago_weighs_no_more(school, days):
    await plan(school)
    await send(school)
    school.clock.pass_(days=days)
    await plan(school)
    await send(school)
    assert [state for state, _, _ in await states(school)] == [DeliveryState.ACCEPTED] * 2


async def test_a_claim_that_another_process_holds_weighs_before_ours(school):
    await plan(school)
    theirs = await school.outbox.claim("they", 100, school.clock.now())
    await plan(school)
    ours = await school.outbox.claim("we", 100, school.clock.now())
    assert len(theirs) == len(ours)
    assert all(parcel.pushes for parcel in ours)
    assert not any(parcel.pushes for parcel in theirs)


async def test_an_older_row_that_wakes_later_finds_the_younger_ones_claim(school):
    await plan(school)
    older = await planned_ids(school)
    await plan(school)
    await asleep(school, older)
    theirs = await school.outbox.claim("they", 100, school.clock.now())
    await school.plans.wake(school.clock.now() + AN_HOUR)
    ours = await school.outbox.claim("we", 100, school.clock.now())
    assert len(ours) == len(theirs) > 0
    assert all(parcel.pushes for parcel in ours)


async def asleep(school, ids: set[int]) -> None:
    async with school.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                state=DeliveryState.DEFERRED,
                reason=Reason.WINDOW,
                not_before=school.clock.now() + AN_HOUR,
            )
        )


async def test_two_claims_at_the_same_instant_know_of_each_other(school):
    if school.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    now = school.clock.now()
    await plan(school)
    first = await planned_ids(school)
    async with school.database.engine.begin() as theirs:
        # their claim holds its rows and is not committed when ours begins
        await theirs.run_sync(lambda connection: _claim(connection, now))
        await plan(school)
        ours = asyncio.create_task(school.outbox.claim("we", 100, school.clock.now()))
        await _waits_or_ends(school, ours)
    found = await ours
    assert {parcel.delivery.id for parcel in found}.isdisjoint(first)
    assert found
    assert all(parcel.pushes for parcel in found)


def _claim(connection, now: datetime) -> None:
    take_turn(connection)
    lease_planned(connection, "they", 100, now)


async def _waits_or_ends(school, task: "asyncio.Task[object]") -> None:
    question = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(20), school.database.engine.connect() as connection:
        while not task.done() and not (await connection.execute(question)).scalar_one():
            await connection.rollback()
            await asyncio.sleep(0.01)


async def planned_ids(school) -> set[int]:
    async with school.database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.id).where(deliveries.c.state == DeliveryState.PLANNED)
        )
        return {row.id for row in rows}
