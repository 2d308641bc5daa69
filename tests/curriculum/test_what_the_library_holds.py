"""The library is as large as a school year needs: counts by post, by node and by shelf."""

from collections import Counter
from datetime import date
from itertools import product

import pytest

from lianbot.curriculum import load, plain
from lianbot.curriculum.records import CasePart, ReminderPart, Status, Truth
from lianbot.domain.codes import ItemType, Level, Post

MISCONDUCTS = range(1, 6)
GROUPS = ("A", "B", "C")
STORY_PLACE = 5
WINTER = (date(2027, 2, 1), date(2027, 2, 20))


@pytest.fixture(scope="module")
def library(shipped):
    return load(shipped)


def ids(library, kind):
    return {one.id for one in library.of_type(kind)}


def test_every_post_has_a_lesson_for_each_of_its_five_misconducts(library):
    wanted = {f"LSN-{post}-{number:03}" for post, number in product(Post, MISCONDUCTS)}
    assert wanted - ids(library, ItemType.LESSON) == set()


def test_newcomers_of_every_post_have_three_lessons(library):
    lessons = [one for one in library.of_type(ItemType.LESSON) if "-NEW-" in one.id]
    assert {one.id: set(one.posts) for one in lessons} == {
        f"LSN-NEW-{number:03}": set(Post) for number in range(1, 4)
    }


def test_there_are_fifteen_variants_for_leads_and_managers(library):
    upper = {Level.L1, Level.L2, Level.L3, Level.L4}
    lessons = library.of_type(ItemType.LESSON)
    assert sum(set(one.levels) <= upper for one in lessons if "-NEW-" not in one.id) >= 15


def test_there_are_twenty_cases_and_thirty_stories(library):
    assert len(ids(library, ItemType.CASE)) >= 20
    assert len(ids(library, ItemType.STORY)) >= 30


def test_every_post_is_told_a_marked_scene(library):
    told = [one for one in library.of_type(ItemType.CASE) if one.truth is Truth.COMPOSITE]
    assert {post for one in told for post in one.posts} == set(Post)
    assert {one.tag for one in told} == {"情景案例·人物情节为编写"}


def test_managers_are_told_the_same_cases_as_workers(library):
    assert {
        one.levels for one in library.of_type(ItemType.CASE) if one.status is Status.REVIEW
    } == {tuple(Level)}


def test_no_reported_case_claims_that_somebody_opened_its_source(library):
    reported = [one for one in library.of_type(ItemType.CASE) if one.truth is Truth.REAL]
    assert reported
    assert all(one.sources for one in reported)
    assert {source.opened for one in reported for source in one.sources} == {None}


def test_every_case_says_what_would_have_stopped_it(library):
    parts = [one.part for one in library.of_type(ItemType.CASE)]
    assert all(isinstance(part, CasePart) and part.stop_point for part in parts)


def test_every_node_has_its_reminders_in_three_wordings(library):
    found = {
        (one.part.node, one.part.offset_days, one.part.rotate_group)
        for one in library.of_type(ItemType.REMINDER)
        if isinstance(one.part, ReminderPart)
    }
    wanted = {
        (node.id, offset, group)
        for node in library.calendar.nodes
        for offset in node.offsets
        for group in GROUPS
    }
    assert wanted - found == set()


def test_the_wordings_of_one_moment_go_to_the_same_people(library):
    audiences = {}
    for one in library.of_type(ItemType.REMINDER):
        audiences.setdefault(one.id[:-1], set()).add((one.posts, one.levels))
    assert [family for family, found in audiences.items() if len(found) > 1] == []


def test_no_reminder_repeats_the_words_of_another(library):
    texts = Counter(one.text for one in library.of_type(ItemType.REMINDER))
    assert [text for text, times in texts.items() if times > 1] == []


def test_every_reminder_takes_the_place_of_the_weekly_lesson(library):
    assert {one.part.replaces_weekly for one in library.of_type(ItemType.REMINDER)} == {True}


@pytest.mark.parametrize("kind", [ItemType.LESSON, ItemType.CASE, ItemType.STORY])
def test_everything_told_has_a_voice_script_of_at_most_a_minute(library, kind):
    seconds = {one.id: plain.spoken_seconds(one.voice_script) for one in library.of_type(kind)}
    assert {name: found for name, found in seconds.items() if not 0 < found <= 60} == {}


def test_every_post_and_level_has_exactly_one_course(library):
    courses = Counter(
        (course.post, level) for course in library.courses for level in course.levels
    )
    assert courses == Counter(product(Post, Level))


def test_a_shelf_holds_nothing_that_was_not_written_for_each_of_its_levels(library):
    levels = {one.id: set(one.levels) for one in library.items}
    strangers = [
        (course.id, item)
        for course in library.courses
        for item in course.shelf
        if not set(course.levels) <= levels[item]
    ]
    assert strangers == []


def test_a_shelf_holds_no_draft(library):
    drafts = {one.id for one in library.items if one.status is Status.DRAFT}
    assert [course.id for course in library.courses if drafts & set(course.shelf)] == []


@pytest.mark.parametrize("post", [post for post in Post if post is not Post.LEAD])
def test_a_workers_shelf_begins_with_onboarding_and_holds_its_five_lessons_without_drafts(
    library, post
):
    shelf = next(one.shelf for one in library.courses if one.id == post)
    assert shelf[:3] == tuple(f"LSN-NEW-{number:03}" for number in range(1, 4))
    drafts = {one.id for one in library.items if one.status is Status.DRAFT}
    assert {f"LSN-{post}-{number:03}" for number in MISCONDUCTS} - drafts <= set(shelf)


def _course(library, post, level):
    return next(one for one in library.courses if one.post is post and level in one.levels)


@pytest.mark.parametrize("level", [Level.L3, Level.L4, Level.L6])
@pytest.mark.parametrize("post", list(Post))
def test_every_fifth_place_of_a_shelf_is_a_story_while_there_are_any(library, post, level):
    told = [item.startswith("STORY-") for item in _course(library, post, level).shelf]
    places = range(STORY_PLACE - 1, len(told), STORY_PLACE)
    first = [place for place in places if True in told[place:]]
    assert first
    assert all(told[place] for place in first)


def test_the_chiefs_hear_of_good_conduct_too(library):
    shelf = _course(library, Post.LEAD, Level.L1).shelf
    assert [place for place, item in enumerate(shelf, 1) if item.startswith("STORY-")] == [5, 10]


def test_every_course_is_quiet_in_the_winter_holiday(library):
    assert all(
        any(span.covers(day) for span in course.quiet)
        for course in library.courses
        for day in WINTER
    )
