"""The demo's push: each post gets the first lesson of its own, and every shift finds its window open."""

from datetime import time
from pathlib import Path

import pytest

from lianbot.curriculum import load, load_posts
from lianbot.demo.once import LOOKS
from lianbot.demo.seeding import order_of
from lianbot.domain.codes import ItemType, Level, Post
from lianbot.domain.posts import DayWindow

SHIPPED = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="module")
def lessons():
    found = [
        one
        for one in load(SHIPPED).of_type(ItemType.LESSON)
        if one.status.value != "draft"  # what nobody may adopt is not in the demo either
    ]
    return sorted(found, key=lambda one: order_of(one.id, one.posts))


@pytest.mark.parametrize("post", list(Post))
def test_the_first_that_fits_a_worker_is_the_first_lesson_of_the_own_post(lessons, post):
    level = Level.L4 if post is Post.LEAD else Level.L6
    fitting = [one.id for one in lessons if post in one.posts and level in one.levels]
    assert fitting[0] == f"LSN-{post.value}-001"


def _open(window: DayWindow, at: time) -> bool:
    if window.start < window.end:
        return window.start <= at < window.end
    return at >= window.start or at < window.end


def test_every_post_and_every_shift_has_a_look_inside_its_window():
    times = [time(*one) for one in LOOKS]
    missed = [
        (profile.code.value, windows)
        for profile in load_posts(SHIPPED)
        for windows in (profile.send, *(shift.send for shift in profile.shifts))
        if not any(
            any(_open(one, at) for one in windows)
            and not any(_open(one, at) for one in profile.never)
            for at in times
        )
    ]
    assert missed == []
