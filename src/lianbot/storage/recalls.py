"""Recalls: what was asked for, tried, and said by the platform; one row a delivery, one call a message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.amendments import RecallState
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import ChannelKind
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.database import Database
from lianbot.storage.tables import campaigns, deliveries, occurrences, recalls

LEASE = timedelta(minutes=2)
AGAIN = timedelta(minutes=1)
CHUNK = 500
UNDER_WAY = (DeliveryState.PLANNED, DeliveryState.HANDING_OVER)


class SqlRecallBook:
    """ports.control.RecallBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(
        self, occurrence_id: UUID, oldest: Mapping[ChannelKind, datetime], by: UUID, now: datetime
    ) -> Counter[RecallState]:
        async with self._database.read() as connection:
            push = (
                await connection.execute(
                    select(occurrences.c.state, campaigns.c.title)
                    .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                    .where(occurrences.c.id == occurrence_id)
                )
            ).first()
            if push is None:
                raise NotFoundError(f"没有编号为 {occurrence_id} 的推送")
            mine = deliveries.c.occurrence_id == occurrence_id
            leaving = await connection.execute(
                select(deliveries.c.id).where(mine, deliveries.c.state.in_(UNDER_WAY)).limit(1)
            )
            if push.state == "planned" and leaving.first() is not None:
                raise InvalidInputError("撤回", "还在往外发，请先暂停或停止，再撤回")
        wanted = await self._count(occurrence_id)
        if wanted == 0:
            return Counter()
        async with self._database.write() as connection:
            after = {"push": str(occurrence_id), "rows": wanted}
            note = AuditRow(action="recall.asked", subject=push.title, after=after)
            await write_audit(connection, [note], by, now)
        found = Counter[RecallState]()
        last: int | None = 0
        while last is not None:
            some = partial(
                _ask_some, push=occurrence_id, after=last, oldest=oldest, by=by, now=now
            )
            last, part = await self._database.transact_gently(some)
            found += part
        return found

    async def _count(self, occurrence_id: UUID) -> int:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(func.count()).select_from(deliveries).where(_recallable(occurrence_id))
            )
            return int(found.scalar_one())

    async def claim(
        self, channel: ChannelKind, oldest: datetime, limit: int, now: datetime
    ) -> Sequence[str]:
        """Those that have become too late are marked so on the way; a whole chunk of them is no reason to stop."""
        while True:
            late, messages = await self._claim(channel, oldest, limit, now)
            if messages or not late:
                return messages

    async def _claim(
        self, channel: ChannelKind, oldest: datetime, limit: int, now: datetime
    ) -> tuple[int, Sequence[str]]:
        free = or_(recalls.c.claimed_until.is_(None), recalls.c.claimed_until < now)
        asked = and_(recalls.c.state == RecallState.ASKED, free)
        async with self._database.write() as connection:
            found = await connection.execute(
                select(deliveries.c.platform_id, deliveries.c.handed_at, recalls.c.delivery_id)
                .join(recalls, recalls.c.delivery_id == deliveries.c.id)
                .where(asked, deliveries.c.channel == channel)
                .order_by(recalls.c.delivery_id)
                .limit(CHUNK)
                .with_for_update(of=recalls, skip_locked=True)
            )
            rows = found.all()
            late = [row.delivery_id for row in rows if row.handed_at <= oldest]
            if late:
                await connection.execute(
                    update(recalls)
                    .where(recalls.c.delivery_id.in_(late))
                    .values(state=RecallState.TOO_LATE)
                )
            fresh = [row.platform_id for row in rows if row.handed_at > oldest]
            messages = list(dict.fromkeys(fresh))[:limit]
            if messages:
                # written before the call: after a crash these are the ones that may have been recalled
                await connection.execute(
                    update(recalls)
                    .where(asked, recalls.c.delivery_id.in_(_rows_of(channel, messages)))
                    .values(state=RecallState.TRYING, claimed_until=now + LEASE)
                )
            return len(late), messages

    async def mark(
        self,
        channel: ChannelKind,
        message: str,
        state: RecallState,
        errcode: int | None,
        detail: str,
        now: datetime,
    ) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(recalls)
                .where(
                    recalls.c.state == RecallState.TRYING,
                    recalls.c.delivery_id.in_(_rows_of(channel, [message])),
                )
                .values(
                    state=state,
                    errcode=errcode,
                    detail=detail,
                    claimed_until=now + AGAIN if state is RecallState.ASKED else None,
                )
            )

    async def lose(self, now: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(recalls)
                .where(recalls.c.state == RecallState.TRYING, recalls.c.claimed_until < now)
                .values(state=RecallState.UNKNOWN, detail="process died", claimed_until=None)
            )

    async def waiting(self) -> bool:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(recalls.c.delivery_id)
                .where(recalls.c.state.in_((RecallState.ASKED, RecallState.TRYING)))
                .limit(1)
            )
            return found.first() is not None

    async def seen(self, occurrence_id: UUID) -> Counter[RecallState]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(recalls.c.state, func.count().label("found"))
                .where(recalls.c.occurrence_id == occurrence_id)
                .group_by(recalls.c.state)
            )
            return Counter({RecallState(row.state): row.found for row in rows})


def _recallable(push: UUID) -> ColumnElement[bool]:
    """The platform has it, and nobody asked for it yet."""
    return and_(
        deliveries.c.occurrence_id == push,
        deliveries.c.state == DeliveryState.ACCEPTED,
        ~exists().where(recalls.c.delivery_id == deliveries.c.id),
    )


def _ask_some(
    connection: Connection,
    push: UUID,
    after: int,
    oldest: Mapping[ChannelKind, datetime],
    by: UUID,
    now: datetime,
) -> tuple[int | None, Counter[RecallState]]:
    """The next rows, and where the ones after them begin; None when there are none."""
    columns = deliveries.c
    rows = connection.execute(
        select(columns.id, columns.channel, columns.handed_at, columns.platform_id)
        .where(_recallable(push), columns.id > after)
        .order_by(columns.id)
        .limit(CHUNK)
    ).all()
    if not rows:
        return None, Counter()
    kept = [
        {
            "delivery_id": row.id,
            "occurrence_id": push,
            "state": _first(row.channel, row.handed_at, row.platform_id, oldest),
            "asked_by": by,
            "asked_at": now,
        }
        for row in rows
    ]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    # somebody else may ask for the same at this instant
    connection.execute(dialect.insert(recalls).on_conflict_do_nothing(), kept)
    return rows[-1].id, Counter(RecallState(str(one["state"])) for one in kept)


def _rows_of(channel: ChannelKind, messages: Sequence[str]):  # type: ignore[no-untyped-def]  # a select of the dialect's own type
    """A message to many has one number: recalling it recalls it for all of them."""
    return (
        select(deliveries.c.id)
        .join(recalls, recalls.c.delivery_id == deliveries.c.id)
        .where(deliveries.c.channel == channel, deliveries.c.platform_id.in_(messages))
    )


def _first(
    channel: str, handed_at: datetime, platform_id: str, oldest: Mapping[ChannelKind, datetime]
) -> RecallState:
    """A channel without recall, or an acceptance that was found out by a repeat, has no number to recall."""
    limit = oldest.get(ChannelKind(channel))
    if limit is None or not platform_id or platform_id.startswith("duplicate:"):
        return RecallState.IMPOSSIBLE
    return RecallState.TOO_LATE if handed_at <= limit else RecallState.ASKED
