"""A term is planned from courses, reminders and the almanac; what it lacks is said in sentences."""

from dataclasses import replace
from datetime import date, time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.campaigns import Audience, Course, Festival, Milestone, Since
from lianbot.domain.codes import Level, Post
from lianbot.domain.festivals import Almanac
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.bundling import (
    TermCourse,
    TermReminder,
    TermSources,
    TermWish,
    blocks,
    plan_term,
    weekly_clock,
    weeks,
)


def profile(post, send=()):
    return PostProfile(
        code=post, name=f"岗位{post}", short="", aliases=(), send=send, never=(), topics=()
    )


COOK = profile(Post.COOK, (DayWindow(start=time(14), end=time(15, 50)),))
BUY = profile(Post.BUY)
ALMANAC = Almanac(
    days={
        "mid-autumn": (date(2026, 9, 25), date(2027, 9, 15)),
        "dragon-boat": (date(2027, 6, 9),),
        "new-year": (date(2027, 1, 1),),
    },
    names={"dragon-boat": "端午"},
)


def reminder(group, node="mid-autumn", offset=-10):
    return TermReminder(
        item=f"RMD-{group}", node=node, offset=offset, group=group, posts=(Post.BUY,), levels=()
    )


SOURCES = TermSources(
    courses=(
        TermCourse(
            id="COOK",
            name="厨师一年课",
            post=Post.COOK,
            levels=(Level.L6,),
            items=("L1", "L2", "L3", "L4"),
            rests=lambda day: day >= date(2027, 7, 15),
        ),
    ),
    reminders=(reminder("B"), reminder("A")),
    almanac=ALMANAC,
    profiles={Post.COOK: COOK, Post.BUY: BUY},
)
SPRING = TermWish(title="2027春", first=date(2027, 3, 1), last=date(2027, 7, 25))
AUTUMN = TermWish(title="2027秋", first=date(2027, 8, 30), last=date(2027, 12, 31))
EVERYTHING = ("L1", "L2", "L3", "L4", "RMD-A", "RMD-B")


def drafts(wish, kind, approved=EVERYTHING):
    plan = plan_term(SOURCES, wish, approved)
    return [draft for draft in plan.drafts if isinstance(draft.schedule, kind)]


def test_each_post_gets_its_course_inside_its_window_and_the_term():
    (course,) = drafts(SPRING, Course)
    assert course.schedule.expression == "7 14 * * tue"
    assert course.schedule.shelf == "standing"
    assert (course.first, course.last) == (SPRING.first, SPRING.last)
    assert course.audience.posts == (Post.COOK,)


def test_weeks_in_which_the_course_rests_are_silent():
    (course,) = drafts(SPRING, Course)
    assert course.silent == (date(2027, 7, 19),)


def test_newcomers_get_the_first_three_lessons_within_ten_days():
    (onboarding,) = drafts(SPRING, Since)
    assert onboarding.items == ("L1", "L2", "L3")
    assert onboarding.schedule.event is Milestone.START
    assert max(onboarding.schedule.days) <= 10


def test_a_festival_of_the_term_has_its_rotate_group_in_order():
    (festival,) = drafts(AUTUMN, Festival)
    assert festival.items == ("RMD-A", "RMD-B")
    assert (festival.schedule.node, festival.schedule.offset) == ("mid-autumn", -10)


def test_a_festival_outside_the_term_is_left_to_another_term():
    assert drafts(SPRING, Festival) == []


def test_what_nobody_approved_is_not_planned_but_named():
    plan = plan_term(SOURCES, AUTUMN, ("RMD-A",))
    assert [draft.items for draft in plan.drafts] == [("RMD-A",)]
    assert any("厨师一年课" in gap for gap in plan.gaps)


def test_posts_without_a_course_and_festivals_without_words_are_gaps():
    gaps = "\n".join(plan_term(SOURCES, SPRING, EVERYTHING).gaps)
    assert "岗位BUY" in gaps
    assert "端午" in gaps
    assert "2026-09-25" not in gaps


