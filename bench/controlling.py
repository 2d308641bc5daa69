"""What people do to a push of 100,000: how long everybody else waits for SQLite's one writer meanwhile."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from bench.figures import Figure
from bench.pushing import START
from bench.school import School, settings_for
from lianbot.bootstrap import House, open_house
from lianbot.domain.amendments import Choice
from lianbot.domain.campaigns import Occurrence
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.people import Account, Role
from lianbot.storage.database import Database, open_database
from lianbot.storage.tables import deliveries, switches
from lianbot.timetable.clocks import FileClock, move_clock

ROWS = 100_000
SENT = 1_000
"""So many have the wrong text when it is found out; the others wait."""
LONGEST_MS = 200.0
"""A callback waits for the writer as long as the longest transaction takes."""
KNOCK_EVERY = 0.005
LONG_AGO = timedelta(hours=6)
S = DeliveryState


async def measure(folder: Path, rows: int = ROWS) -> list[Figure]:
    """Each act on a copy of the same school."""
    clock = folder / "control-clock"
    move_clock(clock, START)
    base = folder / "control.db"
    database = open_database(f"sqlite:///{base}")
    try:
        school = await School(database, FileClock(clock).now()).open(rows)
        push = await school.push(rows)
    finally:
        await database.close()
    figures: list[Figure] = []
    for name, act in ACTS.items():
        copy = folder / "control-act.db"
        shutil.copy(base, copy)
        settings = settings_for(
            folder,
            f"sqlite:///{copy}",
            wecom_base="http://127.0.0.1:1/wecom",
            clock=f"file:{clock}",
        )
        async with open_house(settings) as house:
            figures += await _measured(house, push, f"{name} {rows:,} rows, SQLite", act)
    return figures


async def _measured(house: House, push: Occurrence, what: str, act: "Act") -> list[Figure]:
    await _stand(house.database, push, act.before)
    if act.stopped:
        await _stop(house, push)
    async with knocking(house.database) as waits:
        started = time.perf_counter()
        await act.do(house, push)
        seconds = time.perf_counter() - started
    longest = max(waits) * 1000
    return [
        Figure(
            what=f"{what}: longest wait for the writer",
            value=f"{longest:,.0f} ms",
            beside=f"{seconds:.1f} s in all",
            goal=f"< {LONGEST_MS:.0f} ms",
            met=longest < LONGEST_MS,
        )
    ]


async def _stand(
    database: Database, push: Occurrence, states: Mapping[int, DeliveryState]
) -> None:
    """The first so many rows in that state, by way of hand-over; counters are nobody's business here."""
    wanted = deliveries.c.occurrence_id == push.id
    # so long ago that no platform can tell a repeat apart any more
    then = push.due_at - LONG_AGO
    handed = {"handed_at": then, "first_handed_at": then, "attempts": 1}
    async with database.write() as connection:
        for count, state in states.items():
            mine = update(deliveries).where(wanted, deliveries.c.id <= count)
            await connection.execute(mine.values(state=S.HANDING_OVER, **handed))
            said = {"platform_id": "bench", "reason": Reason.NONE}
            lost = {"reason": Reason.NO_ANSWER, "body": b"{}"}
            await connection.execute(
                mine.values(state=state, **(said if state is S.ACCEPTED else lost))
            )


@asynccontextmanager
async def knocking(database: Database) -> AsyncIterator[list[float]]:
    """Somebody who wants to write a word every few milliseconds, and how long each of them took."""
    waits = [0.0]

    async def knock() -> None:
        while True:
            started = time.perf_counter()
            await database.transact(
                lambda connection: connection.execute(
                    update(switches).where(switches.c.name == "bench").values(value="")
                )
            )
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(KNOCK_EVERY)

    task = asyncio.create_task(knock())
    await asyncio.sleep(0.2)
    waits.clear()
    try:
        yield waits
        await asyncio.sleep(KNOCK_EVERY * 4)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`before`: how many rows are how far; `stopped`: nothing leaves any more when it is done."""

    do: Callable[[House, Occurrence], Awaitable[object]]
    before: Mapping[int, DeliveryState]
    stopped: bool = False


async def _reviewer(house: House) -> Account:
    return await house.accounts.by_name("shenhe")


async def _correct(house: House, push: Occurrence) -> None:
    author = await house.accounts.by_name("bianji")
    asked = await house.control.corrections.ask(
        push.id, author, wrong="写成了一个人签字", right="要两个人一起签字"
    )
    await house.control.deciding.decide(asked.id, await _reviewer(house), approved=True)
    await house.control.clearings.look()
    (notice,) = await house.planner.plan_due()
    assert notice.planned == SENT  # noqa: S101 - a figure counts only when exactly those get it


async def _stop(house: House, push: Occurrence) -> None:
    await house.desk.stop(push.campaign_id, await _scheduler(house))
    await house.control.clearings.look()


async def _scheduler(house: House) -> Account:
    """The school has two accounts; the author of its campaign plays the third part."""
    known = await house.accounts.by_name("bianji")
    return Account(
        id=known.id, name=known.name, display=known.display, roles=frozenset({Role.SCHEDULER})
    )


async def _recall(house: House, push: Occurrence) -> None:
    await house.control.recalling.ask(push.id, await _scheduler(house))


async def _leave(house: House, push: Occurrence) -> None:
    await house.control.resending.decide(push.id, Choice.LEAVE, await _scheduler(house))


ACTS: Mapping[str, Act] = {
    "correct": Act(do=_correct, before={SENT: S.ACCEPTED}),
    "stop": Act(do=_stop, before={SENT: S.ACCEPTED}),
    "recall": Act(do=_recall, before={ROWS: S.ACCEPTED}, stopped=True),
    "leave": Act(do=_leave, before={ROWS: S.UNKNOWN}),
}
