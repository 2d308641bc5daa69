"""Who draws what: the table of the draws that look at a year, a milestone or a ladder."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from lianbot.domain.campaigns import Audience, Campaign, CampaignState, Course, Festival
from lianbot.domain.codes import ItemType, Level, Post, Topic
from lianbot.domain.deliveries import Reason
from lianbot.domain.items import Edition, EditionState
from lianbot.domain.people import ChannelKind, Worker
from lianbot.flows.drawing import (
    draw_course,
    draw_in_turn,
    draw_review,
    draw_rotating,
    draw_series,
)
from lianbot.flows.rhythms import hold_for_festival, hold_told_enough, narrowed, week_of
from lianbot.ports.planning import Candidate

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
TODAY = date(2026, 12, 1)


def edition(item, **changes):
    values = {
        "sha256": item.lower().ljust(64, "0"),
        "item": item,
        "type": ItemType.REMINDER,
        "title": item,
        "text": "一句话。",
        "tag": "",
        "topic": Topic.TAKE_FOOD,
        "posts": (),
        "levels": (),
        "quizzes": (),
        "voice_script": "",
        "valid_from": None,
        "valid_until": None,
        "author": "",
        "version": 1,
        "material": False,
        "state": EditionState.APPROVED,
    } | changes
    return Edition(**values)


def candidate(told=(), posts=(Post.COOK,), level=Level.L6):
    worker = Worker(
        id=uuid4(),
        number="LB000001",
        name="王芳",
        phone=None,
        contractor_id=1,
        team_id=1,
        site_id=1,
        posts=posts,
        level=level,
    )
    return Candidate(
        worker=worker,
        bindings=(),
        opted_out=frozenset(),
        broken=frozenset(),
        pushes=(),
        told=frozenset(told),
    )


GROUP = {item: edition(item) for item in ("A", "B", "C")}


@pytest.mark.parametrize(
    ("year", "told", "drawn"),
    [
        pytest.param(2026, (), "B", id="the year chooses where the group begins"),
        pytest.param(2027, (), "C", id="next year the next one"),
        pytest.param(2028, (), "A", id="and round again"),
        pytest.param(2027, ("C",), "A", id="what was told is passed over"),
        pytest.param(2027, ("A", "B", "C"), "C", id="all told: the year's own again"),
    ],
)
def test_a_rotate_group_turns_with_the_year(year, told, drawn):
    draw = draw_rotating(GROUP, ("A", "B", "C"), NOW.replace(year=year))
    found = draw(candidate(told))
    assert found is not None
    assert found.item == drawn


def test_a_reminder_for_other_posts_is_not_drawn():
    group = {"A": edition("A", posts=(Post.BUY,))}
    assert draw_rotating(group, ("A",), NOW)(candidate()) is None


@pytest.mark.parametrize(
    ("age", "told", "tried", "drawn"),
    [
        pytest.param(0, (), (), None, id="not on the first day"),
        pytest.param(1, (), (), "A", id="the first lesson on its day"),
        pytest.param(3, ("A",), (), None, id="the second waits for its day"),
        pytest.param(4, ("A",), (), "B", id="the second on its day"),
        pytest.param(9, (), (), "A", id="late means in order, not all at once"),
        pytest.param(9, ("A",), ("B",), "C", id="tried once is not tried daily"),
        pytest.param(20, ("A", "B", "C"), (), None, id="the end of the series"),
    ],
)
def test_a_series_follows_the_workers_own_days(age, told, tried, drawn):
    one = candidate(told)
    draw = draw_series(
        GROUP,
        ("A", "B", "C"),
        (1, 4, 8),
        {one.worker.id: TODAY - timedelta(days=age)},
        {one.worker.id: frozenset(tried)},
        NOW,
    )
    found = draw(one)
    assert (found.item if found else None) == drawn


def test_a_series_counts_only_the_lessons_that_fit_the_post():
    items = {"A": edition("A", posts=(Post.BUY,)), "B": edition("B")}
    one = candidate()
    draw = draw_series(
        items, ("A", "B"), (1, 9), {one.worker.id: TODAY - timedelta(days=1)}, {}, NOW
    )
    found = draw(one)
    assert found is not None
    assert found.item == "B"


def test_who_has_no_milestone_has_no_series():
    assert draw_series(GROUP, ("A",), (1,), {}, {}, NOW)(candidate()) is None


def test_a_review_asks_the_longest_waiting_question_that_still_has_one():
    items = {"A": edition("A"), "B": edition("B", quizzes=("q" * 64,))}
    one = candidate(("A", "B"))
    found = draw_review({one.worker.id: ("A", "B")}, items, NOW)(one)
    assert found is not None
    assert found.item == "B"


def festival(audience=Audience()):  # noqa: B008 - frozen
    return Campaign(
        id=uuid4(),
        title="中秋",
        audience=audience,
        schedule=Festival(node="mid-autumn", offset=-10),
        items=("A",),
        channels=(ChannelKind.WECOM,),
        remind_after_days=None,
        created_by=uuid4(),
        created_at=NOW,
        state=CampaignState.APPROVED,
        steps=1,
        approvals=(),
    )


@pytest.mark.parametrize(("times", "reason"), [(1, Reason.NONE), (2, Reason.CAPPED_FESTIVAL)])
def test_nobody_gets_a_third_message_about_a_festival(times, reason):
    one = candidate()
    assert hold_told_enough({one.worker.id: times})(one) is reason


def test_a_festival_message_of_the_week_replaces_the_lesson():
    one, other = candidate(), candidate()
    hold = hold_for_festival({one.worker.id}, (), TODAY)
    assert (hold(one), hold(other)) == (Reason.FESTIVAL, Reason.NONE)


def test_a_festival_message_later_in_the_week_replaces_the_lesson_of_its_audience_only():
    cook, buyer = candidate(), candidate(posts=(Post.BUY,))
    coming = festival(Audience(posts=(Post.BUY,)))
    hold = hold_for_festival((), [(coming, lambda _one: GROUP["A"])], TODAY)
    assert (hold(cook), hold(buyer)) == (Reason.NONE, Reason.FESTIVAL)


def test_a_coming_festival_with_nothing_for_the_worker_replaces_nothing():
    assert (
        hold_for_festival((), [(festival(), lambda _one: None)], TODAY)(candidate()) is Reason.NONE
    )


def test_the_week_runs_from_local_monday_to_local_monday():
    start, end = week_of(NOW)
    assert start == datetime(2026, 11, 29, 16, tzinfo=UTC)
    assert end == datetime(2026, 12, 6, 16, tzinfo=UTC)


def test_narrowing_never_reaches_beyond_the_picked_ones():
    picked = tuple(UUID(int=n) for n in range(5))
    wide = narrowed(festival(Audience(workers=picked)), [UUID(int=3), UUID(int=99)])
    assert wide.audience.workers == (UUID(int=3),)


# --- a course of several posts, and reviews in turn ---------------------------------------------------


STANDING = {
    ("COOK", "L6"): ("A",), ("GUARD", "L6"): ("B",), ("COOK", "L4"): ("C",),
}  # fmt: skip


def shared(*posts: Post, levels=(Level.L6,), edited=()):
    return replace(
        festival(Audience(posts=posts, levels=levels)),
        schedule=Course(shelf="standing", expression="7 14 * * tue"),
        edited=edited,
    )


def drawn(campaign, one):
    found = draw_course(campaign, STANDING, GROUP, NOW, NOW)(one)
    return found and found.item


def test_a_course_draws_only_for_its_own_posts_and_levels():
    both = candidate(posts=(Post.GUARD, Post.COOK))
    assert drawn(shared(Post.COOK, Post.GUARD), candidate()) == "A"
    assert drawn(shared(Post.COOK), both) is None, "the main post is not this campaign's"
    assert drawn(shared(Post.GUARD), both) == "B"
    assert drawn(shared(Post.COOK), candidate(level=Level.L4)) is None


def test_a_week_taken_out_for_a_post_leaves_the_other_posts_alone():
    edited = shared(Post.COOK, Post.GUARD, edited=((date(2026, 11, 30), Post.COOK),))
    assert drawn(edited, candidate()) is None
    assert drawn(edited, candidate(posts=(Post.GUARD,))) == "B"


@pytest.mark.parametrize(
    ("due", "lesson", "review", "item"),
    [
        (NOW, "A", "B", "A"),
        (NOW + timedelta(days=7), "A", "B", "B"),
        (NOW, None, "B", "B"),
        (NOW + timedelta(days=7), "A", None, "A"),
        (NOW, None, None, None),
    ],
)
def test_reviews_and_lessons_take_turns(due, lesson, review, item):
    draw = draw_in_turn(lambda _: GROUP.get(lesson), lambda _: GROUP.get(review), due)
    found = draw(candidate())
    assert (found and found.item) == item


def test_groups_of_several_posts_rotate_each_for_itself():
    cooks = {f"K{n}": edition(f"K{n}", posts=(Post.COOK,)) for n in "ABC"}
    guards = {f"G{n}": edition(f"G{n}", posts=(Post.GUARD,)) for n in "ABC"}
    items = [name for pair in zip(cooks, guards, strict=True) for name in pair]
    years = [NOW.replace(year=year) for year in (2026, 2027, 2028)]
    for post, own in ((Post.COOK, cooks), (Post.GUARD, guards)):
        one = candidate(posts=(post,))
        found = [draw_rotating(cooks | guards, items, year)(one) for year in years]
        assert {edition and edition.item for edition in found} == set(own)
