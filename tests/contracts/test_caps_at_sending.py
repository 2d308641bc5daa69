"""Caps are checked again at the moment of sending, over all campaigns, on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over
from lianbot.domain.posts import PostProfile
from lianbot.flows.delivery import hold_back
from lianbot.flows.planning import Planner
from lianbot.storage.tables import deliveries
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)


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
