"""What the pilot walk looks up, over SQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lianbot.domain.people import ChannelKind
from lianbot.ports.pilot import Answered, BoundOn, Handed
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    acknowledgements,
    bindings,
    deliveries,
    ledger_head,
    openings,
    workers,
)


class SqlPilotBook:
    """ports.pilot.PilotBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def worker_id(self, number: str) -> UUID | None:
        async with self._database.read() as connection:
            found = await connection.execute(
                select(workers.c.id).where(workers.c.number == number, workers.c.ended.is_(None))
            )
            return found.scalar_one_or_none()

    async def ledger_size(self) -> int:
        async with self._database.read() as connection:
            found: int = (await connection.execute(select(ledger_head.c.size))).scalar_one()
            return found

    async def bound(self, worker_id: UUID) -> Sequence[BoundOn]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(bindings).where(bindings.c.worker_id == worker_id).order_by(bindings.c.id)
            )
            return [
                BoundOn(
                    channel=ChannelKind(row.channel),
                    client=row.client,
                    bound_at=row.bound_at,
                    broken=row.broken,
                )
                for row in rows
            ]

    async def handed(self, worker_id: UUID, since: datetime) -> Handed | None:
        columns = deliveries.c
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(
                        columns.id,
                        columns.channel,
                        columns.state,
                        columns.errcode,
                        columns.handed_at,
                        openings.c.via,
                    )
                    .outerjoin(openings, openings.c.delivery_id == columns.id)
                    .where(columns.worker_id == worker_id, columns.handed_at >= since)
                    .order_by(columns.handed_at.desc())
                    .limit(1)
                )
            ).first()
        if row is None:
            return None
        return Handed(
            delivery_id=row.id,
            channel=ChannelKind(row.channel),
            state=row.state,
            errcode=row.errcode,
            handed_at=row.handed_at,
            opened_via=row.via,
        )

    async def answered(
        self, worker_id: UUID, since_seq: int, methods: Sequence[str]
    ) -> Answered | None:
        columns = acknowledgements.c
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(columns.seq, columns.method, columns.answer)
                    .where(
                        columns.worker_id == worker_id,
                        columns.seq >= since_seq,
                        columns.method.in_(list(methods)),
                    )
                    .order_by(columns.seq.desc())
                    .limit(1)
                )
            ).first()
        return Answered(seq=row.seq, method=row.method, answer=row.answer) if row else None
