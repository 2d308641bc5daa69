"""Festivals told, milestones and the review ladder by worker: what schedules of one's own look at."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.calendar import SHANGHAI, local
from lianbot.domain.campaigns import Festival, Milestone
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.reviews import ReviewState, answered, ask, begin, put_off
from lianbot.ports.answers import FollowUp
from lianbot.storage.campaigns import read_schedule
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.planning import COUNTING
from lianbot.storage.tables import (
    acknowledgements,
    bindings,
    campaigns,
    deliveries,
    first_answers,
    follow_ups,
    forgotten_firsts,
    occurrences,
    reviews,
    workers,
)

NEWS = timedelta(days=40)
"""How far back an acknowledgement still starts a ladder: older ones are from before reviews were on."""
CHUNK = 1_000
"""Hashes a statement: below every driver's limit of parameters."""


class SqlRhythm:
    """ports.rhythm.Rhythm over SQL."""

    def __init__(self, database: Database, *, only_looks: bool = False) -> None:
        """`only_looks`: a forecast asks about days to come; it must not move anybody's ladder."""
        self._database = database
        self._only_looks = only_looks

    async def festival_told(self, node: str, since: datetime) -> Mapping[UUID, int]:
        async with self._database.read() as connection:
            about = await _festivals(connection, node)
            rows = await connection.execute(
                select(deliveries.c.worker_id, func.count().label("times"))
                .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                .where(
                    occurrences.c.campaign_id.in_(about),
                    occurrences.c.due_at > since,
                    deliveries.c.state.in_(COUNTING),
                )
                .group_by(deliveries.c.worker_id)
            )
            return {row.worker_id: row.times for row in rows}

    async def festival_between(self, start: datetime, end: datetime) -> Collection[UUID]:
        async with self._database.read() as connection:
            about = await _festivals(connection)
            rows = await connection.execute(
                select(deliveries.c.worker_id)
                .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                .where(
                    occurrences.c.campaign_id.in_(about),
                    occurrences.c.due_at >= start,
                    occurrences.c.due_at < end,
                    deliveries.c.state.in_(COUNTING),
                )
            )
            return {row.worker_id for row in rows}

    async def milestones(self, event: Milestone, first: date, last: date) -> Mapping[UUID, date]:
        async with self._database.read() as connection:
            match event:
                case Milestone.START:
                    # a name that joined a known company without a day of entry is a newcomer too
                    start = func.coalesce(workers.c.started, workers.c.enrolled)
                    return await _days_between(connection, start, first, last)
                case Milestone.POST_CHANGE:
                    return await _days_between(connection, workers.c.posts_changed, first, last)
                case Milestone.BINDING:
                    return await _bound_between(connection, first, last)

    async def tried(self, campaign_id: UUID) -> Mapping[UUID, frozenset[str]]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.worker_id, deliveries.c.item)
                .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                .where(occurrences.c.campaign_id == campaign_id)
            )
            found: dict[UUID, set[str]] = {}
            for row in rows:
                found.setdefault(row.worker_id, set()).add(row.item)
        return {worker: frozenset(items) for worker, items in found.items()}

    async def reviews_due(self, now: datetime) -> Mapping[UUID, Sequence[str]]:
        if not self._only_looks:
            async with self._database.write() as connection:
                await _take_turn(connection)
                await _begin_ladders(connection, now)
                await _take_answers(connection, now)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(reviews.c.worker_id, reviews.c.item)
                .where(reviews.c.due_at <= now)
                .order_by(reviews.c.due_at, reviews.c.item)
            )
            found: dict[UUID, list[str]] = {}
            for row in rows:
                found.setdefault(row.worker_id, []).append(row.item)
        return found

    async def asked(self, occurrence_id: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            rows = await connection.execute(
                select(reviews, deliveries.c.id.label("delivery_id"), deliveries.c.state)
                .join(
                    deliveries,
                    and_(
                        deliveries.c.worker_id == reviews.c.worker_id,
                        deliveries.c.item == reviews.c.item,
                    ),
                )
                .where(
                    deliveries.c.occurrence_id == occurrence_id,
                    reviews.c.asked.is_distinct_from(deliveries.c.id),
                )
            )
            await _write(connection, [_after_planning(row, now) for row in rows])


def _after_planning(row: AnyRow, now: datetime) -> ReviewState:
    if row.state == DeliveryState.SKIPPED:
        return put_off(_state(row), now)
    return ask(_state(row), row.delivery_id, now)


async def _take_turn(connection: AsyncConnection) -> None:
    """Until the end of the transaction nobody else takes answers in: two processes would begin a ladder twice, and
    open two read-aloud tasks for one wrong answer. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended("lianbot reviews", 0)
        await connection.execute(select(func.pg_advisory_xact_lock(key)))


async def _festivals(connection: AsyncConnection, node: str | None = None) -> list[UUID]:
    """Ids of festival campaigns, of one node or of all; there are some dozens."""
    found = await connection.execute(select(campaigns.c.id, campaigns.c.schedule))
    schedules = [(row.id, read_schedule(row.schedule)) for row in found]
    return [
        number
        for number, schedule in schedules
        if isinstance(schedule, Festival) and node in (None, schedule.node)
    ]


async def _days_between(
    connection: AsyncConnection, day: ColumnElement[date | None], first: date, last: date
) -> dict[UUID, date]:
    rows = await connection.execute(
        select(workers.c.id, day.label("day")).where(
            workers.c.ended.is_(None), day >= first, day <= last
        )
    )
    return {row.id: row.day for row in rows}


async def _bound_between(connection: AsyncConnection, first: date, last: date) -> dict[UUID, date]:
    """Local days of the first binding that still stands."""
    start = datetime.combine(first, time(0), tzinfo=SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time(0), tzinfo=SHANGHAI)
    earliest = func.min(bindings.c.bound_at)
    rows = await connection.execute(
        select(bindings.c.worker_id, earliest.label("bound_at"))
        .where(bindings.c.bound_at.is_not(None))
        .group_by(bindings.c.worker_id)
        .having(and_(earliest >= start, earliest < end))
    )
    return {row.worker_id: local(row.bound_at).date() for row in rows}


async def _begin_ladders(connection: AsyncConnection, now: datetime) -> None:
    """Whoever said 懂了 to something with a question; the first answer has done its work then."""
    known = exists().where(
        reviews.c.worker_id == deliveries.c.worker_id, reviews.c.item == deliveries.c.item
    )
    rows = (
        await connection.execute(
            select(
                deliveries.c.id,
                deliveries.c.worker_id,
                deliveries.c.item,
                acknowledgements.c.minute,
            )
            .join(acknowledgements, acknowledgements.c.delivery_id == deliveries.c.id)
            .where(
                acknowledgements.c.current.is_(True),
                acknowledgements.c.answer == Answer.UNDERSTOOD,
                acknowledgements.c.minute > now - NEWS,
                deliveries.c.quiz.is_not(None),
                ~known,
            )
            .order_by(acknowledgements.c.seq)
        )
    ).all()
    fresh = {(row.worker_id, row.item): begin(row.worker_id, row.item, row.minute) for row in rows}
    if fresh:
        await connection.execute(insert(reviews), [_columns(one) for one in fresh.values()])
        await _forget(connection, [row.id for row in rows])


async def _take_answers(connection: AsyncConnection, now: datetime) -> None:
    """First answers to review questions move the ladder and are forgotten per person."""
    rows = (
        await connection.execute(
            select(
                reviews,
                first_answers.c.right,
                deliveries.c.team_id,
            )
            .join(first_answers, first_answers.c.delivery_id == reviews.c.asked)
            .join(deliveries, deliveries.c.id == reviews.c.asked)
            .where(first_answers.c.right.is_not(None))
        )
    ).all()
    if not rows:
        return
    moved = [answered(_state(row), row.right, now) for row in rows]
    await _write(connection, moved)
    stuck = [row for row, state in zip(rows, moved, strict=True) if state.read_aloud]
    if stuck:
        await connection.execute(insert(follow_ups), [_task(row, now) for row in stuck])
    await _forget(connection, [row.asked for row in rows])


def _task(row: AnyRow, now: datetime) -> dict[str, object]:
    return {
        "delivery_id": row.asked,
        "worker_id": row.worker_id,
        "team_id": row.team_id,
        "kind": FollowUp.READ_ALOUD,
        "answer": Answer.NOT_UNDERSTOOD,
        "opened_on": local(now).date(),
    }


async def _forget(connection: AsyncConnection, asked: Sequence[int]) -> None:
    """What each person answered first goes; the sums stay, so that counters can still be recomputed."""
    key = (deliveries.c.occurrence_id, deliveries.c.team_id, deliveries.c.post, deliveries.c.topic)
    for low in range(0, len(asked), CHUNK):
        part = asked[low : low + CHUNK]
        rows = await connection.execute(
            select(*key, func.count().label("right"))
            .join(first_answers, first_answers.c.delivery_id == deliveries.c.id)
            .where(deliveries.c.id.in_(part), first_answers.c.right.is_(True))
            .group_by(*key)
        )
        sums = [dict(row._mapping) for row in rows]
        if sums:
            await connection.execute(insert(forgotten_firsts), sums)
        await connection.execute(
            update(first_answers)
            .where(first_answers.c.delivery_id.in_(part), first_answers.c.right.is_not(None))
            .values(right=None)
        )


_WRITE = (
    update(reviews)
    .where(reviews.c.worker_id == bindparam("key_worker"), reviews.c.item == bindparam("key_item"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("rung", "restarts", "due_at", "asked", "silent")
        }
    )
)


async def _write(connection: AsyncConnection, states: Sequence[ReviewState]) -> None:
    if states:
        await connection.execute(
            _WRITE,
            [
                {
                    "key_worker": one.worker_id,
                    "key_item": one.item,
                    "new_rung": one.rung,
                    "new_restarts": one.restarts,
                    "new_due_at": one.due_at,
                    "new_asked": one.asked,
                    "new_silent": one.silent,
                }
                for one in states
            ],
        )


def _columns(state: ReviewState) -> dict[str, object]:
    return {
        "worker_id": state.worker_id,
        "item": state.item,
        "rung": state.rung,
        "restarts": state.restarts,
        "due_at": state.due_at,
        "asked": state.asked,
        "silent": state.silent,
    }


def _state(row: AnyRow) -> ReviewState:
    return ReviewState(
        worker_id=row.worker_id,
        item=row.item,
        rung=row.rung,
        restarts=row.restarts,
        due_at=row.due_at,
        asked=row.asked,
        silent=row.silent,
    )
