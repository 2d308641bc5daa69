"""Decisions about rows whose answer was lost: they hold for one attempt, the next hand-over uses them up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    false,
    insert,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.amendments import Choice
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import Way
from lianbot.ports.control import Apart, Undecided
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import campaigns, deliveries, occurrences, unknown_decisions

NAMED = 50
"""An audit row names so many deliveries; the decisions themselves are kept row by row."""
CHUNK = 500


KEPT_BODY = or_(deliveries.c.body.is_not(None), deliveries.c.shared_body.is_not(None))
"""The bytes are still there: own ones, or those of a call to many. A correction takes them away."""


def decided(choice: Choice) -> ColumnElement[bool]:
    """Of a delivery: that choice stands for the attempt it is at."""
    return exists().where(
        unknown_decisions.c.delivery_id == deliveries.c.id,
        unknown_decisions.c.attempts == deliveries.c.attempts,
        unknown_decisions.c.choice == choice,
    )


def told_apart(since: Apart) -> ColumnElement[bool]:
    """The platform itself can still say whether it had the message.

    Of the Official Account only template messages carry an id that tells a repeat apart [S14].
    """
    found = [
        and_(
            deliveries.c.channel == channel,
            deliveries.c.first_handed_at > moment,
            deliveries.c.way == Way.TEMPLATE if channel is ChannelKind.OFFICIAL else true(),
        )
        for channel, moment in since.items()
    ]
    return or_(false(), *found)


class SqlUnknownBook:
    """ports.control.UnknownBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def undecided(self, occurrence_id: UUID, apart: Apart) -> Undecided:
        unknown = and_(
            deliveries.c.occurrence_id == occurrence_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(
                        KEPT_BODY.label("kept"),
                        told_apart(apart).label("apart"),
                        decided(Choice.AGAIN).label("again"),
                        decided(Choice.LEAVE).label("left"),
                    ).where(unknown)
                )
            ).all()
        return Undecided(
            waiting=sum(_is_open(row) and row.kept and not row.apart for row in rows),
            by_itself=sum(_is_open(row) and row.kept and row.apart for row in rows),
            again=sum(row.again for row in rows),
            left=sum(row.left for row in rows),
            frozen=sum(_is_open(row) and not row.kept for row in rows),
        )

    async def decide(
        self,
        occurrence_id: UUID,
        choice: Choice,
        apart: Apart,
        rows: Collection[int] | None,
        by: UUID,
        now: datetime,
    ) -> Sequence[int]:
        async with self._database.write() as connection:
            title = await _title(connection, occurrence_id)
            chosen = await _choosable(connection, occurrence_id, choice, apart, rows)
            await connection.run_sync(lambda sync: _keep(sync, chosen, choice, by, now))
            if chosen:
                note = AuditRow(
                    action=f"unknown.{choice}",
                    subject=title,
                    after={
                        "push": str(occurrence_id),
                        "rows": len(chosen),
                        "deliveries": [row.id for row in chosen[:NAMED]],
                        "may_double": choice is Choice.AGAIN,
                    },
                )
                await write_audit(connection, [note], by, now)
        return [row.id for row in chosen]


def _is_open(row: AnyRow) -> bool:
    return not row.again and not row.left


async def _title(connection: AsyncConnection, occurrence_id: UUID) -> str:
    found = await connection.execute(
        select(campaigns.c.title)
        .join(occurrences, occurrences.c.campaign_id == campaigns.c.id)
        .where(occurrences.c.id == occurrence_id)
    )
    title: str | None = found.scalar_one_or_none()
    if title is None:
        raise NotFoundError(f"没有编号为 {occurrence_id} 的推送")
    return title


async def _choosable(
    connection: AsyncConnection,
    occurrence_id: UUID,
    choice: Choice,
    apart: Apart,
    rows: Collection[int] | None,
) -> Sequence[AnyRow]:
    conditions: list[ColumnElement[bool]] = [
        deliveries.c.occurrence_id == occurrence_id,
        deliveries.c.state == DeliveryState.UNKNOWN,
        or_(not_(told_apart(apart)), not_(KEPT_BODY)),
    ]
    if choice is Choice.AGAIN:
        conditions.append(KEPT_BODY)
    if rows is not None:
        conditions.append(deliveries.c.id.in_(list(rows)))
    else:
        # whole push: what somebody decided row by row stays as decided
        conditions += [not_(decided(Choice.AGAIN)), not_(decided(Choice.LEAVE))]
    found = await connection.execute(
        select(deliveries.c.id, deliveries.c.attempts)
        .where(*conditions)
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries)
    )
    return found.all()


def _keep(
    connection: Connection, rows: Sequence[AnyRow], choice: Choice, by: UUID, now: datetime
) -> None:
    """Of two decisions about the same attempt the later stands."""
    for low in range(0, len(rows), CHUNK):
        chunk = rows[low : low + CHUNK]
        held = [
            and_(
                unknown_decisions.c.delivery_id == row.id,
                unknown_decisions.c.attempts == row.attempts,
            )
            for row in chunk
        ]
        connection.execute(delete(unknown_decisions).where(or_(*held)))
        connection.execute(
            insert(unknown_decisions),
            [
                {
                    "delivery_id": row.id,
                    "attempts": row.attempts,
                    "choice": choice,
                    "decided_by": by,
                    "decided_at": now,
                }
                for row in chunk
            ],
        )
