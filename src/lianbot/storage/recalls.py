"""Recalls: what was asked for, tried, and said by the platform; one row a delivery, one call a message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, func, insert, or_, select, update

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
        async with self._database.write() as connection:
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
            rows = (
                await connection.execute(
                    select(
                        deliveries.c.id,
                        deliveries.c.channel,
                        deliveries.c.handed_at,
                        deliveries.c.platform_id,
                    ).where(
                        mine,
                        deliveries.c.state == DeliveryState.ACCEPTED,
                        ~exists().where(recalls.c.delivery_id == deliveries.c.id),
                    )
                )
            ).all()
            kept = [
                {
                    "delivery_id": row.id,
                    "occurrence_id": occurrence_id,
                    "state": _first(row.channel, row.handed_at, row.platform_id, oldest),
                    "asked_by": by,
                    "asked_at": now,
                }
                for row in rows
            ]
            for low in range(0, len(kept), CHUNK):
                await connection.execute(insert(recalls), kept[low : low + CHUNK])
            found = Counter(RecallState(str(one["state"])) for one in kept)
            if kept:
                note = AuditRow(
                    action="recall.asked",
                    subject=push.title,
                    after={"push": str(occurrence_id), **{str(k): n for k, n in found.items()}},
                )
                await write_audit(connection, [note], by, now)
        return found

    async def claim(
        self, channel: ChannelKind, oldest: datetime, limit: int, now: datetime
    ) -> Sequence[str]:
        free = or_(recalls.c.claimed_until.is_(None), recalls.c.claimed_until < now)
        asked = and_(recalls.c.state == RecallState.ASKED, free)
        async with self._database.write() as connection:
            await connection.execute(
                update(recalls)
                .where(
                    recalls.c.state == RecallState.ASKED,
                    recalls.c.delivery_id.in_(
                        select(deliveries.c.id).where(
                            deliveries.c.channel == channel, deliveries.c.handed_at <= oldest
                        )
                    ),
                )
                .values(state=RecallState.TOO_LATE)
            )
            found = await connection.execute(
                select(deliveries.c.platform_id, recalls.c.delivery_id)
                .join(recalls, recalls.c.delivery_id == deliveries.c.id)
                .where(asked, deliveries.c.channel == channel)
                .order_by(recalls.c.delivery_id)
                .limit(limit)
                .with_for_update(of=recalls, skip_locked=True)
            )
            messages = list(dict.fromkeys(row.platform_id for row in found))
            if messages:
                # written before the call: after a crash these are the ones that may have been recalled
                await connection.execute(
                    update(recalls)
                    .where(asked, recalls.c.delivery_id.in_(_rows_of(channel, messages)))
                    .values(state=RecallState.TRYING, claimed_until=now + LEASE)
                )
            return messages

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
