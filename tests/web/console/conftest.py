"""A school in a real database behind the real House, and browsers signed in to its console."""

import asyncio
import dataclasses
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from fakes.passwords import quick_hash
from lianbot.bootstrap import House, open_house
from lianbot.bootstrap.entrances import control_tools
from lianbot.bootstrap.papers import Printer
from lianbot.bootstrap.terms import ahead_of
from lianbot.demo.school import make_school
from lianbot.demo.seeding import seed
from lianbot.domain.messages import Accepted, NoAnswer, Refused, SendAction
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.flows.delivery import Sender
from lianbot.ports.desk import FindingSeen, HealthLine
from lianbot.settings import Settings
from lianbot.sheets.reading import read_bytes
from lianbot.sheets.result import write_result
from lianbot.sheets.writing import Page, write_table
from lianbot.storage.accounts import new_account
from lianbot.storage.database import open_database
from lianbot.storage.desk import DeskReading
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.schema import upgrade
from lianbot.timetable.clocks import move_clock
from lianbot.web.console import ConsoleParts, SheetTools, add_console

START = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
PASSWORD = "一句自己记得住的话 2026"
ROLE_ACCOUNTS = {role: f"only-{role.value}" for role in Role}
WORKERS = 60


@pytest.fixture(scope="session")
def build_school(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Makes a folder with the demo's school over some content, and one account a role with a password."""

    def build(content: Path) -> Path:
        folder = tmp_path_factory.mktemp("school")
        shutil.copytree(content, folder / "content")
        asyncio.run(_build(folder))
        return folder

    return build


@pytest.fixture(scope="session")
def school_folder(build_school: Callable[[Path], Path], small_content: Path) -> Path:
    """Made once."""
    return build_school(small_content)


def settings_in(folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'lianbot.db'}",
            "data_dir": folder,
            "content_dir": folder / "content",
            "secret_key": SecretStr("k" * 48),
            "clock": f"file:{folder / 'clock'}",
            "public_url": "http://127.0.0.1",
        }
    )


async def _build(folder: Path) -> None:
    move_clock(folder / "clock", START)
    settings = settings_in(folder)
    database = open_database(settings.database_url)
    await upgrade(database)
    await database.close()
    async with open_house(settings) as house:
        await seed(house, make_school(WORKERS, 7))
        hashed = quick_hash(PASSWORD)
        team = (await house.people.teams())[0]
        for role, name in ROLE_ACCOUNTS.items():
            account = new_account(name, f"只是{role.value}", frozenset({role}))
            if role is Role.LEAD:
                account = dataclasses.replace(account, team_id=team.id)
            if role is Role.CONTRACTOR:
                account = dataclasses.replace(account, contractor_id=team.contractor_id)
            await house.accounts.add(account, hashed, None, START)


@pytest.fixture
async def house(school_folder: Path, tmp_path: Path) -> AsyncIterator[House]:
    folder = tmp_path / "house"
    shutil.copytree(school_folder, folder)
    move_clock(folder / "clock", START)
    async with open_house(settings_in(folder)) as opened:
        yield opened


def write_pages(path: Path, pages: Any) -> None:
    write_table(
        path,
        [
            Page(
                name=one.name,
                head=one.head,
                rows=one.rows,
                caption=one.caption,
                widths=one.widths,
            )
            for one in pages
        ],
    )


def parts_of(house: House, **changes: Any) -> ConsoleParts:
    """The console's parts out of a House: what the real joining does."""

    async def health() -> list[HealthLine]:
        return [
            HealthLine(name="数据库", well=True, text="能读能写"),
            HealthLine(name="企业微信", well=False, text="还没配置", mend="填好五项设置后重启"),
        ]

    def findings(item: str) -> list[FindingSeen]:
        return [
            FindingSeen(
                place=f"{item}.md 第 3 行", message="句子偏长", suggestion="拆成两句", error=False
            )
        ]

    parts = ConsoleParts(
        clock=house.clock,
        accounts=house.accounts,
        audit=house.audit,
        campaigns=house.campaigns,
        desk=house.desk,
        control=control_tools(house),
        content=house.content,
        places=house.people,
        bind_desk=house.bind_desk,
        bind_printer=Printer(house),
        reading=DeskReading(house.database),
        clients=house.clients,
        statistics=house.statistics,
        switches=house.switches,
        ledger=LedgerStore(house.database),
        ledgering=house.ledgering,
        roster=house.roster,
        rectifications=house.rectifications,
        rectifying=house.rectifying,
        proposals=house.proposals,
        shelf=house.shelf,
        sheets=SheetTools(read=read_bytes, write=write_pages, write_result=write_result),
        ahead=ahead_of(house),
        upcoming=house.moments.upcoming,
        due_between=house.moments.due_between,
        findings=findings,
        health=health,
        profiles=house.profiles,
        topic_names={"take-food": "剩菜剩饭往家拿", "blank-sign": "空白单子让签字"},
        secure=False,
    )
    return dataclasses.replace(parts, **changes)


