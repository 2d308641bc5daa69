"""Appending to the ledger inside the transaction of the fact, and reading it back for checkpoints and bundles."""

import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.errors import LedgerClockError
from lianbot.evidence.entries import Entry, Fact, parse_entry
from lianbot.evidence.tree import leaf_hash
from lianbot.ports.ledger import KeptCheckpoint
from lianbot.storage.database import Database
from lianbot.storage.prepared import Prepared
from lianbot.storage.tables import (
    editions,
    installation,
    ledger_checkpoints,
    ledger_entries,
    ledger_head,
    ledger_officers,
    ledger_signers,
    media,
    roster_snapshots,
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
    return await connection.run_sync(lambda sync: put(sync, origin, facts, now))


def put(
    connection: Connection, origin: str, facts: Sequence[Fact], now: datetime
) -> list[Appended]:
    """`append` inside a `Database.transact`."""
    if not facts:
        return []
    head = connection.execute(
        select(ledger_head.c.size, ledger_head.c.minute).with_for_update()
    ).one()
    minute = _minute(head.minute, now)
    appended = [
        _place(origin, head.size + offset, minute, fact) for offset, fact in enumerate(facts)
    ]
    _ENTRIES.many(
        connection,
        [
            {"seq": one.seq, "type": fact.type, "body": one.body, "leaf": one.leaf}
            for one, fact in zip(appended, facts, strict=True)
        ],
    )
    connection.execute(update(ledger_head).values(size=head.size + len(facts), minute=minute))
    return appended


_ENTRIES = Prepared(insert(ledger_entries))


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


class LedgerStore:
    """ports.ledger.LedgerBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def origin(self) -> str:
        async with self._database.read() as connection:
            return await _origin(connection)

    async def append(self, facts: Sequence[Fact], now: datetime) -> None:
        """Facts that stand alone, in a transaction of their own."""
        async with self._database.write() as connection:
            await append(connection, await _origin(connection), facts, now)

    async def facts_of(self, kind: str) -> list[Fact]:
        """Every fact of one entry type (intake, attest: a few a week), in order."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_entries.c.body)
                .where(ledger_entries.c.type == kind)
                .order_by(ledger_entries.c.seq)
            )
            return [parse_entry(row.body).fact for row in rows]

    async def officers(self) -> list[bytes]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_officers.c.pub).order_by(ledger_officers.c.seen_at)
            )
            return [row.pub for row in rows]

    async def know_officers(self, pubs: Sequence[bytes], now: datetime) -> None:
        known = set(await self.officers())
        fresh = [{"pub": pub, "seen_at": now} for pub in pubs if pub not in known]
        if fresh:
            async with self._database.write() as connection:
                await connection.execute(insert(ledger_officers), fresh)

    async def freeze(self, now: datetime) -> tuple[int, datetime]:
        """Moves the head's minute up to now, so that no later entry is earlier than a checkpoint of this size."""
        async with self._database.write() as connection:
            head = (
                await connection.execute(
                    select(ledger_head.c.size, ledger_head.c.minute).with_for_update()
                )
            ).one()
            minute = _minute(head.minute, now)
            await connection.execute(update(ledger_head).values(minute=minute))
            return head.size, minute

    async def leaves(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Leaf hashes of `start` ≤ seq < `stop`, in order."""
        async for row in self._range(start, stop):
            yield row.leaf

    async def entries(self, start: int, stop: int) -> list[bytes]:
        """Entry bytes of `start` ≤ seq < `stop`, in order."""
        return [row.body async for row in self._range(start, stop)]

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

    async def checkpoints(self) -> list[KeptCheckpoint]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_checkpoints).order_by(ledger_checkpoints.c.size)
            )
            return [KeptCheckpoint(**row) for row in rows.mappings()]

    async def keep_checkpoint(self, checkpoint: KeptCheckpoint, *, after: int) -> bool:
        columns = ledger_checkpoints.c
        async with self._database.write() as connection:
            # the head's lock serialises two signers; without it both could name the same predecessor
            await connection.execute(select(ledger_head.c.size).with_for_update())
            newest = (await connection.execute(select(func.max(columns.size)))).scalar_one()
            if (newest or 0) != after:
                return False
            await connection.execute(
                insert(ledger_checkpoints).values(
                    size=checkpoint.size,
                    root=checkpoint.root,
                    note=checkpoint.note,
                    minute=checkpoint.minute,
                )
            )
        return True

    async def signers(self) -> list[tuple[int, str, bytes]]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(ledger_signers).order_by(ledger_signers.c.from_seq)
            )
            return [(row.from_seq, row.name, row.pub) for row in rows]

    async def keep_first_signer(self, name: str, pub: bytes) -> None:
        """The signer from entry 0 on; does nothing when there is one already."""
        async with self._database.write() as connection:
            found = await connection.execute(select(ledger_signers.c.from_seq))
            if found.first() is None:
                await connection.execute(
                    insert(ledger_signers).values(from_seq=0, name=name, pub=pub)
                )

    async def rosters(self, hashes: Collection[str]) -> list[bytes]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(roster_snapshots.c.sha256, roster_snapshots.c.body)
            )
            return [row.body for row in rows if row.sha256 in hashes]

    async def edition_bodies(self, hashes: Collection[str]) -> list[bytes]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(editions.c.sha256, editions.c.body))
            bodies = [row.body for row in rows if row.sha256 in hashes]
            named = {one["sha256"] for body in bodies for one in json.loads(body).get("media", ())}
            files = await connection.execute(select(media.c.sha256, media.c.body))
            return bodies + [row.body for row in files if row.sha256 in named]


async def _origin(connection: AsyncConnection) -> str:
    found: str = (await connection.execute(select(installation.c.origin))).scalar_one()
    return found
