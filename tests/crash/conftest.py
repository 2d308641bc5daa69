"""`serve` as a process that is killed, a twin that keeps what really arrived, and the comparison of both."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.fixtures import prepared
from fakes.house import (
    START,
    Cast,
    Person,
    Serve,
    adopt_content,
    approved_campaign,
    cast_of,
    copy_prepared,
    create_database,
    enrol,
    give_phones,
    make_cast,
    people,
    settings_for,
    wecom_settings,
)
from lianbot.bootstrap import House, open_house
from lianbot.domain.campaigns import Campaign
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import ClientKind
from lianbot.evidence.verify_bundle import verify
from lianbot.settings import Settings
from lianbot.storage.claims import REPEAT_AFTER
from lianbot.storage.tables import acknowledgements, bindings, deliveries
from lianbot.timetable.clocks import move_clock
from lianbot.twin import Twin

__all__ = ["prepared"]

SETTLED_WITHIN = 240.0
TALLY = "chaos"
MOST_MOVES = 4
TICKS_TO_ASK = 2.0
"""Seconds without a hand-over after which nothing but a pause can be what is waited for: ten ticks."""
UNDER_WAY = ("planned", "handing_over", "unknown")


@dataclass(slots=True)
class Drill:
    """One push, its process, and what the phones show."""

    settings: Settings
    twin: Twin
    serve: Serve
    house: House
    cast: Cast
    crowd: list[Person]
    folder: Path
    kills: int = 0

    async def campaign(self, **changes: object) -> Campaign:
        return await approved_campaign(self.house, self.cast, **changes)

    async def pull_the_plug(self, serve: Serve) -> None:
        """Counted: the run says at its end how often."""
        await serve.pull_the_plug()
        self.kills += 1

    async def start(self) -> None:
        await self.serve.start()
        self.twin.world.wecom.callback_url = f"{self.serve.base}/wechat/wecom"

    def arrived(self) -> Counter[str]:
        """How often the push is on each phone; answers to what a person typed are not pushes."""
        return Counter(
            one.account
            for one in self.crowd
            for bubble in self.twin.received(one.account)
            if bubble.msgid
        )

    async def until_arrived(self, more: int, among: Collection[str] = ()) -> None:
        """Waits until so many phones have it (of those `among`), or the push is over."""
        until = time.monotonic() + SETTLED_WITHIN
        while sum(one in among or not among for one in self.arrived()) < more:
            assert time.monotonic() < until, f"nothing more arrives: {self.serve.last_words()}"
            # looking at every phone takes its time where there are many
            await asyncio.sleep(len(self.crowd) / 12_000)

    async def settled(self) -> None:
        """Waits until no row is waiting to leave, under way or unknown.

        Lost answers are asked again with pauses: the clock is moved over them, and stays inside the platform's
        duplicate interval.
        """
        until = time.monotonic() + SETTLED_WITHIN
        moved, quiet_since = 0, time.monotonic()
        while True:
            total = await self.house.statistics.total()
            if total["total"] == len(self.crowd) and not any(total[one] for one in UNDER_WAY):
                return
            if total["planned"] or total["handing_over"]:
                quiet_since = time.monotonic()
            if moved < MOST_MOVES and time.monotonic() - quiet_since > TICKS_TO_ASK:
                move_clock(self.folder / "clock", self.house.clock.now() + REPEAT_AFTER[-1])
                moved, quiet_since = moved + 1, time.monotonic()
            assert time.monotonic() < until, f"{total.values}: {self.serve.last_words()}"
            await asyncio.sleep(0.05)

    async def at_rest(self) -> None:
        """Waits until no call is under way."""
        until = time.monotonic() + SETTLED_WITHIN
        while (await self.house.statistics.total())["handing_over"]:
            assert time.monotonic() < until, self.serve.last_words()
            await asyncio.sleep(0.05)

    async def refusals(self) -> list[tuple[int | None, str | None]]:
        """errcode and the platform's words of every refused row: nobody refuses anything in a drill."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.errcode, deliveries.c.detail).where(
                    deliveries.c.state == "refused"
                )
            )
            return [(row.errcode, row.detail) for row in rows]

    async def states(self) -> dict[str, str]:
        """account → state of its row."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(bindings.c.account, deliveries.c.state).join(
                    deliveries, deliveries.c.worker_id == bindings.c.worker_id
                )
            )
            return {row.account: row.state for row in rows}

    async def answers(self) -> dict[str, int]:
        """account → how many acknowledgements stand for it."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(bindings.c.account).join(
                    acknowledgements, acknowledgements.c.worker_id == bindings.c.worker_id
                )
            )
            return Counter(row.account for row in rows)

    async def tally(self) -> dict[str, int]:
        """What `make chaos` prints: 0 lost and 0 doubled are the promise."""
        arrived, states = self.arrived(), await self.states()
        return {
            "kills": self.kills,
            "messages": len(states),
            "lost": len(self.crowd)
            - len(states)
            + sum(
                state == DeliveryState.ACCEPTED and one not in arrived
                for one, state in states.items()
            ),
            "doubled": sum(n > 1 for n in arrived.values()),
            "unknown": sum(state == DeliveryState.UNKNOWN for state in states.values()),
        }

    async def check(self) -> None:
        """Rows against phones, counters against rows, the ledger against itself."""
        arrived, states = self.arrived(), await self.states()
        assert {one: n for one, n in arrived.items() if n > 1} == {}, "doubled"
        told = {one for one, state in states.items() if state == DeliveryState.ACCEPTED}
        unsure = {one for one, state in states.items() if state == DeliveryState.UNKNOWN}
        assert told - set(arrived) == set(), "accepted, but on no phone"
        assert set(arrived) - told - unsure == set(), (
            "on a phone, but neither accepted nor unknown"
        )
        assert len(states) == len(self.crowd), "a worker without a row"
        assert await self.house.statistics.stored() == await self.house.statistics.recompute()
        evidence = self.folder / f"evidence-{time.monotonic_ns()}"
        report = await self.house.ledgering.export(evidence)
        assert verify(evidence) == report


