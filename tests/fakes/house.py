"""A whole house on loopback: settings, database, people, content, twin; for journeys, pages and crashes."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.bootstrap import House, make_ticker, make_web, open_house, publish_content
from lianbot.domain.campaigns import Audience, Campaign, Once
from lianbot.domain.codes import ItemType, Level, Post
from lianbot.domain.items import EditionState
from lianbot.domain.people import Account, ChannelKind, ClientKind, Employment, Role
from lianbot.domain.roster import Joined, NewTeam, RosterChanges, WorkerFacts
from lianbot.flows.campaign import Draft
from lianbot.runner.ticker import Ticker
from lianbot.settings import Settings, environment, variables
from lianbot.storage.accounts import new_account
from lianbot.storage.database import open_database
from lianbot.storage.schema import upgrade
from lianbot.storage.tables import bindings, deliveries, workers
from lianbot.timetable.clocks import FileClock, move_clock
from lianbot.twin import Twin
from lianbot.twin.phones import Bubble

START = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
"""Tuesday 2026-12-01 14:07 Asia/Shanghai, inside every post's window of the small content."""
COMPANY, SITE = "禾味餐饮公司", "东校区"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One worker and the phone in the hand; `wecom=False` is a worker whose account nobody has bound.

    `official`: follows the Official Account and is bound there; without `wecom` the phone is in no corp.
    """

    account: str
    name: str = "王芳"
    phone: str | None = None
    team: str = "后厨班"
    posts: tuple[Post, ...] = (Post.COOK,)
    level: Level = Level.L6
    client: ClientKind = ClientKind.WECOM
    wecom: bool = True
    official: bool = False

    @property
    def openid(self) -> str:
        """As the twin gives it."""
        return f"o{self.account}"


def people(count: int, prefix: str = "hq") -> list[Person]:
    """`count` cooks; a name with a digit would be no name to a roster import."""
    return [Person(account=f"{prefix}{n:03}", name=f"王{_spoken(n)}") for n in range(count)]


def _spoken(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))


def settings_for(folder: Path, content: Path, **changes: Any) -> Settings:
    """Everything inside `folder`; nothing of this machine's environment."""
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'lianbot.db'}",
        "data_dir": folder,
        "content_dir": content,
        "http_port": 0,
        "secret_key": SecretStr(secrets.token_urlsafe(48)),
        "clock": f"file:{folder / 'clock'}",
        "tick_seconds": 0.2,
    } | changes
    return Settings.model_validate(values)


def wecom_settings(twin: Twin) -> dict[str, Any]:
    """The credentials of the twin's app."""
    account = twin.world.wecom
    return {
        "wecom_corp_id": account.corp_id,
        "wecom_agent_id": account.agent_id,
        "wecom_secret": SecretStr(account.secret),
        "wecom_token": SecretStr(account.token),
        "wecom_aes_key": SecretStr(account.aes_key),
        "wecom_api_base": twin.wecom_base,
    }


def official_settings(twin: Twin) -> dict[str, Any]:
    """The credentials of the twin's Official Account, in safe mode."""
    account = twin.world.official
    return {
        "official_appid": account.appid,
        "official_secret": SecretStr(account.secret),
        "official_token": SecretStr(account.token),
        "official_aes_key": SecretStr(account.aes_key),
        "official_api_base": twin.official_base,
    }


async def create_database(settings: Settings) -> None:
    database = open_database(settings.database_url)
    try:
        await upgrade(database)
    finally:
        await database.close()


@dataclass(slots=True)
class Cast:
    """One who writes and schedules, one who approves."""

    author: Account
    reviewer: Account


async def make_cast(house: House) -> Cast:
    now = house.clock.now()
    author = new_account("tuisong", "推送管理员", frozenset({Role.SCHEDULER, Role.EDITOR}))
    reviewer = new_account("shenhe", "支部书记", frozenset({Role.REVIEWER}))
    for account in (author, reviewer):
        await house.accounts.add(account, "", None, now)
    return Cast(author=author, reviewer=reviewer)


