"""The library's own demands, counted: posts × misconducts, variants, nodes with A/B/C, cards, answers, courses."""

import re
from collections import Counter
from pathlib import Path

import pytest

from lianbot.curriculum import load
from lianbot.curriculum.records import CasePart, ReminderPart, Status, Truth
from lianbot.domain.codes import ItemType, Level, Post, Topic

SHIPPED = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="module")
def library():
    return load(SHIPPED)


@pytest.mark.parametrize("post", list(Post))
def test_each_post_has_its_five_misconducts_with_three_questions_script_and_picture(library, post):
    own = {one.id: one for one in library.of_type(ItemType.LESSON)}
    for number in range(1, 6):
        lesson = own[f"LSN-{post.value}-{number:03}"]
        assert post in lesson.posts
        assert len(lesson.quiz_ids) >= 3
        assert lesson.voice_script
        assert lesson.picture_brief


def test_there_are_enough_cases_stories_and_lessons_for_leads(library):
    assert len(library.of_type(ItemType.LESSON)) >= 75
    assert len(library.of_type(ItemType.CASE)) >= 20
    assert len(library.of_type(ItemType.STORY)) >= 30
    upper = {Level.L1, Level.L2, Level.L3, Level.L4}
    leads = [
        one for one in library.of_type(ItemType.LESSON) if one.levels and set(one.levels) <= upper
    ]
    assert len(leads) >= 15


def test_composite_cases_and_stories_are_marked_as_scenes(library):
    for kind in (ItemType.CASE, ItemType.STORY):
        marked = [one for one in library.of_type(kind) if one.truth is Truth.COMPOSITE]
        assert marked
        assert {("情景" in one.tag) for one in marked} == {True}


def test_reported_cases_and_unconfirmed_law_stay_drafts(library):
    real = [one for one in library.of_type(ItemType.CASE) if one.truth is Truth.REAL]
    assert {one.status for one in real} == {Status.DRAFT}
    assert all(isinstance(one.part, CasePart) and one.sources for one in real)
    unsure = [one for one in library.items if any(not law.confirmed for law in one.legal_basis)]
    assert {one.status for one in unsure} <= {Status.DRAFT}


def test_everything_else_awaits_a_school(library):
    assert {one.status for one in library.items} == {Status.REVIEW, Status.DRAFT}
    assert {one.reviewer for one in library.items} == {None}


def test_every_node_of_the_year_has_reminders_in_three_turns(library):
    groups: dict[str, set[str]] = {}
    for one in library.of_type(ItemType.REMINDER):
        assert isinstance(one.part, ReminderPart)
        groups.setdefault(one.part.node, set()).add(one.part.rotate_group)
    assert set(groups) == {node.id for node in library.calendar.nodes}
    assert {node: found for node, found in groups.items() if found != {"A", "B", "C"}} == {}


@pytest.mark.parametrize("post", list(Post))
def test_each_post_has_a_card_and_something_to_read_aloud(library, post):
    ids = {one.id for one in library.items}
    assert f"POL-{post.value}-001" in ids
    assert f"RAC-{post.value}-001" in ids


def test_every_topic_has_its_answer(library):
    assert {one.topic for one in library.of_type(ItemType.FAQ)} == set(Topic)


def test_consent_bulletin_and_the_first_three_lessons_are_there(library):
    kinds = Counter(str(one.part.kind) for one in library.of_type(ItemType.POLICY))
    assert kinds["consent"] >= 1
    assert kinds["bulletin"] >= 1
    assert {f"LSN-NEW-00{n}" for n in (1, 2, 3)} <= {one.id for one in library.items}


def test_about_one_push_in_five_is_a_story_of_good_conduct(library):
    shelves = [one.shelf for one in library.courses if Level.L6 in one.levels or not one.levels]
    stories = [sum(item.startswith("STORY-") for item in shelf) for shelf in shelves]
    assert len(shelves) == len(Post)
    assert min(stories) >= 2
    assert 0.17 <= sum(stories) / sum(map(len, shelves)) <= 0.27


def test_a_pictures_twin_has_as_many_steps_as_it_numbers(library):
    for one in library.items:
        if one.variants.picture:
            numbers = [int(n) for n in re.findall(r"^(\d)\.", one.text_twin, re.MULTILINE)]
            assert numbers == list(range(1, len(numbers) + 1)), one.id


@pytest.mark.parametrize("post", list(Post))
def test_each_posts_course_teaches_the_lessons_of_that_post(library, post):
    taught = {item for one in library.courses if one.post is post for item in one.shelf}
    wanted = {f"LSN-{post.value}-{number:03}" for number in range(1, 6)}
    drafts = {one.id for one in library.items if one.status is Status.DRAFT}
    assert wanted - drafts <= taught
    assert len(wanted - drafts) >= 4
