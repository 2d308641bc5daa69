"""How long people wait for 帮助 at 200 a second while the same process hands over a push."""

import sys
from contextlib import AsyncExitStack
from pathlib import Path

from bench.callbacks import HELP, port_of
from bench.calls import Platform
from bench.children import child
from bench.figures import Figure
from bench.load import LoadError, pace
from bench.pushing import MESSAGES, START, twin
from bench.school import School, account_of, settings_for, states_of
from lianbot.domain.deliveries import DeliveryState
from lianbot.settings import variables
from lianbot.storage.database import open_database
from lianbot.timetable.clocks import FileClock, move_clock

RATE = 200
SECONDS = 12
GOAL_MS = 50.0
WIDTH = 50


async def measure(folder: Path, cores: tuple[int | None, int | None]) -> list[Figure]:
    clock = folder / "beside-clock"
    move_clock(clock, START)
    url = f"sqlite:///{folder / 'beside.db'}"
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(twin(folder, clock, cores[1]))
        settings = settings_for(folder, url, wecom_base=base, clock=f"file:{clock}", width=WIDTH)
        database = open_database(url)
        stack.push_async_callback(database.close)
        time = FileClock(clock)
        school = await School(database, time.now()).open(MESSAGES)
        platform = Platform(now=lambda: time.now().timestamp())
        accounts = [account_of(number % MESSAGES) for number in range(RATE * SECONDS)]
        serve = await stack.enter_async_context(
            child(
                sys.executable, "-m", "lianbot", "serve",
                core=cores[0], folder=folder, variables=variables(settings),
            )
        )  # fmt: skip
        port = port_of(await serve.line())
        quiet = await pace("127.0.0.1", port, platform.texts(accounts[: RATE * 3], HELP), RATE)
        requests = platform.texts(accounts, HELP)
        occurrence = await school.push(MESSAGES)
        leg = await pace("127.0.0.1", port, requests, RATE)
        states = await states_of(database, occurrence.id)
    sent = states.get(DeliveryState.ACCEPTED, 0)
    if not sent:
        raise LoadError(f"no push was under way: {states}")
    tail = leg.wait_ms(0.99)
    return [
        Figure(
            what=f"帮助 at {RATE} a second while the process pushes: p99",
            value=f"{tail:.0f} ms",
            beside=f"median {leg.wait_ms(0.5):.0f} ms; {sent:,} of {MESSAGES:,} messages left meanwhile; "
            f"p99 without a push {quiet.wait_ms(0.99):.0f} ms",
            goal=f"< {GOAL_MS:.0f} ms",
            met=tail < GOAL_MS,
        )
    ]
