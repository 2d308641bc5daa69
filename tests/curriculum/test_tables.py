"""The tables: strict reading, and the shipped calendar against two independent sources."""

import shutil
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import chinese_calendar
import pytest
from lunardate import LunarDate

from lianbot.curriculum import (
    ContentError,
    load_calendar,
    load_courses,
    load_laws,
    load_menu,
    load_posts,
    load_risks,
    load_topics,
)
from lianbot.domain.calendar import next_chance
from lianbot.domain.codes import Post, Risk, Topic
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.people import PreferredTime

YEARS = (2026, 2027, 2028)
LUNAR = {"spring-festival": (1, 1), "dragon-boat": (5, 5), "mid-autumn": (8, 15)}
STATUTORY = {2026: 13, 2027: 13, 2028: 12}
"""Statutory days off a year: 13, one less where 中秋 falls into 国庆 (2028)."""


@pytest.fixture(scope="module")
def calendar(shipped):
    return load_calendar(shipped)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("node", LUNAR)
def test_lunar_festivals_stand_on_their_lunar_day(calendar, node, year):
    assert calendar.day_of(node, year).day == LunarDate(year, *LUNAR[node]).to_solar_date()


@pytest.mark.parametrize("year", YEARS)
def test_qingming_stands_on_its_solar_term(calendar, year):
    terms = chinese_calendar.get_solar_terms(date(year, 4, 1), date(year, 4, 10))
    assert calendar.day_of("qingming", year).day in {day for day, _ in terms}


def arrangement(calendar, year):
    return next(one for one in calendar.years if one.year == year)


def days_of(year):
    return [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year == 2028))]


def test_the_announced_year_agrees_with_the_published_table(calendar):
    year = arrangement(calendar, 2026)
    off, work = set(year.days_off), set(year.make_up)
    ours = {day: day in off or (day.weekday() >= 5 and day not in work) for day in days_of(2026)}
    assert ours == {day: chinese_calendar.is_holiday(day) for day in days_of(2026)}


def test_the_announced_year_is_not_provisional(calendar):
    assert not arrangement(calendar, 2026).provisional


@pytest.mark.parametrize("year", [2027, 2028])
def test_a_year_without_a_notice_says_so_and_moves_no_working_day(calendar, year):
    found = arrangement(calendar, year)
    assert found.provisional
    assert found.make_up == ()
    assert len(found.days_off) == STATUTORY[year]


@pytest.mark.parametrize("year", [2027, 2028])
def test_festivals_are_days_off_even_before_the_notice(calendar, year):
    off = set(arrangement(calendar, year).days_off)
    nodes = (
        "new-year",
        "spring-festival",
        "qingming",
        "labour-day",
        "dragon-boat",
        "mid-autumn",
        "national-day",
    )
    assert {node for node in nodes if calendar.day_of(node, year).day not in off} == set()


@pytest.mark.parametrize("year", YEARS)
def test_every_node_has_its_day_every_year(calendar, year):
    assert [node.id for node in calendar.nodes if calendar.day_of(node.id, year) is None] == []


def test_a_schools_own_dates_are_provisional(calendar):
    assert calendar.day_of("term-start-autumn", 2027).provisional
    assert not calendar.day_of("mid-autumn", 2027).provisional


def test_every_post_has_a_profile(shipped):
    assert {one.code for one in load_posts(shipped)} == set(Post)


def test_every_topic_and_risk_has_a_name(shipped):
    assert {one.id for one in load_topics(shipped)} == set(Topic)
    assert {one.code for one in load_risks(shipped)} == set(Risk)


def test_topic_buttons_differ(shipped):
    buttons = [one.button for one in load_topics(shipped)]
    assert len(set(buttons)) == len(buttons)


def test_free_words_of_rosters_find_their_post(shipped):
    owner = {alias: one.code for one in load_posts(shipped) for alias in one.aliases}
    words = {
        "面点": Post.COOK,
        "打荷": Post.COOK,
        "打菜": Post.SELL,
        "仓管": Post.STORE,
        "楼管": Post.DORM,
        "门卫": Post.GUARD,
        "电工": Post.REPAIR,
    }
    assert {word: owner.get(word) for word in words} == words


@pytest.mark.parametrize("post", Post)
def test_every_post_can_be_reached_every_day(shipped, post):
    profile = next(one for one in load_posts(shipped) if one.code is post)
    start = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
    chance = next_chance(profile, start)
    assert chance is not None
    assert chance - start < timedelta(days=1)


def test_cooks_are_never_disturbed_over_the_stove(shipped):
    cook = next(one for one in load_posts(shipped) if one.code is Post.COOK)
    assert any(window.contains(time(11, 30)) for window in cook.never)
    assert [(one.start, one.end) for one in cook.send] == [(time(14), time(15, 50))]


@pytest.mark.parametrize(
    ("post", "shift", "start", "end"),
    [
        (Post.GUARD, "夜班", time(20, 10), time(21, 25)),
        (Post.GUARD, "20:00-08:00", time(20, 10), time(21, 25)),
        (Post.GUARD, "白班", time(8, 10), time(9, 20)),
        (Post.COOK, "早餐班", time(9, 5), time(14, 30)),
        (Post.COOK, "", time(14), time(15, 50)),
    ],
)
def test_shifts_read_in_their_own_hours(shipped, post, shift, start, end):
    profile = next(one for one in load_posts(shipped) if one.code is post)
    laid = NO_HOURS.of(profile, 1, shift)
    assert (laid.send[0].start, laid.send[-1].end) == (start, end)


