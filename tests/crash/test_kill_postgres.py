"""The same drill with two processes on PostgreSQL: one dies, the other finishes what both had begun."""

import asyncio
from datetime import timedelta

import pytest

from fakes.house import START, Serve
from fakes.postgres import fresh_database, postgres, template
from lianbot.domain.deliveries import DeliveryState
from lianbot.timetable.clocks import move_clock

__all__ = ["postgres", "template"]
pytestmark = pytest.mark.postgres


@pytest.fixture
async def database_url(template: str) -> str:
    return await fresh_database(template)


async def test_one_of_two_dies_in_mid_push_and_the_other_finishes(drill, dice):
    other = Serve(settings=drill.settings, log=drill.folder / "other.log")
    drill.twin.faults.add("latency", "*/message/send", seconds=0.08, jitter=0.04)
    await drill.campaign()
    try:
        await asyncio.gather(drill.start(), other.start())
        await drill.until_arrived(dice.randint(1, len(drill.crowd) // 3))
        await drill.pull_the_plug(drill.serve)
        # the dead one's leases run out by themselves after two minutes
        move_clock(drill.folder / "clock", START + timedelta(minutes=4))
        await drill.settled()
        assert await other.stop() == 0
    finally:
        if other.process is not None:
            await other.pull_the_plug()
    await drill.check()
    assert await drill.refusals() == []
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(18))
async def test_either_of_two_is_killed_five_times(drill, dice, round_):
    """One is always there; the clock moves on so that the dead one's leases run out."""
    drill.twin.faults.add("latency", "*/message/send", seconds=0.05, jitter=0.04)
    drill.twin.faults.add("drop_after_accept", "*/message/send", every=dice.randint(7, 23))
    pair = [drill.serve, Serve(settings=drill.settings, log=drill.folder / "other.log")]
    await drill.campaign()
    minutes = 0
    try:
        await asyncio.gather(drill.start(), pair[1].start())
        for _ in range(5):
            arrived = drill.arrived().total()
            more = dice.randint(0, max((len(drill.crowd) - arrived) // 4, 1))
            await drill.until_arrived(min(arrived + more, len(drill.crowd)))
            await asyncio.sleep(dice.random() * 0.06)
            dead = dice.choice(pair)
            await drill.pull_the_plug(dead)
            minutes += 3
            move_clock(drill.folder / "clock", START + timedelta(minutes=minutes))
            await dead.start()
        move_clock(drill.folder / "clock", START + timedelta(minutes=minutes + 3))
        await drill.settled()
        assert [await one.stop() for one in pair] == [0, 0]
    finally:
        for one in pair:
            await one.pull_the_plug()
    await drill.check()
    assert await drill.refusals() == []
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}
