"""Counters rolled up in the transaction of the fact: one row an (occurrence, team, post, topic)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.deliveries import DeliveryState
from lianbot.storage.listing import one_of
from lianbot.storage.prepared import Prepared
from lianbot.storage.rolling import Key as Key
from lianbot.storage.rolling import add_to_sums
from lianbot.storage.tables import MEASURES, acknowledgements, counters, rolled_occurrences


@dataclass(slots=True)
class Bumps:
    """What a batch adds to which counters; written in key order (any other order deadlocks on PostgreSQL)."""

    found: dict[Key, Counter[str]] = field(default_factory=dict)

    def add(self, key: Key, measure: str, by: int = 1) -> None:
        self.found.setdefault(key, Counter())[measure] += by

    def move(
        self, key: Key, before: str, after: str, *, answered: bool = False, rows: int = 1
    ) -> None:
        """`answered`: the rows have an answer that stands (see `standing_answers`)."""
        if before == after:
            return
        self.add(key, before, -rows)
        self.add(key, after, rows)
        if answered and crosses(before, after):
            self.add(key, "told_otherwise", rows if before == DeliveryState.ACCEPTED else -rows)

    async def write(self, connection: AsyncConnection) -> None:
        """Adds to rows that exist already: planning makes them."""
        await connection.run_sync(self.put)

    def put(self, connection: Connection) -> None:
        """`write` inside a `Database.transact`."""
        if not self.found:
            return
        # a hand-over moves two or three of the measures; the others are not even named
        touched = {measure for bumps in self.found.values() for measure in bumps}
        measures = tuple(name for name in MEASURES if name in touched)
        changes = [self._row(key, measures) for key in sorted(self.found, key=_order)]
        _add(measures).many(connection, changes)
        self._carry(connection)

    async def open(self, connection: AsyncConnection) -> None:
        """The same, making rows that are missing (planning only)."""
        await connection.run_sync(self.lay)

    def lay(self, connection: Connection) -> None:
        """`open` inside a `Database.transact`."""
        if not self.found:
            return
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(counters)
        upsert = statement.on_conflict_do_update(
            index_elements=["occurrence_id", "team_id", "post", "topic"],
            set_={name: counters.c[name] + statement.excluded[name] for name in MEASURES},
        )
        connection.execute(
            upsert, [_full(key, self.found[key]) for key in sorted(self.found, key=_order)]
        )
        self._carry(connection)

    def _carry(self, connection: Connection) -> None:
        """The same to the sums, where an occurrence is rolled up already: an answer may come after years.

        Looked up after the counters are locked: whoever rolls up waits for us, or we see what it wrote.
        """
        rolled = connection.execute(
            _ROLLED, {"occurrences": list({key[0] for key in self.found})}
        ).all()
        if rolled:
            add_to_sums(connection, {row.occurrence_id: row.kind for row in rolled}, self.found)

    def _row(self, key: Key, measures: tuple[str, ...]) -> dict[str, object]:
        row: dict[str, object] = {
            "k_occurrence": key[0],
            "k_team": key[1],
            "k_post": key[2],
            "k_topic": key[3],
        }
        return row | {f"d_{name}": self.found[key].get(name, 0) for name in measures}


_ROLLED = select(rolled_occurrences.c.occurrence_id, rolled_occurrences.c.kind).where(
    rolled_occurrences.c.occurrence_id.in_(bindparam("occurrences", expanding=True))
)


def crosses(before: str, after: str) -> bool:
    """Whether the platform's acceptance comes or goes: only then an answer counts elsewhere."""
    return (before == DeliveryState.ACCEPTED) != (after == DeliveryState.ACCEPTED)


def standing_answers(connection: Connection, deliveries: Collection[int]) -> set[int]:
    """Which of these deliveries have an answer that stands; they are locked already, so none comes meanwhile."""
    if not deliveries:
        return set()
    rows = connection.execute(
        select(acknowledgements.c.delivery_id).where(
            one_of(acknowledgements.c.delivery_id, deliveries),
            acknowledgements.c.current.is_(True),
        )
    )
    return {row.delivery_id for row in rows}


def _order(key: Key) -> tuple[str, int, str, str]:
    return (key[0].hex, key[1], key[2], key[3])


def _full(key: Key, bumps: Mapping[str, int]) -> dict[str, object]:
    row: dict[str, object] = {
        "occurrence_id": key[0],
        "team_id": key[1],
        "post": key[2],
        "topic": key[3],
    }
    return row | {name: bumps.get(name, 0) for name in MEASURES}


@lru_cache
def _add(measures: tuple[str, ...]) -> Prepared:
    return Prepared(
        update(counters)
        .where(
            counters.c.occurrence_id == bindparam("k_occurrence"),
            counters.c.team_id == bindparam("k_team"),
            counters.c.post == bindparam("k_post"),
            counters.c.topic == bindparam("k_topic"),
        )
        .values({name: counters.c[name] + bindparam(f"d_{name}") for name in measures})
    )
