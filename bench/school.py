"""A school in a fresh database for trials: bound workers, one approved lesson, pushes in any state."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import insert, select, update

from bench.calls import AES_KEY, AGENT, CORP, SECRET, TOKEN, openid_of
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    Once,
)
from lianbot.domain.codes import ItemType, Post, Topic
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.flows.inbound import task_of
from lianbot.ports.planning import PlannedRow
from lianbot.settings import Settings, load_settings
from lianbot.storage import installation
from lianbot.storage.accounts import AccountStore
from lianbot.storage.campaigns import CampaignStore
from lianbot.storage.content import ContentStore, Publication
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.planning import SqlPlanBook
from lianbot.storage.schema import upgrade
from lianbot.storage.tables import (
    bindings,
    campaigns,
    contractors,
    deliveries,
    sites,
    teams,
    workers,
)

ORIGIN = "lianbot/00bec400bec400be"
EDITION = "be" * 32
ITEM = "LSN-BENCH-001"
TEXT = (
    "收货时先过秤再签字。秤要归零，筐要去皮，单子上写实收数。供货商说“大概齐”，您说“先称一称”。"
    "称少了，当场在单子上写清，两个人签名；签了空白单，出了事说不清的是自己。拿不准就打后勤办电话，"
    "没有人会怪您称得慢。今天就这一件事：先称，再签，单子上的数和秤上的数是一个数。"
)
TEAMS, CONTRACTORS = 60, 6
POSTS = (Post.COOK, Post.SELL, Post.BUY, Post.RECV, Post.STORE)
"""All of them may be sent to at 14:07."""
CHUNK = 2_000


def settings_for(
    folder: Path, database_url: str, *, wecom_base: str, clock: str = "system", width: int = 100
) -> Settings:
    """Everything in `folder`; of the person's own settings only the content folder counts."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "data_dir": folder,
            "content_dir": load_settings().content_dir,
            "http_port": 0,
            "public_url": "http://127.0.0.1:1",
            "secret_key": SecretStr(secrets.token_urlsafe(48)),
            "clock": clock,
            "send_width": width,
            "wecom_corp_id": CORP,
            "wecom_agent_id": AGENT,
            "wecom_secret": SecretStr(SECRET),
            "wecom_token": SecretStr(TOKEN),
            "wecom_aes_key": SecretStr(AES_KEY),
            "wecom_api_base": wecom_base,
        }
    )


def account_of(index: int) -> str:
    return f"lb{index:06}"


