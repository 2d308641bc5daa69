"""Every row has an end: what waits longer than its push makes sense is skipped, and never leaves late."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select, update

from lianbot.domain.campaigns import OccurrenceState
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.storage.clearing import CHUNK, WAITING, skip_rows
from lianbot.storage.database import Database
from lianbot.storage.tables import deliveries, occurrences
from lianbot.storage.unknowns import KEPT_BODY

RUNS = (OccurrenceState.PLANNED, OccurrenceState.PAUSED, OccurrenceState.STOPPED)
"""One that is being planned is its planner's. A stopped push has no rows that wait, but it may have lost answers."""

LOST_KEPT = and_(deliveries.c.state == DeliveryState.UNKNOWN, KEPT_BODY)
"""Lost answers that could still be sent again."""


async def expire(database: Database, now: datetime) -> int:
    """In short transactions: callbacks must not wait for a school whose push was forgotten in a pause."""
    over = await _over(database, now)
    gone = 0
    while over and (part := await _skip_some(database, over, now)):
        gone += part
    if over:
        await forget_lost(database, deliveries.c.occurrence_id.in_(over), now)
    return gone


async def forget_lost(database: Database, which: ColumnElement[bool], now: datetime) -> None:
    """The bytes of lost answers that no sender has in hand, in short transactions: without them nobody can have them
    sent again either."""
    while await _forget_some(database, which, now):
        pass


async def _forget_some(database: Database, which: ColumnElement[bool], now: datetime) -> int:
    columns = deliveries.c
    async with database.write() as connection:
        lost = await connection.execute(
            select(columns.id)
            .where(
                which,
                LOST_KEPT,
                not_(_in_hand(now)),
            )
            .order_by(columns.id)
            .limit(CHUNK)
            .with_for_update(skip_locked=True)
        )
        if ids := lost.scalars().all():
            await connection.execute(
                update(deliveries)
                .where(columns.id.in_(ids))
                .values(body=None, shared_body=None, claimed_by=None, claimed_until=None)
            )
    return len(ids)


def _in_hand(now: datetime) -> ColumnElement[bool]:
    columns = deliveries.c
    return and_(columns.claimed_until.is_not(None), columns.claimed_until > now)


async def _over(database: Database, now: datetime) -> Sequence[UUID]:
    """From the rows that wait, not from the years of pushes that have ended: those are few as a rule."""
    columns = occurrences.c
    async with database.read() as connection:
        waiting = select(deliveries.c.occurrence_id).where(
            or_(deliveries.c.state.in_(WAITING), LOST_KEPT)
        )
        found = await connection.execute(
            select(columns.id).where(
                columns.id.in_(waiting.distinct()), columns.state.in_(RUNS), columns.ends_at <= now
            )
        )
        return [row.id for row in found]


async def _skip_some(database: Database, over: Sequence[UUID], now: datetime) -> int:
    columns = deliveries.c
    async with database.write() as connection:
        rows = (
            await connection.execute(
                select(
                    columns.id,
                    columns.state,
                    columns.occurrence_id,
                    columns.team_id,
                    columns.post,
                    columns.topic,
                )
                .where(
                    columns.occurrence_id.in_(over),
                    columns.state.in_(WAITING),
                    # a sender looks at the end itself, a moment before it hands over
                    not_(and_(columns.state == DeliveryState.PLANNED, _in_hand(now))),
                )
                .order_by(columns.id)
                .limit(CHUNK)
                .with_for_update(skip_locked=True)
            )
        ).all()
        await connection.run_sync(skip_rows, rows, Reason.EXPIRED)
    return len(rows)
