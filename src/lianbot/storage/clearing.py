"""Rows that will never leave: a row of `clearings` holds them back at once, short transactions skip them afterwards.

Skipping 100,000 rows in the transaction that decides about them would hold SQLite's one writer for seconds while
callbacks wait. So the decision writes one small row an occurrence, which claims and hand-overs heed from its commit on;
the work is done in chunks by whoever decided, and by any process's tick where that one died.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.tables import clearings, deliveries, occurrences
from lianbot.storage.unknowns import KEPT_BODY

CHUNK = 500
"""Rows of one transaction: some 30 ms of the writer."""
WITH_THE_DECISION = 10_000
"""Whoever decides goes on with so many rows; a browser does not wait for a larger push, the tick does the rest."""
WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)
MAY_COME_BACK = (*WAITING, DeliveryState.HANDING_OVER)
"""While one of these is there it is not over: a hand-over that did not happen plans its row again."""
ANY_EDITION = ""
_GATE = "lianbot leave"


def pass_gate(connection: Connection) -> None:
    """Whoever lets rows begin, or writes new ones, passes it: `shut_gate` waits for them, and they for it.

    Else PostgreSQL would show a hand-over the world before a decision that is committed already. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(_GATE, 0)
        connection.execute(select(func.pg_advisory_xact_lock_shared(key)))


async def shut_gate(connection: AsyncConnection) -> None:
    """Until the end of the transaction; taken first, before any row."""
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(_GATE, 0)
        await connection.execute(select(func.pg_advisory_xact_lock(key)))


def withdrawn() -> ColumnElement[bool]:
    """Of a delivery: it is held back, whatever its state still says."""
    return exists().where(
        clearings.c.occurrence_id == deliveries.c.occurrence_id,
        clearings.c.edition.in_((ANY_EDITION, deliveries.c.edition)),
    )


async def withdraw(
    connection: AsyncConnection,
    *where: ColumnElement[bool],
    reason: Reason,
    edition: str | None = None,
    amendment: UUID | None = None,
) -> None:
    """In the transaction of the decision: from its commit on nothing of those occurrences begins to leave any more."""
    unsettled = exists().where(
        deliveries.c.occurrence_id == occurrences.c.id,
        or_(
            deliveries.c.state.in_((*MAY_COME_BACK, DeliveryState.UNKNOWN)),
            and_(deliveries.c.state == DeliveryState.REFUSED, deliveries.c.looked.is_(False)),
        ),
    )
    held = select(
        occurrences.c.id,
        literal(edition or ANY_EDITION),
        literal(reason.value),
        literal(amendment, type_=clearings.c.amendment_id.type),
    ).where(unsettled, *where)
    names = ["occurrence_id", "edition", "reason", "amendment_id"]
    await connection.execute(insert(clearings).from_select(names, held))