@pytest.fixture
def database_url() -> str | None:
    """None: SQLite in the folder of the test."""
    return None


@pytest.fixture
def crowd() -> list[Person]:
    """Two in three have the client and get cards one by one, the others get one text in few calls."""
    return [
        replace(one, client=ClientKind.PLAIN) if number % 3 == 0 else one
        for number, one in enumerate(people(120))
    ]


@pytest.fixture
def width() -> int:
    return 8


@pytest.fixture
async def drill(
    tmp_path: Path,
    small_content: Path,
    prepared: Path,
    database_url: str | None,
    crowd: list[Person],
    width: int,
    record_property: Callable[[str, object], None],
) -> AsyncIterator[Drill]:
    move_clock(tmp_path / "clock", START)
    async with Twin.start(port=0, clock=f"file:{tmp_path / 'clock'}", seed=7) as twin:
        give_phones(twin, crowd)
        # cards are refused by an app without a callback, and a process may push before its address is known here
        twin.world.wecom.callback_url = "http://127.0.0.1:1/wechat/wecom"
        extra = {"database_url": database_url} if database_url else {}
        settings = settings_for(
            tmp_path,
            small_content,
            send_width=width,
            public_url="https://lj.example",
            **wecom_settings(twin),
            **extra,
        )
        if database_url is None:
            copy_prepared(prepared, tmp_path)
        else:
            await create_database(settings)
        async with open_house(settings) as house:
            cast = await (make_cast if database_url else cast_of)(house)
            if database_url is not None:
                await adopt_content(house, cast)
            await enrol(house, crowd, cast.author)
            drill = Drill(
                settings=settings,
                twin=twin,
                serve=Serve(settings=settings, log=tmp_path / "serve.log"),
                house=house,
                cast=cast,
                crowd=crowd,
                folder=tmp_path,
            )
            try:
                yield drill
                if drill.kills:
                    name = "SQLite" if database_url is None else "PostgreSQL"
                    record_property(TALLY, json.dumps({"database": name, **await drill.tally()}))
            finally:
                if drill.serve.process is not None:
                    await drill.serve.pull_the_plug()


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Its seed is the test's name, so that a failing instant can be tried again."""
    return random.Random(request.node.nodeid)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The drills' table: kills, and what came of the messages."""
    found: dict[str, Counter[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == TALLY and report.when == "teardown":
                    row = json.loads(value)
                    found.setdefault(row.pop("database"), Counter()).update(row | {"drills": 1})
    if not found:
        return
    columns = ("drills", "kills", "messages", "lost", "doubled", "unknown")
    terminalreporter.write_line("")
    terminalreporter.write_line(f"| database | {' | '.join(columns)} |")
    terminalreporter.write_line("|---" * (len(columns) + 1) + "|")
    for name, row in sorted(found.items()):
        terminalreporter.write_line(f"| {name} | {' | '.join(str(row[one]) for one in columns)} |")
