"""Where a worker stands, from the own rows alone: a few hundred in ten years."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from lianbot.domain.campaigns import TELLS, Festival, OccurrenceKind, Since
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.ways import Way
from lianbot.ports.ahead import Open, Standing
from lianbot.storage.campaigns import read_schedule
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import edition_of
from lianbot.storage.database import Database
from lianbot.storage.planning import COUNTING
from lianbot.storage.tables import (
    acknowledgements,
    campaigns,
    deliveries,
    editions,
    occurrences,
    reviews,
)

WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)


class SqlAhead:
    """ports.ahead.AheadBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, worker_id: UUID, now: datetime) -> Standing:
        columns = deliveries.c
        answered = exists().where(
            acknowledgements.c.delivery_id == columns.id, acknowledgements.c.current.is_(True)
        )
        async with self._database.read() as connection:
            found = await connection.execute(
                select(
                    columns.item.label("about"),
                    columns.state.label("stands"),
                    columns.reason,
                    columns.not_before,
                    columns.handed_at,
                    columns.way,
                    occurrences.c.kind,
                    occurrences.c.due_at,
                    occurrences.c.reminded,
                    campaigns.c.id.label("campaign_id"),
                    campaigns.c.title.label("campaign"),
                    campaigns.c.schedule,
                    campaigns.c.remind_after_days,
                    answered.label("answered"),
                    exists().where(reviews.c.asked == columns.id).label("review"),
                    editions,
                )
                .join(occurrences, occurrences.c.id == columns.occurrence_id)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .join(editions, editions.c.sha256 == columns.edition)
                .where(columns.worker_id == worker_id)
                .order_by(columns.id)
            )
            rows = found.all()
        return _standing(rows, now)


def _standing(rows: Sequence[AnyRow], now: datetime) -> Standing:
    tried: dict[UUID, set[str]] = {}
    festivals: list[tuple[str, datetime]] = []
    reminded: set[str] = set()
    open_: list[Open] = []
    for row in rows:
        schedule = read_schedule(row.schedule)
        if isinstance(schedule, Since):
            tried.setdefault(row.campaign_id, set()).add(row.about)
        if row.stands not in COUNTING:
            continue
        if row.kind == OccurrenceKind.REMINDER:
            reminded.add(row.about)
        if isinstance(schedule, Festival):
            festivals.append((schedule.node, row.due_at))
        waits = row.stands in WAITING
        if waits or (row.kind in TELLS and not row.answered and not row.review):
            open_.append(_open(row, waits=waits, now=now))
    return Standing(
        festivals=tuple(festivals),
        tried={campaign: frozenset(items) for campaign, items in tried.items()},
        reminded=frozenset(reminded),
        open=tuple(open_),
    )


def _open(row: AnyRow, *, waits: bool, now: datetime) -> Open:
    held = row.way == Way.HELD or row.reason == Reason.STAGED
    unsent = None if held else row.not_before or now
    told = row.kind in TELLS and not row.answered and not row.review
    return Open(
        campaign_id=row.campaign_id,
        campaign=row.campaign,
        due_at=row.due_at,
        edition=edition_of(row),
        state=DeliveryState(row.stands),
        reason=Reason(row.reason),
        leaves_at=unsent if waits else row.handed_at,
        waits=waits,
        reminder=row.kind == OccurrenceKind.REMINDER,
        reminds=told and not row.reminded and row.remind_after_days is not None,
    )
