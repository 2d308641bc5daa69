"""The clock: offsets from a file, jumps of the demo's buttons."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from lunardate import LunarDate

from lianbot.twin.clock import (
    MID_AUTUMN,
    SHANGHAI,
    ClockError,
    TwinClock,
    jump_target,
)

NOW = datetime(2026, 12, 1, 14, 7, tzinfo=SHANGHAI)


def test_a_file_moves_every_clock_that_reads_it(tmp_path: Path) -> None:
    spec = f"file:{tmp_path / 'offset'}"
    one, other = TwinClock(spec), TwinClock(spec)
    one.move(3600)
    assert other.offset == pytest.approx(3600)


def test_move_to_reaches_the_moment(tmp_path: Path) -> None:
    clock = TwinClock(f"file:{tmp_path / 'offset'}")
    clock.move_to(NOW)
    assert abs((clock.local() - NOW).total_seconds()) < 1


@pytest.mark.parametrize("text", ["abc", "nan", "inf"])
def test_a_broken_offset_file_stops_the_start_and_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "offset"
    path.write_text(text)
    with pytest.raises(ClockError, match="offset"):
        TwinClock(f"file:{path}")


def test_a_file_that_breaks_later_keeps_the_old_offset(tmp_path: Path) -> None:
    path = tmp_path / "offset"
    path.write_text("60")
    clock = TwinClock(f"file:{path}")
    path.write_text("sixty one")
    assert clock.offset == 60


def test_an_unknown_spec_is_refused() -> None:
    with pytest.raises(ClockError, match="file:PATH"):
        TwinClock("sundial")


@pytest.mark.parametrize("year", sorted(MID_AUTUMN))
def test_mid_autumn_is_the_fifteenth_of_the_eighth_moon(year: int) -> None:
    assert LunarDate(year, 8, 15).to_solar_date() == date(year, *MID_AUTUMN[year])


@pytest.mark.parametrize(
    ("jump", "reached"),
    [
        ("hour", "2026-12-01T15:07:00+08:00"),
        ("morning", "2026-12-02T07:30:00+08:00"),
        ("day", "2026-12-02T14:07:00+08:00"),
        ("mid_autumn", "2027-09-05T09:07:00+08:00"),
        ("year", "2027-12-01T14:07:00+08:00"),
    ],
)
def test_each_button_leads_to_its_moment(jump: str, reached: str) -> None:
    assert jump_target(jump, NOW).isoformat() == reached


def test_an_unknown_button_is_refused() -> None:
    with pytest.raises(ClockError, match="hour, morning"):
        jump_target("decade", NOW)
