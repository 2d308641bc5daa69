"""The installation itself: its identity, the switches, and alerts to staff."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.database import Database
from lianbot.storage.tables import alerts, installation, ledger_head, switches

STOP_ALL = "stop_all"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def establish(database: Database, now: datetime, origin: str | None = None) -> str:
    """Gives a fresh database its identity and an empty ledger; says the origin, old or new."""
    async with database.write() as connection:
        known = select(installation.c.origin)
        found: str | None = (await connection.execute(known)).scalar_one_or_none()
        if found is not None:
            return found
        made = origin or f"lianbot/{secrets.token_hex(8)}"
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        # two processes may start on the same fresh database: the second takes what the first made
        await connection.execute(
            dialect.insert(installation)
            .values(id=1, origin=made, created_at=now, roster_version=1)
            .on_conflict_do_nothing()
        )
        await connection.execute(
            dialect.insert(ledger_head).values(id=1, size=0, minute=EPOCH).on_conflict_do_nothing()
        )
        return str((await connection.execute(known)).scalar_one())


class Switches:
    """ports.outbox.Staff over SQL: the switch all processes see, and alerts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stopped(self) -> bool:
        async with self._database.read() as connection:
            value = (
                await connection.execute(
                    select(switches.c.value).where(switches.c.name == STOP_ALL)
                )
            ).scalar_one_or_none()
            return value == "on"

    async def stop_all(self, on: bool) -> None:
        async with self._database.write() as connection:
            await set_switch(connection, STOP_ALL, "on" if on else "off")

    async def turn(self, on: bool, row: AuditRow, by: UUID, now: datetime) -> None:
        """ports.desk.SwitchDesk.turn: a switch turned without a trace would be nobody's."""
        async with self._database.write() as connection:
            await set_switch(connection, STOP_ALL, "on" if on else "off")
            await write_audit(connection, [row], by, now)

    async def alert(self, kind: str, detail: str, now: datetime) -> None:
        await raise_alert(self._database, kind, detail, now)


async def set_switch(connection: AsyncConnection, name: str, value: str) -> None:
    """Two people may turn it for the first time at the same instant."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    await connection.execute(
        dialect.insert(switches)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=[switches.c.name], set_={"value": value})
    )


async def raise_alert(database: Database, kind: str, detail: str, now: datetime) -> None:
    """Repeats of an open alert are counted, not multiplied."""
    async with database.write() as connection:
        await write_alert(connection, kind, detail, now)


async def write_alert(connection: AsyncConnection, kind: str, detail: str, now: datetime) -> None:
    """The same inside a transaction that has more to do."""
    changed = await connection.execute(
        update(alerts)
        .where(alerts.c.kind == kind, alerts.c.closed_at.is_(None))
        .values(last_at=now, times=alerts.c.times + 1, detail=detail)
    )
    if changed.rowcount == 0:
        await connection.execute(
            insert(alerts).values(kind=kind, detail=detail, first_at=now, last_at=now, times=1)
        )
