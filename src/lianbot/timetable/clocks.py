"""Clocks: the system's, or one moved by an offset that lies in a file (LIANBOT_CLOCK)."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lianbot.domain.errors import InvalidInputError
from lianbot.ports.clock import Clock

LOOK_AGAIN = 0.05
"""Seconds after which the file is looked at again; reading it at each call would cost the hot path."""


class SystemClock:
    """The wall's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one place


class FileClock:
    """The wall's clock plus the seconds written in a file, which demo and tests move."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked = -1.0
        self._stamp: tuple[int, int] | None = None
        self._offset = timedelta()
        self._read()

    def now(self) -> datetime:
        ticks = time.monotonic()
        if ticks - self._looked > LOOK_AGAIN:
            self._looked = ticks
            self._read()
        return datetime.now(UTC) + self._offset  # noqa: TID251 - the one place

    def look(self) -> None:
        """Reads the file now: for whoever has just moved it."""
        self._looked = time.monotonic()
        self._read()

    def _read(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                self._offset = timedelta(seconds=float(self._path.read_text() or 0))
                self._stamp = stamp
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                "LIANBOT_CLOCK", f"读不到时钟文件 {self._path}：里面应当是一个秒数"
            ) from error


def open_clock(spec: str) -> Clock:
    """`system` or `file:PATH`; raises InvalidInputError naming the setting."""
    if spec == "system":
        return SystemClock()
    kind, _, path = spec.partition(":")
    if kind != "file" or not path:
        raise InvalidInputError("LIANBOT_CLOCK", "只能写 system 或 file:路径")
    return FileClock(Path(path))


def move_clock(path: Path, target: datetime) -> None:
    """Writes the offset that makes the file's clock read `target` now; the file is replaced in one step."""
    offset = (target - datetime.now(UTC)).total_seconds()  # noqa: TID251 - the one place
    fresh = path.with_suffix(".new")
    fresh.write_text(f"{offset:.6f}\n")
    fresh.replace(path)
