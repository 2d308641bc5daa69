"""Who draws what: the table of the draws that look at a year, a milestone or a ladder."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from lianbot.domain.campaigns import Audience, Campaign, CampaignState, Festival
from lianbot.domain.codes import ItemType, Level, Post, Topic
from lianbot.domain.deliveries import Reason
from lianbot.domain.items import Edition, EditionState
from lianbot.domain.people import ChannelKind, Worker
from lianbot.flows.drawing import draw_review, draw_rotating, draw_series
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


def candidate(told=(), posts=(Post.COOK,)):
    worker = Worker(
        id=uuid4(),
        number="LB000001",
        name="王芳",
        phone=None,
        contractor_id=1,
        team_id=1,
        site_id=1,
        posts=posts,
        level=Level.L6,
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