@dataclass(slots=True)
class School:
    """What was put into the database."""

    database: Database
    now: datetime
    people: list[UUID] = field(default_factory=list)
    author: UUID = field(default_factory=uuid4)
    official: bool = False
    """Whether everybody is bound at the Official Account too."""

    async def open(self, people: int) -> "School":
        """Tables, identity, `people` bound workers in 60 teams of 6 companies, one lesson."""
        await upgrade(self.database)
        await installation.establish(self.database, self.now, ORIGIN)
        names = {"bianji": Role.EDITOR, "shenhe": Role.REVIEWER}
        made = [
            Account(id=uuid4(), name=name, display=name, roles=frozenset({role}))
            for name, role in names.items()
        ]
        for account in made:
            await AccountStore(self.database).add(account, "", None, self.now)
        self.author = made[0].id
        await self._lesson(made[0].id, made[1].id)
        await self._people(people)
        return self

    async def _lesson(self, author: UUID, reviewer: UUID) -> None:
        content = ContentStore(self.database, ORIGIN)
        lesson = Publication(
            sha256=EDITION,
            body=b"{}",
            item=ITEM,
            type=ItemType.LESSON,
            title="先称再签",
            topic=Topic.SHORT_WEIGHT,
            meta={"text": TEXT, "posts": [], "levels": [], "quizzes": [], "version": 1},
        )
        await content.publish([lesson], author, self.now)
        await content.adopt([EDITION], reviewer, self.now, "")

    async def _people(self, count: int) -> None:
        self.people = [uuid4() for _ in range(count)]
        async with self.database.write() as connection:
            await connection.execute(insert(sites).values(id=1, name="东校区"))
            await connection.execute(
                insert(contractors),
                [{"id": n + 1, "name": f"公司{n + 1}"} for n in range(CONTRACTORS)],
            )
            await connection.execute(
                insert(teams),
                [
                    {
                        "id": n + 1,
                        "name": f"班组{n + 1}",
                        "contractor_id": 1 + n % CONTRACTORS,
                        "site_id": 1,
                    }
                    for n in range(TEAMS)
                ],
            )
        for start in range(0, count, CHUNK):
            await self._chunk(start, self.people[start : start + CHUNK])

    async def _chunk(self, start: int, ids: Sequence[UUID]) -> None:
        async with self.database.write() as connection:
            await connection.execute(
                insert(workers),
                [
                    {
                        "id": one,
                        "number": f"LB{index:06}",
                        "name": f"员工{index}",
                        "contractor_id": 1 + index % CONTRACTORS,
                        "team_id": 1 + index % TEAMS,
                        "site_id": 1,
                        "posts": [_post(index).value],
                        "level": "L6",
                        "employment": "outsourced",
                        "shift": "",
                        "preferred": "any",
                        "salt": secrets.token_bytes(32),
                    }
                    for index, one in enumerate(ids, start)
                ],
            )
            await connection.execute(
                insert(bindings),
                [
                    {
                        "worker_id": one,
                        "channel": channel,
                        "account": account,
                        "client": "wecom",
                    }
                    for index, one in enumerate(ids, start)
                    for channel, account in self._accounts(index)
                ],
            )

    def _accounts(self, index: int) -> list[tuple[str, str]]:
        account = account_of(index)
        known = [("wecom", account)]
        return [*known, ("official", openid_of(account))] if self.official else known

    async def campaign(self) -> UUID:
        """An approved campaign to everybody, due now."""
        campaign = Campaign(
            id=uuid4(),
            title="先称再签",
            audience=Audience(),
            schedule=Once(at=self.now),
            items=(ITEM,),
            channels=(ChannelKind.WECOM,),
            remind_after_days=None,
            created_by=self.author,
            created_at=self.now - timedelta(minutes=1),
            state=CampaignState.APPROVED,
            steps=1,
            approvals=(),
        )
        await CampaignStore(self.database).add(campaign)
        return campaign.id

    async def push(self, count: int) -> Occurrence:
        """A push to the first `count` workers, every row planned and claimable."""
        plans = SqlPlanBook(self.database, ORIGIN)
        campaign_id = await self.campaign()
        occurrence = await plans.open_occurrence(
            campaign_id, OccurrenceKind.PUSH, self.now, self.now
        )
        assert occurrence is not None  # noqa: S101 - a fresh campaign
        for start in range(0, count, CHUNK):
            ids = self.people[start : min(start + CHUNK, count)]
            rows = [self._row(index, one) for index, one in enumerate(ids, start)]
            await plans.write_rows(occurrence, rows, self.now)
        return await plans.finish(occurrence, self.now)

    def _row(self, index: int, worker: UUID) -> PlannedRow:
        return PlannedRow(
            worker_id=worker,
            edition=EDITION,
            item=ITEM,
            quiz=None,
            topic=Topic.SHORT_WEIGHT,
            team_id=1 + index % TEAMS,
            post=_post(index),
            channel=ChannelKind.WECOM,
            account=account_of(index),
            state=DeliveryState.PLANNED,
            reason=Reason.NONE,
            not_before=None,
            counts_at=self.now,
        )

    async def accept_all(self, occurrence: Occurrence) -> None:
        """As if the push had gone out: every row accepted, the campaign over."""
        bumps = Bumps()
        async with self.database.write() as connection:
            found = await connection.execute(
                select(deliveries.c.team_id, deliveries.c.post).where(
                    deliveries.c.occurrence_id == occurrence.id
                )
            )
            for row in found:
                key = (occurrence.id, row.team_id, row.post, Topic.SHORT_WEIGHT.value)
                bumps.move(key, DeliveryState.PLANNED, DeliveryState.ACCEPTED)
            for state in (DeliveryState.HANDING_OVER, DeliveryState.ACCEPTED):
                await connection.execute(
                    update(deliveries)
                    .where(deliveries.c.occurrence_id == occurrence.id)
                    .values(
                        state=state,
                        platform_id="bench",
                        attempts=1,
                        handed_at=self.now,
                        first_handed_at=self.now,
                    )
                )
            await bumps.write(connection)
            await connection.execute(
                update(campaigns)
                .where(campaigns.c.id == occurrence.campaign_id)
                .values(state=CampaignState.STOPPED)
            )

    async def cards(self, occurrence: Occurrence) -> list[tuple[str, str]]:
        """(account, task id) of each delivery: what a tap on its card carries."""
        async with self.database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.id, deliveries.c.account)
                .where(deliveries.c.occurrence_id == occurrence.id)
                .order_by(deliveries.c.id)
            )
            return [(row.account, task_of(ORIGIN, row.id, row.id)) for row in rows]


def _post(index: int) -> Post:
    return POSTS[index % TEAMS % len(POSTS)]


async def states_of(database: Database, occurrence_id: UUID) -> dict[str, int]:
    """How many rows of a push are in which state: a figure counts only when all were handed over."""
    async with database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.state).where(deliveries.c.occurrence_id == occurrence_id)
        )
        found: dict[str, int] = {}
        for row in rows:
            found[row.state] = found.get(row.state, 0) + 1
        return found
