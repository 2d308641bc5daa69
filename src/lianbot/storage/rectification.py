"""整改台账 and 选题 over SQL; every change with its step and its audit row in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.calendar import local
from lianbot.domain.errors import NotFoundError, OutdatedError
from lianbot.domain.rectification import (
    ProposalKind,
    Rectification,
    RectificationSource,
    RectificationState,
)
from lianbot.ports.desk import AuditRow
from lianbot.ports.rectification import (
    Kept,
    Proposal,
    RectificationFilter,
    RectificationStep,
    StepSeen,
)
from lianbot.storage.audit import write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    accounts,
    follow_ups,
    proposals,
    rectification_steps,
    rectifications,
    workers,
)

A_DAY = 100
"""Questions kept on one day at most: a form that anybody on the roster reaches must not fill a disk."""
OPEN_KEPT = timedelta(days=180)
CLOSED_KEPT = timedelta(days=30)


class RectificationStore:
    """ports.rectification.RectificationBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        item: Rectification,
        step: RectificationStep,
        by: UUID,
        now: datetime,
        *,
        closes_task: int | None = None,
    ) -> Rectification:
        async with self._database.write() as connection:
            made = await connection.execute(
                insert(rectifications).values(**_values(item)).returning(rectifications.c.number)
            )
            number: int = made.scalar_one()
            if closes_task is not None:
                await _close_task(connection, closes_task, number, by, now)
            await _note(connection, number, item, step, by, now)
        return await self.get(number)

    async def get(self, number: int) -> Rectification:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(rectifications).where(rectifications.c.number == number)
                )
            ).first()
        if row is None:
            raise NotFoundError(f"没有整改第 {number} 号")
        return _item(row)

    async def steps(self, number: int) -> Sequence[StepSeen]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(rectification_steps, accounts.c.display)
                .join(accounts, accounts.c.id == rectification_steps.c.account_id)
                .where(rectification_steps.c.number == number)
                .order_by(rectification_steps.c.id)
            )
            return [
                StepSeen(at=row.at, by=row.display, act=row.act, note=row.note) for row in rows
            ]

    async def all(self, wanted: RectificationFilter) -> list[Rectification]:
        table = rectifications.c
        conditions: list[ColumnElement[bool]] = [
            table.state.in_([one.value for one in wanted.states])
        ]
        if wanted.owner is not None:
            conditions.append(table.owner == wanted.owner)
        if wanted.overdue_on is not None:
            conditions += [table.state == RectificationState.OPEN, table.due < wanted.overdue_on]
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(rectifications)
                .where(*conditions)
                .order_by(table.due.is_(None), table.due, table.number)
            )
            return [_item(row) for row in rows]

    async def save(
        self, item: Rectification, step: RectificationStep, by: UUID, now: datetime
    ) -> Rectification:
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(rectifications)
                .where(
                    rectifications.c.number == item.number,
                    rectifications.c.version == item.version,
                )
                .values(**_values(item) | {"version": item.version + 1})
            )
            if changed.rowcount == 0:
                raise OutdatedError(f"整改第 {item.number} 号刚被别人改过，什么也没写：请刷新再看")
            await _note(connection, item.number, item, step, by, now)
        return await self.get(item.number)


