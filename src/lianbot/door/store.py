"""The store: one SQLite file without a past, written whole and in key order at every flush."""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from heapq import merge
from pathlib import Path

from lianbot.door.files import PRIVATE, settle
from lianbot.sealing.envelope import TAG

TABLE = (
    "CREATE TABLE envelope(tag BLOB PRIMARY KEY, wk TEXT NOT NULL, body BLOB NOT NULL) "
    "WITHOUT ROWID"
)

Row = tuple[bytes, str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Reads open the file anew each time, so that a rewritten file is seen at once."""

    path: Path

    def find(self, tag: bytes) -> bytes | None:
        """The envelope under this tag."""
        with self._reading() as db:
            found = db.execute("SELECT body FROM envelope WHERE tag = ?", (tag,)).fetchone()
        return found[0] if found else None

    def rows(self) -> Iterator[Row]:
        """All rows in the order of their tags."""
        if not self.path.exists():
            return
        with self._reading() as db:
            yield from db.execute("SELECT tag, wk, body FROM envelope ORDER BY tag")

    def bodies_of(self, week: str) -> Iterator[bytes]:
        """The envelopes of one week in the order of their tags."""
        with self._reading() as db:
            for row in db.execute("SELECT body FROM envelope WHERE wk = ? ORDER BY tag", (week,)):
                yield row[0]

    def tags(self) -> set[bytes]:
        """All tags."""
        if not self.path.exists():
            return set()
        with self._reading() as db:
            return {row[0] for row in db.execute("SELECT tag FROM envelope")}

    def rewrite(self, fresh: Iterable[bytes], *, week: str, keep_from: str, day: date) -> None:
        """Old rows not older than `keep_from` and the fresh envelopes; of two alike the first stays.

        A new file has no history: no freed page, no order of arrival, no count of flushes.
        """
        new = self.path.with_name(self.path.name + ".new")
        new.unlink(missing_ok=True)
        arrived = sorted(((row[:TAG], week, row) for row in fresh), key=_tag)
        kept = (row for row in self.rows() if row[1] >= keep_from)
        with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode=OFF")
            db.execute("PRAGMA synchronous=OFF")
            db.execute("BEGIN")
            db.execute(TABLE)
            rows = _first_of_each(merge(kept, arrived, key=_tag))
            db.executemany("INSERT INTO envelope VALUES (?, ?, ?)", rows)
            db.execute("COMMIT")
        with new.open("rb+") as file:
            os.fchmod(file.fileno(), PRIVATE)
            os.fsync(file.fileno())
        settle(new, self.path, day)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        # immutable: the file is only ever replaced, so no lock or journal is looked for
        address = f"file:{self.path.resolve()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as db:
            yield db


def _tag(row: Row) -> bytes:
    return row[0]


def _first_of_each(rows: Iterable[Row]) -> Iterator[Row]:
    before = b""
    for row in rows:
        if row[0] != before:
            yield row
        before = row[0]
