"""Acknowledgements a second through the answer book itself: SQLite in one process, PostgreSQL in one and in two."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy import select

from bench.children import Child, child
from bench.figures import Figure, spread
from bench.load import LoadError
from bench.school import School, settings_for
from lianbot.settings import variables
from lianbot.storage.database import open_database
from lianbot.storage.tables import deliveries
from lianbot.timetable.clocks import SystemClock

TAPS = 4_000
AT_ONCE = 128
GOAL = 1_000


async def measure(
    folder: Path, rounds: int, url: str, name: str, core_of: Sequence[int | None]
) -> list[Figure]:
    """A figure for 1 … len(core_of) processes at once on the fresh database `url`."""
    settings = settings_for(folder, url, wecom_base="http://127.0.0.1:1/wecom")
    database = open_database(url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        school = await School(database, SystemClock().now()).open(TAPS)
        books = [
            await stack.enter_async_context(
                child(
                    sys.executable,
                    "-m",
                    "bench.answer_process",
                    core=core,
                    folder=folder,
                    variables=variables(settings),
                )
            )
            for core in core_of
        ]
        found: dict[int, list[float]] = {}
        for _ in range(rounds):
            for processes in range(1, len(books) + 1):
                rate = await _leg(school, books[:processes])
                found.setdefault(processes, []).append(rate)
    return [_figure(name, processes, rates) for processes, rates in found.items()]


def _figure(name: str, processes: int, rates: Sequence[float]) -> Figure:
    words = "one process" if processes == 1 else f"{processes} processes"
    return Figure(
        what=f"acknowledgements with leaf and counters, {name}, {words}",
        value=f"**{spread(rates)}**/s",
        beside=f"{AT_ONCE} under way in each, durable",
        goal=f"≥ {GOAL:,}/s",
        met=sorted(rates)[len(rates) // 2] >= GOAL,
    )


async def _leg(school: School, books: Sequence[Child]) -> float:
    occurrence = await school.push(TAPS)
    await school.accept_all(occurrence)
    async with school.database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.worker_id, deliveries.c.id).where(
                deliveries.c.occurrence_id == occurrence.id
            )
        )
        taps = [(str(row.worker_id), row.id) for row in rows]
    parts = [taps[n :: len(books)] for n in range(len(books))]
    done = await asyncio.gather(
        *(
            book.ask(do="answer", taps=part, at_once=AT_ONCE)
            for book, part in zip(books, parts, strict=True)
        )
    )
    if sum(one["kept"] for one in done) != TAPS:
        raise LoadError(f"{TAPS} taps, {done}")
    slowest: float = max(one["seconds"] for one in done)
    return TAPS / slowest
