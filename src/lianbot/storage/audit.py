"""Every change is an audit row: who, what, before, after."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.ports.desk import AuditEntry as AuditEntry
from lianbot.ports.desk import AuditRow as AuditRow
from lianbot.ports.desk import Listed, Paging
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import accounts, audit


async def write_audit(
    connection: AsyncConnection, rows: Sequence[AuditRow], by: UUID | None, now: datetime
) -> None:
    """In the transaction of the change itself. `by` is None for what lianbot does by itself."""
    if not rows:
        return
    name = "lianbot"
    if by is not None:
        found = await connection.execute(select(accounts.c.name).where(accounts.c.id == by))
        name = found.scalar_one_or_none() or str(by)
    await connection.execute(
        insert(audit),
        [
            {
                "at": now,
                "account_id": by,
                "account_name": name,
                "action": row.action,
                "subject": row.subject[:200],
                "before": dict(row.before) if row.before is not None else None,
                "after": dict(row.after) if row.after is not None else None,
            }
            for row in rows
        ],
    )


class AuditTrail:
    """Audit rows for flows that change nothing else in storage, and for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, row: AuditRow, by: UUID | None, now: datetime) -> None:
        async with self._database.write() as connection:
            await write_audit(connection, [row], by, now)

    async def newest(self, limit: int = 200) -> list[AuditEntry]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))
            return [_entry(row) for row in rows]

    async def page(self, paging: Paging, words: str = "") -> Listed[AuditEntry]:
        """Newest first; `words` is looked for in account, action and subject."""
        columns = (audit.c.account_name, audit.c.action, audit.c.subject)
        wanted = or_(*(column.contains(words, autoescape=True) for column in columns))
        async with self._database.read() as connection:
            total = await connection.execute(select(func.count()).select_from(audit).where(wanted))
            rows = await connection.execute(
                select(audit)
                .where(wanted)
                .order_by(audit.c.id.desc())
                .offset(paging.offset)
                .limit(paging.size)
            )
            return Listed(
                rows=tuple(_entry(row) for row in rows), total=total.scalar_one(), paging=paging
            )


def _entry(row: AnyRow) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        account=row.account_name,
        action=row.action,
        subject=row.subject,
        before=row.before,
        after=row.after,
    )
