"""The same contracts on SQLite and on PostgreSQL."""

import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from fakes.loops import apart
from fakes.postgres import drop_database, fresh_database, postgres, template
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.campaigns import Audience, Campaign, CampaignState, Once
from lianbot.domain.codes import ItemType, Post, Topic
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.acknowledgement import decide
from lianbot.flows.planning import Planner
from lianbot.storage import installation
from lianbot.storage.accounts import AccountStore
from lianbot.storage.answers import SqlAnswerBook
from lianbot.storage.audit import AuditTrail
from lianbot.storage.campaigns import CampaignStore
from lianbot.storage.content import ContentStore, Publication
from lianbot.storage.database import Database, open_database
from lianbot.storage.outbox import SqlOutbox
from lianbot.storage.planning import SqlPlanBook
from lianbot.storage.schema import upgrade
from lianbot.storage.statistics import Statistics
from lianbot.storage.tables import bindings, contractors, sites, teams, workers
from lianbot.timetable.moments import CronMoments

__all__ = ["postgres", "template"]


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded SQLite file that every test copies."""
    path = tmp_path_factory.mktemp("empty") / "lianbot.db"
    apart(_upgrade(path))
    return path


async def _upgrade(path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    try:
        await upgrade(database)
    finally:
        await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A fresh, upgraded database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "lianbot.db")
        database = open_database(f"sqlite:///{tmp_path / 'lianbot.db'}")
    else:
        address = await fresh_database(request.getfixturevalue("template"))
        database = open_database(address)
    try:
        yield database
    finally:
        await database.close()
        if request.param == "postgres":
            await drop_database(address)


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
        self.audit = AuditTrail(database)
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
        await self.content.adopt(["ab" * 32], self.reviewer.id, self.clock.now(), "")

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


COOKS = PostProfile(
    code=Post.COOK,
    name="厨师",
    short="厨师",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15, 50)),),
    never=(),
    topics=(),
)


@pytest.fixture
async def plan(school: School) -> Planner:
    """A planner with one campaign that is due now."""
    return await due_now(school)


async def due_now(school: School, **changes) -> Planner:
    school.clock.pass_(minutes=-1)
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(minutes=1)), **changes)
    school.clock.pass_(minutes=1)
    return Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: COOKS},
        clock=school.clock,
    )


@pytest.fixture
def crowded_school(database: Database, clock) -> Callable[..., Awaitable[tuple[School, Planner]]]:
    """A school of any size with one campaign that is due now, and its planner."""

    async def open_(people: int, unbound: int = 0, **campaign) -> tuple[School, Planner]:
        school = await School(database, clock).open(people, unbound)
        return school, await due_now(school, **campaign)

    return open_


@pytest.fixture
def tap() -> Callable[..., AnswerGiven]:
    """懂了 to a delivery row."""
    return lambda row: AnswerGiven(
        worker_id=row.worker_id,
        answer=Answer.UNDERSTOOD,
        method=Method.TAP,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key=f"tap {row.id}",
        msgid="m",
        delivery_id=row.id,
    )
