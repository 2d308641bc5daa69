"""The door's one look at the time; everything it writes down is coarser than a day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SCHOOL = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


class ClockError(ValueError):
    """LIANBOT_CLOCK cannot be followed."""


def open_clock(setting: str) -> Clock:
    """`system`, or `file:PATH` whose content is an offset in seconds, read at every look."""
    if setting == "system":
        return _system
    kind, _, path = setting.partition(":")
    if kind != "file" or not path:
        raise ClockError(f"LIANBOT_CLOCK: system or file:PATH, not {setting!r}")
    return lambda: _system() + timedelta(seconds=_offset(Path(path)))


def school_day(clock: Clock) -> date:
    """Today at the school."""
    return clock().astimezone(SCHOOL).date()


def midnight(day: date) -> float:
    """The school's midnight as a file time."""
    return datetime.combine(day, datetime.min.time(), SCHOOL).timestamp()


def _system() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the door's own clock port


def _offset(path: Path) -> float:
    try:
        return float(path.read_text(encoding="ascii").strip() or 0)
    except FileNotFoundError:
        return 0.0
    except ValueError as bad:
        raise ClockError(f"LIANBOT_CLOCK: {path} must hold a number of seconds") from bad
