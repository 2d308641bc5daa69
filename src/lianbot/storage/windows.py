"""Reply windows over SQL: rows of an account and an hour, shared by all processes (docs/decisions/0004)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, and_, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.ways import Way
from lianbot.domain.windows import ALLOWANCES, Adding, whole_hour
from lianbot.ports.ways import Visit
from lianbot.storage.database import Database
from lianbot.storage.grouping import GroupCommit
from lianbot.storage.tables import deliveries, reply_windows

HOUR: Final = timedelta(hours=1)


class SqlWindows:
    """ports.ways.WindowBook over SQL."""

    def __init__(self, database: Database, adding: Adding = Adding.REPLACE) -> None:
        self._database = database
        self._adding = adding
        self._visits = GroupCommit(self._commit)
        self._waiting: frozenset[UUID] = frozenset()

    def waits_for(self, worker_id: UUID) -> bool:
        return worker_id in self._waiting

    async def refresh(self) -> None:
        """Who has something held: a partial index of exactly these rows."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.worker_id).where(
                    deliveries.c.state == DeliveryState.DEFERRED, deliveries.c.way == Way.HELD
                )
            )
            self._waiting = frozenset(row.worker_id for row in rows)

    async def came(self, visit: Visit) -> None:
        await self._visits.submit(visit)

    async def _commit(self, batch: Sequence[Visit]) -> Sequence[None]:
        def write(connection: Connection) -> None:
            # in one order for all processes: any other deadlocks on PostgreSQL
            for visit in sorted(batch, key=lambda one: (one.account, one.worker_id)):
                self._open(connection, visit)
                _release(connection, visit)

        await self._database.transact(write)
        return [None] * len(batch)

    def _open(self, connection: Connection, visit: Visit) -> None:
        """A window of a minute would be a trace of a minute, and over before anybody could use it: not kept."""
        allowance = ALLOWANCES[visit.act]
        closes_at = whole_hour(visit.at + allowance.lasts)
        if closes_at < visit.at + HOUR:
            return
        columns = reply_windows.c
        if self._adding is Adding.REPLACE:
            older = and_(columns.account == visit.account, columns.closes_at < closes_at)
            connection.execute(delete(reply_windows).where(older))
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        fresh = dialect.insert(reply_windows).values(
            account=visit.account, closes_at=closes_at, left=allowance.messages
        )
        more = columns.left + allowance.messages
        left = more if self._adding is Adding.ADD else fresh.excluded.left
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=[columns.account, columns.closes_at], set_={"left": left}
            )
        )

    async def take(self, account: str, now: datetime) -> bool:
        return await self._database.transact(lambda connection: _take(connection, account, now))

    async def forget(self, account: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                delete(reply_windows).where(reply_windows.c.account == account)
            )

    async def sweep(self, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(reply_windows).where(reply_windows.c.closes_at <= now))


def _take(connection: Connection, account: str, now: datetime) -> bool:
    columns = reply_windows.c
    first = connection.execute(
        select(columns.closes_at)
        .where(columns.account == account, columns.closes_at > now, columns.left > 0)
        .order_by(columns.closes_at)
        .limit(1)
        .with_for_update()
    ).scalar_one_or_none()
    if first is None:
        return False
    taken = connection.execute(
        update(reply_windows)
        .where(columns.account == account, columns.closes_at == first, columns.left > 0)
        .values(left=columns.left - 1)
    )
    return taken.rowcount > 0


def _release(connection: Connection, visit: Visit) -> None:
    """Held messages leave with the next full hour, not at once: the moment of hand-over is kept to the second."""
    columns = deliveries.c
    at = whole_hour(visit.at) + HOUR
    held = and_(
        columns.worker_id == visit.worker_id,
        columns.state == DeliveryState.DEFERRED,
        columns.way == Way.HELD,
    )
    # a correction weighs nothing and has no moment to weigh at
    weighs = case((columns.counts_at.is_(None), None), else_=at)
    connection.execute(
        update(deliveries).where(held).values(way=Way.CUSTOMER, not_before=at, counts_at=weighs)
    )