def being_cleared(amendment: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Of what a correction is about something may still come back to be sent."""
    return exists().where(clearings.c.amendment_id == amendment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What is held back; `corrects`: its lost copies must never be repeated either."""

    id: int
    occurrence_id: UUID
    edition: str
    reason: Reason
    corrects: bool

    def rows(self) -> ColumnElement[bool]:
        mine = deliveries.c.occurrence_id == self.occurrence_id
        return and_(mine, deliveries.c.edition == self.edition) if self.edition else mine


class SqlClearings:
    """ports.control.ClearingBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, most: int | None = None) -> int:
        """Goes on with what is held back, at most so many rows; how many were skipped."""
        done = 0
        for one in await self._open():
            done += await self._clear(one, None if most is None else most - done)
            if await self._is_over(one):
                await self._close(one)
        return done

    async def _open(self) -> Sequence[Clearing]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(clearings).order_by(clearings.c.id))
            return [
                Clearing(
                    id=row.id,
                    occurrence_id=row.occurrence_id,
                    edition=row.edition,
                    reason=Reason(row.reason),
                    corrects=row.amendment_id is not None,
                )
                for row in rows
            ]

    async def _clear(self, one: Clearing, most: int | None) -> int:
        skipped = 0
        for state in WAITING:
            after = 0
            while most is None or skipped < most:
                ids = await self._next(one, deliveries.c.state == state, after)
                if not ids:
                    break
                after = ids[-1]
                skipped += await self._chunk(
                    partial(_skip, ids=ids, state=state, reason=one.reason)
                )
        if one.corrects:
            for which, values in _FORGOTTEN:
                await self._forget(one, which, values)
        return skipped

    async def _forget(
        self, one: Clearing, which: ColumnElement[bool], values: dict[str, object]
    ) -> None:
        after = 0
        while ids := await self._next(one, which, after):
            after = ids[-1]
            await self._chunk(partial(_set, ids=ids, which=which, values=values))

    async def _next(self, one: Clearing, which: ColumnElement[bool], after: int) -> Sequence[int]:
        """Looked for outside of the writer: among many rows of another edition the few take their time to find."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.id)
                .where(one.rows(), which, deliveries.c.id > after)
                .order_by(deliveries.c.id)
                .limit(CHUNK)
            )
            return [row.id for row in rows]

    async def _chunk(self, work: Callable[[Connection], int]) -> int:
        return await self._database.transact_gently(work)

    async def _close(self, one: Clearing) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(clearings).where(clearings.c.id == one.id))

    async def _is_over(self, one: Clearing) -> bool:
        """Held back, no row can get into these states any more, so a reader's look is enough."""
        unsettled: list[ColumnElement[bool]] = [deliveries.c.state.in_(MAY_COME_BACK)]
        if one.corrects:
            unsettled += [which for which, _ in _FORGOTTEN]
        async with self._database.read() as connection:
            found = await connection.execute(
                select(deliveries.c.id).where(one.rows(), or_(*unsettled)).limit(1)
            )
            return found.first() is None


_FORGOTTEN: tuple[tuple[ColumnElement[bool], dict[str, object]], ...] = (
    # without its bytes no lost copy is repeated, neither by itself nor because a person says so; a sender that has them
    # in its hands loses the lease, because it may begin when this is over
    (
        and_(deliveries.c.state == DeliveryState.UNKNOWN, KEPT_BODY),
        {"body": None, "shared_body": None, "claimed_by": None, "claimed_until": None},
    ),
    # a refusal that nobody looks at any more finds no other way
    (
        and_(deliveries.c.state == DeliveryState.REFUSED, deliveries.c.looked.is_(False)),
        {"looked": True},
    ),
)


def _free(
    connection: Connection, ids: Sequence[int], which: ColumnElement[bool]
) -> Sequence[AnyRow]:
    """Those of them that are still so and that nobody else has in hand at this moment."""
    columns = deliveries.c
    return connection.execute(
        select(
            columns.id,
            columns.state,
            columns.occurrence_id,
            columns.team_id,
            columns.post,
            columns.topic,
        )
        .where(columns.id.in_(ids), which)
        .with_for_update(skip_locked=True)
    ).all()


def _set(
    connection: Connection,
    ids: Sequence[int],
    which: ColumnElement[bool],
    values: dict[str, object],
) -> int:
    rows = _free(connection, ids, which)
    if rows:
        mine = deliveries.c.id.in_([row.id for row in rows])
        connection.execute(update(deliveries).where(mine).values(values))
    return len(rows)


def _skip(connection: Connection, ids: Sequence[int], state: DeliveryState, reason: Reason) -> int:
    rows = _free(connection, ids, deliveries.c.state == state)
    skip_rows(connection, rows, reason)
    return len(rows)


def skip_rows(connection: Connection, rows: Sequence[AnyRow], reason: Reason) -> None:
    """Locked rows that wait, with the key of their counter: they will never leave."""
    bumps = Bumps()
    for row in rows:
        key = (row.occurrence_id, row.team_id, row.post, row.topic)
        bumps.move(key, row.state, DeliveryState.SKIPPED)
    if rows:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_([row.id for row in rows]))
            .values(
                state=DeliveryState.SKIPPED,
                reason=reason,
                not_before=None,
                counts_at=None,
                claimed_by=None,
                claimed_until=None,
            )
        )
        bumps.put(connection)
