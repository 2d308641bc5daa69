"""A month at both sides at once: the house by real callbacks, the door by real HTTP, and what a thief carries off.

Two months with one seed differ in nothing but the concerns: the visits to the front page that the platform
reports, the words typed in chat before, and the letters. What the house keeps must be the same in both.
"""

import asyncio
import logging
import random
import re
import shutil
import sqlite3
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from nacl.signing import SigningKey

from fakes.house import START, Person, Stage, open_stage, people
from fakes.platform_calls import Caller
from lianbot.door.app import Door, QuietRunner, make_app
from lianbot.door.bucket import Bucket
from lianbot.door.keeper import Keeper, open_keeper
from lianbot.door.page import Page, load_assets
from lianbot.officer.keyfile import OfficerKeys, new_keys
from lianbot.sealing.envelope import LETTER, TAG
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.reporter import Reporter
from lianbot.storage.backup import copy_database

TRIGGERS = (
    "举报",
    "供货商给回扣怎么说",
    "班长欺负人",
    "两个月没发工资",
    "我想举报，不想让人知道是我",
)
CELL = re.compile(r"[0-9a-zA-Z_@.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Who really wrote which letter on which day: what the test knows and the thief seeks."""

    worker: int
    tag: bytes


@dataclass(kw_only=True)
class Month:
    """The thief's bag: a copy of the house and of the door for every night, logs and the counters."""

    crowd: list[Person]
    folder: Path
    truth: list[Letter] = field(default_factory=list)
    nights: list[Path] = field(default_factory=list)
    log: Path = Path()
    counted: dict[str, float] = field(default_factory=dict)

    def letters_by_night(self) -> dict[bytes, int]:
        """Tag → number of the first nightly copy that shows it."""
        seen: dict[bytes, int] = {}
        for number, night in enumerate(self.nights):
            raw = (night / "sealed.bin").read_bytes()
            for at in range(0, len(raw), LETTER):
                seen.setdefault(raw[at : at + TAG], number)
        return seen


def both_channels(count: int) -> list[Person]:
    """Every other one in WeCom, the others followers of the Official Account."""
    return [
        replace(one, wecom=number % 2 == 0, official=number % 2 == 1)
        for number, one in enumerate(people(count))
    ]


def rows_of(database: Path) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of every table, also of SQLite's own."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        names = [
            row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        for name in sorted(names):
            for row in opened.execute(f'SELECT * FROM "{name}"'):
                yield name, row


@asynccontextmanager
async def open_door(folder: Path, stage: Stage) -> AsyncIterator[tuple[str, Keeper, Recipients]]:
    """The door's own application on a port of its own, on the clock of the house."""
    folder.mkdir()  # noqa: ASYNC240 - once, at the start
    keys: OfficerKeys = new_keys("hq", "后勤纪检委员", 28)
    listed = Recipients(
        log="lianbot/0123456789abcdef",
        salt=bytes(range(16)),
        serial=1,
        day=START.date(),
        offices=(keys.public,),
    )
    (folder / "recipients.json").write_text(write_recipients(listed, SigningKey(bytes(32))))
    keeper = open_keeper(folder, lambda: stage.house.clock.now(), lambda: 0.0)
    keeper.letter_bucket = Bucket(seconds=lambda: 0.0, per_hour=10**9, per_day=10**9)
    page = Page(assets=load_assets(), folder=folder, origin="")
    runner = QuietRunner(make_app(Door(keeper=keeper, page=page)))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        page.origin = f"http://{host}:{port}"
        yield page.origin, keeper, listed
    finally:
        await runner.cleanup()


def counted(page: str) -> dict[str, float]:
    """Our own counters on /metrics; the interpreter's tell of nobody's calls."""
    found = re.findall(r"^(lianbot_\S+?)(\{[^}]*\})? (\S+)$", page, re.MULTILINE)
    return {name + labels: float(value) for name, labels, value in found if "_created" not in name}


@dataclass(slots=True, kw_only=True)
class Lives:
    """Goes through the days; `concerns` adds letters and all that surrounds them, and nothing else."""

    stage: Stage
    caller: Caller
    month: Month
    origin: str
    keeper: Keeper
    recipients: Recipients
    concerns: bool
    lessons: random.Random
    visits: random.Random

    async def day(self, number: int, letters: int) -> None:
        morning = START + timedelta(days=number)
        if number % 7 in (0, 3):
            self.stage.move_to(morning)
            await self.stage.push(title=f"第{number}天")
        await self._answer(morning)
        if self.concerns:
            await self._write(morning, letters)
        self.stage.move_to(morning + timedelta(hours=13, minutes=3))
        await self.stage.ticker.tick()
        self._night(number)

    async def _answer(self, morning: datetime) -> None:
        """About a third answers the lesson on a day; the ledger's clock never goes back."""
        drawn = [
            (self.lessons.randrange(60, 240), self.lessons.random(), person.account)
            for person in self.month.crowd
        ]
        for minutes, chance, account in sorted(drawn):
            if chance < 0.3:
                self.stage.move_to(morning + timedelta(minutes=minutes))
                await self.stage.twin.type_text(account, "懂了")

    async def _write(self, morning: datetime, letters: int) -> None:
        """Everybody who opens the front page is reported by the platform; a few of them write."""
        opened = [n for n in range(len(self.month.crowd)) if self.visits.random() < 3 / 7]
        writers = self.visits.sample(opened, min(letters, len(opened)))
        moments = sorted(self.visits.randrange(250, 700) for _ in opened)
        self.visits.shuffle(opened)
        for minutes, worker in zip(moments, opened, strict=True):
            self.stage.move_to(morning + timedelta(minutes=minutes))
            person = self.month.crowd[worker]
            if worker in writers and self.visits.random() < 0.5:
                await self.stage.twin.type_text(person.account, self.visits.choice(TRIGGERS))
            if person.wecom:
                await self.stage.twin.enter(person.account)
            await self.stage.twin.view_menu(person.account, f"{self.origin}/m/")
            await asyncio.to_thread(self._get, "/m/")
            if worker in writers:
                await asyncio.to_thread(self._file, worker)

    def _file(self, worker: int) -> None:
        today = (self.stage.house.clock.now() + timedelta(hours=8)).date()
        reporter = Reporter(recipients=self.recipients, day=today, post=self._post)
        reporter.file(
            f"后门有人搬东西{self.visits.randrange(10**6)}", category="property", place="食堂"
        )
        self.month.truth.append(Letter(worker=worker, tag=reporter.keys.w(0)))

    def _post(self, path: str, body: bytes) -> bytes:
        url = f"{self.origin}{path}"
        with urllib.request.urlopen(url, data=body) as answer:  # noqa: S310 - our own loopback address
            return bytes(answer.read())

    def _get(self, path: str) -> None:
        with urllib.request.urlopen(f"{self.origin}{path}") as answer:  # noqa: S310 - likewise
            answer.read()

    def _night(self, number: int) -> None:
        self.keeper.flush()
        night = self.month.folder / "nights" / f"{number:02d}"
        night.mkdir(parents=True)
        copy_database(self.month.folder / "lianbot.db", night / "lianbot.db")
        for name in ("concern.db", "spool.bin", "out/sealed.bin", "out/intake.json"):
            shutil.copy2(self.keeper.folder / name, night / Path(name).name)
        self.month.nights.append(night)


@contextmanager
def logs_into(path: Path) -> Iterator[None]:
    """What our own and the web server's loggers say at their most talkative; of others, what they warn of."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    loud = [logging.getLogger(name) for name in ("lianbot", "aiohttp")]
    levels = [logger.level for logger in loud]
    logging.getLogger().addHandler(handler)
    for logger in loud:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, level in zip(loud, levels, strict=True):
            logger.setLevel(level)
        handler.close()


async def live(
    folder: Path,
    content: Path,
    prepared: Path,
    crowd: list[Person],
    *,
    concerns: bool,
    days: int = 28,
    letters: int = 40,
    breakage: Any = None,
) -> Month:
    """One month. `breakage(stage)` may spoil the house first: a build that keeps too much."""
    folder.mkdir(parents=True)  # noqa: ASYNC240 - once, at the start
    month = Month(crowd=crowd, folder=folder, log=folder / "log.txt")
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(folder, content, prepared, crowd))
        origin, keeper, listed = await stack.enter_async_context(open_door(folder / "door", stage))
        if breakage is not None:
            breakage(stage)
        lives = Lives(
            stage=stage,
            caller=Caller(stage.twin, stage.base),
            month=month,
            origin=origin,
            keeper=keeper,
            recipients=listed,
            concerns=concerns,
            lessons=random.Random(1),
            visits=random.Random(2),
        )
        stack.enter_context(logs_into(month.log))
        before = counted((await lives.caller.get("/metrics")).text)
        for number in range(days):
            await lives.day(number, letters * (number + 1) // days - letters * number // days)
        after = counted((await lives.caller.get("/metrics")).text)
        month.counted = {name: n - before.get(name, 0.0) for name, n in after.items()}
    return month
