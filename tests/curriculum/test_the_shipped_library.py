"""What the repository ships: passes its own checker, approved by nobody, complete where it promises to be."""

import xml.etree.ElementTree as ElementTree
from datetime import date

import pytest

from lianbot.curriculum import Severity, check, load, plain
from lianbot.curriculum.records import Area, Status, Truth
from lianbot.domain.codes import ItemType, Post

DEMO_DAY = date(2026, 12, 1)


@pytest.fixture(scope="module")
def library(shipped):
    return load(shipped, today=DEMO_DAY)


def test_the_checker_finds_no_error(shipped):
    errors = [str(one) for one in check(shipped, today=DEMO_DAY) if one.severity is Severity.ERROR]
    assert errors == []


def test_nobody_has_approved_anything(library):
    assert {one.status for one in library.items} <= {Status.DRAFT, Status.REVIEW}
    assert {one.reviewer for one in library.items} == {None}


def test_no_author_is_an_invented_person(library):
    assert {one.author for one in library.items} == {"内容编写组"}


def test_the_five_money_areas_of_the_paper_are_covered(library):
    covered = {area for one in library.of_type(ItemType.LESSON) for area in one.areas}
    assert covered == set(Area)


@pytest.mark.parametrize("post", [Post.COOK, Post.GUARD, Post.RECV, Post.BUY, Post.FEE, Post.SELL])
def test_posts_have_lessons(library, post):
    assert any(post in one.posts for one in library.of_type(ItemType.LESSON))


def test_there_are_scenes_and_stories(library):
    scenes = [one for one in library.of_type(ItemType.CASE) if one.truth is Truth.COMPOSITE]
    assert len(scenes) >= 3
    assert len(library.of_type(ItemType.STORY)) >= 2


def test_every_voice_script_stays_within_a_minute(library):
    assert [one.id for one in library.items if plain.spoken_seconds(one.voice_script) > 60] == []


def test_reported_cases_wait_as_drafts(library):
    reported = [one for one in library.of_type(ItemType.CASE) if one.truth is Truth.REAL]
    assert {one.status for one in reported} <= {Status.DRAFT}


def test_answers_do_not_always_stand_in_the_same_place(library):
    answers = [one.part.answer for one in library.of_type(ItemType.QUIZ)]
    assert max(answers.count(index) for index in range(3)) < len(answers) * 0.6


def test_every_lesson_has_a_sentence_to_say_aloud(library):
    assert [one.id for one in library.of_type(ItemType.LESSON) if not one.say_aloud] == []


def test_every_picture_has_a_title_for_those_who_cannot_see_it(shipped):
    pictures = sorted((shipped / "media").glob("*.svg"))
    assert pictures
    for path in pictures:
        root = ElementTree.parse(path).getroot()  # noqa: S314 - our own files
        assert root.findtext("{http://www.w3.org/2000/svg}title"), path.name


def test_every_picture_is_used(shipped, library):
    used = {file.name for one in library.items for file in one.media}
    there = {f"media/{path.name}" for path in (shipped / "media").glob("*.png")}
    assert there - used <= {"media/two-signatures.png"}