@pytest.mark.parametrize(
    ("windows", "clock"),
    [((), time(14, 7)), ((DayWindow(start=time(20, 10), end=time(21, 30)),), time(20, 17))],
)
def test_the_lesson_comes_a_little_into_the_first_window(windows, clock):
    assert weekly_clock(profile(Post.GUARD, windows)) == clock


def test_weeks_are_counted_from_the_monday_before_to_the_last_day():
    assert weeks(date(2027, 3, 3), date(2027, 3, 15)) == [
        date(2027, 3, 1),
        date(2027, 3, 8),
        date(2027, 3, 15),
    ]


# --- as few campaigns as honest ----------------------------------------------------------------------


def course(post, *levels, items=("L1", "L2", "L3"), rests=lambda _day: False):
    return TermCourse(
        id=f"{post}-{'-'.join(levels)}",
        name=post,
        post=post,
        levels=levels,
        items=items,
        rests=rests,
    )


def bundle(*courses, wish=SPRING, reminders=()):
    sources = TermSources(
        courses=courses,
        reminders=reminders,
        almanac=ALMANAC,
        profiles={post: profile(post) for post in Post},
    )
    return plan_term(sources, wish, (*EVERYTHING, "OTHER")).drafts


L4, L5, L6 = Level.L4, Level.L5, Level.L6


def test_fifteen_posts_of_one_rhythm_are_one_course_and_one_onboarding():
    drafts = bundle(*(course(post, level) for post in Post for level in (L4, L5, L6)))
    assert [type(one.schedule) for one in drafts] == [Course, Since]
    assert {one.audience for one in drafts} == {Audience(posts=tuple(Post), levels=(L4, L5, L6))}


def test_a_course_that_rests_at_other_times_is_a_campaign_of_its_own():
    summer = course(Post.REPAIR, L6, rests=lambda day: day.month == 5)
    lessons = [
        one for one in bundle(course(Post.COOK, L6), summer) if isinstance(one.schedule, Course)
    ]
    assert [one.audience.posts for one in lessons] == [(Post.COOK,), (Post.REPAIR,)]
    assert lessons[0].silent == ()
    assert all(day.month in (4, 5) for day in lessons[1].silent)


def test_other_first_lessons_are_another_series():
    drafts = bundle(course(Post.COOK, L6), course(Post.BUY, L6, items=("OTHER",)))
    series = [one for one in drafts if isinstance(one.schedule, Since)]
    assert [(one.audience.posts, one.items) for one in series] == [
        ((Post.COOK,), ("L1", "L2", "L3")),
        ((Post.BUY,), ("OTHER",)),
    ]


def test_who_is_met_face_to_face_gets_no_onboarding_series():
    drafts = bundle(course(Post.COOK, Level.L1, Level.L2))
    assert [type(one.schedule) for one in drafts] == [Course]


def test_a_festival_is_one_campaign_a_day_for_all_its_posts():
    both = (reminder("A"), replace(reminder("A"), item="L1", posts=(Post.FEE,)))
    drafts = bundle(wish=AUTUMN, reminders=both)
    assert [(one.audience.posts, one.items) for one in drafts] == [
        ((Post.BUY, Post.FEE), ("RMD-A", "L1"))
    ]


def test_a_festival_that_is_for_everybody_restricts_nobody():
    drafts = bundle(wish=AUTUMN, reminders=(reminder("A"), replace(reminder("B"), posts=())))
    assert [one.audience for one in drafts] == [Audience()]


PAIRS = st.sets(st.tuples(st.sampled_from([*Post][:5]), st.sampled_from([*Level])), min_size=1)


@given(pairs=PAIRS, kinds=st.lists(st.integers(0, 2), min_size=30, max_size=30))
def test_every_course_is_in_exactly_one_campaign_and_nobody_elses_level_is(pairs, kinds):
    courses = [course(post, level) for post, level in sorted(pairs)]
    kind = {one.id: kinds[n] for n, one in enumerate(courses)}
    found = blocks(courses, lambda one: kind[one.id])
    taught = [pair for block in found for pair in product(block.posts, block.levels)]
    assert sorted(taught) == sorted(pairs)
