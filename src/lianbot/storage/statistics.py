"""Figures from the counters, and the same figures recomputed from the rows to prove them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select

from lianbot.domain.campaigns import OccurrenceKind
from lianbot.storage.counting import Key
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    MEASURES,
    acknowledgements,
    campaigns,
    contractors,
    counters,
    deliveries,
    first_answers,
    occurrences,
    openings,
    teams,
)


class Dimension(StrEnum):
    """By what figures are broken down."""

    TEAM = "team"
    CONTRACTOR = "contractor"
    POST = "post"
    TOPIC = "topic"
    OCCURRENCE = "occurrence"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of a table of figures; names as in storage.tables.MEASURES."""

    key: str
    name: str
    values: dict[str, int]

    def __getitem__(self, measure: str) -> int:
        return self.values[measure]

    @property
    def answered(self) -> int:
        return sum(self.values[one] for one in ANSWERS)


ANSWERS = ("understood", "not_understood", "disagree", "cannot", "ask_someone")


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
        """Sums by dimension. `reminders=False` leaves reminder rows out (coverage counts a push once)."""
        sums = [func.sum(counters.c[name]).label(name) for name in MEASURES]
        key, name = _dimension(dimension)
        conditions: list[ColumnElement[bool]] = []
        if campaign_id is not None:
            conditions.append(occurrences.c.campaign_id == campaign_id)
        if occurrence_id is not None:
            conditions.append(counters.c.occurrence_id == occurrence_id)
        if not reminders:
            conditions.append(occurrences.c.kind == OccurrenceKind.PUSH)
        statement = (
            select(key.label("key"), name.label("name"), *sums)
            .select_from(
                counters.join(occurrences, occurrences.c.id == counters.c.occurrence_id)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .join(teams, teams.c.id == counters.c.team_id)
                .join(contractors, contractors.c.id == teams.c.contractor_id)
            )
            .where(*conditions)
        )
        if dimension is not Dimension.ALL:
            statement = statement.group_by(key, name).order_by(key)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [
            Figures(
                key=str(row["key"]),
                name=str(row["name"]),
                values={measure: int(row[measure] or 0) for measure in MEASURES},
            )
            for row in rows
        ]

    async def total(
        self, *, campaign_id: UUID | None = None, occurrence_id: UUID | None = None
    ) -> Figures:
        """One row over everything asked for; all zero when nothing was planned."""
        found = await self.by(Dimension.ALL, campaign_id=campaign_id, occurrence_id=occurrence_id)
        return found[0] if found else Figures(key="", name="", values=dict.fromkeys(MEASURES, 0))

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
                    func.count(),
                )
                .join(
                    acknowledgements,
                    and_(
                        acknowledgements.c.delivery_id == d.id,
                        acknowledgements.c.current.is_(True),
                    ),
                )
                .group_by(*key_columns, acknowledgements.c.answer, acknowledgements.c.method)
            ):
                found[_key(row)][row.answer] += row[6]
                if row.method in ("assisted", "paper"):
                    found[_key(row)]["spoken"] += row[6]
            for row in await connection.execute(
                select(*key_columns, first_answers.c.right, func.count())
                .join(first_answers, first_answers.c.delivery_id == d.id)
                .group_by(*key_columns, first_answers.c.right)
            ):
                found[_key(row)]["first_asked"] += row[5]
                if row.right:
                    found[_key(row)]["first_right"] += row[5]
        return {key: {m: n for m, n in values.items() if n} for key, values in found.items()}


def _key(row: Sequence[object]) -> Key:
    return (row[0], row[1], row[2], row[3])  # type: ignore[return-value]  # columns of that order


def _dimension(dimension: Dimension) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    match dimension:
        case Dimension.TEAM:
            return teams.c.id, teams.c.name
        case Dimension.CONTRACTOR:
            return contractors.c.id, contractors.c.name
        case Dimension.POST:
            return counters.c.post, counters.c.post
        case Dimension.TOPIC:
            return counters.c.topic, counters.c.topic
        case Dimension.OCCURRENCE:
            return counters.c.occurrence_id, campaigns.c.title
        case Dimension.ALL:
            return literal(""), literal("")
