"""Planning a push to everybody: one delivery a worker, caps and windows applied, roster snapshot and leaf written."""

import sys
from pathlib import Path

from bench.children import child
from bench.figures import Figure
from bench.load import LoadError
from bench.pushing import START
from bench.school import School, settings_for
from lianbot.settings import variables
from lianbot.storage.database import open_database
from lianbot.timetable.clocks import FileClock, move_clock

GOALS = {10_000: 2.0, 100_000: 15.0}
"""Deliveries → seconds."""
MEMORY_GOAL = 300


async def measure(folder: Path, core: int | None) -> list[Figure]:
    clock = folder / "plan-clock"
    figures: list[Figure] = []
    for count, goal in GOALS.items():
        move_clock(clock, START)
        url = f"sqlite:///{folder / f'plan-{count}.db'}"
        settings = settings_for(
            folder, url, wecom_base="http://127.0.0.1:1/wecom", clock=f"file:{clock}"
        )
        database = open_database(url)
        try:
            school = await School(database, FileClock(clock).now()).open(count)
            await school.campaign()
        finally:
            await database.close()
        async with child(
            sys.executable,
            "-m",
            "bench.plan_process",
            core=core,
            folder=folder,
            variables=variables(settings),
        ) as planner:
            done = await planner.ask(do="plan")
            peak = planner.peak_mib()
        if done["planned"] != count:
            raise LoadError(f"{count} workers, {done}")
        figures += _figures(count, goal, done["seconds"], peak)
    return figures


def _figures(count: int, goal: float, seconds: float, peak: float) -> list[Figure]:
    return [
        Figure(
            what=f"plan {count:,} deliveries, SQLite",
            value=f"{seconds:.1f} s",
            goal=f"< {goal:.0f} s",
            met=seconds < goal,
        ),
        Figure(
            what=f"memory of the whole process that planned {count:,}",
            value=f"{peak:.0f} MiB",
            goal=f"< {MEMORY_GOAL} MiB",
            met=peak < MEMORY_GOAL,
        ),
    ]
