"""Terms: the bundle, and weeks that were taken out of it to be edited."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from lianbot.domain.campaigns import Campaign, Course, Term
from lianbot.domain.codes import Post
from lianbot.domain.errors import NotFoundError
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.campaigns import campaign_row, load, read_schedule, shown
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import campaigns, terms


class TermStore:
    """ports.terms.TermBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, term: Term, bundle: Sequence[Campaign]) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                insert(terms).values(
                    id=term.id,
                    title=term.title,
                    first_day=term.first,
                    last_day=term.last,
                    created_by=term.created_by,
                    created_at=term.created_at,
                )
            )
            await connection.execute(insert(campaigns), [campaign_row(one) for one in bundle])
            rows = [AuditRow(action="term.created", subject=term.title), *map(_created, bundle)]
            await write_audit(connection, rows, term.created_by, term.created_at)

    async def get(self, term_id: UUID) -> Term:
        async with self._database.read() as connection:
            row = (await connection.execute(select(terms).where(terms.c.id == term_id))).first()
        if row is None:
            raise NotFoundError(f"没有编号为 {term_id} 的学期，请用 lianbot campaign terms 查看")
        return _term(row)

    async def all(self) -> list[Term]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(terms).order_by(terms.c.created_at.desc()))
            return [_term(row) for row in rows]

    async def campaigns(self, term_id: UUID) -> list[Campaign]:
        async with self._database.read() as connection:
            found = await load(connection, campaigns.c.term_id == term_id)
        return sorted(found, key=lambda one: one.title)

    async def replace_week(
        self,
        monday: date,
        post: Post,
        taken: Sequence[Campaign],
        fresh: Sequence[Campaign],
        by: UUID,
        now: datetime,
    ) -> None:
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    select(campaigns)
                    .where(campaigns.c.id.in_([one.id for one in taken]))
                    .with_for_update()
                )
            ).all()
            for row in rows:
                await connection.execute(
                    update(campaigns)
                    .where(campaigns.c.id == row.id)
                    .values(**_without(row, monday, post))
                )
            if fresh:
                await connection.execute(insert(campaigns), [campaign_row(one) for one in fresh])
            reopened = [
                AuditRow(
                    action="term.week_reopened",
                    subject=row.title,
                    after={"week": monday.isoformat(), "post": post},
                )
                for row in rows
            ]
            await write_audit(connection, [*reopened, *map(_created, fresh)], by, now)


def _without(row: AnyRow, monday: date, post: Post) -> dict[str, object]:
    """A course goes on for its other posts; what stands for one week and post falls silent as a whole."""
    if isinstance(read_schedule(row.schedule), Course):
        week = [monday.isoformat(), post.value]
        return {"edited_weeks": [*(one for one in row.edited_weeks if one != week), week]}
    return {"silent_weeks": sorted({*row.silent_weeks, monday.isoformat()})}


def _created(campaign: Campaign) -> AuditRow:
    return AuditRow(action="campaign.created", subject=campaign.title, after=shown(campaign))


def _term(row: AnyRow) -> Term:
    return Term(
        id=row.id,
        title=row.title,
        first=row.first_day,
        last=row.last_day,
        created_by=row.created_by,
        created_at=row.created_at,
    )
