"""The scheduler's side of binding over SQL: slips, posters, newcomers, and bindings to end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.binding import SLIP_LIFE, Bindable, BindOutcome, Newcomer, Poster
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import ChannelKind
from lianbot.ports.binding import BoundAccount
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.binding import POSTERS, bind, bindable, bindable_of, poster_of, unbind
from lianbot.storage.columns import AnyRow
from lianbot.storage.consents import CHUNK
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    bind_slips,
    bindings,
    contractors,
    newcomers,
    posters,
    teams,
    workers,
)

GONE = "这一条已经有人处理过了，请刷新页面"


class SqlBindDesk:
    """ports.binding.BindDesk over SQL."""

    def __init__(self, database: Database, origin: str) -> None:
        self._database = database
        self._origin = origin

    async def slips_for(self, wanted: Sequence[UUID]) -> Sequence[Bindable]:
        asked = set(wanted)
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(workers, teams.c.name.label("team"))
                    .join(teams, teams.c.id == workers.c.team_id)
                    .join(contractors, contractors.c.id == workers.c.contractor_id)
                    .where(workers.c.ended.is_(None))
                    .order_by(contractors.c.name, teams.c.name, workers.c.number)
                )
            ).all()
            bound = await _bound(connection)
        return [
            bindable_of(row, bound.get(row.id, frozenset())) for row in rows if row.id in asked
        ]

    async def add_slips(
        self, slips: Sequence[tuple[UUID, bytes]], *, by: UUID | None, now: datetime
    ) -> None:
        today = local(now).date()
        async with self._database.write() as connection:
            for start in range(0, len(slips), CHUNK):
                part = slips[start : start + CHUNK]
                await connection.execute(
                    update(bind_slips)
                    .where(
                        bind_slips.c.worker_id.in_([worker for worker, _ in part]),
                        bind_slips.c.used_on.is_(None),
                        bind_slips.c.void_on.is_(None),
                    )
                    .values(void_on=today)
                )
                await connection.execute(
                    insert(bind_slips),
                    [
                        {
                            "code_hash": code_hash,
                            "worker_id": worker,
                            "made_on": today,
                            "last_day": today + SLIP_LIFE,
                        }
                        for worker, code_hash in part
                    ],
                )
            row = AuditRow(action="binding.slips", subject="绑定条", after={"count": len(slips)})
            await write_audit(connection, [row], by, now)

    async def posters(self, channel: ChannelKind) -> Sequence[Poster]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                POSTERS.where(posters.c.channel == channel).order_by(teams.c.name)
            )
            return [poster_of(row) for row in rows]

    async def add_poster(self, poster: Poster, *, by: UUID | None, now: datetime) -> Poster:
        dialect = sqlite if self._database.is_sqlite else postgresql
        async with self._database.write() as connection:
            done = await connection.execute(
                dialect.insert(posters)
                .values(
                    scene=poster.scene,
                    channel=poster.channel,
                    team_id=poster.team_id,
                    url=poster.url,
                    made_on=local(now).date(),
                )
                .on_conflict_do_nothing()
            )
            if done.rowcount:
                row = AuditRow(action="binding.poster", subject=poster.team)
                await write_audit(connection, [row], by, now)
            kept = await connection.execute(
                POSTERS.where(
                    posters.c.channel == poster.channel, posters.c.team_id == poster.team_id
                )
            )
            return poster_of(kept.one())

    async def newcomers(self) -> Sequence[Newcomer]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(newcomers, teams.c.name.label("team"))
                .join(teams, teams.c.id == newcomers.c.team_id)
                .order_by(newcomers.c.opened_on, teams.c.name, newcomers.c.name)
            )
            return [_newcomer(row) for row in rows]

    async def accept(
        self, newcomer_id: UUID, worker_id: UUID, *, by: UUID, now: datetime
    ) -> BindOutcome:
        async with self._database.write() as connection:
            row = await _take(connection, newcomer_id)
            outcome = await bind(
                connection,
                self._origin,
                ChannelKind(row.channel),
                row.account,
                worker_id,
                slip_id=None,
                by=by,
                now=now,
            )
            if outcome in (BindOutcome.TAKEN, BindOutcome.LEFT):
                # the newcomer keeps waiting: the scheduler picked somebody else's record
                await connection.execute(insert(newcomers).values(**row._mapping))
            return outcome

    async def refuse(self, newcomer_id: UUID, *, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            row = await _take(connection, newcomer_id)
            # neither name nor account: whoever was refused is not known here any more
            audit = AuditRow(action="binding.refused", subject=f"班组 {row.team_id} 的新来的人")
            await write_audit(connection, [audit], by, now)

    async def bound_accounts(self) -> Sequence[BoundAccount]:
        sharers = (
            select(bindings.c.channel, func.lower(bindings.c.account).label("account"))
            .group_by(bindings.c.channel, func.lower(bindings.c.account))
            .having(func.count() > 1)
        )
        async with self._database.read() as connection:
            shared = {(row.channel, row.account) for row in await connection.execute(sharers)}
            rows = await connection.execute(
                select(
                    workers,
                    teams.c.name.label("team"),
                    bindings.c.id.label("binding_id"),
                    bindings.c.channel,
                    bindings.c.account,
                    bindings.c.bound_at,
                    bindings.c.broken,
                )
                .join(bindings, bindings.c.worker_id == workers.c.id)
                .join(teams, teams.c.id == workers.c.team_id)
                .order_by(teams.c.name, workers.c.number, bindings.c.id)
            )
            return [
                BoundAccount(
                    binding_id=row.binding_id,
                    worker=bindable_of(row),
                    channel=ChannelKind(row.channel),
                    bound_on=local(row.bound_at).date() if row.bound_at else None,
                    shared=(row.channel, row.account.lower()) in shared,
                    broken=row.broken,
                )
                for row in rows
            ]

    async def unbind_row(self, binding_id: int, *, by: UUID, now: datetime) -> Bindable:
        async with self._database.write() as connection:
            found = await connection.execute(
                select(bindings.c.worker_id).where(bindings.c.id == binding_id)
            )
            worker_id = found.scalar_one_or_none()
            worker = await bindable(connection, worker_id) if worker_id else None
            if worker is None:
                raise NotFoundError(GONE)
            await unbind(connection, self._origin, (bindings.c.id == binding_id,), by=by, now=now)
            return worker


async def _bound(connection: AsyncConnection) -> dict[UUID, frozenset[ChannelKind]]:
    found: dict[UUID, frozenset[ChannelKind]] = {}
    rows = await connection.execute(select(bindings.c.worker_id, bindings.c.channel))
    for row in rows:
        found[row.worker_id] = found.get(row.worker_id, frozenset()) | {ChannelKind(row.channel)}
    return found


async def _take(connection: AsyncConnection, newcomer_id: UUID) -> AnyRow:
    """The row, gone from the table: of two who decide at once only one gets it."""
    row = (
        await connection.execute(
            select(newcomers).where(newcomers.c.id == newcomer_id).with_for_update()
        )
    ).first()
    if row is None:
        raise NotFoundError(GONE)
    await connection.execute(delete(newcomers).where(newcomers.c.id == newcomer_id))
    return row


def _newcomer(row: AnyRow) -> Newcomer:
    return Newcomer(
        id=row.id,
        channel=ChannelKind(row.channel),
        account=row.account,
        team_id=row.team_id,
        team=row.team,
        post=Post(row.post),
        name=row.name,
        opened_on=row.opened_on,
        vouched=row.vouched_by is not None,
    )
