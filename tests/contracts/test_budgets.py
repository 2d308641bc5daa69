"""Send budgets and calls to many, on both databases: counted by all processes together, in the hand-over's transaction."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from lianbot.domain.budgets import Budget, Period
from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over, lose_sight
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.domain.posts import PostProfile
from lianbot.domain.ways import Way
from lianbot.domain.windows import Act
from lianbot.flows.planning import Planner
from lianbot.ports.ways import Visit
from lianbot.storage.budgets import room, spend
from lianbot.storage.claims import REPEAT_AFTER
from lianbot.storage.consents import ConsentStore
from lianbot.storage.outbox import SqlOutbox
from lianbot.storage.tables import bindings, deliveries, shared_bodies
from lianbot.storage.windows import SqlWindows
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)


def a_minute(limit: int) -> Budget:
    return Budget(channel=ChannelKind.WECOM, api="send", period=Period.MINUTE, limit=limit)


def a_day(limit: int) -> Budget:
    return Budget(channel=ChannelKind.WECOM, api="send", period=Period.DAY, limit=limit)


def outbox_with(school, *budgets: Budget) -> SqlOutbox:
    return SqlOutbox(school.database, {ChannelKind.WECOM: budgets})


async def plan(school) -> None:
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(seconds=1)))
    await planned_now(school)


async def planned_now(school) -> None:
    school.clock.pass_(seconds=1)
    planner = Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: ALWAYS},
        clock=school.clock,
    )
    await planner.plan_due()


@pytest.mark.parametrize("budgets", [(a_minute(10),), (a_day(10),), (a_minute(99), a_day(10))])
async def test_no_more_is_granted_than_the_smallest_budget_has(school, budgets):
    now = school.clock.now()
    async with school.database.write() as connection:
        granted = [
            await connection.run_sync(lambda sync: spend(sync, budgets, 4, now)) for _ in range(4)
        ]
        left = await connection.run_sync(lambda sync: room(sync, budgets, now))
    assert (granted, left) == ([4, 4, 2, 0], 0)


async def test_pushes_leave_one_in_twenty_to_people_who_write(school):
    now = school.clock.now()
    async with school.database.write() as connection:
        assert await connection.run_sync(lambda sync: spend(sync, [a_day(200)], 999, now)) == 190


@pytest.mark.parametrize(
    ("budget", "later"), [(a_minute(5), timedelta(minutes=1)), (a_day(5), timedelta(days=1))]
)
async def test_the_next_period_begins_anew(school, budget, later):
    now = school.clock.now()
    async with school.database.write() as connection:
        assert await connection.run_sync(lambda sync: spend(sync, [budget], 5, now)) == 5
        assert await connection.run_sync(lambda sync: spend(sync, [budget], 5, now)) == 0
        assert await connection.run_sync(lambda sync: room(sync, [budget], now + later)) == 5
        assert await connection.run_sync(lambda sync: spend(sync, [budget], 3, now + later)) == 3


async def test_two_senders_share_one_budget_and_lose_no_row(school):
    await plan(school)
    ours, theirs = outbox_with(school, a_minute(6)), outbox_with(school, a_minute(6))
    begun = 0
    for outbox, owner in ((ours, "we"), (theirs, "they")):
        for parcel in await outbox.claim(owner, 5, school.clock.now()):
            begins = hand_over(parcel.delivery, b"b", school.clock.now())
            if await outbox.begin(begins, owner):
                begun += 1
                await outbox.mark(accept(begins, f"m{begins.id}"), owner)
        await outbox.release(owner)
    assert begun == 6
    assert await ours.claim("we", 5, school.clock.now()) == []
    school.clock.pass_(minutes=1)
    assert len(await ours.claim("we", 9, school.clock.now())) == 4
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_a_way_has_its_own_budget_beside_the_channels(school):
    """Of the account the templates of a day are spent; what leaves by another way still leaves."""
    async with school.database.write() as connection:
        await connection.execute(update(bindings).values(channel=ChannelKind.OFFICIAL))
    await school.campaign(
        schedule=Once(at=school.clock.now() + timedelta(seconds=1)),
        channels=(ChannelKind.OFFICIAL,),
    )
    today = school.clock.now().date()
    for index in range(6):
        await ConsentStore(school.database).give(
            school.worker_ids[index], ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE, "同意", today
        )
    for index in range(6, 10):
        await SqlWindows(school.database).came(
            Visit(
                worker_id=school.worker_ids[index],
                account=f"u{index}",
                act=Act.MESSAGE,
                at=school.clock.now(),
            )
        )
    await planned_now(school)
    limits = [
        Budget(channel=ChannelKind.OFFICIAL, api=way, period=Period.DAY, limit=limit)
        for way, limit in ((Way.TEMPLATE, 2), (Way.CUSTOMER, 100))
    ]
    outbox = SqlOutbox(school.database, {ChannelKind.OFFICIAL: limits})
    begun = []
    for parcel in await outbox.claim("we", 50, school.clock.now()):
        begins = hand_over(parcel.delivery, b"b", school.clock.now())
        if await outbox.begin(begins, "we"):
            begun.append(begins.way)
            await outbox.mark(accept(begins, "m"), "we")
    await outbox.release("we")
    assert sorted(begun) == [Way.CUSTOMER] * 4 + [Way.TEMPLATE] * 2
    assert await outbox.claim("we", 50, school.clock.now()) == []
    school.clock.pass_(days=1)
    assert len(await outbox.claim("we", 50, school.clock.now())) == 4


async def test_a_call_to_many_is_kept_once_and_every_row_knows_it(school):
    await plan(school)
    begun = await together(school, "we")
    assert len({one.shared_body for one in begun}) == 1
    async with school.database.read() as connection:
        kept = await connection.execute(select(func.count()).select_from(shared_bodies))
        own = await connection.execute(select(func.count()).where(deliveries.c.body.is_not(None)))
        assert (kept.scalar_one(), own.scalar_one()) == (1, 0)


async def test_after_a_crash_every_row_of_a_call_has_its_identical_body(school):
    await plan(school)
    begun = await together(school, "dead")
    now = school.clock.now()
    assert await school.outbox.recover(now, alone=True) == len(begun)
    since = now - timedelta(minutes=1)
    found = await school.outbox.claim_unknown("we", ChannelKind.WECOM, since, 100, now)
    lost = [one.delivery for one in found]
    assert {one.body for one in lost} == {begun[0].body}
    again = [replace(hand_over(one, one.body, now), reason=one.reason) for one in lost]
    repeated = await school.outbox.begin_together(again, "we", _never)
    assert {one.body for one in repeated} == {begun[0].body}
    for one in repeated[1:]:
        await school.outbox.mark(accept(one, "m"), "we")
    await school.outbox.mark(lose_sight(repeated[0], Reason.NO_ANSWER, "timeout"), "we")
    assert await school.statistics.stored() == await school.statistics.recompute()
    # a platform that still says nothing is not asked at every tick
    assert await school.outbox.claim_unknown("we", ChannelKind.WECOM, since, 100, now) == []
    now += REPEAT_AFTER[0]
    still = await school.outbox.claim_unknown("we", ChannelKind.WECOM, since, 100, now)
    assert [one.delivery.body for one in still] == [begun[0].body]


async def test_rows_of_a_stopped_push_are_not_in_the_call(school):
    await plan(school)
    parcels = await school.outbox.claim("we", 100, school.clock.now())
    now = school.clock.now()
    mine = [hand_over(one.delivery, None, now) for one in parcels]
    stranger = replace(mine[0], id=mine[0].id + 10_000)
    begun = await school.outbox.begin_together([*mine, stranger], "we", _names)
    assert [one.id for one in begun] == [one.id for one in mine]
    assert begun[0].body == _names(mine)


async def together(school, owner: str):
    now = school.clock.now()
    parcels = await school.outbox.claim(owner, 100, now)
    assert parcels
    begins = [hand_over(one.delivery, None, now) for one in parcels]
    begun = await school.outbox.begin_together(begins, owner, _names)
    assert {one.state for one in begun} == {DeliveryState.HANDING_OVER}
    return begun


def _names(rows) -> bytes:
    return "|".join(one.account for one in rows).encode()


def _never(rows) -> bytes:
    raise AssertionError("a repeat is never rendered anew")
