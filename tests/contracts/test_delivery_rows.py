"""Planning, the outbox, answers and counters on both databases."""

import asyncio
from datetime import time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerGiven,
    FirstAnswer,
    Method,
    NothingOpen,
    PageShown,
    Receipt,
    Via,
)
from lianbot.domain.campaigns import OccurrenceKind, Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, accept, hand_over
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.evidence.entries import parse_entry
from lianbot.flows.planning import Planner
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.tables import deliveries
from lianbot.timetable.moments import CronMoments

PROFILE = PostProfile(
    code=Post.COOK,
    name="厨师",
    short="厨师",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15, 50)),),
    never=(),
    topics=(),
)


def planner(school) -> Planner:
    return Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: PROFILE},
        clock=school.clock,
    )


async def planned(school, **changes):
    school.clock.pass_(minutes=-1)
    await school.campaign(
        schedule=Once(at=school.clock.now() + timedelta(minutes=1)),
        **changes,
    )
    school.clock.pass_(minutes=1)
    return await planner(school).plan_due()


async def push_all(school) -> int:
    sent = 0
    while batch := await school.outbox.claim("me", 100, school.clock.now()):
        for parcel in batch:
            begun = hand_over(parcel.delivery, b"body", school.clock.now())
            assert await school.outbox.begin(begun, "me")
            await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
            sent += 1
    return sent


def tap(
    school,
    index: int,
    answer: Answer = Answer.UNDERSTOOD,
    key: str = "k1",
    delivery_id: int | None = None,
) -> AnswerGiven:
    return AnswerGiven(
        worker_id=school.worker_ids[index],
        answer=answer,
        method=Method.REPLY,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key=key,
        msgid="m",
        delivery_id=delivery_id,
    )


async def check_counters(school) -> None:
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_a_due_campaign_is_planned_once_with_a_row_a_worker(school):
    first = await planned(school)
    assert [one.planned for one in first] == [12]
    assert await planner(school).plan_due() == []
    total = await school.statistics.total()
    assert (total["total"], total["planned"], total["skipped"]) == (12, 10, 2)
    await check_counters(school)


async def test_two_planners_at_once_make_one_occurrence(school):
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(minutes=1)))
    school.clock.pass_(minutes=2)
    found = await asyncio.gather(planner(school).plan_due(), planner(school).plan_due())
    assert [one.planned for each in found for one in each] == [12]
    assert (await school.statistics.total())["total"] == 12
    await check_counters(school)


async def test_a_row_is_claimed_by_one_sender_only(school):
    await planned(school)
    now = school.clock.now()
    batches = await asyncio.gather(*(school.outbox.claim(f"s{i}", 4, now) for i in range(4)))
    ids = [parcel.delivery.id for batch in batches for parcel in batch]
    assert len(ids) == len(set(ids)) == 10


async def test_a_pushed_row_says_accepted_and_the_counters_agree(school):
    await planned(school)
    assert await push_all(school) == 10
    total = await school.statistics.total()
    assert (total["accepted"], total["planned"], total["handing_over"]) == (10, 0, 0)
    await check_counters(school)


async def test_a_row_in_hand_over_is_unknown_after_a_crash(school):
    await planned(school)
    parcel = (await school.outbox.claim("dead", 1, school.clock.now()))[0]
    assert await school.outbox.begin(hand_over(parcel.delivery, b"b", school.clock.now()), "dead")
    assert await school.outbox.recover(school.clock.now(), alone=True) == 1
    total = await school.statistics.total()
    assert total["unknown"] == 1
    await check_counters(school)


async def test_an_unknown_row_is_given_out_again_with_its_body_inside_the_interval(school):
    await planned(school)
    now = school.clock.now()
    parcel = (await school.outbox.claim("dead", 1, now))[0]
    await school.outbox.begin(hand_over(parcel.delivery, b"bytes", now), "dead")
    await school.outbox.recover(now, alone=True)
    again = await school.outbox.claim_unknown("me", "wecom", now - timedelta(minutes=1), 10, now)
    assert [one.delivery.body for one in again] == [b"bytes"]
    assert again[0].delivery.state is DeliveryState.UNKNOWN
    later = await school.outbox.claim_unknown("me", "wecom", now + timedelta(minutes=1), 10, now)
    assert later == []


