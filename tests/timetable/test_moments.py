"""Due moments of every kind of schedule."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from lianbot.domain.campaigns import Course, Cron, Festival, Milestone, Once, Review, Since
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.festivals import Almanac
from lianbot.timetable.moments import CronMoments, end_of, moments_of, most_a_day

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
ALMANAC = Almanac(
    days={
        "mid-autumn": (date(2026, 9, 25), date(2027, 9, 15), date(2028, 10, 3)),
        "new-year": (date(2027, 1, 1),),
    },
    off=frozenset({date(2027, 1, 1)}),
)


def test_once_is_due_once_after_the_look_and_not_at_it():
    once = Once(at=NOW + timedelta(hours=1))
    assert moments_of(once, NOW, NOW + timedelta(hours=1)) == [once.at]
    assert moments_of(once, once.at, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "schedule", [Cron(expression="7 14 * * tue"), Course(shelf="COOK", expression="7 14 * * tue")]
)
def test_the_weekly_rhythm_is_local_time(schedule):
    found = moments_of(schedule, NOW, NOW + timedelta(days=14))
    assert found == [NOW + timedelta(days=7), NOW + timedelta(days=14)]


def test_a_festival_is_due_every_year_of_the_table_so_many_days_before():
    schedule = Festival(node="mid-autumn", offset=-10)
    found = moments_of(schedule, NOW, NOW + timedelta(days=800), ALMANAC)
    assert found == [
        datetime(2027, 9, 5, 6, 7, tzinfo=UTC),
        datetime(2028, 9, 23, 6, 7, tzinfo=UTC),
    ]


def test_working_days_after_a_festival_jump_over_days_off():
    schedule = Festival(node="new-year", offset=1, working=True, clock=time(9, 11))
    found = moments_of(schedule, NOW, NOW + timedelta(days=60), ALMANAC)
    assert found == [datetime(2027, 1, 4, 1, 11, tzinfo=UTC)]


def test_a_festival_that_the_table_does_not_know_is_refused_by_name():
    schedule = Festival(node="easter", offset=-5)
    with pytest.raises(InvalidInputError, match="easter"):
        CronMoments(ALMANAC).upcoming(schedule, NOW, NOW)


@pytest.mark.parametrize("schedule", [Since(event=Milestone.START, days=(1, 4, 8)), Review()])
def test_personal_schedules_are_looked_at_daily(schedule):
    found = moments_of(schedule, NOW, NOW + timedelta(days=3))
    assert found == [NOW + timedelta(days=n) for n in (1, 2, 3)]


def test_an_unknown_zone_is_named():
    schedule = Festival(node="new-year", offset=-1, zone="Asia/Nowhere")
    with pytest.raises(InvalidInputError, match="Nowhere"):
        moments_of(schedule, NOW, NOW, ALMANAC)


# --- the end -------------------------------------------------------------------------------------

SEASONS = Almanac(
    days={"mid-autumn": (date(2027, 9, 15),), "graduation": (date(2027, 6, 1),)},
    until={("mid-autumn", date(2027, 9, 15)): date(2027, 9, 15), ("graduation", date(2027, 6, 1)): date(2027, 7, 10)},
)  # fmt: skip
MID = Festival(node="mid-autumn", offset=-10)
AFTER = Festival(node="mid-autumn", offset=2)
SEASON = Festival(node="graduation", offset=-5)


def at_noon(month: int, day: int) -> datetime:
    return datetime(2027, month, day, 6, 7, tzinfo=UTC)


def midnight(month: int, day: int) -> datetime:
    """The end of that local day."""
    return datetime(2027, month, day, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("label", "schedule", "due", "ends"),
    [
        ("a lesson has thirty days", Course(shelf="COOK", expression="7 14 * * tue"), at_noon(9, 5), at_noon(10, 5)),
        ("a single push too", Once(at=at_noon(9, 5)), at_noon(9, 5), at_noon(10, 5)),
        ("a review too", Review(), at_noon(9, 5), at_noon(10, 5)),
        ("before a festival: with the festival's day", MID, at_noon(9, 5), midnight(9, 15)),
        ("its reminder ends with it", MID, at_noon(9, 7), midnight(9, 15)),
        ("people added after it get nothing of it", MID, at_noon(9, 20), midnight(9, 15)),
        ("after a festival: a week", AFTER, at_noon(9, 17), midnight(9, 24)),
        ("before a season: with the season, in thirty days at most", SEASON, at_noon(5, 27), at_noon(6, 26)),
        ("a node that the table lost has a week", Festival(node="gone", offset=-3), at_noon(9, 5), midnight(9, 12)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_from_when_on_nothing_of_it_leaves(label, schedule, due, ends):
    almanac = replace(SEASONS, days={**SEASONS.days, "gone": ()})
    assert end_of(schedule, due, almanac) == ends, label


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("7 14 * * tue", 1),
        ("7 14 * * *", 1),
        ("* * * * *", 1_440),
        ("*/30 14 * * *", 2),
        ("7 9,14 * * mon", 2),
        ("7,37 14 29 2 *", 2),
        ("0 * * * *", 24),
        ("7 14 31 2 *", 0),
    ],
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "UTC"])
def test_how_often_a_schedule_is_due_on_a_day(expression, times, zone):
    made = Cron(expression=expression, zone=zone)
    assert most_a_day(made) == times
    assert most_a_day(Course(shelf="COOK", expression=expression, zone=zone)) == most_a_day(made)


@pytest.mark.parametrize("schedule", [Once(at=NOW), MID, Review()], ids=str)
def test_other_schedules_are_due_once_a_day(schedule):
    assert most_a_day(schedule) == 1
