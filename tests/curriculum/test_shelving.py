"""A proposed shelf: order, turns, and who stays out."""

from lianbot.curriculum import load
from lianbot.curriculum.shelving import propose_shelf
from lianbot.domain.codes import ItemType, Level, Post

WORKERS = (Level.L5, Level.L6)


def test_the_posts_own_items_come_first(school, put, case):
    put("cases/CASE-COOK-101.md", case.set(id="CASE-COOK-101", posts="[COOK, RECV]"))
    shelf = propose_shelf(load(school).items, Post.RECV, WORKERS)
    assert shelf == ("LSN-RECV-001", "CASE-RECV-101", "CASE-COOK-101")


def test_drafts_stay_out(school, put, case):
    put("cases/CASE-RECV-101.md", case.set(status="draft"))
    assert propose_shelf(load(school).items, Post.RECV, WORKERS) == ("LSN-RECV-001",)


def test_other_posts_and_levels_stay_out(school):
    items = load(school).items
    assert propose_shelf(items, Post.COOK, WORKERS) == ()
    assert propose_shelf(items, Post.RECV, (Level.L4,)) == ()


def test_a_good_story_takes_every_fifth_turn(school, put, case, drafts):
    for number in range(102, 106):
        put(f"cases/CASE-RECV-{number}.md", case.set(id=f"CASE-RECV-{number}"))
    put("stories/STORY-RECV-001.md", drafts["story"])
    assert propose_shelf(load(school).items, Post.RECV, WORKERS)[4] == "STORY-RECV-001"


def test_everything_that_fits_is_on_the_shelf_once(shipped):
    items = load(shipped).items
    for post in Post:
        shelf = propose_shelf(items, post, tuple(Level))
        assert len(set(shelf)) == len(shelf)
        kinds = {ItemType.LESSON, ItemType.CASE, ItemType.STORY}
        assert {one.split("-")[0] for one in shelf} <= {"LSN", "CASE", "STORY"}
        assert {item.type for item in items if item.id in shelf} <= kinds
