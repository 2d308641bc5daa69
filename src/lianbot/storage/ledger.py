"""Appending to the ledger inside the transaction of the fact, and reading it back for checkpoints and bundles."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.errors import LedgerClockError
from lianbot.evidence.entries import Entry, Fact
from lianbot.evidence.tree import leaf_hash
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    installation,
    ledger_checkpoints,
    ledger_entries,
    ledger_head,
    ledger_signers,
)

AHEAD = timedelta(minutes=5)
READ_CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """Where a fact came to lie. `leaf_start` is what a receipt shows: 10 hex of the leaf hash."""

    seq: int
    body: bytes
    leaf: bytes
    minute: datetime

    @property
    def leaf_start(self) -> str:
        return self.leaf.hex()[:10]


async def append(
    connection: AsyncConnection, origin: str, facts: Sequence[Fact], now: datetime
) -> list[Appended]:
    """Appends in order, in the caller's transaction; call it as late as possible: it locks the head.

    Raises LedgerClockError when the head is more than 5 minutes ahead of the clock.
    """
    if not facts:
        return []
    head = (
        await connection.execute(
            select(ledger_head.c.size, ledger_head.c.minute).with_for_update()
        )
    ).one()
    minute = _minute(head.minute, now)
    appended = [
        _place(origin, head.size + offset, minute, fact) for offset, fact in enumerate(facts)
    ]
    await connection.execute(
        insert(ledger_entries),
        [
            {"seq": one.seq, "type": fact.type, "body": one.body, "leaf": one.leaf}
            for one, fact in zip(appended, facts, strict=True)
        ],
    )
    await connection.execute(
        update(ledger_head).values(size=head.size + len(facts), minute=minute)
    )
    return appended


def _minute(head: datetime, now: datetime) -> datetime:
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    if head - minute > AHEAD:
        raise LedgerClockError(
            f"确认账最后一条是 {head:%Y-%m-%d %H:%M}（UTC），比现在的时钟快了 5 分钟以上：先校准时钟再记账"
        )
    return max(head, minute)


def _place(origin: str, seq: int, minute: datetime, fact: Fact) -> Appended:
    body = Entry(log=origin, seq=seq, minute=minute, fact=fact).to_bytes()
    return Appended(seq=seq, body=body, leaf=leaf_hash(body), minute=minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A signed note as it was written."""

    size: int
    root: str
    note: str
    minute: datetime


class LedgerStore:
    """The ledger as rows: what checkpoints and bundles read, and where checkpoints are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def origin(self) -> str:
        async with self._database.read() as connection:
            found: str = (await connection.execute(select(installation.c.origin))).scalar_one()
            return found

    async def head(self) -> tuple[int, datetime]:
        """Size and minute of the newest entry."""
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(ledger_head.c.size, ledger_head.c.minute))
            ).one()
            return row.size, row.minute

    async def leaves(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Leaf hashes of `start` ≤ seq < `stop`, in order."""
        async for row in self._range(start, stop):
            yield row.leaf

    async def entries(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Entry bytes of `start` ≤ seq < `stop`, in order."""
        async for row in self._range(start, stop):
            yield row.body

    async def _range(self, start: int, stop: int) -> AsyncIterator[Any]:
        columns = ledger_entries.c
        for low in range(start, stop, READ_CHUNK):
            async with self._database.read() as connection:
                rows = await connection.execute(
                    select(columns.seq, columns.body, columns.leaf)
                    .where(columns.seq >= low, columns.seq < min(low + READ_CHUNK, stop))
                    .order_by(columns.seq)
                )
                found = rows.all()
            for row in found:
                yield row

    async def checkpoints(self) -> list[StoredCheckpoint]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_checkpoints).order_by(ledger_checkpoints.c.size)
            )
            return [StoredCheckpoint(**row) for row in rows.mappings()]

    async def keep_checkpoint(self, checkpoint: StoredCheckpoint) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                insert(ledger_checkpoints).values(
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=checkpoint.note,
                    minute=checkpoint.minute,
                )
            )

    async def signers(self) -> list[tuple[int, str, bytes]]:
        """(from_seq, name, public key) in order."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_signers).order_by(ledger_signers.c.from_seq)
            )
            return [(row.from_seq, row.name, row.pub) for row in rows]

    async def keep_signer(self, from_seq: int, name: str, pub: bytes) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                insert(ledger_signers).values(from_seq=from_seq, name=name, pub=pub)
            )
