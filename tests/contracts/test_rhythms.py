"""Festivals, series of one's own and reviews, planned on both databases."""

import asyncio
import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, select, update

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerGiven,
    FirstAnswer,
    Method,
    Via,
)
from lianbot.domain.campaigns import Audience, Course, Festival, Milestone, Once, Review, Since
from lianbot.domain.codes import ItemType, Post, Topic
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over
from lianbot.domain.festivals import Almanac
from lianbot.domain.posts import PostProfile
from lianbot.flows.planning import Planner
from lianbot.storage.content import Publication
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.tables import bindings, deliveries, follow_ups, reviews, workers
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)
ALMANAC = Almanac(days={"anti-corruption-day": (date(2026, 12, 4),)})
THURSDAY = Festival(node="anti-corruption-day", offset=-1)
"""Due on Thursday 2026-12-03 14:07, two days after the clock's Tuesday."""


class Year:
    """The school with its planner and the rhythm over it."""

    def __init__(self, school) -> None:
        self.school = school
        self.clock = school.clock
        self.rhythm = SqlRhythm(school.database)
        self.planner = Planner(
            book=school.plans,
            shelf=school.content,
            moments=CronMoments(ALMANAC),
            profiles={Post.COOK: ALWAYS},
            clock=school.clock,
            rhythm=self.rhythm,
        )

    async def publish(self, *items: str, quizzes: tuple[str, ...] = ()) -> None:
        for item in items:
            sha256 = uuid.uuid5(uuid.NAMESPACE_URL, item).hex * 2
            meta = {"text": "话。", "posts": [], "levels": [], "quizzes": [*quizzes], "version": 1}
            await self.school.content.publish(
                [
                    Publication(
                        sha256=sha256,
                        body=item.encode(),
                        item=item,
                        type=ItemType.REMINDER,
                        title=item,
                        topic=Topic.TAKE_FOOD,
                        meta=meta,
                    )
                ],
                self.school.editor.id,
                self.clock.now(),
            )
            await self.school.content.adopt(
                [sha256], self.school.reviewer.id, self.clock.now(), ""
            )

    async def day(self, **how: float):
        """Time passes, the runner looks, everything planned is handed over."""
        self.clock.pass_(**how)
        found = await self.planner.plan_due()
        await self.planner.plan_due()
        while batch := await self.school.outbox.claim("me", 100, self.clock.now()):
            for parcel in batch:
                begun = hand_over(parcel.delivery, b"body", self.clock.now())
                assert await self.school.outbox.begin(begun, "me")
                await self.school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
        return found

    async def rows(self, index: int | None = None):
        conditions = []
        if index is not None:
            conditions = [deliveries.c.worker_id == self.school.worker_ids[index]]
        async with self.school.database.read() as connection:
            found = await connection.execute(
                select(deliveries).where(*conditions).order_by(deliveries.c.id)
            )
            return found.all()

    async def items(self, index: int) -> list[str]:
        return [row.item for row in await self.rows(index) if row.state == DeliveryState.ACCEPTED]

    async def change(self, index: int, **values) -> None:
        async with self.school.database.write() as connection:
            await connection.execute(
                update(workers)
                .where(workers.c.id == self.school.worker_ids[index])
                .values(**values)
            )

    async def tap(self, row) -> None:
        await self.school.answers.answer(
            AnswerGiven(
                worker_id=row.worker_id,
                answer=Answer.UNDERSTOOD,
                method=Method.TAP,
                via=Via.OAUTH,
                wording="懂了",
                repeat_key=f"k{row.id}",
                msgid="m",
                delivery_id=row.id,
            )
        )

    async def answer(self, row, right: bool) -> None:
        await self.school.answers.first_answer(
            FirstAnswer(
                delivery_id=row.id, worker_id=row.worker_id, edition=row.edition, right=right
            )
        )
        await self.tap(row)


@pytest.fixture
def year(school) -> Year:
    return Year(school)


async def test_a_festival_later_in_the_week_replaces_the_weekly_lesson(year):
    await year.publish("RMD-A")
    await year.school.content.keep_course("COOK", {("COOK", "L6"): ("LSN-COOK-001",)})
    await year.school.campaign(schedule=THURSDAY, items=("RMD-A",))
    await year.school.campaign(schedule=Course(shelf="COOK", expression="9 15 * * wed"), items=())
    await year.day(days=1, hours=1, minutes=2)
    assert {(row.state, row.reason) for row in await year.rows()} == {
        (DeliveryState.SKIPPED, Reason.FESTIVAL)
    }
    await year.day(days=1)
    assert await year.items(0) == ["RMD-A"]
    await year.day(days=6)
    assert await year.items(0) == ["RMD-A", "LSN-COOK-001"]


async def test_nobody_gets_a_third_message_about_one_festival(year):
    await year.publish("RMD-A", "RMD-B", "RMD-C")
    for offset, item in ((-2, "RMD-A"), (-1, "RMD-B"), (8, "RMD-C")):
        await year.school.campaign(
            schedule=Festival(node="anti-corruption-day", offset=offset), items=(item,)
        )
    for _ in range(12):
        await year.day(days=1)
    assert await year.items(0) == ["RMD-A", "RMD-B"]
    assert (await year.rows(0))[-1].reason == Reason.CAPPED_FESTIVAL


