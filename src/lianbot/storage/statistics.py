"""Figures from the counters, and the same figures recomputed from the rows to prove them."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from lianbot.domain.campaigns import TELLS, OccurrenceKind
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import PreferredTime
from lianbot.ports.desk import ANSWERS as ANSWERS
from lianbot.ports.desk import Dimension as Dimension
from lianbot.ports.desk import Figures as Figures
from lianbot.ports.desk import Standing
from lianbot.storage.database import Database
from lianbot.storage.rolling import Key, not_rolled, roll_up, wrong_sums
from lianbot.storage.tables import (
    MEASURES,
    acknowledgements,
    bindings,
    campaigns,
    contractors,
    counters,
    deliveries,
    first_answers,
    forgotten_firsts,
    occurrences,
    openings,
    rolled_counters,
    rolled_occurrences,
    teams,
    workers,
)

_Sums = dict[Any, tuple[str, list[int]]]
"""Name and sums by key, the key as the database has it."""

_BUT_CORRECTIONS = tuple(kind for kind in OccurrenceKind if kind is not OccurrenceKind.CORRECTION)


class Statistics:
    """Reads counters; nothing here touches the rows but `recompute`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by(
        self,
        dimension: Dimension,
        *,
        campaign_id: UUID | None = None,
        occurrence_id: UUID | None = None,
        reminders: bool = True,
    ) -> list[Figures]:
        """Sums by dimension. `reminders=False` leaves reminders and corrections out (coverage counts a push once)."""
        kinds = None if reminders else TELLS
        if campaign_id is None and occurrence_id is None:
            rows = await self._everything(dimension, kinds, MEASURES)
        else:
            asked = [
                column == wanted
                for column, wanted in (
                    (occurrences.c.campaign_id, campaign_id),
                    (occurrences.c.id, occurrence_id),
                )
                if wanted is not None
            ]
            rows = await self._added_up([_live(dimension, kinds, MEASURES, *asked)])
        if not rows and dimension is Dimension.ALL:
            rows = {"": ("", [0] * len(MEASURES))}
        return [
            Figures(key=str(key), name=str(name), values=dict(zip(MEASURES, values, strict=True)))
            for key, (name, values) in sorted(rows.items(), key=_place)
        ]

    async def _everything(
        self, dimension: Dimension, kinds: Sequence[str] | None, measures: Sequence[str]
    ) -> "_Sums":
        """What is rolled up and the counters of what is not, in one statement: the two never meet a roll-up halfway."""
        live = _live(dimension, kinds, measures, not_rolled())
        return await self._added_up([live, _rolled(dimension, kinds, measures)])

    async def _added_up(self, parts: Sequence[Select[Any]]) -> "_Sums":
        found: _Sums = {}
        async with self._database.read() as connection:
            rows = (await connection.execute(union_all(*parts) if parts[1:] else parts[0])).all()
        for key, name, *values in rows:
            if values[0] is None:  # the sum over nothing
                continue
            before = found.get(key)
            numbers = [int(value) for value in values]
            if before is not None:
                numbers = [one + other for one, other in zip(before[1], numbers, strict=True)]
            found[key] = (name, numbers)
        return found

    async def total(
        self, *, campaign_id: UUID | None = None, occurrence_id: UUID | None = None
    ) -> Figures:
        """One row over everything asked for; all zero when nothing was planned."""
        found = await self.by(Dimension.ALL, campaign_id=campaign_id, occurrence_id=occurrence_id)
        return found[0] if found else Figures(key="", name="", values=dict.fromkeys(MEASURES, 0))

    async def told_otherwise(
        self, dimension: Dimension, *, campaign_id: UUID | None = None
    ) -> dict[str, int]:
        """Pushes that the platform did not accept but that have an answer of their own, by key.

        Together with `accepted` they are what may be called told (P1): a read-aloud covers a worker
        who was skipped, and a person who answered has seen it whatever became of the hand-over.
        """
        # an answer to a reminder belongs to its push; corrections are left out: coverage counts a lesson once
        measure = ("told_otherwise",)
        if campaign_id is None:
            rows = await self._everything(dimension, _BUT_CORRECTIONS, measure)
        else:
            mine = occurrences.c.campaign_id == campaign_id
            rows = await self._added_up([_live(dimension, _BUT_CORRECTIONS, measure, mine)])
        return {str(key): values[0] for key, (_, values) in rows.items() if values[0]}

    async def standing(self, dimension: Dimension) -> dict[str, Standing]:
        """People on the roster now and how many of them some channel can reach, by key."""
        usable = exists().where(
            bindings.c.worker_id == workers.c.id,
            bindings.c.opted_out.is_(False),
            bindings.c.broken.is_(None),
        )
        reachable = and_(usable, workers.c.preferred != PreferredTime.PAPER_ONLY)
        # posts are a list in JSON, and lists of the same posts the same text: a line for each kind of worker
        kind = (workers.c.team_id, workers.c.contractor_id, cast(workers.c.posts, Text))
        people, reached = func.count(), func.count().filter(reachable)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(*kind, people, reached).where(workers.c.ended.is_(None)).group_by(*kind)
            )
            found: dict[str, list[int]] = {}
            for team_id, contractor_id, posts, on_roster, reachable_now in rows:
                key = _standing_key(dimension, team_id, contractor_id, json.loads(posts)[0])
                bucket = found.setdefault(key, [0, 0])
                bucket[0] += on_roster
                bucket[1] += reachable_now
        return {
            key: Standing(on_roster=on_roster, reachable=reachable_now)
            for key, (on_roster, reachable_now) in found.items()
        }

    async def roll_up(self, now: datetime) -> int:
        """Sums up what is old, so that pages need not; how many occurrences that were. The figures stay the same."""
        return await roll_up(self._database, now)

    async def wrong_sums(self) -> list[str]:
        """Where the sums over old occurrences do not equal their counters: any is a fault of ours."""
        return await wrong_sums(self._database)

    async def reasons(self, *, campaign_id: UUID | None = None) -> dict[str, int]:
        """How many rows stand where they are for which reason (no_answer, unbound …)."""
        conditions = [deliveries.c.reason != ""]
        if campaign_id is not None:
            conditions.append(occurrences.c.campaign_id == campaign_id)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.reason, func.count())
                .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                .where(*conditions)
                .group_by(deliveries.c.reason)
            )
            return {row[0]: row[1] for row in rows}

    async def stored(self) -> dict[Key, dict[str, int]]:
        """The counters as they are, rows that are all zero left out."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(counters))).mappings().all()
        found = {
            (row["occurrence_id"], row["team_id"], row["post"], row["topic"]): {
                measure: row[measure] for measure in MEASURES if row[measure]
            }
            for row in rows
        }
        return {key: values for key, values in found.items() if values}

    async def recompute(self) -> dict[Key, dict[str, int]]:
        """The same from the rows themselves: any difference is a fault of ours."""
        found: dict[Key, Counter[str]] = {}
        d = deliveries.c
        key_columns = (d.occurrence_id, d.team_id, d.post, d.topic)
        async with self._database.read() as connection:
            for row in await connection.execute(
                select(*key_columns, d.state, func.count()).group_by(*key_columns, d.state)
            ):
                bucket = found.setdefault(_key(row), Counter())
                bucket["total"] += row[5]
                bucket[row.state] += row[5]
            for row in await connection.execute(
                select(*key_columns, func.count())
                .join(openings, openings.c.delivery_id == d.id)
                .group_by(*key_columns)
            ):
                found[_key(row)]["opened"] += row[4]
            for row in await connection.execute(
                select(
                    *key_columns,
                    acknowledgements.c.answer,
                    acknowledgements.c.method,
                    d.state,
                    func.count(),
                )
                .join(
                    acknowledgements,
                    and_(
                        acknowledgements.c.delivery_id == d.id,
                        acknowledgements.c.current.is_(True),
                    ),
                )
                .group_by(
                    *key_columns, acknowledgements.c.answer, acknowledgements.c.method, d.state
                )
            ):
                found[_key(row)][row.answer] += row[7]
                if row.method in ("assisted", "paper"):
                    found[_key(row)]["spoken"] += row[7]
                if row.state != DeliveryState.ACCEPTED:
                    found[_key(row)]["told_otherwise"] += row[7]
            for row in await connection.execute(
                select(*key_columns, first_answers.c.right, func.count())
                .join(first_answers, first_answers.c.delivery_id == d.id)
                .group_by(*key_columns, first_answers.c.right)
            ):
                found[_key(row)]["first_asked"] += row[5]
                if row.right:
                    found[_key(row)]["first_right"] += row[5]
            for row in await connection.execute(
                select(
                    *(forgotten_firsts.c[name] for name in ("occurrence_id", "team_id", "post")),
                    forgotten_firsts.c.topic,
                    forgotten_firsts.c.right,
                )
            ):
                found[_key(row)]["first_right"] += row[4]
        return {key: {m: n for m, n in values.items() if n} for key, values in found.items()}


def _key(row: Sequence[object]) -> Key:
    return (row[0], row[1], row[2], row[3])  # type: ignore[return-value]  # columns of that order


def _live(
    dimension: Dimension,
    kinds: Sequence[str] | None,
    measures: Sequence[str],
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """Key, name and sums from the counters themselves, of the occurrences that fulfil the conditions."""
    # a list of their ids: the few that are asked for are found by key, and years of others are not even read
    wanted = select(occurrences.c.id).where(*conditions)
    if kinds is not None:
        wanted = wanted.where(occurrences.c.kind.in_(kinds))
    return _by(dimension, counters, measures).where(counters.c.occurrence_id.in_(wanted))


def _rolled(
    dimension: Dimension, kinds: Sequence[str] | None, measures: Sequence[str]
) -> Select[Any]:
    """The same from the sums over old occurrences."""
    table = rolled_occurrences if dimension is Dimension.OCCURRENCE else rolled_counters
    found = _by(dimension, table, measures)
    if measures != MEASURES:  # most rows have none of a rare measure
        found = found.where(or_(*(table.c[name] > 0 for name in measures)))
    return found if kinds is None else found.where(table.c.kind.in_(kinds))


def _by(dimension: Dimension, table: Table, measures: Sequence[str]) -> Select[Any]:
    alone = table is rolled_occurrences  # a row for each key: nothing to add up
    sums = [table.c[name] if alone else func.sum(table.c[name]) for name in measures]
    source, key, name = _cut(dimension, table)
    labelled = [one.label(measure) for one, measure in zip(sums, measures, strict=True)]
    statement = select(key.label("key"), name.label("name"), *labelled).select_from(source)
    return statement if alone or dimension is Dimension.ALL else statement.group_by(key, name)


def _cut(
    dimension: Dimension, table: Table
) -> tuple[FromClause, ColumnElement[Any], ColumnElement[Any]]:
    """The tables that the key and its name stand in, and the two."""
    match dimension:
        case Dimension.TEAM:
            return table.join(teams, teams.c.id == table.c.team_id), teams.c.id, teams.c.name
        case Dimension.CONTRACTOR:
            source = table.join(teams, teams.c.id == table.c.team_id)
            source = source.join(contractors, contractors.c.id == teams.c.contractor_id)
            return source, contractors.c.id, contractors.c.name
        case Dimension.POST:
            return table, table.c.post, table.c.post
        case Dimension.TOPIC:
            return table, table.c.topic, table.c.topic
        case Dimension.OCCURRENCE:
            source = table.join(occurrences, occurrences.c.id == table.c.occurrence_id)
            source = source.join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
            return source, table.c.occurrence_id, campaigns.c.title
        case Dimension.ALL:
            return table, literal(""), literal("")


def _place(row: tuple[Any, object]) -> Any:
    """Order of the keys; thousands of occurrences are compared as numbers."""
    return row[0].int if isinstance(row[0], UUID) else row[0]


def _standing_key(dimension: Dimension, team_id: int, contractor_id: int, post: str) -> str:
    match dimension:
        case Dimension.TEAM:
            return str(team_id)
        case Dimension.CONTRACTOR:
            return str(contractor_id)
        case Dimension.POST:
            return post
        case Dimension.TOPIC | Dimension.OCCURRENCE | Dimension.ALL:
            return ""