async def test_an_answer_is_a_leaf_a_row_and_a_count(school):
    await planned(school)
    await push_all(school)
    size, _ = await LedgerStore(school.database).freeze(school.clock.now())
    receipt = await school.answers.answer(tap(school, 0))
    assert isinstance(receipt, Receipt)
    assert receipt.seq == size
    entry = parse_entry((await LedgerStore(school.database).entries(size, size + 1))[0])
    assert (entry.fact.type, entry.fact.answer) == ("ack", "understood")
    assert (await school.statistics.total())["understood"] == 1
    await check_counters(school)


async def test_a_second_same_answer_changes_nothing(school):
    await planned(school)
    await push_all(school)
    first = await school.answers.answer(tap(school, 0, key="a"))
    again = await school.answers.answer(tap(school, 0, key="b"))
    assert (again.seq, again.repeated) == (first.seq, True)
    await check_counters(school)


async def test_a_platform_repeat_of_an_older_answer_does_not_bring_it_back(school):
    await planned(school)
    await push_all(school)
    old = await school.answers.answer(tap(school, 0, Answer.UNDERSTOOD, key="old"))
    new = await school.answers.answer(tap(school, 0, Answer.CANNOT, key="new", delivery_id=None))
    repeat = await school.answers.answer(tap(school, 0, Answer.UNDERSTOOD, key="old"))
    assert new.seq == old.seq + 1
    assert (repeat.seq, repeat.repeated) == (old.seq, True)
    total = await school.statistics.total()
    assert (total["cannot"], total["understood"]) == (1, 0)
    await check_counters(school)


async def test_many_answers_at_once_get_consecutive_places(school):
    await planned(school)
    await push_all(school)
    found = await asyncio.gather(
        *(school.answers.answer(tap(school, i)) for i in range(10)),
        *(school.answers.answer(tap(school, i)) for i in range(10)),
    )
    places = {one.seq for one in found}
    assert len(places) == 10
    assert max(places) - min(places) == 9
    await check_counters(school)


async def test_an_answer_without_a_delivery_has_no_place(school):
    assert isinstance(await school.answers.answer(tap(school, 0)), NothingOpen)


async def test_somebody_elses_delivery_cannot_be_answered(school):
    await planned(school)
    await push_all(school)
    mine = await school.answers.answer(tap(school, 0))
    assert isinstance(mine, Receipt)
    other = await school.answers.answer(tap(school, 1, delivery_id=1))
    assert isinstance(other, NothingOpen) or other.seq != mine.seq


async def test_a_page_counts_as_opened_once(school):
    await planned(school)
    await push_all(school)
    shown = PageShown(
        worker_id=school.worker_ids[0],
        delivery_id=await delivery_id(school, 0),
        edition="ab" * 32,
        via=Via.OAUTH,
    )
    await asyncio.gather(school.answers.shown(shown), school.answers.shown(shown))
    assert (await school.statistics.total())["opened"] == 1
    await check_counters(school)


async def test_only_the_first_answer_feeds_the_topic(school):
    await planned(school)
    await push_all(school)
    number = await delivery_id(school, 0)
    for right in (False, True):
        await school.answers.first_answer(
            FirstAnswer(
                worker_id=school.worker_ids[0], delivery_id=number, edition="ab" * 32, right=right
            )
        )
    total = await school.statistics.total()
    assert (total["first_asked"], total["first_right"]) == (1, 0)
    await check_counters(school)


async def delivery_id(school, index: int) -> int:
    async with school.database.read() as connection:
        found = await connection.execute(
            select(deliveries.c.id).where(deliveries.c.worker_id == school.worker_ids[index])
        )
        return found.scalar_one()


async def test_a_reminder_goes_once_and_only_to_the_silent(school):
    await planned(school, remind_after_days=2)
    await push_all(school)
    await school.answers.answer(tap(school, 0))
    school.clock.pass_(days=2, minutes=1)
    found = await planner(school).plan_due()
    assert [(one.kind, one.planned) for one in found] == [(OccurrenceKind.REMINDER, 9)]
    assert await planner(school).plan_due() == []
    await check_counters(school)


async def test_what_is_deferred_wakes_at_its_time(school):
    school.clock.pass_(hours=4)
    await planned(school)
    assert (await school.statistics.total())["deferred"] == 10
    school.clock.pass_(days=1, hours=-4)
    await school.plans.wake(school.clock.now())
    assert (await school.statistics.total())["planned"] == 10
    await check_counters(school)


@pytest.mark.parametrize("table", ["ledger_entries"])
async def test_the_ledger_refuses_update_and_delete(school, table):
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET type = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with school.database.write() as connection:
                await connection.execute(text(statement))
