"""Where workers read, as a column of their binding: notes are grouped, none holds up an answer."""

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from lianbot.domain.people import ChannelKind, ClientKind
from lianbot.storage.database import Database
from lianbot.storage.grouping import GroupCommit
from lianbot.storage.tables import bindings

BATCH = 500
REST = 2.0
log = logging.getLogger("lianbot.clients")


class ClientStore:
    """ports.clients over SQL. Only the kind of client is kept: neither what the browser called itself, nor when."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._group = GroupCommit(self._commit, limit=BATCH, rest=REST)
        self._waiting: set[asyncio.Task[None]] = set()

    def note(self, worker_id: UUID, client: ClientKind) -> None:
        task = asyncio.create_task(self._keep(worker_id, client))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def drain(self) -> None:
        """What was noted is kept before the database closes."""
        while self._waiting:
            await asyncio.wait(set(self._waiting))

    async def _keep(self, worker_id: UUID, client: ClientKind) -> None:
        try:
            await self._group.submit((worker_id, client))
        except Exception as error:  # noqa: BLE001 - nothing waits for a note; the next tap brings it again
            log.warning("a note on clients was lost: %s", type(error).__name__)

    async def _commit(self, batch: Sequence[tuple[UUID, ClientKind]]) -> Sequence[None]:
        seen = dict(batch)
        columns = bindings.c
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(columns.id, columns.worker_id, columns.client).where(
                        columns.worker_id.in_(list(seen)),
                        columns.channel == ChannelKind.WECOM,
                        columns.client_by_hand.is_(False),
                    )
                )
            ).all()
        changed: dict[ClientKind, list[int]] = {}
        for row in rows:
            if row.client != seen[row.worker_id]:
                changed.setdefault(seen[row.worker_id], []).append(row.id)
        if changed:
            async with self._database.write() as connection:
                for client, ids in changed.items():
                    await connection.execute(
                        update(bindings)
                        .where(columns.id.in_(ids), columns.client_by_hand.is_(False))
                        .values(client=client)
                    )
        return [None] * len(batch)

    async def settle(self, worker_id: UUID, client: ClientKind | None) -> ClientKind | None:
        mine = (bindings.c.worker_id == worker_id, bindings.c.channel == ChannelKind.WECOM)
        async with self._database.write() as connection:
            row = (
                await connection.execute(
                    select(bindings.c.client).where(*mine).limit(1).with_for_update()
                )
            ).first()
            if row is None:
                return None
            await connection.execute(
                update(bindings)
                .where(*mine)
                .values(client=client or ClientKind.UNKNOWN, client_by_hand=client is not None)
            )
        return ClientKind(row.client)
