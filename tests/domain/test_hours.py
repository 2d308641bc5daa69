"""Quiet days and a team's own windows over the post's profile."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.calendar import SHANGHAI, may_leave, next_chance
from lianbot.domain.codes import Post
from lianbot.domain.hours import NO_HOURS, Hours, TeamHours
from lianbot.domain.people import PreferredTime
from lianbot.domain.posts import DayWindow, PostProfile, Shift


def span(start: str, end: str) -> DayWindow:
    return DayWindow(start=time.fromisoformat(start), end=time.fromisoformat(end))


GUARD = PostProfile(
    code=Post.GUARD,
    name="保安",
    short="保安",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15)),),
    never=(DayWindow(start=time(0), end=time(7)),),
    topics=(),
)
TUESDAY = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
NIGHT = TeamHours(send=(DayWindow(start=time(20, 10), end=time(21, 30)),))


def test_without_rows_the_posts_windows_hold():
    assert NO_HOURS.of(GUARD, 7) == GUARD


def test_on_a_quiet_day_nothing_leaves_and_the_next_chance_is_the_day_after():
    profile = Hours(quiet={date(2026, 12, 1): "停电检修"}).of(GUARD, 7)
    assert not may_leave(profile, TUESDAY)
    assert next_chance(profile, TUESDAY) == datetime(2026, 12, 2, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("team", "hour", "leaves"), [(7, 12, True), (7, 6, False), (8, 12, False), (8, 6, True)]
)
def test_a_teams_own_window_takes_the_place_of_its_posts(team, hour, leaves):
    profile = Hours(teams={7: NIGHT}).of(GUARD, team)
    assert may_leave(profile, TUESDAY.replace(hour=hour, minute=20)) is leaves


def test_what_a_team_leaves_open_stays_as_the_post_says():
    assert Hours(teams={7: NIGHT}).of(GUARD, 7).never == GUARD.never


# --- shift and chosen time -------------------------------------------------------------------------

NEVER = (DayWindow(start=time(0), end=time(7)),)
SHIFTS = (
    Shift(words=("白班",), starts=(span("06:00", "09:59"),), send=(span("08:10", "09:20"),)),
    Shift(
        words=("夜班", "晚班"), starts=(span("18:00", "23:59"),), send=(span("20:10", "21:25"),)
    ),
)
WISHES = (
    (PreferredTime.BEFORE_SHIFT, (span("05:00", "11:00"),)),
    (PreferredTime.NOON, (span("11:00", "15:00"),)),
    (PreferredTime.AFTER_SHIFT, (span("15:00", "22:00"),)),
)
WATCH = replace(
    GUARD,
    send=(span("08:10", "09:20"), span("14:10", "15:40"), span("20:10", "21:25")),
    shifts=SHIFTS,
    wishes=WISHES,
)


def hours_of(shift: str = "", preferred: PreferredTime = PreferredTime.ANY, **team: object):
    hours = Hours(teams={7: TeamHours(**team)} if team else {})
    found = hours.of(WATCH, 7, shift, preferred)
    return [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in found.send]


ALL_DAY = ["08:10-09:20", "14:10-15:40", "20:10-21:25"]


@pytest.mark.parametrize(
    ("shift", "windows"),
    [
        ("", ALL_DAY),
        ("夜班", ["20:10-21:25"]),
        ("保安夜班（12小时）", ["20:10-21:25"]),
        ("20:00-08:00", ["20:10-21:25"]),
        ("早8点到晚8点", ["08:10-09:20"]),
        ("8:00-20:00", ["08:10-09:20"]),
        ("白班/夜班轮", ALL_DAY),
        ("三班倒", ALL_DAY),
        ("11:30上班", ALL_DAY),
    ],
)
def test_the_rosters_shift_decides_when_its_people_can_read(shift, windows):
    assert hours_of(shift) == windows


@pytest.mark.parametrize(
    ("preferred", "windows"),
    [
        (PreferredTime.ANY, ALL_DAY),
        (PreferredTime.BEFORE_SHIFT, ["08:10-09:20"]),
        (PreferredTime.NOON, ["14:10-15:00"]),
        (PreferredTime.AFTER_SHIFT, ["15:00-15:40", "20:10-21:25"]),
        (PreferredTime.PAPER_ONLY, ALL_DAY),
    ],
)
def test_the_chosen_time_keeps_to_its_part_of_the_windows(preferred, windows):
    assert hours_of("", preferred) == windows


def test_a_chosen_time_that_the_shift_leaves_nothing_of_does_not_count():
    assert hours_of("夜班", PreferredTime.NOON) == ["20:10-21:25"]


def test_the_teams_own_windows_hold_for_every_shift_of_it():
    own = (span("08:30", "09:00"), span("20:30", "23:00"))
    assert hours_of("夜班", send=own) == ["20:30-21:25"]
    assert hours_of("白班", send=own) == ["08:30-09:00"]
    assert hours_of("夜班", send=(span("10:00", "11:00"),)) == ["10:00-11:00"]


WINDOWS = st.lists(
    st.tuples(st.times(), st.times()).map(
        lambda pair: DayWindow(
            start=pair[0].replace(second=0, microsecond=0),
            end=pair[1].replace(second=0, microsecond=0),
        )
    ),
    max_size=3,
).map(tuple)


@given(
    send=WINDOWS,
    never=WINDOWS,
    shift=WINDOWS,
    wish=WINDOWS,
    own=WINDOWS,
    minute=st.integers(0, 1439),
)
def test_whatever_shift_and_wish_say_nothing_leaves_in_a_never_window(
    send, never, shift, wish, own, minute
):
    profile = replace(
        GUARD,
        send=send,
        never=never,
        shifts=(Shift(words=("夜",), starts=(), send=shift),),
        wishes=((PreferredTime.NOON, wish),),
    )
    hours = Hours(teams={7: TeamHours(send=own)})
    laid = hours.of(profile, 7, "夜班", PreferredTime.NOON)
    moment = datetime.combine(date(2026, 12, 1), time(0), tzinfo=SHANGHAI) + timedelta(
        minutes=minute
    )
    if may_leave(laid, moment):
        assert not any(one.contains(moment.time()) for one in never)
        if send or own:
            allowed = (*shift, *(own or send))
            assert any(one.contains(moment.time()) for one in allowed)


# --- several posts -------------------------------------------------------------------------------


def profile(send: tuple[str, ...], never: tuple[str, ...] = ()) -> PostProfile:
    return replace(
        GUARD,
        send=tuple(span(*one.split("-")) for one in send),
        never=tuple(span(*one.split("-")) for one in never),
    )


def windows(found: PostProfile) -> list[str]:
    return [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in found.send]


DAY, EVENING = ("14:00-16:00",), ("20:10-21:30",)


@pytest.mark.parametrize(
    ("label", "main", "second", "send"),
    [
        ("what both share", profile(DAY), profile(("15:00-18:00",)), ["15:00-16:00"]),
        ("outside the never of the second", profile(DAY), profile((), ("14:00-15:00",)), ["15:00-16:00"]),
        ("outside the never of the main one", profile(DAY, ("15:00-16:00",)), profile(("12:00-18:00",)), ["14:00-15:00"]),
        ("nothing in common: the main post's", profile(EVENING), profile(DAY), ["20:10-21:30"]),
        ("… outside the never of the second", profile(EVENING), profile(DAY, ("21:00-06:00",)), ["20:10-21:00"]),
        ("… or the main post alone", profile(EVENING), profile(DAY, ("20:00-08:00",)), ["20:10-21:30"]),
        ("a few minutes in common are no time to read", profile(DAY), profile(("15:55-18:00",)), ["14:00-16:00"]),
        ("a post that is always free restricts nothing", profile(()), profile(DAY), ["14:00-16:00"]),
        ("two that are always free", profile(()), profile((), ("00:00-07:00",)), []),
        ("over midnight", profile(("22:00-02:00",)), profile(("23:00-06:00",)), ["00:00-02:00", "23:00-00:00"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_somebody_with_two_posts_is_reached_when_both_can_read(label, main, second, send):
    both = {Post.GUARD: main, Post.CLEAN: replace(second, code=Post.CLEAN)}
    found = NO_HOURS.of_posts(both, (Post.GUARD, Post.CLEAN), 7)
    assert windows(found) == send, label


def test_the_shift_of_each_post_is_its_own_and_quiet_days_hold_for_all():
    clean = replace(profile(("19:00-20:40",)), code=Post.CLEAN)
    hours = Hours(quiet={date(2026, 12, 1): "停电检修"})
    found = hours.of_posts(
        {Post.GUARD: WATCH, Post.CLEAN: clean}, (Post.GUARD, Post.CLEAN), 7, "夜班"
    )
    assert windows(found) == ["20:10-20:40"]
    assert not may_leave(found, TUESDAY.replace(hour=12, minute=20))
    assert may_leave(found, TUESDAY.replace(day=2, hour=12, minute=20))


CLOCKS = st.integers(0, 143).map(lambda n: n * 10)
SPANS = st.lists(st.tuples(CLOCKS, st.integers(2, 60)), max_size=3).map(
    lambda spans: tuple(
        DayWindow(
            start=time(low // 60, low % 60),
            end=time((low + 10 * n) % 1440 // 60, (low + 10 * n) % 60),
        )
        for low, n in spans
    )
)


@given(st.tuples(SPANS, SPANS, SPANS, SPANS), CLOCKS)
def test_where_two_posts_share_a_time_it_is_exactly_what_both_allow(spans, minute):
    main = replace(GUARD, send=spans[0], never=spans[1])
    second = replace(GUARD, code=Post.CLEAN, send=spans[2], never=spans[3])
    posts = {Post.GUARD: main, Post.CLEAN: second}
    found = NO_HOURS.of_posts(posts, tuple(posts), 7)
    allowed = [
        at
        for at in range(0, 1440, 10)
        if all(may_leave(one, at_minute(at)) for one in (main, second))
    ]
    if allowed:
        assert may_leave(found, at_minute(minute)) == (minute in allowed)
    elif found != main:
        assert not may_leave(second, at_minute(minute)) or not may_leave(found, at_minute(minute))


def at_minute(minute: int) -> datetime:
    """That minute of a local day."""
    return datetime(2026, 12, 1, minute // 60, minute % 60, tzinfo=SHANGHAI)
