"""Callbacks of `lianbot serve` in its own process on one core, beside a bare handler and a wechatpy echo there."""

import re
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from bench.calls import Platform
from bench.children import Child, child
from bench.figures import Figure, ratios, share, spread
from bench.load import Leg, LoadError, press
from bench.school import School, account_of, settings_for
from lianbot.settings import variables
from lianbot.storage.database import open_database
from lianbot.storage.tables import acknowledgements
from lianbot.timetable.clocks import SystemClock

PEOPLE = 3_000
CALLS = 1_500
TAPS = 750
CONNECTIONS = (32, 128)
LOOKED_AT = 25
HELP = "帮助"
CONFIRMED = "已确认"
HELP_GOAL, ACK_GOAL, TAIL_GOAL_MS = 0.8, 0.25, 100.0


@dataclass(slots=True)
class Series:
    """One kind of leg over the rounds."""

    rates: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, leg: Leg, cpu_seconds: float) -> None:
        self.rates.append(leg.rate)
        self.waits.extend(leg.waits)
        self.tails.append(leg.wait_ms(0.99))
        self.cpu.append(cpu_seconds / len(leg.waits))


@dataclass(slots=True)
class Server:
    """A server of the run."""

    child: Child
    port: int

    async def leg(self, requests: Sequence[bytes], connections: int, series: Series) -> Leg:
        before = self.child.cpu_seconds()
        leg = await press("127.0.0.1", self.port, requests, connections)
        series.add(leg, self.child.cpu_seconds() - before)
        return leg


@dataclass(slots=True)
class Bench:
    """All servers, and what each measured at each number of connections."""

    platform: Platform
    servers: dict[str, Server]
    pushes: list[list[tuple[str, str]]]
    found: dict[tuple[str, int], Series] = field(default_factory=dict)
    acknowledged: int = 0

    async def round(self, number: int) -> None:
        for connections in CONNECTIONS:
            kinds = ["bare", "echo", "help", "ack"]
            # another order each round: what comes after whom must not matter
            for kind in kinds[number % 4 :] + kinds[: number % 4]:
                await self.leg(kind, connections)

    async def leg(self, kind: str, connections: int) -> None:
        series = self.found.setdefault((kind, connections), Series())
        if kind == "ack":
            requests = self.platform.taps(self.pushes.pop(), "understood")
            self.acknowledged += len(requests)
        else:
            accounts = [account_of(index % PEOPLE) for index in range(CALLS)]
            requests = self.platform.texts(accounts, HELP)
        leg = await self.servers[kind].leg(requests, connections, series)
        self._look(kind, leg)

    def _look(self, kind: str, leg: Leg) -> None:
        """A fast wrong answer is worth nothing."""
        if kind == "bare":
            return
        wanted = CONFIRMED if kind == "ack" else "" if kind == "help" else HELP
        for body in leg.bodies[:: max(len(leg.bodies) // LOOKED_AT, 1)]:
            plain = self.platform.open(body)
            if wanted not in plain or (kind == "help" and len(plain) < 300):
                raise LoadError(f"{kind}: {plain[:300]}")
        if not all(leg.bodies):
            raise LoadError(f"{kind}: empty answers")


async def measure(folder: Path, rounds: int, core: int | None) -> list[Figure]:
    """The table of design §10's first two rows."""
    settings = settings_for(
        folder, f"sqlite:///{folder / 'callbacks.db'}", wecom_base="http://127.0.0.1:1/wecom"
    )
    legs = len(CONNECTIONS) * (rounds + 1)
    pushes = await _prepare(settings.database_url, legs)
    async with AsyncExitStack() as stack:
        servers = {}
        for kind, command, given in (
            ("bare", ("bench.ceilings", "bare"), {}),
            ("echo", ("bench.ceilings", "echo"), {}),
            ("help", ("lianbot", "serve"), variables(settings)),
        ):
            started = await stack.enter_async_context(
                child(sys.executable, "-m", *command, core=core, folder=folder, variables=given)
            )
            servers[kind] = Server(started, port_of(await started.line()))
        servers["ack"] = servers["help"]
        bench = Bench(Platform(), servers, pushes)
        await bench.round(0)
        bench.found.clear()  # the first round only warms up
        for number in range(rounds):
            await bench.round(number)
        peak = servers["help"].child.peak_mib()
    await _count(settings.database_url, bench.acknowledged)
    return [*_table(bench), Figure(what="peak memory of `serve`", value=f"{peak:.0f} MiB")]


async def _prepare(url: str, legs: int) -> list[list[tuple[str, str]]]:
    database = open_database(url)
    try:
        school = await School(database, SystemClock().now()).open(PEOPLE)
        pushes = []
        for _ in range(legs):
            occurrence = await school.push(TAPS)
            await school.accept_all(occurrence)
            pushes.append(await school.cards(occurrence))
        return pushes
    finally:
        await database.close()


async def _count(url: str, answered: int) -> None:
    """Every tap that was answered is a row: 1 : 1, or the figures are worth nothing."""
    database = open_database(url)
    try:
        async with database.read() as connection:
            kept = (
                await connection.execute(select(func.count()).select_from(acknowledgements))
            ).scalar_one()
    finally:
        await database.close()
    if kept != answered:
        raise LoadError(f"{answered} answers were given, {kept} are kept")


def port_of(line: str) -> int:
    found = re.search(r"http://[^:]+:(\d+)", line)
    if found is None:
        raise LoadError(line)
    return int(found[1])


def _table(bench: Bench) -> list[Figure]:
    figures: list[Figure] = []
    for connections in CONNECTIONS:
        echo, bare = bench.found["echo", connections], bench.found["bare", connections]
        figures.append(
            Figure(
                what=f"ceilings, c = {connections}",
                value=f"echo {spread(echo.rates)}/s",
                beside=f"bare handler {spread(bare.rates)}/s; echo p99 {share(echo.waits, 0.99) * 1000:.0f} ms",
            )
        )
        for kind, name, goal in (
            ("help", "callback 帮助, AES, full path", HELP_GOAL),
            ("ack", "callback that acknowledges, durable", ACK_GOAL),
        ):
            figures += _lines(bench.found[kind, connections], echo, name, connections, goal)
    return figures


def _lines(ours: Series, echo: Series, name: str, connections: int, goal: float) -> list[Figure]:
    ratio = ratios(ours.rates, echo.rates)
    tail = median(ours.tails)
    return [
        Figure(
            what=f"{name}, c = {connections}",
            value=f"**{ratio:.2f}** of the echo",
            beside=f"{spread(ours.rates)}/s; CPU a call {ratios(ours.cpu, echo.cpu):.2f} × the echo's",
            goal=f"≥ {goal:g}",
            met=ratio >= goal,
        ),
        Figure(
            what=f"{name}, c = {connections}: p99, saturated",
            value=f"{tail:.0f} ms",
            beside=f"median of rounds; worst round {max(ours.tails):.0f} ms",
            goal=f"< {TAIL_GOAL_MS:.0f} ms" if goal == HELP_GOAL else "",
            met=tail < TAIL_GOAL_MS if goal == HELP_GOAL else None,
        ),
    ]
