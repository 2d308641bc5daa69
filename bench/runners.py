"""A second runner on PostgreSQL: how much faster both together empty the outbox; and that they lose nothing."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from bench.children import Child
from bench.figures import Figure, spread
from bench.load import LoadError
from bench.pushing import MESSAGES, sender, stage
from bench.school import School, states_of
from lianbot.domain.deliveries import DeliveryState

WIDTH = 25
"""Calls at a time of one runner: so few that the platform's answers, not this machine, hold it back."""


async def measure(
    folder: Path, rounds: int, cores: tuple[int | None, int | None], url: str
) -> list[Figure]:
    async with AsyncExitStack() as stack:
        set_up = await stack.enter_async_context(stage(folder, url, cores[1]))
        pair = [
            await stack.enter_async_context(sender(set_up.settings, core, folder))
            for core in (cores[0], cores[0])
        ]
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(rounds):
            for runners in (1, 2):
                set_up.later()
                rates[runners].append(await _leg(set_up.school, pair[:runners]))
    return _table(rates)


async def _leg(school: School, runners: list[Child]) -> float:
    occurrence = await school.push(MESSAGES)
    done = await asyncio.gather(*(one.ask(do="drain", width=WIDTH) for one in runners))
    states = await states_of(school.database, occurrence.id)
    if states != {DeliveryState.ACCEPTED: MESSAGES}:
        raise LoadError(f"{len(runners)} runners ended with {states}")
    return MESSAGES / max(one["seconds"] for one in done)


def _table(rates: dict[int, list[float]]) -> list[Figure]:
    gain = median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    return [
        Figure(
            what=f"two runners beside one, PostgreSQL, {WIDTH} calls at a time each",
            value=f"**{gain:.2f}** times one",
            beside=f"{spread(rates[2])}/s beside {spread(rates[1])}/s; both on one core",
            goal="> 1",
            met=gain > 1,
        )
    ]
