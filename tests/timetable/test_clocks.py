"""Clocks: the wall's, or one moved by a file that everybody reads."""

from datetime import UTC, datetime, timedelta

import pytest

from lianbot.domain.errors import InvalidInputError
from lianbot.timetable.clocks import FileClock, SystemClock, move_clock, open_clock

TARGET = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
SLACK = timedelta(seconds=5)


def test_the_systems_clock_is_aware_and_utc():
    assert open_clock("system").now().utcoffset() == timedelta(0)
    assert isinstance(open_clock("system"), SystemClock)


def test_a_moved_clock_reads_the_target(tmp_path):
    move_clock(tmp_path / "clock", TARGET)
    assert abs(open_clock(f"file:{tmp_path / 'clock'}").now() - TARGET) < SLACK


def test_a_clock_that_is_moved_again_is_seen_when_looked_at(tmp_path):
    move_clock(tmp_path / "clock", TARGET)
    clock = FileClock(tmp_path / "clock")
    move_clock(tmp_path / "clock", TARGET + timedelta(days=365))
    clock.look()
    assert abs(clock.now() - TARGET - timedelta(days=365)) < SLACK


def test_an_empty_file_moves_nothing(tmp_path):
    (tmp_path / "clock").write_text("")
    moved = open_clock(f"file:{tmp_path / 'clock'}").now()
    assert abs(moved - SystemClock().now()) < SLACK


@pytest.mark.parametrize("spec", ["", "wall", "file:", "http://time", "FILE:x"])
def test_any_other_spec_names_the_setting(spec):
    with pytest.raises(InvalidInputError) as refused:
        open_clock(spec)
    assert refused.value.place == "LIANBOT_CLOCK"


@pytest.mark.parametrize("text", ["tomorrow", "1,5", "--3"])
def test_a_file_without_seconds_names_the_setting(tmp_path, text):
    (tmp_path / "clock").write_text(text)
    with pytest.raises(InvalidInputError, match="LIANBOT_CLOCK"):
        open_clock(f"file:{tmp_path / 'clock'}")


def test_the_file_is_replaced_in_one_step(tmp_path):
    move_clock(tmp_path / "clock", TARGET)
    assert [one.name for one in tmp_path.iterdir()] == ["clock"]
