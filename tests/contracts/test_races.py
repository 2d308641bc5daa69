"""Two processes at the same row, and the switch that stops everything in the middle of a push."""

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import delete, select, text

from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post, Topic
from lianbot.domain.hours import TeamHours
from lianbot.domain.messages import Accepted
from lianbot.domain.people import ChannelKind
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.acknowledgement import decide
from lianbot.flows.delivery import Sender
from lianbot.flows.planning import Planner
from lianbot.storage.answers import SqlAnswerBook
from lianbot.storage.content import ContentStore
from lianbot.storage.database import open_database
from lianbot.storage.hours import HoursStore
from lianbot.storage.installation import Switches, establish
from lianbot.storage.tables import acknowledgements, deliveries, ledger_head, topic_counts
from lianbot.storage.tables import installation as installation_table
from lianbot.timetable.moments import CronMoments

ORIGIN = "lianbot/00112233445566aa"

PROFILE = PostProfile(
    code=Post.COOK,
    name="厨师",
    short="厨师",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15, 50)),),
    never=(),
    topics=(),
)


async def planned(school) -> None:
    school.clock.pass_(minutes=-1)
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(minutes=1)))
    school.clock.pass_(minutes=1)
    await Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: PROFILE},
        clock=school.clock,
    ).plan_due()


async def first_delivery(school):
    async with school.database.read() as connection:
        return (await connection.execute(select(deliveries).order_by(deliveries.c.id))).first()


def given(row, key: str, answer: Answer = Answer.UNDERSTOOD) -> AnswerGiven:
    return AnswerGiven(
        worker_id=row.worker_id,
        answer=answer,
        method=Method.TAP,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key=key,
        msgid="m",
        delivery_id=row.id,
    )


async def waiting_for_a_lock(school, count: int) -> None:
    async with asyncio.timeout(20), school.database.read() as connection:
        question = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while (await connection.execute(question)).scalar_one() < count:
            await connection.rollback()
            await asyncio.sleep(0.01)


async def test_two_processes_answering_one_delivery_at_once_keep_one_answer(school):
    if school.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    await planned(school)
    row = await first_delivery(school)
    address = school.database.url.render_as_string(hide_password=False)
    other_database = open_database(address)
    other = SqlAnswerBook(
        other_database,
        decide=decide,
        clock=school.clock,
        origin=ORIGIN,
        repeat_key=b"k" * 32,
    )
    try:
        async with school.database.engine.connect() as holder:
            await holder.begin()
            await holder.execute(select(ledger_head.c.size).with_for_update())
            first = asyncio.create_task(school.answers.answer(given(row, "a")))
            await waiting_for_a_lock(school, 1)
            second = asyncio.create_task(other.answer(given(row, "b")))
            await waiting_for_a_lock(school, 2)
            await holder.rollback()
        receipts = [await first, await second]
    finally:
        await other_database.close()
    assert len({one.seq for one in receipts}) == 1
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_a_right_answer_after_an_objection_stands_again(school):
    await planned(school)
    row = await first_delivery(school)
    first = await school.answers.answer(given(row, "quiz:1:"))
    await school.answers.answer(given(row, "say", Answer.DISAGREE))
    again = await school.answers.answer(given(row, f"quiz:1:{first.seq}"))
    async with school.database.read() as connection:
        standing = await connection.execute(
            select(acknowledgements.c.answer).where(acknowledgements.c.current.is_(True))
        )
        assert standing.scalar_one() == Answer.UNDERSTOOD
    assert not again.repeated


class StoppingChannel:
    """Accepts the first message and throws the switch while it does."""

    kind = ChannelKind.WECOM

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self.sent = 0

    def render(self, message) -> bytes:
        return b"body"

    async def send(self, body: bytes) -> Accepted:
        self.sent += 1
        if self.sent == 1:
            await self.switches.stop_all(True)
        return Accepted(platform_id="p")


