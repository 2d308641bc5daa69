"""Duties over SQL: a unique row a week and person, so that two processes tell nobody twice."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.amendments import NOTICE, AmendmentState
from lianbot.domain.campaigns import CampaignState
from lianbot.domain.codes import ItemType, Post
from lianbot.domain.items import EditionState
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.ports.duties import Addressee, Duty, DutyState, ReadingTimes
from lianbot.storage.accounts import account_of
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.installation import write_alert
from lianbot.storage.tables import (
    accounts,
    amendment_approvals,
    amendments,
    bindings,
    campaign_approvals,
    campaigns,
    duties,
    editions,
    switches,
    workers,
)

CONSOLE = "console"
SINCE = "door_since:"


class DutyStore:
    """ports.duties.DutyBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def addressees(self) -> Sequence[Addressee]:
        usable = (
            (bindings.c.worker_id == accounts.c.worker_id)
            & (bindings.c.channel == ChannelKind.WECOM)
            & bindings.c.opted_out.is_(False)
            & bindings.c.broken.is_(None)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    accounts,
                    bindings.c.account.label("wecom"),
                    workers.c.number,
                    workers.c.posts,
                    workers.c.team_id.label("reads_in"),
                    workers.c.shift,
                    workers.c.preferred,
                    workers.c.ended,
                )
                .select_from(
                    accounts.outerjoin(bindings, usable).outerjoin(
                        workers, workers.c.id == accounts.c.worker_id
                    )
                )
                .where(accounts.c.disabled.is_(False))
                .order_by(accounts.c.name, bindings.c.id)
            )
            found: dict[str, Addressee] = {}
            for row in rows:
                one = Addressee(
                    account=account_of(row),
                    wecom=row.wecom or "",
                    number=row.number or "",
                    times=_times(row),
                )
                # somebody with two bindings is one person
                found.setdefault(row.name, one)
            return list(found.values())

    async def waits_for(self, account: UUID) -> bool:
        approved = select(campaign_approvals.c.campaign_id).where(
            campaign_approvals.c.account_id == account
        )
        content = exists().where(
            editions.c.state == EditionState.AWAITING,
            editions.c.type != ItemType.QUIZ,
            editions.c.published_by.is_distinct_from(account),
            # a correction's notice is approved with the correction
            editions.c.item.not_like(f"{NOTICE}%"),
        )
        drafts = exists().where(
            campaigns.c.state == CampaignState.DRAFT,
            campaigns.c.created_by != account,
            campaigns.c.id.not_in(approved),
        )
        signed = select(amendment_approvals.c.amendment_id).where(
            amendment_approvals.c.account_id == account
        )
        changes = exists().where(
            amendments.c.state == AmendmentState.ASKED,
            amendments.c.asked_by != account,
            amendments.c.id.not_in(signed),
        )
        async with self._database.read() as connection:
            waits = or_(content, drafts, changes)
            return bool((await connection.execute(select(waits))).scalar_one())

    async def begin(self, duty: Duty, week: str, who: str, now: datetime) -> bool:
        async with self._database.write() as connection:
            return await _claimed(connection, duty, week, who, DutyState.HANDING_OVER, now)

    async def mark(self, duty: Duty, week: str, who: str, state: DutyState) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(duties).where(*_key(duty, week, who)).values(state=state)
            )

    async def give_back(self, duty: Duty, week: str, who: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(duties).where(*_key(duty, week, who)))

    async def name_lost(self, before: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(duties)
                .where(duties.c.state == DutyState.HANDING_OVER, duties.c.begun_at < before)
                .values(state=DutyState.UNKNOWN)
            )

    async def alert_once(self, week: str, kind: str, detail: str, now: datetime) -> bool:
        async with self._database.write() as connection:
            fresh = await _claimed(
                connection, Duty.ESCALATION, week, CONSOLE, DutyState.CONSOLE, now
            )
            if fresh:
                await write_alert(connection, kind, detail, now)
            return fresh

    async def watched_since(self, officers: Collection[str], week: str) -> dict[str, str]:
        async with self._database.write() as connection:
            rows = await connection.execute(
                select(switches).where(switches.c.name.startswith(SINCE, autoescape=True))
            )
            known = {row.name.removeprefix(SINCE): row.value for row in rows}
            for one in sorted(set(officers) - known.keys()):
                row = {"name": SINCE + one, "value": week}
                await connection.execute(
                    _insert(connection, switches).values(row).on_conflict_do_nothing()
                )
            return {one: known.get(one, week) for one in officers}


def _times(row: AnyRow) -> ReadingTimes | None:
    if not row.posts:
        return None
    return ReadingTimes(
        posts=tuple(Post(code) for code in row.posts),
        team_id=row.reads_in,
        shift=row.shift,
        preferred=PreferredTime(row.preferred),
        ended=row.ended,
    )


async def _claimed(
    connection: AsyncConnection, duty: Duty, week: str, who: str, state: DutyState, now: datetime
) -> bool:
    """The unique key decides between two processes; the loser's transaction goes on."""
    row = {"kind": duty, "week": week, "who": who, "state": state, "begun_at": now}
    made = await connection.execute(
        _insert(connection, duties).values(row).on_conflict_do_nothing()
    )
    return made.rowcount == 1


def _insert(connection: AsyncConnection, table: Table) -> Any:
    """Both dialects have ON CONFLICT, each with a statement of its own."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _key(duty: Duty, week: str, who: str) -> tuple[ColumnElement[bool], ...]:
    return (duties.c.kind == duty, duties.c.week == week, duties.c.who == who)
