"""Figures from the counters, and the same figures recomputed from the rows to prove them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, select

from lianbot.domain.campaigns import TELLS, OccurrenceKind
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import PreferredTime
from lianbot.ports.desk import ANSWERS as ANSWERS
from lianbot.ports.desk import Dimension as Dimension
from lianbot.ports.desk import Figures as Figures
from lianbot.ports.desk import Standing
from lianbot.storage.counting import Key
from lianbot.storage.database import Database
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
    teams,
    workers,
)

_COUNTED = (
    counters.join(occurrences, occurrences.c.id == counters.c.occurrence_id)
    .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
    .join(teams, teams.c.id == counters.c.team_id)
    .join(contractors, contractors.c.id == teams.c.contractor_id)
)


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
        sums = [func.sum(counters.c[name]).label(name) for name in MEASURES]
        key, name = _dimension(dimension)
        conditions: list[ColumnElement[bool]] = []
        if campaign_id is not None:
            conditions.append(occurrences.c.campaign_id == campaign_id)
        if occurrence_id is not None:
            conditions.append(counters.c.occurrence_id == occurrence_id)
        if not reminders:
            conditions.append(occurrences.c.kind.in_(TELLS))
        statement = (
            select(key.label("key"), name.label("name"), *sums)
            .select_from(_COUNTED)
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

    async def told_otherwise(
        self, dimension: Dimension, *, campaign_id: UUID | None = None
    ) -> dict[str, int]:
        """Pushes that the platform did not accept but that have an answer of their own, by key.

        Together with `accepted` they are what may be called told (P1): a read-aloud covers a worker
        who was skipped, and a person who answered has seen it whatever became of the hand-over.
        """
        key, _ = _dimension(dimension)
        # an answer to a reminder belongs to its push; corrections are left out: coverage counts a lesson once
        conditions = [
            counters.c.told_otherwise > 0,
            occurrences.c.kind != OccurrenceKind.CORRECTION,
        ]
        if campaign_id is not None:
            conditions.append(occurrences.c.campaign_id == campaign_id)
        statement = (
            select(key.label("key"), func.sum(counters.c.told_otherwise).label("found"))
            .select_from(_COUNTED)
            .where(*conditions)
        )
        if dimension is not Dimension.ALL:
            statement = statement.group_by(key)
        async with self._database.read() as connection:
            rows = await connection.execute(statement)
            return {str(row.key): int(row.found) for row in rows if row.found}

    async def standing(self, dimension: Dimension) -> dict[str, Standing]:
        """People on the roster now and how many of them some channel can reach, by key."""
        usable = exists().where(
            bindings.c.worker_id == workers.c.id,
            bindings.c.opted_out.is_(False),
            bindings.c.broken.is_(None),
        )
        reachable = and_(usable, workers.c.preferred != PreferredTime.PAPER_ONLY)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    workers.c.team_id,
                    workers.c.contractor_id,
                    workers.c.posts,
                    reachable.label("reachable"),
                ).where(workers.c.ended.is_(None))
            )
            found: dict[str, list[int]] = {}
            for team_id, contractor_id, posts, reached in rows:
                key = _standing_key(dimension, team_id, contractor_id, posts[0])
                bucket = found.setdefault(key, [0, 0])
                bucket[0] += 1
                bucket[1] += bool(reached)
        return {
            key: Standing(on_roster=people, reachable=reached)
            for key, (people, reached) in found.items()
        }

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
