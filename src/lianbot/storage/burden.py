"""The burden account: what left for each worker in a period, weighed by length."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from lianbot.domain.burden import Burden, burden_of
from lianbot.storage.caps import LEFT
from lianbot.storage.content import edition_of
from lianbot.storage.database import Database
from lianbot.storage.tables import deliveries, editions


class BurdenStore:
    """Figures of one period; two statements whatever its size."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, start: datetime, end: datetime) -> Mapping[UUID, Burden]:
        """By worker, what left (or may have) in start ≤ t < end; who got nothing is not in it."""
        asks = deliveries.c.quiz.is_not(None)
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(
                        deliveries.c.worker_id,
                        deliveries.c.edition,
                        asks.label("asks"),
                        func.count().label("times"),
                    )
                    .where(
                        deliveries.c.state.in_(LEFT),
                        deliveries.c.counts_at >= start,
                        deliveries.c.counts_at < end,
                    )
                    .group_by(deliveries.c.worker_id, deliveries.c.edition, asks)
                )
            ).all()
            shown = await connection.execute(
                select(editions).where(editions.c.sha256.in_({row.edition for row in rows}))
            )
            texts = {row.sha256: edition_of(row).text for row in shown}
        found: dict[UUID, Burden] = {}
        for row in rows:
            one = burden_of(texts[row.edition], asks=bool(row.asks)).times(row.times)
            found[row.worker_id] = found.get(row.worker_id, Burden()) + one
        return found
