"""Every kind of fault at one call in ten: each row ends true, held against what the phones really received (P1, P2)."""

import logging

import pytest

from fakes.house import people
from faults.weather import SETTINGS, UNDER_WAY, calm, compare, strikes, tap_all, worsen
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import ChannelKind

log = logging.getLogger("faults")


async def hold_out(stage, channel: ChannelKind, count: int) -> None:
    """One push to `count` workers in that weather, and the comparison."""
    worsen(stage, channel)
    await stage.push()
    states = await calm(stage)
    truth = await compare(stage, channel)
    calls, hits = strikes(stage, channel)
    log.info("%s: %s; %d sends, struck %s", channel, dict(states), calls, hits)
    assert truth.holds, truth
    assert not any(states[one] for one in UNDER_WAY), states
    assert states.total() == count
    # all the same nearly everybody was reached
    assert states[DeliveryState.ACCEPTED] > 0.9 * count, states
    assert await stage.house.statistics.stored() == await stage.house.statistics.recompute()


async def wecom(staged, count: int) -> None:
    async with staged(people(count), **SETTINGS) as stage:
        await hold_out(stage, ChannelKind.WECOM, count)
        taps = count // 4
        greyed, answers = await tap_all(stage, taps)
        assert greyed == len(answers) == taps
        assert set(answers.values()) == {1}


async def test_two_hundred_wecom_messages_in_bad_weather(staged) -> None:
    await wecom(staged, 200)


@pytest.mark.slow
async def test_two_thousand_wecom_messages_in_bad_weather(staged) -> None:
    await wecom(staged, 2_000)
