"""Kill the process at any instant: nothing lost, nothing doubled, every ambiguity labelled (P2)."""

import asyncio
import random

import pytest

from lianbot.domain.deliveries import DeliveryState


async def kill_in_mid_push(drill, dice: random.Random, times: int) -> None:
    """Pulls the plug at `times` random instants of one push, then lets it finish."""
    drill.twin.faults.add("latency", "*/message/send", seconds=0.05, jitter=0.04)
    await drill.campaign()
    for _ in range(times):
        before = drill.arrived().total()
        await drill.start()
        share = (len(drill.crowd) - before) // (times + 1)
        await drill.until_arrived(before + dice.randint(0, max(share, 1)))
        await asyncio.sleep(dice.random() * 0.06)
        await drill.pull_the_plug(drill.serve)
    await drill.start()
    await drill.settled()
    assert await drill.serve.stop() == 0


async def test_killed_three_times_in_mid_push_nothing_is_lost_or_doubled(drill, dice):
    await kill_in_mid_push(drill, dice, times=3)
    await drill.check()
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}


async def test_an_answer_lost_on_the_way_is_resolved_by_the_platforms_duplicate_check(drill):
    rule = drill.twin.faults.add("drop_after_accept", "*/message/send", every=5)
    await drill.campaign()
    await drill.start()
    await drill.until_arrived(len(drill.crowd))
    assert rule.struck > 0
    drill.twin.faults.remove(rule.id)
    await drill.settled()
    assert await drill.serve.stop() == 0
    await drill.check()
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}


async def test_a_thank_you_seen_on_a_phone_is_in_the_ledger_whatever_dies(drill, dice):
    await drill.campaign()
    await drill.start()
    await drill.settled()
    thanked: set[str] = set()
    first = asyncio.Event()

    async def say(account: str) -> None:
        result = await drill.twin.type_text(account, "收到")
        if result.ok and result.reply is not None and "记下了" in str(result.reply.content):
            thanked.add(account)
            first.set()

    drill.twin.world.switches.callback_retries = 0
    saying = [asyncio.create_task(say(one.account)) for one in drill.crowd]
    await first.wait()
    await asyncio.sleep(dice.random() * 0.05)
    await drill.serve.pull_the_plug()
    await asyncio.gather(*saying)
    await drill.start()
    await drill.serve.stop()
    answered = await drill.answers()
    assert thanked - set(answered) == set()
    assert max(answered.values()) == 1
    await drill.check()


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(22))
async def test_killed_five_times_in_bad_weather(drill, dice, round_):
    """Answers are lost and the platform fails besides; what it took, it tells apart by the identical body."""
    drill.twin.faults.add("drop_after_accept", "*/message/send", every=dice.randint(7, 23))
    drill.twin.faults.add("5xx", "*/message/send", every=dice.randint(9, 29))
    await kill_in_mid_push(drill, dice, times=5)
    await drill.check()
    assert set((await drill.states()).values()) == {DeliveryState.ACCEPTED}
