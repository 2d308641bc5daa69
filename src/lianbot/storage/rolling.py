"""Sums over old occurrences: pages add up a few weeks of counters and these instead of ten years of them.

An occurrence is rolled up once, weeks after it was due. From then on its counters stay what they are, and whatever
changes them changes the sums in the same transaction (`Bumps`), so that the two agree at every commit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    exists,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.campaigns import OccurrenceState
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    MEASURES,
    counters,
    occurrences,
    rolled_counters,
    rolled_occurrences,
)

Key = tuple[UUID, int, str, str]
"""occurrence, team, post, topic."""

ROLLED_AFTER = timedelta(days=35)
"""After the last reminder of a push; what comes later still is rare and carried along."""
MOST = 200
"""Occurrences of one transaction: writers wait for it."""


def sums_of(table: Table) -> list[ColumnElement[int]]:
    return [func.sum(table.c[name]).label(name) for name in MEASURES]


def not_rolled() -> ColumnElement[bool]:
    """The condition of an occurrence whose counters have to be read themselves."""
    return ~exists().where(rolled_occurrences.c.occurrence_id == occurrences.c.id)


async def roll_up(database: Database, now: datetime) -> int:
    """Rolls up what is old enough; how many occurrences that were."""
    rolled = 0
    ready = occurrences.c.due_at < now - ROLLED_AFTER, *_finished()
    async with database.read() as connection:
        waiting = (await connection.execute(select(occurrences.c.id).where(*ready).limit(1))).all()
    while waiting:
        now_rolled = await database.transact(lambda connection: _roll(connection, ready))
        rolled += now_rolled
        if now_rolled < MOST:
            break
    return rolled


def _finished() -> tuple[ColumnElement[bool], ...]:
    return occurrences.c.state != OccurrenceState.PLANNING, not_rolled()


def _roll(connection: Connection, ready: Sequence[ColumnElement[bool]]) -> int:
    if connection.dialect.name != "sqlite":
        # waits until nobody is between a counter and its sum, and lets nobody in; held for milliseconds
        connection.execute(text("LOCK TABLE counters IN SHARE ROW EXCLUSIVE MODE"))
    ids = connection.scalars(
        select(occurrences.c.id).where(*ready).order_by(occurrences.c.due_at).limit(MOST)
    ).all()
    if not ids:
        return 0
    kind_and_key = (occurrences.c.kind, counters.c.team_id, counters.c.post, counters.c.topic)
    _upsert(
        connection,
        rolled_counters,
        select(*kind_and_key, *sums_of(counters))
        .join(occurrences, occurrences.c.id == counters.c.occurrence_id)
        .where(occurrences.c.id.in_(ids))
        .group_by(*kind_and_key),
    )
    connection.execute(
        insert(rolled_occurrences).from_select(
            ["occurrence_id", "kind", *MEASURES],
            select(
                occurrences.c.id,
                occurrences.c.kind,
                *(func.coalesce(func.sum(counters.c[name]), 0) for name in MEASURES),
            )
            .join(counters, counters.c.occurrence_id == occurrences.c.id, isouter=True)
            .where(occurrences.c.id.in_(ids))
            .group_by(occurrences.c.id, occurrences.c.kind),
        )
    )
    return len(ids)


def add_to_sums(
    connection: Connection, kinds: Mapping[UUID, str], found: Mapping[Key, Counter[str]]
) -> None:
    """What a batch changed in counters of rolled occurrences, whose kinds are `kinds`; in key order like all writes."""
    by_occurrence: dict[UUID, Counter[str]] = {}
    by_key: dict[tuple[str, int, str, str], Counter[str]] = {}
    for (occurrence, *rest), bumps in found.items():
        kind = kinds.get(occurrence)
        if kind is not None:
            by_occurrence.setdefault(occurrence, Counter()).update(bumps)
            by_key.setdefault((kind, *rest), Counter()).update(bumps)  # type: ignore[arg-type]
    _upsert(
        connection,
        rolled_occurrences,
        [
            {"occurrence_id": one, "kind": kinds[one]} | _changes(by_occurrence[one])
            for one in sorted(by_occurrence)
        ],
    )
    _upsert(
        connection,
        rolled_counters,
        [
            dict(zip(("kind", "team_id", "post", "topic"), key, strict=True)) | _changes(bumps)
            for key, bumps in sorted(by_key.items())
        ],
    )


def _changes(bumps: Mapping[str, int]) -> dict[str, Any]:
    return {name: bumps.get(name, 0) for name in MEASURES}


def _upsert(connection: Connection, table: Table, rows: Any) -> None:
    """Adds to the sums that are there; `rows`: values, or a select of all columns in their order."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    adding = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: table.c[name] + statement.excluded[name] for name in MEASURES},
    )
    if isinstance(rows, list):
        connection.execute(adding, rows)
    else:
        connection.execute(adding.from_select([column.name for column in table.columns], rows))


async def wrong_sums(database: Database) -> list[str]:
    """Rolled occurrences, and keys of the sums, that do not equal their counters: any is a fault of ours."""
    whole = counters.join(
        rolled_occurrences, rolled_occurrences.c.occurrence_id == counters.c.occurrence_id
    )
    kind = rolled_occurrences.c.kind
    wrong: list[str] = []
    async with database.read() as connection:
        for table, columns in (
            (rolled_occurrences, (counters.c.occurrence_id, kind)),
            (rolled_counters, (kind, counters.c.team_id, counters.c.post, counters.c.topic)),
        ):
            many = len(columns)
            counted = select(*columns, *sums_of(counters)).select_from(whole).group_by(*columns)
            there = {
                tuple(row[:many]): _nonzero(row[many:])
                for row in await connection.execute(select(table))
            }
            rows = {
                tuple(row[:many]): _nonzero(row[many:])
                for row in await connection.execute(counted)
            }
            wrong += [
                " ".join(map(str, key))
                for key in sorted(there.keys() | rows.keys(), key=str)
                if there.get(key, {}) != rows.get(key, {})
            ]
    return wrong


def _nonzero(values: Sequence[int]) -> dict[str, int]:
    return {name: int(value) for name, value in zip(MEASURES, values, strict=True) if value}
