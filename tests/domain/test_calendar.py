"""When a push may leave: windows of posts, nights that run past midnight, minutes that are crowded."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianbot.domain.calendar import (
    SHANGHAI,
    crowded,
    local,
    may_leave,
    next_chance,
    start_of_local_day,
)
from lianbot.domain.codes import Post
from lianbot.domain.posts import DayWindow, PostProfile

TUESDAY = date(2026, 12, 1)


def profile(send: str = "", never: str = "") -> PostProfile:
    """Windows as content writes them: "14:00-15:50 20:30-07:00"."""
    return PostProfile(
        code=Post.COOK,
        name="厨师",
        short="厨师",
        aliases=(),
        send=tuple(map(window, send.split())),
        never=tuple(map(window, never.split())),
        topics=(),
    )


def window(text: str) -> DayWindow:
    start, end = (time.fromisoformat(one) for one in text.split("-"))
    return DayWindow(start=start, end=end)


def at(clock: str, day: date = TUESDAY) -> datetime:
    moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def clock_of(moment: datetime | None) -> str | None:
    return moment and local(moment).strftime("%d %H:%M")


COOK = profile("14:00-15:50", "10:00-13:15 16:20-19:15 19:30-07:00")
BUYER = profile("14:00-16:00", "04:30-08:30 20:30-04:30")
GUARD = profile("09:30-11:00 15:00-17:00 20:30-21:30", "22:00-06:00")
NIGHT = profile("21:00-02:00", "23:00-00:30")
ANYTIME = profile(never="20:00-07:00")


@pytest.mark.parametrize(
    ("label", "who", "clock", "allowed"),
    [
        ("inside the window", COOK, "14:07", True),
        ("the first minute belongs to it", COOK, "14:00", True),
        ("the last does not", COOK, "15:50", False),
        ("while cooking", COOK, "11:20", False),
        ("outside, though nothing forbids it", COOK, "09:00", False),
        ("a second window", GUARD, "20:45", True),
        ("between the windows", GUARD, "12:00", False),
        ("night after midnight", BUYER, "02:00", False),
        ("night before midnight", BUYER, "23:00", False),
        ("a window past midnight, before it", NIGHT, "22:00", True),
        ("a window past midnight, after it", NIGHT, "01:00", True),
        ("never wins inside the window", NIGHT, "23:30", False),
        ("never wins just after midnight", NIGHT, "00:15", False),
        ("no send window: whenever it is not forbidden", ANYTIME, "12:00", True),
        ("no send window at night", ANYTIME, "03:00", False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_push_leaves_only_when_the_post_can_read(label, who, clock, allowed):
    assert may_leave(who, at(clock)) is allowed, label


@pytest.mark.parametrize(
    ("label", "who", "after", "chance"),
    [
        ("now, when now is good", COOK, "14:07", "01 14:07"),
        ("not at the full hour", COOK, "13:00", "01 14:01"),
        ("not at the half hour", COOK, "14:30", "01 14:31"),
        ("tomorrow when today is over", COOK, "16:00", "02 14:01"),
        ("the next window of the day", GUARD, "12:00", "01 15:01"),
        ("the evening window, off the half hour", GUARD, "17:00", "01 20:31"),
        ("after the forbidden stretch inside a window", NIGHT, "23:10", "02 00:31"),
        ("in the morning where only the night is forbidden", ANYTIME, "22:00", "02 07:01"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_next_chance(label, who, after, chance):
    assert clock_of(next_chance(who, at(after))) == chance, label


def test_windows_that_contradict_each_other_leave_no_chance():
    assert next_chance(profile("14:00-15:00", "13:00-16:00"), at("09:00")) is None


def test_a_window_of_one_crowded_minute_leaves_no_chance():
    assert next_chance(profile("14:30-14:31"), at("09:00")) is None


CLOCKS = st.times(max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0))
WINDOWS = st.lists(st.builds(DayWindow, start=CLOCKS, end=CLOCKS), max_size=3).map(tuple)
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def profile_of(send: tuple[DayWindow, ...], never: tuple[DayWindow, ...]) -> PostProfile:
    return PostProfile(
        code=Post.COOK, name="", short="", aliases=(), send=send, never=never, topics=()
    )


@given(WINDOWS, WINDOWS, MOMENTS)
def test_a_chance_is_allowed_calm_and_not_in_the_past(send, never, after):
    who = profile_of(send, never)
    chance = next_chance(who, after)
    if chance is not None:
        assert chance >= after
        assert may_leave(who, chance)
        assert not crowded(chance)


@settings(max_examples=40, deadline=None)
@given(WINDOWS, WINDOWS, MOMENTS)
def test_no_earlier_minute_of_the_next_two_days_was_a_chance(send, never, after):
    who = profile_of(send, never)
    chance = next_chance(who, after)
    minute = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    end = min(chance or minute + timedelta(days=2), minute + timedelta(days=2))
    while minute < end:
        assert crowded(minute) or not may_leave(who, minute)
        minute += timedelta(minutes=1)


@given(MOMENTS)
def test_the_local_day_starts_at_its_midnight(moment):
    start = start_of_local_day(moment)
    assert local(start).time() == time(0)
    assert local(start).date() == local(moment).date()
