"""What weighs on a worker at the moment of sending: the caps are checked once more over all campaigns."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, or_, select

from lianbot.domain.deliveries import DeliveryState
from lianbot.storage.columns import AnyRow
from lianbot.storage.listing import one_of
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
    mine, columns = deliveries.alias(), deliveries.c
    leaving = and_(columns.state == DeliveryState.PLANNED, columns.claimed_until > now)
    claimed = [row.id for row in rows]
    # joined by the database: most people have no other message, and then no row comes back
    found = connection.execute(
        select(mine.c.id.label("row"), columns.id, columns.state, columns.counts_at)
        .join(
            deliveries,
            and_(columns.worker_id == mine.c.worker_id, columns.id != mine.c.id),
        )
        .where(
            one_of(mine.c.id, claimed),
            columns.counts_at > now - CAP_WINDOW,
            or_(columns.state.in_(LEFT), leaving),
        )
    )
    together = set(claimed)
    pushes: dict[int, list[datetime]] = {}
    for other in found:
        if other.id not in together or other.id < other.row:
            planned = other.state == DeliveryState.PLANNED
            pushes.setdefault(other.row, []).append(now if planned else other.counts_at)
    return pushes