async def prepare(folder: Path, content: Path) -> Path:
    """A database with the schema, the cast and the approved content, to be copied by every test."""
    move_clock(folder / "clock", START)
    settings = settings_for(folder, content)
    await create_database(settings)
    async with open_house(settings) as house:
        await adopt_content(house, await make_cast(house))
    with closing(sqlite3.connect(folder / "lianbot.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def copy_prepared(prepared: Path, folder: Path) -> None:
    for name in ("lianbot.db", "ledger.key"):
        shutil.copy(prepared / name, folder / name)


async def cast_of(house: House) -> Cast:
    """The two accounts that `prepare` left in the database."""
    named = {one.name: one for one in await house.accounts.all()}
    return Cast(author=named["tuisong"], reviewer=named["shenhe"])


async def enrol(house: House, crowd: Sequence[Person], by: Account) -> None:
    """The people on the roster, bound to their accounts, as one import would leave them."""
    snapshot = await house.roster.snapshot()
    known = {one.name for one in await house.people.teams()}
    changes = RosterChanges(
        base_version=snapshot.version,
        new_contractors=() if known else (COMPANY,),
        new_sites=() if known else (SITE,),
        new_teams=tuple(
            NewTeam(name=team, contractor=COMPANY, site=SITE)
            for team in sorted({one.team for one in crowd} - known)
        ),
        changes=tuple(Joined(facts=_facts(one)) for one in crowd),
        last_issued=len(crowd),
    )
    await house.roster.apply(changes, by.id)
    async with house.database.write() as connection:
        for client in ClientKind:
            accounts = [one.account for one in crowd if one.client is client]
            await connection.execute(
                update(bindings).where(bindings.c.account.in_(accounts)).values(client=client)
            )
        await _follow(connection, crowd)
    await house.directory.refresh()


async def _follow(connection: AsyncConnection, crowd: Sequence[Person]) -> None:
    """Followers of the Official Account, bound to their openids."""
    rows = await connection.execute(select(workers.c.id, workers.c.number))
    ids = {row.number: row.id for row in rows}
    for one in crowd:
        if one.official:
            await connection.execute(
                insert(bindings).values(
                    worker_id=ids[f"LB-{one.account}"],
                    channel=ChannelKind.OFFICIAL,
                    account=one.openid,
                    bound_at=START,
                )
            )


def _facts(person: Person) -> WorkerFacts:
    return WorkerFacts(
        number=f"LB-{person.account}",
        name=person.name,
        phone=person.phone,
        contractor=COMPANY,
        team=person.team,
        site=SITE,
        posts=person.posts,
        level=person.level,
        employment=Employment.OUTSOURCED,
        shift="",
        started=None,
        wecom=person.account if person.wecom else None,
    )


def give_phones(twin: Twin, crowd: Sequence[Person]) -> None:
    twin.add_people(
        [
            {
                "id": one.account,
                "name": one.name,
                "client": _client_of(one),
                "followed": one.official,
            }
            for one in crowd
        ]
    )


def _client_of(person: Person) -> str:
    if person.official and not person.wecom:
        return "none"
    return "plain" if person.client is ClientKind.PLAIN else "wecom"


async def adopt_content(house: House, cast: Cast) -> None:
    """The content folder published by the author and approved by the reviewer."""
    await publish_content(house, cast.author)
    waiting = [
        one.edition.sha256
        for one in await house.content.all()
        if one.edition.state is EditionState.AWAITING
    ]
    await house.content.adopt(waiting, cast.reviewer.id, house.clock.now(), "")


async def approved_campaign(
    house: House, cast: Cast, *, due_in: float = 3, **changes: Any
) -> Campaign:
    """Every lesson to everybody in a few seconds, written by one and approved by the other before it is due."""
    lessons = [
        one.edition.item
        for one in await house.content.all()
        if one.edition.type is ItemType.LESSON and one.current
    ]
    values: dict[str, Any] = {
        "title": "第一课",
        "audience": Audience(),
        "schedule": Once(at=house.clock.now() + timedelta(seconds=due_in)),
        "items": sorted(lessons),
        "remind_after_days": None,
    }
    made = await house.desk.create(Draft(**(values | changes)), cast.author)
    return await house.desk.approve(made.id, cast.reviewer)


@dataclass(slots=True)
class Stage:
    """A running house: the web on loopback, the tick by hand, the twin beside it."""

    house: House
    twin: Twin
    ticker: Ticker
    cast: Cast
    base: str
    clock_file: Path
    offsets: list[datetime] = field(default_factory=list)

    async def push(self, **changes: Any) -> Campaign:
        """One campaign, due and handed over."""
        campaign = await approved_campaign(self.house, self.cast, due_in=30, **changes)
        self.move(seconds=31)
        await self.ticker.tick()
        return campaign

    def move(self, **how: float) -> None:
        self.move_to(self.house.clock.now() + timedelta(**how))

    def move_to(self, moment: datetime) -> None:
        move_clock(self.clock_file, moment)
        assert isinstance(self.house.clock, FileClock)
        self.house.clock.look()
        assert self.twin.clock.offset is not None  # reading it makes the twin look too

    async def rows(self, account: str) -> list[Any]:
        """The delivery rows of the worker with that account, oldest first."""
        return await rows_of(self.house, f"LB-{account}")

    async def page(self, account: str) -> str:
        """The address in the newest message on the phone."""
        return page_in(self.twin.received(account)[-1])


async def rows_of(house: House, number: str) -> list[Any]:
    async with house.database.read() as connection:
        found = await connection.execute(
            select(deliveries)
            .join(workers, workers.c.id == deliveries.c.worker_id)
            .where(workers.c.number == number)
            .order_by(deliveries.c.id)
        )
        return list(found.all())


def page_in(bubble: Bubble) -> str:
    found = re.search(r"https?://[^\s\"'<>}]+/m/i/[0-9a-f-]{36}", str(bubble.content))
    assert found is not None, f"no page in {bubble.content}"
    return found[0]


def text_of(reply: Any) -> str:
    """The words of a passive reply."""
    assert reply is not None, "the bot answered with nothing"
    return str(reply.content["text"]["content"] if "text" in reply.content else reply.content)


@asynccontextmanager
async def open_stage(
    folder: Path, content: Path, prepared: Path, crowd: Sequence[Person], **settings: Any
) -> AsyncIterator[Stage]:
    """Twin, database, roster, approved content and the web, all in this process."""
    copy_prepared(prepared, folder)
    clock_file = folder / "clock"
    move_clock(clock_file, START)
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(
            Twin.start(port=0, clock=f"file:{clock_file}", seed=7)
        )
        give_phones(twin, crowd)
        bound = _listening()
        stack.callback(bound.close)
        base = f"http://127.0.0.1:{bound.getsockname()[1]}"
        twin.world.wecom.callback_url = f"{base}/wechat/wecom"
        values = wecom_settings(twin) | {"public_url": base}
        if any(one.official for one in crowd):
            twin.world.official.callback_url = f"{base}/wechat/official"
            values |= official_settings(twin)
        values |= settings
        made = settings_for(folder, content, **values)
        house = await stack.enter_async_context(open_house(made, check_schema=False))
        runner = web.AppRunner(make_web(house), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, bound).start()
        cast = await cast_of(house)
        if crowd:
            await enrol(house, crowd, cast.author)
        ticker = make_ticker(house, alone=True)
        await ticker.start_up()
        yield Stage(
            house=house,
            twin=twin,
            ticker=ticker,
            cast=cast,
            base=base,
            clock_file=clock_file,
        )


def _listening() -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind(("127.0.0.1", 0))
    return bound


@dataclass(slots=True)
class Serve:
    """`python -m lianbot serve` as a process of its own, with a plug that can be pulled."""

    settings: Settings
    log: Path
    process: asyncio.subprocess.Process | None = None
    base: str = ""

    async def start(self, *arguments: str) -> None:
        """Returns when it says its address."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lianbot",
                "serve",
                *arguments,
                env=environment() | variables(self.settings) | {"PYTHONUNBUFFERED": "1"},
                cwd=self.log.parent,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            line = (await self.process.stdout.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, f"serve did not start: {line}{self.last_words()}"
        self.base = found[0]

    async def pull_the_plug(self) -> None:
        """SIGKILL: no last words, no clean-up."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            return await self.process.wait()

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


def command_environment(**values: str) -> dict[str, str]:
    """This process's environment without lianbot's own variables, and these."""
    return environment() | values | {"PATH": os.environ["PATH"]}