async def test_newcomers_get_their_three_lessons_within_ten_days_and_nobody_else_anything(year):
    await year.publish("ON-1", "ON-2", "ON-3")
    await year.school.campaign(
        schedule=Since(event=Milestone.START, days=(1, 4, 8)), items=("ON-1", "ON-2", "ON-3")
    )
    await year.change(0, started=date(2026, 12, 1))
    await year.change(1, started=date(2020, 3, 1))
    planned = [len(await year.day(days=1)) for _ in range(12)]
    assert await year.items(0) == ["ON-1", "ON-2", "ON-3"]
    assert {row.worker_id for row in await year.rows()} == {year.school.worker_ids[0]}
    assert sum(planned) == 3, "an occurrence is opened on somebody's day only"


async def test_an_unbound_newcomer_is_skipped_once_an_item_and_not_daily(year):
    await year.publish("ON-1", "ON-2")
    await year.school.campaign(
        schedule=Since(event=Milestone.START, days=(1, 4)), items=("ON-1", "ON-2")
    )
    await year.change(-1, started=date(2026, 12, 1))
    for _ in range(8):
        await year.day(days=1)
    assert [(row.item, row.reason) for row in await year.rows(-1)] == [
        ("ON-1", Reason.UNBOUND),
        ("ON-2", Reason.UNBOUND),
    ]


async def test_milestones_are_the_local_day_of_binding_or_of_the_new_post(year):
    late = datetime(2026, 12, 1, 16, 30, tzinfo=UTC)
    async with year.school.database.write() as connection:
        await connection.execute(
            insert(bindings).values(
                worker_id=year.school.worker_ids[-1],
                channel="official",
                account="o1",
                client="unknown",
                bound_at=late,
            )
        )
    await year.change(2, posts_changed=date(2026, 12, 2))
    days = date(2026, 12, 2), date(2026, 12, 2)
    assert await year.rhythm.milestones(Milestone.BINDING, *days) == {
        year.school.worker_ids[-1]: days[0]
    }
    assert await year.rhythm.milestones(Milestone.POST_CHANGE, *days) == {
        year.school.worker_ids[2]: days[0]
    }


async def start_ladder(year) -> None:
    """Worker 0 said 懂了 on Tuesday; the ladder looks daily at 14:07."""
    await year.publish("LSN-Q", quizzes=("q" * 64,))
    await year.school.campaign(
        schedule=Once(at=year.clock.now() + timedelta(minutes=1)), items=("LSN-Q",)
    )
    await year.day(minutes=1)
    await year.school.campaign(schedule=Review(clock=time(14, 8)), items=())
    await year.answer((await year.rows(0))[0], right=False)


async def test_a_right_answer_comes_back_after_ten_days(year):
    await start_ladder(year)
    await year.day(days=3)
    first, second = await year.rows(0)
    assert second.item == first.item
    await year.answer(second, right=True)
    for _ in range(9):
        await year.day(days=1)
    assert len(await year.rows(0)) == 2
    for _ in range(2):
        await year.day(days=1)
    assert len(await year.rows(0)) == 3
    assert len(await year.rows()) == 12 + 2, "nobody else said 懂了"


async def test_three_wrong_answers_become_a_task_for_the_lead_and_are_forgotten(year):
    await start_ladder(year)
    for _ in range(20):
        before = len(await year.rows(0))
        await year.day(days=1)
        rows = await year.rows(0)
        if len(rows) > before and len(rows) <= 4:
            await year.answer(rows[-1], right=False)
    assert len(await year.rows(0)) == 4
    async with year.school.database.read() as connection:
        tasks = (await connection.execute(select(follow_ups))).all()
        ladder = (await connection.execute(select(reviews))).one()
    assert [(task.kind, task.worker_id) for task in tasks] == [
        ("read_aloud", year.school.worker_ids[0])
    ]
    assert (ladder.due_at, ladder.restarts) == (None, 3)
    assert await year.school.statistics.stored() == await year.school.statistics.recompute()


async def test_right_first_answers_stay_in_the_sums_after_the_person_is_forgotten(year):
    await start_ladder(year)
    await year.day(days=3)
    await year.answer((await year.rows(0))[1], right=True)
    await year.day(days=1)
    stored = await year.school.statistics.stored()
    assert stored == await year.school.statistics.recompute()
    assert sum(values.get("first_right", 0) for values in stored.values()) == 1


async def test_a_planner_that_died_does_not_ask_twice(year):
    await start_ladder(year)
    await year.day(days=3)
    asked = (await year.rows(0))[1]
    async with year.school.database.read() as connection:
        before = (await connection.execute(select(reviews))).one()
    await year.rhythm.asked(asked.occurrence_id, year.clock.now())
    async with year.school.database.read() as connection:
        assert (await connection.execute(select(reviews))).one() == before


