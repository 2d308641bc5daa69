"""The outbox over SQL: claims by conditional update, hand-overs and marks in group commits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Delivery, DeliveryState, Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, ClientKind, PreferredTime
from lianbot.domain.ways import Way
from lianbot.ports.outbox import Parcel, RenderTogether
from lianbot.storage.budgets import room
from lianbot.storage.caps import other_pushes
from lianbot.storage.claims import (
    bodies_of,
    facts_of,
    lease_decided,
    lease_planned,
    lease_unknown,
    reminded,
    take_turn,
)
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import edition_of
from lianbot.storage.counting import Bumps, Key
from lianbot.storage.database import Database
from lianbot.storage.grouping import GroupCommit
from lianbot.storage.outbox_rows import (
    Budgets,
    Change,
    begin_together,
    commit_changes,
    delivery_of,
)
from lianbot.storage.renewing import renew_claimed
from lianbot.storage.tables import deliveries, editions

GROUP = 256
REST = 0.02
"""Seconds: a push gains more from half as many transactions than it loses by waiting for them."""


class SqlOutbox:
    """ports.outbox.Outbox over SQL."""

    def __init__(self, database: Database, budgets: Budgets | None = None) -> None:
        self._database = database
        self._budgets = budgets or {}
        # beginnings and marks share their transactions: half as many of them
        self._changes = GroupCommit(self._commit, limit=GROUP, rest=REST)
        self._editions: dict[str, Edition] = {}

    async def claim(self, owner: str, limit: int, now: datetime) -> Sequence[Parcel]:
        return await self._database.transact(
            lambda connection: self._claim(connection, owner, limit, now)
        )

    def _claim(
        self, connection: Connection, owner: str, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        take_turn(connection)
        resting, spent = list[ChannelKind](), list[str]()
        for kind, limits in self._budgets.items():
            shared = [one for one in limits if one.api not in set(Way)]
            if room(connection, shared, now) == 0:
                resting.append(kind)
            own = [one for one in limits if one.api in set(Way)]
            spent += [one.api for one in own if room(connection, [one], now) == 0]
        ids = lease_planned(connection, owner, limit, now, resting, spent)
        ids = renew_claimed(connection, ids)
        return self._parcels(connection, ids, now)

    async def claim_unknown(
        self, owner: str, channel: ChannelKind, since: datetime, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        def claim(connection: Connection) -> Sequence[Parcel]:
            ids = lease_unknown(connection, owner, channel, since, limit, now)
            return self._lost(connection, ids, now)

        return await self._database.transact(claim)

    async def claim_decided(
        self, owner: str, channel: ChannelKind, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        def claim(connection: Connection) -> Sequence[Parcel]:
            take_turn(connection)
            ids = lease_decided(connection, owner, channel, limit, now)
            return self._lost(connection, ids, now)

        return await self._database.transact(claim)

    def _lost(self, connection: Connection, ids: Sequence[int], now: datetime) -> Sequence[Parcel]:
        """With the bytes they were handed over with; without them there is nothing to repeat."""
        parcels = self._parcels(connection, ids, now)
        bodies = bodies_of(connection, [one.delivery for one in parcels])
        whole = [replace(one, delivery=_with_body(one.delivery, bodies)) for one in parcels]
        return [one for one in whole if one.delivery.body]

    def _parcels(
        self, connection: Connection, ids: Sequence[int], now: datetime
    ) -> Sequence[Parcel]:
        if not ids:
            return []
        rows = facts_of(connection, ids)
        self._load_editions(connection, {row.edition for row in rows})
        pushes = reminded(connection, rows)
        others = other_pushes(connection, rows, now)
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
            # a correction weighs on nobody, and nothing that weighs holds it up (design §5)
            pushes=() if row.kind == OccurrenceKind.CORRECTION else tuple(others),
            posts=tuple(Post(one) for one in row.posts),
            shift=row.shift,
            preferred=PreferredTime(row.preferred),
            review=row.review,
            ends_at=row.ends_at,
        )

    def _load_editions(self, connection: Connection, hashes: Collection[str]) -> None:
        """Editions never change, so they are kept in memory."""
        wanted = [sha for sha in hashes if sha not in self._editions]
        if wanted:
            rows = connection.execute(select(editions).where(editions.c.sha256.in_(wanted)))
            self._editions |= {row.sha256: edition_of(row) for row in rows}

    async def begin(self, delivery: Delivery, owner: str) -> bool:
        return await self._changes.submit(Change(delivery=delivery, owner=owner, begins=True))

    async def begin_together(
        self, deliveries: Sequence[Delivery], owner: str, render: RenderTogether
    ) -> Sequence[Delivery]:
        return await self._database.transact(
            lambda connection: begin_together(connection, deliveries, owner, render, self._budgets)
        )

    async def mark(self, delivery: Delivery, owner: str) -> None:
        await self._changes.submit(Change(delivery=delivery, owner=owner, begins=False))

    async def drain(self) -> None:
        await self._changes.drain()

    async def _commit(self, batch: Sequence[Change]) -> Sequence[bool]:
        return await self._database.transact(
            lambda connection: commit_changes(connection, batch, self._budgets)
        )

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
                await connection.execute(
                    select(deliveries).where(orphaned).order_by(columns.id).with_for_update()
                )
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


def _with_body(delivery: Delivery, bodies: Mapping[int, bytes]) -> Delivery:
    if delivery.shared_body is None:
        return delivery
    return replace(delivery, body=bodies.get(delivery.shared_body))


def _key(row: AnyRow) -> Key:
    return (row.occurrence_id, row.team_id, row.post, row.topic)
