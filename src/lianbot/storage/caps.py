"""What weighs on a worker at the moment of sending: the caps are checked once more over all campaigns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select

from lianbot.domain.deliveries import DeliveryState
from lianbot.storage.columns import AnyRow
from lianbot.storage.tables import deliveries

CAP_WINDOW = timedelta(days=7)
LEFT = (
    DeliveryState.HANDING_OVER,
    DeliveryState.ACCEPTED,
    DeliveryState.UNKNOWN,
    DeliveryState.PLATFORM_FAILED,
)
"""What left, or may have: a lost answer weighs as much as a given one."""


def other_pushes(
    connection: Connection, rows: Sequence[AnyRow], now: datetime
) -> dict[int, list[datetime]]:
    """By row: when the same worker's other messages left.

    Of two that are leaving the one claimed earlier goes first, in one claim the older row.
    """
    columns = deliveries.c
    leaving = and_(columns.state == DeliveryState.PLANNED, columns.claimed_until > now)
    found = connection.execute(
        select(columns.id, columns.worker_id, columns.state, columns.counts_at).where(
            columns.worker_id.in_({row.worker_id for row in rows}),
            columns.counts_at > now - CAP_WINDOW,
            or_(columns.state.in_(LEFT), leaving),
        )
    )
    claimed = {row.id for row in rows}
    by_worker: dict[UUID, list[AnyRow]] = {}
    for other in found:
        by_worker.setdefault(other.worker_id, []).append(other)
    return {
        row.id: [
            now if other.state == DeliveryState.PLANNED else other.counts_at
            for other in by_worker.get(row.worker_id, ())
            if other.id != row.id and (other.id not in claimed or other.id < row.id)
        ]
        for row in rows
    }