class Browser:
    """A test client that keeps cookies and sends the CSRF token with forms."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, path: str, **how: Any) -> Any:
        how.setdefault("allow_redirects", False)
        return await self.client.get(f"/console{path}", **how)

    async def page(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == 200, (path, response.status, await response.text())
        text: str = await response.text()
        found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', text)
        if found:
            self.csrf = found[1]
        return text

    async def post(self, path: str, data: Any = None, **how: Any) -> Any:
        how.setdefault("allow_redirects", False)
        fields = {"csrf": self.csrf, **(data or {})}
        pairs = [
            (key, str(one))
            for key, value in fields.items()
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
        return await self.client.post(f"/console{path}", data=pairs, **how)

    async def sign_in(self, name: str, password: str = PASSWORD, code: str = "") -> Any:
        await self.page("/signin")
        response = await self.post("/signin", {"name": name, "password": password, "code": code})
        if response.status == 303:
            await self.page("/self")
        return response


Open = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def open_console(house: House) -> AsyncIterator[Open]:
    """Opens one more browser; `as_` is an account's name (a session without the password's delay)."""
    servers: dict[str, TestServer] = {}
    clients: list[TestClient[Any, Any]] = []

    async def open_(as_: str | None = None, **changes: Any) -> Browser:
        key = repr(sorted(changes))
        if key not in servers:
            app = web.Application()
            add_console(app, parts_of(house, **changes))
            servers[key] = TestServer(app)
            await servers[key].start_server()
        client: TestClient[Any, Any] = TestClient(servers[key])
        await client.start_server()
        clients.append(client)
        browser = Browser(client)
        if as_ is not None:
            account = await house.accounts.by_name(as_)
            token = await house.accounts.open_session(
                account, house.clock.now(), timedelta(hours=12)
            )
            client.session.cookie_jar.update_cookies(
                {"lianbot_console": token}, servers[key].make_url("/console/")
            )
            await browser.page("/self")
        return browser

    yield open_
    for client in clients:
        await client.close()
    for server in servers.values():
        await server.close()


@pytest.fixture
def mount_console(house: House) -> Callable[[web.Application], object]:
    """Puts the console into an application, as the entrance does."""
    return lambda app: add_console(app, parts_of(house))


@pytest.fixture
async def somebody(house: House) -> dict[Role, Account]:
    return {role: await house.accounts.by_name(name) for role, name in ROLE_ACCOUNTS.items()}


class FakeChannel:
    """A platform that takes most, refuses some and loses the answer of a few, by the account's last digit."""

    kind = ChannelKind.WECOM

    def render(self, message: Any) -> bytes:
        account: str = message.account
        return account.encode()

    async def send(self, body: bytes) -> Any:
        match body[-1:]:
            case b"3":
                return Refused(action=SendAction.VISIBILITY, errcode=60011, detail="no privilege")
            case b"7":
                return NoAnswer(detail="timeout")
            case _:
                return Accepted(platform_id=f"m-{body.decode()}")


@pytest.fixture
def deliver(house: House) -> Callable[[], Awaitable[None]]:
    """Plans what is due and hands it to the fake platform."""

    async def run() -> None:
        await house.planner.plan_due()
        channel: Any = FakeChannel()
        sender = Sender(
            outbox=house.outbox,
            staff=house.switches,
            channels={ChannelKind.WECOM: channel},
            dress=house.sender._dress,
            profiles=house.profiles,
            clock=house.clock,
            owner="test",
        )
        await sender.drain()

    return run
