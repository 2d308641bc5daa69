"""Where a worker stands: what decides the days ahead, read from the own rows on both databases."""

from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from fakes.pushes import leaving, planner_of, pushed
from lianbot.domain.deliveries import DeliveryState, Reason, defer
from lianbot.ports.ahead import NOTHING_YET
from lianbot.storage.ahead import SqlAhead
from lianbot.storage.tables import deliveries


async def standing(school):
    book = SqlAhead(school.database)
    return await book.standing(school.worker_ids[0], school.clock.now())


async def test_who_was_planned_nothing_stands_at_the_beginning(school):
    assert await standing(school) == NOTHING_YET


async def test_a_push_that_waits_and_then_leaves_is_open_and_reminds(school):
    await pushed(school, remind_after_days=1)
    (one,) = (await standing(school)).open
    assert (one.waits, one.reminds, one.leaves_at) == (True, True, school.clock.now())
    await leaving(school)
    (one,) = (await standing(school)).open
    assert (one.waits, one.reminds, one.state) == (False, True, DeliveryState.ACCEPTED)
    assert one.edition.item == "LSN-COOK-001"


async def test_an_answer_closes_it(school, tap):
    await pushed(school, remind_after_days=1)
    await leaving(school)
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
    await pushed(school, remind_after_days=1)
    await leaving(school)
    school.clock.pass_(days=2)
    await planner_of(school).plan_due()
    found = await standing(school)
    assert found.reminded == {"LSN-COOK-001"}
    assert [(one.waits, one.reminds, one.reminder) for one in found.open] == [
        (False, False, False),
        (True, False, True),
    ]


async def test_who_is_held_for_a_visit_has_no_day(school):
    await pushed(school, remind_after_days=1)
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        held = defer(parcel.delivery, Reason.STAGED, now + timedelta(days=6))
        await school.outbox.mark(held, "me")
    (one,) = (await standing(school)).open
    assert (one.waits, one.leaves_at, one.reason) == (True, None, Reason.STAGED)
