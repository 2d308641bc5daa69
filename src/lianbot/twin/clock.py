"""The twin's clock: the wall's time plus an offset that a file shares with every other process."""

from __future__ import annotations

import math
import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

# A stat costs 1 µs; under load several thousand calls a second share one look at the file.
_LOOK_AGAIN_AFTER = 0.02

# 中秋 by the calendar, not by any runtime's lunar tables; the tests compare it with one.
MID_AUTUMN = {
    2026: (9, 25),
    2027: (9, 15),
    2028: (10, 3),
    2029: (9, 22),
    2030: (9, 12),
    2031: (10, 1),
    2032: (9, 19),
    2033: (9, 8),
    2034: (9, 27),
    2035: (9, 16),
}


class ClockError(ValueError):
    """The clock setting or the offset file cannot be used; the text names it and the mend."""


class TwinClock:
    """Seconds since the epoch as the platform sees them.

    `spec` is `system` or `file:PATH`; PATH holds an offset in seconds as decimal text and may
    change at any time. A missing file means no offset.
    """

    def __init__(self, spec: str = "system") -> None:
        self.spec = spec
        self._offset = 0.0
        self._path: Path | None = None
        self._seen: tuple[int, int, int] | None = None
        self._looked = -math.inf
        if spec.startswith("file:") and len(spec) > len("file:"):
            self._path = Path(spec.removeprefix("file:"))
            self._read(strict=True)
        elif spec != "system":
            raise ClockError(f"clock {spec!r}: write `system` or `file:PATH`")

    def now(self) -> float:
        """The platform's present, in seconds since the epoch."""
        if self._path is not None:
            tick = time.monotonic()
            if tick - self._looked > _LOOK_AGAIN_AFTER:
                self._looked = tick
                self._read(strict=False)
        return time.time() + self._offset  # noqa: TID251 - the twin's one look at the wall clock

    @property
    def offset(self) -> float:
        """Seconds between this clock and the wall's."""
        if self._path is not None:
            self._read(strict=False)
        return self._offset

    @property
    def movable(self) -> bool:
        """Whether other processes follow when this clock is moved."""
        return self._path is not None

    def local(self) -> datetime:
        """The present as an aware datetime in Asia/Shanghai."""
        return datetime.fromtimestamp(self.now(), SHANGHAI)

    def move(self, seconds: float) -> None:
        """Move by `seconds`; with a file, every process that reads it moves too."""
        self.set_offset(self.offset + seconds)

    def move_to(self, moment: datetime) -> None:
        """Move so that the present becomes `moment` (aware)."""
        self.move(moment.timestamp() - self.now())

    def set_offset(self, offset: float) -> None:
        """Write the offset; the file is replaced in one step so that nobody reads half of it."""
        if not math.isfinite(offset):
            raise ClockError(f"clock offset {offset!r}: must be a finite number of seconds")
        if self._path is not None:
            draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            draft.write_text(f"{offset:.6f}\n", encoding="ascii")
            draft.replace(self._path)
        self._offset = offset
        self._seen = None

    def _read(self, *, strict: bool) -> None:
        path = self._path
        if path is None:
            return
        try:
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if mark == self._seen:
                return
            self._offset = _offset_from(path.read_text(encoding="ascii"), path)
            self._seen = mark
        except FileNotFoundError:
            self._offset, self._seen = 0.0, None
        except (ClockError, UnicodeDecodeError):
            # While running, a half-typed number keeps the old offset; at the start it is an error.
            if strict:
                raise


def _offset_from(text: str, path: Path) -> float:
    try:
        offset = float(text.strip() or "0")
    except ValueError:
        offset = math.nan
    if not math.isfinite(offset):
        raise ClockError(f"{path}: {text[:40]!r} is no offset in seconds, write e.g. 3600")
    return offset


def next_morning(now: datetime) -> datetime:
    """07:30 of the following day."""
    return (now + timedelta(days=1)).replace(hour=7, minute=30, second=0, microsecond=0)


def before_mid_autumn(now: datetime, days: int = 10) -> datetime:
    """09:07, `days` days before the next 中秋 that is still that far away."""
    for year in range(now.year, now.year + 3):
        if year not in MID_AUTUMN:
            break
        month, day = MID_AUTUMN[year]
        moment = datetime(year, month, day, 9, 7, tzinfo=SHANGHAI) - timedelta(days=days)
        if moment > now:
            return moment
    raise ClockError(f"中秋 after {now.date()} is not in the twin's table (to {max(MID_AUTUMN)})")


def next_year(now: datetime) -> datetime:
    """The same day a year on (28 February after a 29 February)."""
    try:
        return now.replace(year=now.year + 1)
    except ValueError:
        return now.replace(year=now.year + 1, day=28)


def jump_target(name: str, now: datetime) -> datetime:
    """The moment a named button of the demo leads to."""
    match name:
        case "hour":
            return now + timedelta(hours=1)
        case "morning":
            return next_morning(now)
        case "day":
            return now + timedelta(days=1)
        case "mid_autumn":
            return before_mid_autumn(now)
        case "year":
            return next_year(now)
        case _:
            pass
    raise ClockError(f"jump {name!r}: one of hour, morning, day, mid_autumn, year")
