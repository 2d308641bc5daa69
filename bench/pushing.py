"""Pushes through the twin with 50 ms answers, every state durable, beside a bare aiohttp loop without storage."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import aiohttp

from bench.calls import AES_KEY, AGENT, CORP, SECRET, TOKEN
from bench.children import Child, child
from bench.figures import Figure, ratios, spread
from bench.load import LoadError
from bench.school import School, account_of, settings_for, states_of
from lianbot.domain.deliveries import DeliveryState
from lianbot.settings import Settings, variables
from lianbot.storage.database import open_database
from lianbot.timetable.clocks import FileClock, move_clock

MESSAGES = 5_000
ANSWER_SECONDS = 0.05
THREADS = 100
WIDTHS = {100: 0.85, 200: 0.65}
"""Connections → the goal of design §10."""
CPU_GOAL = 0.5
START = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
"""14:07 local: every post of the trial school may be sent to."""
LATER = timedelta(days=8)
"""Between two pushes: the caps of the week hold in a benchmark too."""


@dataclass(slots=True)
class Series:
    """Messages a second and CPU seconds per 1,000, by round."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, seconds: float, cpu: float) -> None:
        self.rates.append(MESSAGES / seconds)
        self.cpu.append(cpu * 1000 / MESSAGES)


async def measure(
    folder: Path,
    rounds: int,
    cores: tuple[int | None, int | None],
    url: str,
    name: str,
    *,
    blocking: bool = False,
) -> list[Figure]:
    """`url`: a fresh database; `name`: how the table calls it; `blocking`: wechatpy's client in threads too."""
    async with AsyncExitStack() as stack:
        set_up = await stack.enter_async_context(stage(folder, url, cores[1]))
        base, settings, school = set_up.base, set_up.settings, set_up.school
        bare = await stack.enter_async_context(
            child(sys.executable, "-m", "bench.bare_push", core=cores[0], folder=folder)
        )
        ours = await stack.enter_async_context(sender(settings, cores[0], folder))
        threads = None
        if blocking:
            threads = await stack.enter_async_context(
                child(sys.executable, "-m", "bench.blocking_push", core=cores[0], folder=folder)
            )
        found: dict[tuple[str, int], Series] = {}
        for number in range(rounds):
            for width in WIDTHS:
                legs = ["bare", "ours"] if number % 2 else ["ours", "bare"]
                for leg in legs:
                    series = found.setdefault((leg, width), Series())
                    if leg == "bare":
                        series.add(*await _bare(bare, base, width))
                    else:
                        set_up.later()
                        series.add(*await _ours(ours, school, width))
            if threads is not None:
                leg = await _bare(threads, base, THREADS)
                found.setdefault(("blocking", THREADS), Series()).add(*leg)
        return _table(found, ours.peak_mib(), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What every push of a run needs: the platform's stand-in, a school bound to it, and a clock for both."""

    base: str
    settings: Settings
    school: School
    clock: Path

    def later(self) -> None:
        """So late that the caps of the week allow the next push."""
        self.school.now += LATER
        move_clock(self.clock, self.school.now)


@asynccontextmanager
async def stage(folder: Path, url: str, core: int | None) -> AsyncIterator[Stage]:
    """`url`: a fresh database; `core`: the stand-in's."""
    clock = folder / "clock"
    move_clock(clock, START)
    async with twin(folder, clock, core) as base:
        database = open_database(url)
        try:
            yield Stage(
                base=base,
                settings=settings_for(folder, url, wecom_base=base, clock=f"file:{clock}"),
                school=await School(database, FileClock(clock).now()).open(MESSAGES),
                clock=clock,
            )
        finally:
            await database.close()


def sender(
    settings: Settings, core: int | None, folder: Path
) -> AbstractAsyncContextManager[Child]:
    """lianbot's sender in a process of its own."""
    return child(
        sys.executable,
        "-m",
        "bench.push_process",
        core=core,
        folder=folder,
        variables=variables(settings),
    )


async def _bare(bare: Child, base: str, width: int) -> tuple[float, float]:
    done = await bare.ask(do="push", base=base, count=MESSAGES, width=width)
    if done["accepted"] != MESSAGES:
        raise LoadError(f"the bare loop: {done}")
    return done["seconds"], done["cpu"]


async def _ours(ours: Child, school: School, width: int) -> tuple[float, float]:
    occurrence = await school.push(MESSAGES)
    done = await ours.ask(do="drain", width=width)
    states = await states_of(school.database, occurrence.id)
    if states != {DeliveryState.ACCEPTED: MESSAGES} or done["others"]:
        raise LoadError(f"the push ended with {states}, {done}")
    return done["seconds"], done["cpu"]


@asynccontextmanager
async def twin(folder: Path, clock: Path, core: int | None) -> AsyncIterator[str]:
    """The stand-in in its own process, with a phone for everybody; its WeCom address."""
    people = folder / "people.json"
    people.write_text(
        json.dumps(
            [{"id": account_of(n), "name": f"员工{n}", "client": "wecom"} for n in range(MESSAGES)]
        )
    )
    options = {
        "--port": "0",
        "--clock": f"file:{clock}",
        "--corp-id": CORP,
        "--agent-id": str(AGENT),
        "--wecom-secret": SECRET,
        "--wecom-token": TOKEN,
        "--wecom-aes-key": AES_KEY,
        # cards are refused without one; nobody calls it here
        "--wecom-callback": "http://127.0.0.1:1/wechat/wecom",
        "--people": str(people),
    }
    flat = [word for option in options.items() for word in option]
    async with child(
        sys.executable,
        "-m",
        "lianbot",
        "twin",
        "serve",
        "--json",
        *flat,
        core=core,
        folder=folder,
    ) as twin:
        base: str = json.loads(await twin.line())["wecom"]
        fault = {"kind": "latency", "path": "*/message/send", "seconds": ANSWER_SECONDS}
        async with aiohttp.ClientSession() as session:
            address = base.removesuffix("/wecom") + "/twin/api/faults"
            async with session.post(address, json=fault) as response:
                response.raise_for_status()
        yield base


def _table(found: dict[tuple[str, int], Series], peak: float, name: str) -> list[Figure]:
    figures: list[Figure] = []
    for width, goal in WIDTHS.items():
        bare, ours = found["bare", width], found["ours", width]
        ratio, cpu = ratios(ours.rates, bare.rates), median(ours.cpu)
        figures += [
            Figure(
                what=f"push, {name}, {width} connections",
                value=f"**{ratio:.2f}** of the bare loop",
                beside=f"{spread(ours.rates)}/s beside {spread(bare.rates)}/s",
                goal=f"≥ {goal:g}",
                met=ratio >= goal,
            ),
            Figure(
                what=f"CPU seconds per 1,000, {name}, {width} connections",
                value=f"{cpu:.2f}",
                beside=f"bare loop {median(bare.cpu):.2f}",
                goal=f"≤ {CPU_GOAL:g}",
                met=cpu <= CPU_GOAL,
            ),
        ]
    if ("blocking", THREADS) in found:
        threads, bare, ours = (found[leg, THREADS] for leg in ("blocking", "bare", "ours"))
        figures.append(
            Figure(
                what=f"wechatpy's blocking client in {THREADS} threads, nothing stored",
                value=f"{ratios(threads.rates, bare.rates):.2f} of the bare loop",
                beside=f"{spread(threads.rates)}/s; CPU seconds per 1,000 {median(threads.cpu):.2f}"
                f" beside our {median(ours.cpu):.2f}",
            )
        )
    return [
        *figures,
        Figure(what=f"peak memory of the sending process, {name}", value=f"{peak:.0f} MiB"),
    ]