async def test_a_festival_reaches_only_its_audience(year):
    await year.publish("RMD-A")
    await year.school.campaign(
        schedule=THURSDAY, items=("RMD-A",), audience=Audience(posts=(Post.BUY,))
    )
    await year.day(days=2)
    assert await year.rows() == []


async def test_a_festival_that_is_due_in_the_same_round_replaces_the_lesson(year):
    """The runner stood still over both moments, and the older course is planned first."""
    await year.publish("RMD-A")
    await year.school.content.keep_course("COOK", {("COOK", "L6"): ("LSN-COOK-001",)})
    await year.school.campaign(schedule=Course(shelf="COOK", expression="7 9 * * thu"), items=())
    year.clock.pass_(seconds=1)
    await year.school.campaign(schedule=THURSDAY, items=("RMD-A",))
    await year.day(days=2, minutes=30)
    assert await year.items(0) == ["RMD-A"]
    assert [row.reason for row in await year.rows(0) if row.item == "LSN-COOK-001"] == [
        Reason.FESTIVAL
    ]


async def test_a_day_of_somebody_else_names_nobody_of_a_chosen_audience(year):
    await year.publish("NEW-1")
    await year.school.campaign(
        schedule=Since(event=Milestone.START, days=(1,)),
        items=("NEW-1",),
        audience=Audience(workers=tuple(year.school.worker_ids[:5])),
    )
    await year.change(7, started=date(2026, 12, 1))
    await year.day(days=1)
    assert await year.rows() == []


async def the_ladder(year):
    async with year.school.database.read() as connection:
        return (await connection.execute(select(reviews))).one()


async def test_a_review_in_a_course_has_no_reminder(year):
    await year.publish("LSN-Q", quizzes=("q" * 64,))
    await year.school.content.keep_course("COOK", {("COOK", "L6"): ("LSN-Q",)})
    course = Course(shelf="COOK", expression="8 14 * * *")
    await year.school.campaign(schedule=course, items=(), remind_after_days=2)
    await year.day(minutes=2)
    await year.answer((await year.rows(0))[0], right=True)
    for _ in range(4):
        await year.day(days=1)
    lesson, review = await year.rows(0)
    assert review.item == lesson.item
    for _ in range(3):
        await year.day(days=1)
    assert len(await year.rows(0)) == 2, "no reminder of the review"
    assert len(await year.rows(1)) == 2, "who never answered the lesson had the one reminder"
    assert (await the_ladder(year)).asked == review.id, "the answer still finds the ladder"


async def test_one_reminder_an_item_over_all_campaigns(year):
    for minutes in (1, 8 * 24 * 60):
        await year.school.campaign(
            schedule=Once(at=year.clock.now() + timedelta(minutes=minutes)), remind_after_days=2
        )
    for _ in range(12):
        await year.day(days=1)
    items = [row.item for row in await year.rows(0)]
    assert items == ["LSN-COOK-001"] * 3, "two pushes and one reminder"


async def test_a_question_that_was_skipped_counts_as_no_silence(year):
    await start_ladder(year)
    async with year.school.database.write() as connection:
        await connection.execute(update(bindings).values(opted_out=True))
    await year.day(days=3)
    assert (await year.rows(0))[1].state == DeliveryState.SKIPPED
    ladder = await the_ladder(year)
    assert (ladder.silent, ladder.asked) == (0, None)
    assert ladder.due_at == year.clock.now() + timedelta(days=14)


async def test_a_forecast_moves_nobodys_ladder(year):
    await start_ladder(year)
    await year.day(days=3)
    await year.answer((await year.rows(0))[1], right=True)
    before = await the_ladder(year)
    ahead = SqlRhythm(year.school.database, only_looks=True)
    await ahead.reviews_due(year.clock.now() + timedelta(days=60))
    assert await the_ladder(year) == before


async def test_two_processes_begin_a_ladder_once(year):
    await year.publish("LSN-Q", quizzes=("q" * 64,))
    await year.school.campaign(
        schedule=Once(at=year.clock.now() + timedelta(minutes=1)), items=("LSN-Q",)
    )
    await year.day(minutes=1)
    for row in (await year.rows())[:5]:
        await year.answer(row, right=True)
    later = year.clock.now() + timedelta(days=4)
    looks = [SqlRhythm(year.school.database).reviews_due(later) for _ in range(4)]
    for due in await asyncio.gather(*looks):
        assert len(due) == 5


async def test_a_window_that_opens_for_more_than_a_chunk_wakes_them_all(year, monkeypatch):
    monkeypatch.setattr("lianbot.storage.planning.CHUNK", 3)
    await year.school.campaign(schedule=Once(at=year.clock.now() + timedelta(minutes=1)))
    year.clock.pass_(minutes=1)
    await year.planner.plan_due()
    async with year.school.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.state == DeliveryState.PLANNED)
            .values(
                state=DeliveryState.DEFERRED, reason=Reason.WINDOW, not_before=year.clock.now()
            )
        )
    assert await year.school.plans.wake(year.clock.now()) == 10
