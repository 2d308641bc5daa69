"""Killed while a stage goes out, and while it is released: nobody gets it twice, nobody is forgotten (P2)."""

from datetime import timedelta

from fakes.house import approved_campaign
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.rollouts import USUAL, read_stages
from lianbot.timetable.clocks import move_clock

STAGES = "20,60"
LET_GO = (20, 60, 120)


async def test_killed_in_every_stage_of_a_push(drill, dice):
    drill.twin.faults.add("latency", "*/message/send", seconds=0.05, jitter=0.04)
    await approved_campaign(drill.house, drill.cast, stages=read_stages(STAGES))
    before = 0
    for let_go in LET_GO:
        await drill.start()
        await drill.until_arrived(dice.randint(before + 1, let_go - 1))
        await drill.serve.pull_the_plug()
        await drill.start()
        await drill.until_arrived(let_go)
        await drill.serve.pull_the_plug()
        assert drill.arrived().total() == let_go
        move_clock(
            drill.folder / "clock", drill.house.clock.now() + USUAL.rest + timedelta(seconds=5)
        )
        drill.house.clock.look()
        before = let_go
    await drill.start()
    await drill.settled()
    assert await drill.serve.stop() == 0
    await drill.check()
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}
