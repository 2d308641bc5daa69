"""What was due while nothing ran is written down with an alert, once, on both databases."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from fakes.pushes import planner_of
from lianbot.bootstrap.entrances import _Upkeep
from lianbot.domain.campaigns import Cron, OccurrenceState
from lianbot.domain.codes import Topic
from lianbot.flows.answering_memory import TopicTally
from lianbot.storage.content import ContentStore
from lianbot.storage.desk import DeskReading
from lianbot.storage.tables import occurrences, topic_counts


async def daily(school) -> None:
    await school.campaign(title="每天一课", schedule=Cron(expression="7 14 * * *"))


async def missed(school) -> int:
    async with school.database.read() as connection:
        rows = await connection.execute(
            select(occurrences).where(occurrences.c.state == OccurrenceState.MISSED)
        )
        return len(rows.all())


async def test_a_stop_of_ten_days_leaves_one_alert_that_says_what_was_missed(school):
    await daily(school)
    school.clock.pass_(days=10)
    (push,) = await planner_of(school).plan_due()
    assert (await missed(school), push.planned) == (9, 12)
    await planner_of(school).plan_due()
    (alert,) = await DeskReading(school.database, school.clock).alerts()
    assert (alert.kind, alert.times) == ("missed:每天一课", 1)
    assert "等 9 次 到点时没有在跑" in alert.detail
    assert "campaign create --at" in alert.detail


async def test_two_processes_that_find_the_same_ones_missed_tell_staff_once(school):
    await daily(school)
    campaign, now = (await school.campaigns.all())[0], school.clock.now()
    moments = [now - timedelta(days=n) for n in (5, 6, 7)]
    await asyncio.gather(
        *(school.plans.miss(campaign.id, moments, now, "missed:x", "x") for _ in range(4))
    )
    assert await missed(school) == 3
    (alert,) = await DeskReading(school.database, school.clock).alerts()
    assert alert.times == 1


# --- the day's topics ------------------------------------------------------------------------------


@pytest.fixture
def upkeep(school) -> _Upkeep:
    house = SimpleNamespace(tally=TopicTally(), content=school.content, clock=school.clock)
    for _ in range(7):
        house.tally.add(Topic.KICKBACK)
    house.tally.add(Topic.CONFESS)
    return _Upkeep(house)


async def kept(school) -> dict[str, int]:
    async with school.database.read() as connection:
        rows = await connection.execute(select(topic_counts))
        return {row.topic: row.times for row in rows}


async def test_a_commit_that_fails_loses_no_count_of_the_day(school, upkeep, monkeypatch):
    class Failing(ContentStore):
        async def count_topics(self, day, asked) -> None:
            """The disk is full when the transaction ends; somebody asks meanwhile."""
            whole = self._database.write

            @asynccontextmanager
            async def broken():
                async with whole() as connection:
                    yield connection
                    upkeep._house.tally.add(Topic.KICKBACK)
                    raise OSError("no space left on device")

            monkeypatch.setattr(self._database, "write", broken)
            try:
                await super().count_topics(day, asked)
            finally:
                monkeypatch.undo()

    upkeep._house.content = Failing(school.database, "lianbot/00112233445566aa")
    with pytest.raises(OSError, match="no space"):
        await upkeep.keep_topics()
    assert await kept(school) == {}
    upkeep._house.content = school.content
    await upkeep.keep_topics()
    assert await kept(school) == {Topic.KICKBACK: 8}
    await upkeep.keep_topics()
    assert await kept(school) == {Topic.KICKBACK: 8}
