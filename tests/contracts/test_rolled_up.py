"""Sums over old pushes: no figure changes when a push is rolled up, and whatever comes later is in both."""

import asyncio

from sqlalchemy import select, update

from contracts.test_budgets import plan
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.campaigns import OccurrenceKind, Once
from lianbot.domain.deliveries import DeliveryState, accept, hand_over
from lianbot.ports.desk import Dimension
from lianbot.storage.rolling import ROLLED_AFTER
from lianbot.storage.tables import deliveries, occurrences, rolled_counters, rolled_occurrences


async def answer(school, row, said: Answer = Answer.UNDERSTOOD) -> None:
    await school.answers.answer(
        AnswerGiven(
            worker_id=row.worker_id,
            answer=said,
            method=Method.TAP,
            via=Via.CALLBACK,
            wording="懂了",
            repeat_key=f"{said} {row.id}",
            msgid="m",
            delivery_id=row.id,
        )
    )


async def pushed(school, answers: int = 3) -> list:
    """A push of which one message was accepted and some were answered, that one first; its rows."""
    await plan(school)
    parcel = (await school.outbox.claim("me", 1, school.clock.now()))[0]
    begun = hand_over(parcel.delivery, b"b", school.clock.now())
    assert await school.outbox.begin(begun, "me")
    await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
    newest = select(occurrences.c.id).order_by(occurrences.c.due_at.desc()).limit(1)
    async with school.database.read() as connection:
        rows = list(
            await connection.execute(
                select(deliveries)
                .where(deliveries.c.occurrence_id == newest.scalar_subquery())
                .order_by(deliveries.c.id)
            )
        )
    rows.sort(key=lambda row: (row.state != DeliveryState.ACCEPTED, row.id))
    for row in rows[:answers]:
        await answer(school, row)
    return rows


async def figures(school) -> dict:
    """Everything the page can show, in the order in which it shows it."""
    found = {}
    for dimension in Dimension:
        for reminders in (True, False):
            found[dimension, reminders] = await school.statistics.by(
                dimension, reminders=reminders
            )
        found[dimension] = await school.statistics.told_otherwise(dimension)
    return found


async def rolled(school) -> int:
    async with school.database.read() as connection:
        return len((await connection.execute(select(rolled_occurrences))).all())


async def right(school) -> bool:
    stored = await school.statistics.stored()
    return (
        stored == await school.statistics.recompute() and not await school.statistics.wrong_sums()
    )


async def test_no_figure_changes_when_old_pushes_are_rolled_up(school):
    for answers in (3, 0, 5):
        await pushed(school, answers)
        school.clock.pass_(days=20)
    before = await figures(school)
    assert before[Dimension.OCCURRENCE, False][0]["total"]
    assert await school.statistics.roll_up(school.clock.now()) == 2  # the third is 20 days old
    assert await figures(school) == before
    assert await right(school)


async def test_it_is_done_once(school):
    await pushed(school)
    school.clock.pass_(days=40)
    before = await figures(school)
    assert await school.statistics.roll_up(school.clock.now()) == 1
    assert await school.statistics.roll_up(school.clock.now()) == 0
    assert await figures(school) == before


async def test_an_answer_after_the_roll_up_is_in_every_figure(school):
    rows = await pushed(school, answers=1)
    school.clock.pass_(days=40)
    await school.statistics.roll_up(school.clock.now())
    await answer(school, rows[0], Answer.DISAGREE)
    await answer(school, rows[3])
    assert await right(school)
    found = await figures(school)
    for dimension in Dimension:
        assert sum(one["understood"] for one in found[dimension, False]) == 1, dimension
        assert sum(one["disagree"] for one in found[dimension, False]) == 1, dimension
        assert sum(found[dimension].values()) == 1, dimension


async def test_one_push_or_campaign_is_read_from_its_own_counters(school):
    await pushed(school)
    async with school.database.read() as connection:
        push = (await connection.execute(select(occurrences))).one()
    before = await school.statistics.by(Dimension.TEAM, campaign_id=push.campaign_id)
    school.clock.pass_(days=40)
    await school.statistics.roll_up(school.clock.now())
    assert await school.statistics.by(Dimension.TEAM, campaign_id=push.campaign_id) == before
    assert await school.statistics.by(Dimension.TEAM, occurrence_id=push.id) == before
    assert (await school.statistics.total(campaign_id=push.campaign_id))["understood"] == 3


async def test_what_is_still_planned_is_left_alone(school):
    now = school.clock.now()
    campaign = await school.campaign(schedule=Once(at=now))
    assert await school.plans.open_occurrence(campaign.id, OccurrenceKind.PUSH, now, now)
    assert await school.statistics.roll_up(now + 2 * ROLLED_AFTER) == 0


async def test_a_sum_that_is_wrong_is_found(school):
    await pushed(school)
    school.clock.pass_(days=40)
    await school.statistics.roll_up(school.clock.now())
    async with school.database.write() as connection:
        await connection.execute(update(rolled_counters).values(total=rolled_counters.c.total + 1))
    assert len(await school.statistics.wrong_sums()) == 2  # one a team


async def test_answers_while_it_is_rolled_up_are_lost_by_neither(school):
    for _ in range(6):
        await pushed(school, answers=0)
        school.clock.pass_(hours=1)
    school.clock.pass_(days=40)
    async with school.database.read() as connection:
        rows = (await connection.execute(select(deliveries))).all()

    async def roll() -> None:
        while await rolled(school) < 6:
            await school.statistics.roll_up(school.clock.now())

    await asyncio.gather(roll(), roll(), *(answer(school, row) for row in rows))
    assert await right(school)
    assert sum(one["understood"] for one in await school.statistics.by(Dimension.ALL)) == len(rows)
