"""The spool: today's envelopes in blocks that are always full, so that no file shows how many came."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lianbot.door.files import replace_file
from lianbot.sealing.envelope import LETTER, PHOTO, TAG, dummy

LETTERS_PER_BLOCK = 8
PHOTOS_PER_BLOCK = 4


@dataclass(kw_only=True)
class Spool:
    """Whole blocks of envelopes of one size. Which slots of the newest block are free is known here only."""

    path: Path
    size: int
    block: int
    site_salt: bytes
    today: Callable[[], date]
    _free: set[int] = field(default_factory=set)
    _seen: tuple[int, int] | None = None

    def rows(self) -> list[bytes]:
        """All slots, dummies included; a torn length cannot happen, a foreign file is refused."""
        raw = self.path.read_bytes()
        if len(raw) % (self.size * self.block):
            raise ValueError(
                f"{self.path}: {len(raw)} bytes are no whole blocks; restore the file"
            )
        return [raw[at : at + self.size] for at in range(0, len(raw), self.size)]

    def find(self, tag: bytes) -> bytes | None:
        """The envelope under this tag, if it lies here."""
        return next((row for row in self.rows() if row[:TAG] == tag), None)

    def put(self, *envelopes: bytes) -> None:
        """Durable when it returns. A tag that is already here keeps its first envelope."""
        rows, free = self.rows(), self._known_free()
        taken = {row[:TAG] for row in rows}
        for envelope in envelopes:
            if envelope[:TAG] in taken:
                continue
            if not free:
                free = set(range(len(rows), len(rows) + self.block))
                rows += self._dummies()
            slot = secrets.choice(sorted(free))
            free.discard(slot)
            rows[slot] = envelope
            taken.add(envelope[:TAG])
        self._write(rows, free)

    def rewrite(self) -> None:
        """The same content in a new file: what a reader costs, and the cover for what a writer costs."""
        self._write(self.rows(), self._known_free())

    def renew(self) -> None:
        """After a flush: one block of fresh dummies."""
        self._write(self._dummies(), set(range(self.block)))

    def open(self) -> None:
        """At the start every slot found counts as taken, because a dummy cannot be told from a letter."""
        if not self.path.exists():
            self.renew()

    def _write(self, rows: list[bytes], free: set[int]) -> None:
        replace_file(self.path, rows, self.today())
        self._free, self._seen = free, self._mark()

    def _known_free(self) -> set[int]:
        """Empty when another process (a flush by hand) has put a new file here."""
        return set(self._free) if self._seen == self._mark() else set()

    def _mark(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_ino, status.st_ctime_ns

    def _dummies(self) -> list[bytes]:
        padded = {LETTER: 16384, PHOTO: 262144}[self.size]
        return [dummy(self.site_salt, padded=padded) for _ in range(self.block)]
