"""Decisions about rows whose answer was lost: they hold for one attempt, the next hand-over uses them up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.amendments import Choice, Standing
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import Way
from lianbot.ports.control import Apart, LostRow, Undecided
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    campaigns,
    deliveries,
    occurrences,
    teams,
    unknown_decisions,
    workers,
)

NAMED = 50
"""An audit row names so many deliveries; the decisions themselves are kept row by row."""
CHUNK = 500


KEPT_BODY = or_(deliveries.c.body.is_not(None), deliveries.c.shared_body.is_not(None))
"""The bytes are still there: own ones, or those of a call to many. A correction, a newer edition or its end takes them away."""


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
        standing = _standing(apart).label("standing")
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(standing, func.count().label("found"))
                .where(_lost(occurrence_id))
                .group_by(standing)
            )
            return Undecided(**{row.standing: row.found for row in rows})

    async def lost(
        self,
        occurrence_id: UUID,
        apart: Apart,
        limit: int,
        rows: Collection[int] | None = None,
    ) -> Sequence[LostRow]:
        conditions = [_lost(occurrence_id)]
        if rows is not None:
            conditions.append(deliveries.c.id.in_(list(rows)))
        standing = _standing(apart)
        order = case({one.value: at for at, one in enumerate(Standing)}, value=standing)
        async with self._database.read() as connection:
            found = await connection.execute(
                select(
                    deliveries.c.id,
                    deliveries.c.handed_at,
                    deliveries.c.attempts,
                    deliveries.c.reason,
                    workers.c.number,
                    teams.c.name.label("team"),
                    standing.label("standing"),
                    KEPT_BODY.label("repeatable"),
                )
                .join(workers, workers.c.id == deliveries.c.worker_id)
                .join(teams, teams.c.id == deliveries.c.team_id)
                .where(*conditions)
                .order_by(order, teams.c.name, workers.c.number)
                .limit(limit)
            )
            return [_lost_row(row) for row in found]

    async def decide(
        self,
        occurrence_id: UUID,
        choice: Choice,
        apart: Apart,
        rows: Collection[int] | None,
        by: UUID,
        now: datetime,
    ) -> Sequence[int]:
        if rows is None:
            return await self._decide_all(occurrence_id, choice, apart, by, now)
        async with self._database.write() as connection:
            title = await _title(connection, occurrence_id)
            chosen = await _chosen(connection, occurrence_id, choice, apart, rows)
            await connection.run_sync(lambda sync: _keep(sync, chosen, choice, by, now))
            if chosen:
                ids = [row.id for row in chosen]
                note = _note(occurrence_id, title, choice, ids, len(ids))
                await write_audit(connection, [note], by, now)
        return [row.id for row in chosen]

    async def _decide_all(
        self, occurrence_id: UUID, choice: Choice, apart: Apart, by: UUID, now: datetime
    ) -> Sequence[int]:
        """In short transactions: callbacks must not wait for the thousands of a day on which the platform was down.

        The audit row comes first: whoever looks at a half that a crash left knows whose decision it was.
        """
        choosable = _choosable(occurrence_id, choice, apart)
        async with self._database.read() as connection:
            title = await _title(connection, occurrence_id)
            counted = await connection.execute(
                select(func.count()).select_from(deliveries).where(*choosable)
            )
            many = int(counted.scalar_one())
            named = await connection.execute(
                select(deliveries.c.id).where(*choosable).order_by(deliveries.c.id).limit(NAMED)
            )
            first = [row.id for row in named]
        if not many:
            return ()
        async with self._database.write() as connection:
            note = _note(occurrence_id, title, choice, first, many)
            await write_audit(connection, [note], by, now)
        kept: list[int] = []
        while part := await self._database.transact_gently(
            partial(
                _keep_some,
                which=[deliveries.c.id > (kept[-1] if kept else 0), *choosable],
                choice=choice,
                by=by,
                now=now,
            )
        ):
            kept += part
        return kept


def _lost(occurrence_id: UUID) -> ColumnElement[bool]:
    return and_(
        deliveries.c.occurrence_id == occurrence_id,
        deliveries.c.state == DeliveryState.UNKNOWN,
    )


def _standing(apart: Apart) -> ColumnElement[str]:
    """Of an unknown row. What a correction, a newer edition or its end froze is never sent, though somebody had said so
    before."""
    return case(
        (decided(Choice.LEAVE), Standing.LEFT.value),
        (not_(KEPT_BODY), Standing.FROZEN.value),
        (decided(Choice.AGAIN), Standing.AGAIN.value),
        (told_apart(apart), Standing.BY_ITSELF.value),
        else_=Standing.WAITING.value,
    )


def _lost_row(row: AnyRow) -> LostRow:
    return LostRow(
        id=row.id,
        number=row.number,
        team=row.team,
        handed_at=row.handed_at,
        attempts=row.attempts,
        reason=Reason(row.reason),
        standing=Standing(row.standing),
        repeatable=bool(row.repeatable),
    )


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


def _note(
    occurrence_id: UUID, title: str, choice: Choice, chosen: Sequence[int], many: int
) -> AuditRow:
    return AuditRow(
        action=f"unknown.{choice}",
        subject=title,
        after={
            "push": str(occurrence_id),
            "rows": many,
            "deliveries": list(chosen[:NAMED]),
            "may_double": choice is Choice.AGAIN,
        },
    )


def _choosable(
    occurrence_id: UUID, choice: Choice, apart: Apart, rows: Collection[int] | None = None
) -> list[ColumnElement[bool]]:
    conditions = [_lost(occurrence_id), or_(not_(told_apart(apart)), not_(KEPT_BODY))]
    if choice is Choice.AGAIN:
        conditions.append(KEPT_BODY)
    if rows is not None:
        return [*conditions, deliveries.c.id.in_(list(rows))]
    # whole push: what somebody decided row by row stays as decided
    return [*conditions, not_(decided(Choice.AGAIN)), not_(decided(Choice.LEAVE))]


def _in_order(conditions: Sequence[ColumnElement[bool]]):  # type: ignore[no-untyped-def]  # a select of the dialect's own type
    return (
        select(deliveries.c.id, deliveries.c.attempts)
        .where(*conditions)
        .order_by(deliveries.c.id)
        .with_for_update(of=deliveries)
    )


async def _chosen(
    connection: AsyncConnection,
    occurrence_id: UUID,
    choice: Choice,
    apart: Apart,
    rows: Collection[int],
) -> Sequence[AnyRow]:
    """All of those rows, or none."""
    found = await connection.execute(_in_order(_choosable(occurrence_id, choice, apart, rows)))
    chosen = found.all()
    missing = set(rows) - {row.id for row in chosen}
    if missing:
        raise InvalidInputError(
            f"送达记录 {min(missing)}",
            "不是这次推送里要由人决定的：平台还能核对的会自己核对，更正过的、换了新版的和过期的不再重发；一份也没有改",
        )
    return chosen


def _keep_some(
    connection: Connection,
    which: Sequence[ColumnElement[bool]],
    choice: Choice,
    by: UUID,
    now: datetime,
) -> list[int]:
    chosen = connection.execute(_in_order(which).limit(CHUNK)).all()
    _keep(connection, chosen, choice, by, now)
    return [row.id for row in chosen]


def _keep(
    connection: Connection, rows: Sequence[AnyRow], choice: Choice, by: UUID, now: datetime
) -> None:
    """Of two decisions about the same attempt the later stands."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    said = dialect.insert(unknown_decisions)
    later = {name: said.excluded[name] for name in ("choice", "decided_by", "decided_at")}
    connection.execute(
        said.on_conflict_do_update(index_elements=["delivery_id", "attempts"], set_=later),
        [
            {
                "delivery_id": row.id,
                "attempts": row.attempts,
                "choice": choice,
                "decided_by": by,
                "decided_at": now,
            }
            for row in rows
        ],
    )