async def test_after_stop_all_nothing_more_begins_to_leave(school):
    await planned(school)
    switches = Switches(school.database)
    channel = StoppingChannel(switches)
    sender = Sender(
        outbox=school.outbox,
        staff=switches,
        channels={ChannelKind.WECOM: channel},
        dress=lambda parcel: None,
        profiles={Post.COOK: PROFILE},
        clock=school.clock,
        owner="o",
        width=1,
    )
    await sender.drain()
    total = await school.statistics.total()
    # one more may have begun before the switch was thrown: two commits stand around a call
    assert channel.sent <= 2
    assert total["accepted"] == channel.sent
    assert total["planned"] == 10 - channel.sent
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_several_processes_count_the_first_questions_of_a_day(school):
    day, asked = date(2026, 12, 1), {Topic.GIFT_OFFER: 7, Topic.TAKE_FOOD: 5}
    await asyncio.gather(*(school.content.count_topics(day, asked) for _ in range(4)))
    async with school.database.read() as connection:
        rows = (await connection.execute(select(topic_counts))).all()
    assert {row.topic: row.times for row in rows} == {
        Topic.GIFT_OFFER: 28,
        Topic.TAKE_FOOD: 20,
    }


async def test_several_people_may_turn_a_switch_for_the_first_time_at_once(school):
    switches = Switches(school.database)
    await asyncio.gather(*(switches.stop_all(True) for _ in range(4)))
    assert await switches.stopped()


async def both_at_once(school, table, first, second) -> list:
    """Two processes at the same row of a table: both have looked before either has written."""
    async with school.database.engine.connect() as holder:
        await holder.begin()
        # whoever writes waits, whoever reads does not
        await holder.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        tasks = [asyncio.create_task(first), asyncio.create_task(second)]
        await waiting_for_a_lock(school, 2)
        await holder.rollback()
    return await asyncio.gather(*tasks)


@pytest.fixture
async def other(school):
    """A second process on the same database."""
    if school.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    database = open_database(school.database.url.render_as_string(hide_password=False))
    yield database
    await database.close()


async def test_two_processes_that_start_on_a_fresh_database_agree_on_its_origin(school, other):
    async with school.database.write() as connection:
        await connection.execute(delete(ledger_head))
        await connection.execute(delete(installation_table))
    now = school.clock.now()
    origins = await both_at_once(
        school, "installation", establish(school.database, now), establish(other, now)
    )
    assert len(set(origins)) == 1
    async with school.database.read() as connection:
        assert len((await connection.execute(select(ledger_head))).all()) == 1


async def test_two_people_may_set_the_same_quiet_day_at_once(school, other):
    day, now, by = date(2026, 12, 13), school.clock.now(), school.editor.id
    one, two = HoursStore(school.database), HoursStore(other)
    await both_at_once(
        school,
        "quiet_days",
        one.keep_quiet(day, "停电检修", by, now),
        two.keep_quiet(day, "考试", by, now),
    )
    assert (await one.hours()).quiet[day] in ("停电检修", "考试")


async def test_two_people_may_set_the_same_teams_hours_at_once(school, other):
    evening = TeamHours(send=(DayWindow(start=time(20, 10), end=time(21, 30)),))
    noon = TeamHours(send=(DayWindow(start=time(12, 10), end=time(13, 0)),))
    now, by = school.clock.now(), school.editor.id
    one, two = HoursStore(school.database), HoursStore(other)
    await both_at_once(
        school,
        "team_hours",
        one.keep_team(1, evening, by, now),
        two.keep_team(1, noon, by, now),
    )
    assert (await one.hours()).teams[1] in (evening, noon)
    await one.keep_team(1, TeamHours(), by, now)
    assert (await two.hours()).teams == {}


async def test_two_people_may_publish_the_same_content_at_once(school, other):
    known = await school.content.publication("ab" * 32)
    fresh = replace(known, sha256="cd" * 32, item="LSN-2")
    now, by = school.clock.now(), school.editor.id
    published = await both_at_once(
        school,
        "editions",
        school.content.publish([fresh], by, now),
        ContentStore(other, ORIGIN).publish([fresh], by, now),
    )
    assert sorted(map(len, published)) == [0, 1]