def test_every_shift_and_every_chosen_time_can_be_reached_every_day(shipped):
    start = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
    for profile in load_posts(shipped):
        words = ["", *(word for shift in profile.shifts for word in shift.words)]
        for word, wish in product(words, PreferredTime):
            chance = next_chance(NO_HOURS.of(profile, 1, word, wish), start)
            assert chance is not None, (profile.code, word, wish)
            assert chance - start < timedelta(days=1)


def test_the_menu_is_three_by_five(shipped):
    assert [len(one.children) for one in load_menu(shipped)] == [5, 5, 5]


def test_laws_state_what_was_read(shipped):
    laws = {one.name: one for one in load_laws(shipped)}
    assert "41" in laws["政府采购法"].articles
    assert laws["食品安全法"].articles == ("全文",)


def test_courses_load_without_their_items(shipped):
    assert all(one.shelf for one in load_courses(shipped))


SPOILED = [
    ("posts.yaml", 'send: ["14:00-15:50"]', 'send: ["14:00–15:50"]', "不是时间段"),
    ("posts.yaml", 'send: ["20:10-21:25"]', 'send: ["23:10-01:25"]', "碰到 never"),
    ("posts.yaml", "[中班, 小夜]", "[夜班, 小夜]", "同一个说法"),
    ("posts.yaml", 'noon: ["11:00', 'noon: ["11', "不是时间段"),
    ("posts.yaml", "  COOK:\n", "  CHEF:\n", "CHEF"),
    ("posts.yaml", "    short: 厨师\n", "", "short"),
    ("posts.yaml", "打荷", "保安", "同时在"),
    ("posts.yaml", "[take-food, ", "[", "6 个"),
    ("topics.yaml", "button: 有人送礼", "button: 有人给我送了一份很大的礼", "太长"),
    ("topics.yaml", "id: gift-offer", "id: gift", "gift"),
    ("risks.yaml", "code: G3", "code: G33", "G33"),
    ("laws.yaml", "edition: 2014-08-31", "edition: 2014年", "edition"),
    ("menu.yaml", "name: 学一条", "name: 学习一条课", "4 个字"),
    ("menu.yaml", 'key: "topic:urgent"', 'key: "topic:urgently"', "主题不存在"),
    ("menu.yaml", "page: front}", "page: door}", "front"),
    ("calendar.yaml", 'mid-autumn: "2027-09-15"', 'mid-autumn: "2026-09-15"', "mid-autumn"),
    ("calendar.yaml", 'work: ["01-04"', 'work: ["01-01", "01-04"', "又放假又上班"),
    ("calendar.yaml", 'rest: ["01-01", "01-02"', 'rest: ["02-30", "01-02"', "02-30"),
]
LOADERS = {
    "posts.yaml": load_posts,
    "topics.yaml": load_topics,
    "risks.yaml": load_risks,
    "laws.yaml": load_laws,
    "menu.yaml": load_menu,
    "calendar.yaml": load_calendar,
}


@pytest.mark.parametrize(("file", "old", "new", "said"), SPOILED)
def test_a_spoiled_table_names_file_and_fault(shipped, tmp_path, file, old, new, said):
    text = (shipped / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as raised:
        LOADERS[file](tmp_path)
    assert file in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize("file", LOADERS)
def test_a_missing_table_is_named(tmp_path, file):
    with pytest.raises(ContentError, match=file):
        LOADERS[file](tmp_path)


@pytest.mark.parametrize("file", LOADERS)
def test_a_table_that_is_a_list_is_refused(tmp_path, file):
    (tmp_path / file).write_text("- a\n", "utf-8")
    with pytest.raises(ContentError, match=f"{file}:1"):
        LOADERS[file](tmp_path)


@pytest.mark.parametrize("quiet", ["02-30/03-01", "13-01/13-02", "1-1/2-2", "01-15"])
def test_a_quiet_span_that_is_none_is_refused(tmp_path, quiet):
    (tmp_path / "courses").mkdir()
    text = f'name: 课\npost: RECV\nlevels: [L6]\nshelf: [LSN-RECV-001]\nquiet: ["{quiet}"]\n'
    (tmp_path / "courses" / "RECV.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError, match="不是一段日子"):
        load_courses(tmp_path)


def test_a_quiet_span_runs_over_new_year(tmp_path):
    (tmp_path / "courses").mkdir()
    text = 'name: 课\npost: RECV\nlevels: [L6]\nshelf: [LSN-RECV-001]\nquiet: ["12-20/02-29"]\n'
    (tmp_path / "courses" / "RECV.yaml").write_text(text, "utf-8")
    (span,) = load_courses(tmp_path)[0].quiet
    days = [
        date(2026, 12, 20),
        date(2027, 1, 5),
        date(2028, 2, 29),
        date(2027, 3, 1),
        date(2026, 12, 19),
    ]
    assert [span.covers(day) for day in days] == [True, True, True, False, False]


def test_a_copied_directory_reads_the_same(shipped, tmp_path):
    for file in LOADERS:
        shutil.copy(shipped / file, tmp_path / file)
    assert [read(tmp_path) for read in LOADERS.values()] == [
        read(shipped) for read in LOADERS.values()
    ]
