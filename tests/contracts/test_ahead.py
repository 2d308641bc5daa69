"""Where a worker stands: what decides the days ahead, read from the own rows on both databases."""

from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason, accept, defer, hand_over
from lianbot.domain.posts import PostProfile
from lianbot.flows.planning import Planner
from lianbot.ports.ahead import NOTHING_YET
from lianbot.storage.ahead import SqlAhead
from lianbot.storage.tables import deliveries
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)


async def plan(school) -> None:
    await Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: ALWAYS},
        clock=school.clock,
    ).plan_due()


async def push(school, days: int | None = 1) -> None:
    at = school.clock.now() + timedelta(seconds=1)
    await school.campaign(schedule=Once(at=at), remind_after_days=days)
    school.clock.pass_(seconds=1)
    await plan(school)


async def send(school) -> None:
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        begun = hand_over(parcel.delivery, b"body", now)
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")


async def standing(school):
    book = SqlAhead(school.database)
    return await book.standing(school.worker_ids[0], school.clock.now())


async def test_who_was_planned_nothing_stands_at_the_beginning(school):
    assert await standing(school) == NOTHING_YET


async def test_a_push_that_waits_and_then_leaves_is_open_and_reminds(school):
    await push(school)
    (one,) = (await standing(school)).open
    assert (one.waits, one.reminds, one.leaves_at) == (True, True, school.clock.now())
    await send(school)
    (one,) = (await standing(school)).open
    assert (one.waits, one.reminds, one.state) == (False, True, DeliveryState.ACCEPTED)
    assert one.edition.item == "LSN-COOK-001"


async def test_an_answer_closes_it(school, tap):
    await push(school)
    await send(school)
    worker = school.worker_ids[0]
    now = school.clock.now()
    row = SimpleNamespace(worker_id=worker, id=await delivery_of(school, worker))
    await school.answers.answer(tap(row))
    assert (await SqlAhead(school.database).standing(worker, now)).open == ()


async def delivery_of(school, worker) -> int:
    async with school.database.read() as connection:
        found = await connection.execute(
            select(deliveries.c.id).where(deliveries.c.worker_id == worker)
        )
        return int(found.scalar_one())


async def test_after_the_one_reminder_the_item_counts_as_reminded(school):
    await push(school)
    await send(school)
    school.clock.pass_(days=2)
    await plan(school)
    found = await standing(school)
    assert found.reminded == {"LSN-COOK-001"}
    assert [(one.waits, one.reminds) for one in found.open] == [(False, False), (True, False)]


async def test_who_is_held_for_a_visit_has_no_day(school):
    await push(school)
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        held = defer(parcel.delivery, Reason.STAGED, now + timedelta(days=6))
        await school.outbox.mark(held, "me")
    (one,) = (await standing(school)).open
    assert (one.waits, one.leaves_at, one.reason) == (True, None, Reason.STAGED)
