"""Quiet days and a team's own windows over the post's profile."""

from datetime import UTC, date, datetime, time

import pytest

from lianbot.domain.calendar import may_leave, next_chance
from lianbot.domain.codes import Post
from lianbot.domain.hours import NO_HOURS, Hours, TeamHours
from lianbot.domain.posts import DayWindow, PostProfile

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
