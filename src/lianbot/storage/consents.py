"""Consents over SQL: one standing row a worker, channel and purpose; withdrawn ones stay as history."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.people import ChannelKind, Consent, ConsentPurpose
from lianbot.storage.database import Database
from lianbot.storage.tables import consents

CHUNK = 500
"""Ids in one IN list: a school's whole roster would pass SQLite's limit of variables."""


class ConsentStore:
    """ports.consents.ConsentBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(
        self,
        worker_id: UUID,
        channel: ChannelKind,
        purpose: ConsentPurpose,
        wording: str,
        on: date,
    ) -> bool:
        async with self._database.write() as connection:
            return await give_consent(connection, worker_id, channel, purpose, wording, on)

    async def withdraw(
        self, worker_id: UUID, channel: ChannelKind, purpose: ConsentPurpose, on: date
    ) -> bool:
        async with self._database.write() as connection:
            done = await connection.execute(
                update(consents)
                .where(
                    consents.c.worker_id == worker_id,
                    consents.c.channel == channel,
                    consents.c.purpose == purpose,
                    consents.c.withdrawn_on.is_(None),
                )
                .values(withdrawn_on=on)
            )
            return bool(done.rowcount)

    async def standing(
        self,
        channel: ChannelKind,
        purpose: ConsentPurpose,
        workers: Collection[UUID] | None = None,
    ) -> frozenset[UUID]:
        wanted = (
            select(consents.c.worker_id)
            .where(consents.c.channel == channel)
            .where(consents.c.purpose == purpose, consents.c.withdrawn_on.is_(None))
        )
        async with self._database.read() as connection:
            if workers is None:
                return frozenset((await connection.execute(wanted)).scalars())
            found: set[UUID] = set()
            ids = list(workers)
            for start in range(0, len(ids), CHUNK):
                part = wanted.where(consents.c.worker_id.in_(ids[start : start + CHUNK]))
                found.update((await connection.execute(part)).scalars())
            return frozenset(found)

    async def of_worker(self, worker_id: UUID) -> tuple[Consent, ...]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(consents).where(consents.c.worker_id == worker_id).order_by(consents.c.id)
            )
            return tuple(
                Consent(
                    worker_id=row.worker_id,
                    channel=ChannelKind(row.channel),
                    purpose=ConsentPurpose(row.purpose),
                    wording=row.wording,
                    given_on=row.given_on,
                    withdrawn_on=row.withdrawn_on,
                )
                for row in rows
            )


async def give_consent(
    connection: AsyncConnection,
    worker_id: UUID,
    channel: ChannelKind,
    purpose: ConsentPurpose,
    wording: str,
    on: date,
) -> bool:
    """In the caller's transaction. The partial index decides between two that agree at once."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    done = await connection.execute(
        dialect.insert(consents)
        .values(
            worker_id=worker_id, channel=channel, purpose=purpose, wording=wording, given_on=on
        )
        .on_conflict_do_nothing()
    )
    return bool(done.rowcount)


async def withdraw_all(
    connection: AsyncConnection, worker_id: UUID, channel: ChannelKind, on: date
) -> None:
    """Without a binding nothing may be sent there: every consent on the channel ends with it."""
    await connection.execute(
        update(consents)
        .where(
            consents.c.worker_id == worker_id,
            consents.c.channel == channel,
            consents.c.withdrawn_on.is_(None),
        )
        .values(withdrawn_on=on)
    )