class ProposalStore:
    """ports.rectification.ProposalBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        kind: ProposalKind,
        text: str,
        *,
        on: date,
        mark: bytes,
        worker_id: UUID | None = None,
    ) -> Kept:
        try:
            async with self._database.write() as connection:
                today = await connection.execute(
                    select(func.count()).select_from(proposals).where(proposals.c.on_day == on)
                )
                if today.scalar_one() >= A_DAY:
                    return Kept.FULL
                await connection.execute(
                    insert(proposals).values(
                        kind=kind, text=text, worker_id=worker_id, on_day=on, mark=mark, note=""
                    )
                )
        except IntegrityError:
            return Kept.ALREADY
        return Kept.NOW

    async def proposals(self, *, open_only: bool) -> list[Proposal]:
        conditions = [proposals.c.closed_on.is_(None)] if open_only else []
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    proposals, workers.c.name.label("who"), accounts.c.display.label("closed_name")
                )
                .select_from(
                    proposals.outerjoin(workers, workers.c.id == proposals.c.worker_id).outerjoin(
                        accounts, accounts.c.id == proposals.c.closed_by
                    )
                )
                .where(*conditions)
                # by what was written, not by when it came: within a day nobody shall see an order
                .order_by(proposals.c.closed_on.is_not(None), proposals.c.on_day, proposals.c.text)
                .limit(500)
            )
            return [_proposal(row) for row in rows]

    async def close(self, proposal_id: int, note: str, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            closed = await connection.execute(
                update(proposals)
                .where(proposals.c.id == proposal_id, proposals.c.closed_on.is_(None))
                .values(closed_on=local(now).date(), closed_by=by, note=note[:200])
            )
            if closed.rowcount == 0:
                raise NotFoundError("这条选题已经处理过了")
            row = AuditRow(
                action="proposal.closed", subject=f"选题 {proposal_id}", after={"note": note}
            )
            await write_audit(connection, [row], by, now)

    async def forget(self, today: date) -> int:
        over = or_(
            proposals.c.closed_on < today - CLOSED_KEPT, proposals.c.on_day < today - OPEN_KEPT
        )
        still = or_(proposals.c.text != "", proposals.c.worker_id.is_not(None))
        async with self._database.write() as connection:
            wiped = await connection.execute(
                update(proposals).where(over, still).values(text="", worker_id=None)
            )
            return wiped.rowcount


async def _close_task(
    connection: AsyncConnection, task_id: int, number: int, by: UUID, now: datetime
) -> None:
    """The way leads from the worker's words to the item and not back: who opens the item sees no name (P8)."""
    note = f"已转整改台账第 {number} 号"
    closed = await connection.execute(
        update(follow_ups)
        .where(follow_ups.c.id == task_id, follow_ups.c.closed_on.is_(None))
        .values(closed_on=local(now).date(), closed_by=by, note=note)
    )
    if closed.rowcount == 0:
        raise NotFoundError("这条待办已经办结了")
    row = AuditRow(action="task.closed", subject=f"待办 {task_id}", after={"note": note})
    await write_audit(connection, [row], by, now)


async def _note(
    connection: AsyncConnection,
    number: int,
    item: Rectification,
    step: RectificationStep,
    by: UUID,
    now: datetime,
) -> None:
    await connection.execute(
        insert(rectification_steps).values(
            number=number, at=now, account_id=by, act=step.act, note=step.note
        )
    )
    row = AuditRow(
        action=f"rectification.{step.act}",
        subject=f"整改第 {number} 号",
        after={
            "state": item.state.value,
            "due": item.due.isoformat() if item.due else None,
            "note": step.note,
        },
    )
    await write_audit(connection, [row], by, now)


def _values(item: Rectification) -> dict[str, object]:
    return {
        "title": item.title,
        "measure": item.measure,
        "source": item.source,
        "unit": item.unit,
        "state": item.state,
        "owner": item.owner,
        "verifier": item.verifier,
        "due": item.due,
        "evidence": item.evidence,
        "done_by": item.done_by,
        "raised_by": item.raised_by,
        "raised_on": item.raised_on,
        "closed_on": item.closed_on,
        "reopened": item.reopened,
    }


def _item(row: AnyRow) -> Rectification:
    return Rectification(
        number=row.number,
        title=row.title,
        measure=row.measure,
        source=RectificationSource(row.source),
        unit=row.unit,
        raised_by=row.raised_by,
        raised_on=row.raised_on,
        state=RectificationState(row.state),
        owner=row.owner,
        verifier=row.verifier,
        due=row.due,
        evidence=row.evidence,
        done_by=row.done_by,
        closed_on=row.closed_on,
        reopened=row.reopened,
        version=row.version,
    )


def _proposal(row: AnyRow) -> Proposal:
    return Proposal(
        id=row.id,
        kind=ProposalKind(row.kind),
        text=row.text,
        who=row.who or "",
        on=row.on_day,
        closed_on=row.closed_on,
        closed_by=row.closed_name or "",
        note=row.note,
    )
