"""The outbox over SQL: claims by conditional update, hand-overs and marks in group commits."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import CampaignState, OccurrenceKind, OccurrenceState
from lianbot.domain.deliveries import Delivery, DeliveryState, Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, ClientKind
from lianbot.ports.outbox import Parcel
from lianbot.storage.caps import other_pushes
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import edition_of
from lianbot.storage.counting import Bumps, Key
from lianbot.storage.database import Database
from lianbot.storage.grouping import GroupCommit
from lianbot.storage.outbox_rows import LEASE, Change, commit_changes, delivery_of
from lianbot.storage.tables import (
    acknowledgements,
    bindings,
    campaigns,
    deliveries,
    editions,
    occurrences,
    workers,
)

GROUP = 256
REST = 0.02
"""Seconds: a push gains more from half as many transactions than it loses by waiting for them."""


class SqlOutbox:
    """ports.outbox.Outbox over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # beginnings and marks share their transactions: half as many of them
        self._changes = GroupCommit(self._commit, limit=GROUP, rest=REST)
        self._editions: dict[str, Edition] = {}

    async def claim(self, owner: str, limit: int, now: datetime) -> Sequence[Parcel]:
        columns = deliveries.c
        free = or_(columns.claimed_by.is_(None), columns.claimed_until < now)
        async with self._database.write() as connection:
            rows = await connection.execute(
                select(columns.id)
                .join(occurrences, occurrences.c.id == columns.occurrence_id)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .where(
                    columns.state == DeliveryState.PLANNED,
                    # true of every planned row; with it the index gives them in id order, without a sort
                    columns.not_before.is_(None),
                    free,
                    occurrences.c.state == OccurrenceState.PLANNED,
                    campaigns.c.state == CampaignState.APPROVED,
                )
                .order_by(columns.id)
                .limit(limit)
                .with_for_update(of=deliveries, skip_locked=True)
            )
            ids = [row.id for row in rows]
            if not ids:
                return []
            await _lease(connection, ids, owner, now)
            return await self._parcels(connection, ids, now)

    async def claim_unknown(
        self, owner: str, channel: ChannelKind, since: datetime, limit: int, now: datetime
    ) -> Sequence[Delivery]:
        columns = deliveries.c
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    select(deliveries)
                    .where(
                        columns.state == DeliveryState.UNKNOWN,
                        columns.channel == channel,
                        columns.body.is_not(None),
                        columns.first_handed_at > since,
                        or_(columns.claimed_by.is_(None), columns.claimed_until < now),
                    )
                    .order_by(columns.id)
                    .limit(limit)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            if rows:
                await _lease(connection, [row.id for row in rows], owner, now)
        return [delivery_of(row) for row in rows]

    async def _parcels(
        self, connection: AsyncConnection, ids: Sequence[int], now: datetime
    ) -> list[Parcel]:
        rows = (
            await connection.execute(
                select(
                    deliveries,
                    occurrences.c.kind,
                    occurrences.c.reminds,
                    workers.c.ended,
                    workers.c.number,
                    bindings.c.client,
                    _answered().label("answered"),
                )
                .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                .join(workers, workers.c.id == deliveries.c.worker_id)
                .outerjoin(
                    bindings,
                    and_(
                        bindings.c.worker_id == deliveries.c.worker_id,
                        bindings.c.channel == deliveries.c.channel,
                        bindings.c.account == deliveries.c.account,
                    ),
                )
                .where(deliveries.c.id.in_(ids))
                .order_by(deliveries.c.id)
            )
        ).all()
        await self._load_editions(connection, {row.edition for row in rows})
        pushes = await _reminded(connection, rows)
        others = await other_pushes(connection, rows, now)
        return [self._parcel(row, pushes.get(row.id), others.get(row.id, ())) for row in rows]

    def _parcel(self, row: AnyRow, push: AnyRow | None, others: Sequence[datetime]) -> Parcel:
        return Parcel(
            delivery=delivery_of(row),
            answers_to=push.id if push else row.id,
            answers_occurrence=push.occurrence_id if push else row.occurrence_id,
            kind=OccurrenceKind(row.kind),
            edition=self._editions[row.edition],
            client=ClientKind(row.client or ClientKind.UNKNOWN),
            acknowledged=row.answered or (push is not None and push.answered),
            left=row.ended is not None,
            number=row.number,
            pushes=tuple(others),
        )

    async def _load_editions(self, connection: AsyncConnection, hashes: Collection[str]) -> None:
        """Editions never change, so they are kept in memory."""
        wanted = [sha for sha in hashes if sha not in self._editions]
        if wanted:
            rows = await connection.execute(select(editions).where(editions.c.sha256.in_(wanted)))
            self._editions |= {row.sha256: edition_of(row) for row in rows}

    async def begin(self, delivery: Delivery, owner: str) -> bool:
        return await self._changes.submit(Change(delivery=delivery, owner=owner, begins=True))

    async def mark(self, delivery: Delivery, owner: str) -> None:
        await self._changes.submit(Change(delivery=delivery, owner=owner, begins=False))

    async def drain(self) -> None:
        await self._changes.drain()

    async def _commit(self, batch: Sequence[Change]) -> Sequence[bool]:
        return await self._database.transact(lambda connection: commit_changes(connection, batch))

    async def release(self, owner: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.claimed_by == owner,
                    deliveries.c.state.in_((DeliveryState.PLANNED, DeliveryState.UNKNOWN)),
                )
                .values(claimed_by=None, claimed_until=None)
            )

    async def recover(self, now: datetime, *, alone: bool) -> int:
        columns = deliveries.c
        orphaned = columns.state == DeliveryState.HANDING_OVER
        if not alone:
            orphaned = and_(orphaned, columns.claimed_until < now)
        async with self._database.write() as connection:
            rows = (
                await connection.execute(select(deliveries).where(orphaned).with_for_update())
            ).all()
            bumps = Bumps()
            for row in rows:
                bumps.move(_key(row), DeliveryState.HANDING_OVER, DeliveryState.UNKNOWN)
            if rows:
                await connection.execute(
                    update(deliveries)
                    .where(columns.id.in_([row.id for row in rows]))
                    .values(
                        state=DeliveryState.UNKNOWN,
                        reason=Reason.PROCESS_DIED,
                        claimed_by=None,
                        claimed_until=None,
                    )
                )
                await bumps.write(connection)
            if alone:
                await connection.execute(
                    update(deliveries)
                    .where(columns.claimed_by.is_not(None))
                    .values(claimed_by=None, claimed_until=None)
                )
        return len(rows)


async def _lease(
    connection: AsyncConnection, ids: Sequence[int], owner: str, now: datetime
) -> None:
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(claimed_by=owner, claimed_until=now + LEASE)
    )


async def _reminded(connection: AsyncConnection, rows: Sequence[AnyRow]) -> dict[int, AnyRow]:
    """For reminder rows: the push they remind of, and whether it was answered meanwhile."""
    reminders = {(row.reminds, row.worker_id): row.id for row in rows if row.reminds is not None}
    if not reminders:
        return {}
    found = await connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.occurrence_id,
            deliveries.c.worker_id,
            _answered().label("answered"),
        ).where(
            deliveries.c.occurrence_id.in_({occurrence for occurrence, _ in reminders}),
            deliveries.c.worker_id.in_([worker for _, worker in reminders]),
        )
    )
    return {
        reminders[(row.occurrence_id, row.worker_id)]: row
        for row in found
        if (row.occurrence_id, row.worker_id) in reminders
    }


def _answered() -> ColumnElement[bool]:
    return exists().where(
        acknowledgements.c.delivery_id == deliveries.c.id,
        acknowledgements.c.current.is_(True),
    )


def _key(row: AnyRow) -> Key:
    return (row.occurrence_id, row.team_id, row.post, row.topic)
