"""The days ahead of somebody who answers nothing: reminders among them, weighed as planning would weigh them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from fakes.ports import an_edition
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Cron,
    Festival,
    Milestone,
    Once,
    Review,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.festivals import Almanac
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.people import Binding, ChannelKind
from lianbot.domain.posts import PostProfile
from lianbot.flows.crowds import somebody
from lianbot.flows.preview import Coming, Stock, preview
from lianbot.ports.ahead import Open, Standing
from lianbot.timetable.moments import CronMoments

NOW = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
COOK = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)
ALMANAC = Almanac(days={"new-year": (date(2027, 1, 1),)})
LESSON, OTHER = an_edition("LSN-1"), an_edition("LSN-2")
STOCK = Stock(editions={one.item: one for one in (LESSON, OTHER)}, shelves={})
A_COOK = somebody((Post.COOK,), Level.L6)
S, R = DeliveryState, Reason


def campaign(number: int = 1, **changes: object) -> Campaign:
    values = {
        "id": UUID(int=number),
        "title": f"计划{number}",
        "audience": Audience(),
        "schedule": Once(at=NOW + timedelta(minutes=7)),
        "items": ("LSN-1",),
        "channels": (ChannelKind.WECOM,),
        "remind_after_days": 2,
        "created_by": UUID(int=9),
        "created_at": NOW,
        "state": CampaignState.APPROVED,
        "steps": 1,
        "approvals": (),
    } | changes
    return Campaign(**values)  # type: ignore[arg-type]


def ahead(*campaigns: Campaign, who=A_COOK, **changes: object) -> list[Coming]:
    values = {
        "moments": CronMoments(ALMANAC),
        "stock": STOCK,
        "profiles": {Post.COOK: COOK},
        "hours": NO_HOURS,
        "milestones": {Milestone.START: local(NOW).date()},
        "now": NOW,
        "until": NOW + timedelta(days=90),
    } | changes
    return preview(who, campaigns, **values)  # type: ignore[arg-type]


def seen(found: list[Coming]) -> list[str]:
    """Day, item, and what it is."""
    return [
        f"{local(one.at):%d} {one.item}{' ?' if one.reminder else ''}"
        if one.at
        else f"-- {one.item}{' ?' if one.reminder else ''} {one.reason}"
        for one in found
    ]


def at(day: int) -> Once:
    return Once(at=datetime(2026, 12, day, 6, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("label", "campaigns", "days"),
    [
        ("a push and its reminder", [campaign()], ["01 LSN-1", "03 LSN-1 ?"]),
        ("without a reminder", [campaign(remind_after_days=None)], ["01 LSN-1"]),
        (
            "one reminder an item over all campaigns",
            [campaign(), campaign(2, schedule=at(15))],
            ["01 LSN-1", "03 LSN-1 ?", "15 LSN-1"],
        ),
        (
            "a reminder weighs: the third of the week waits",
            [campaign(), campaign(2, schedule=at(4), items=("LSN-2",), remind_after_days=None)],
            ["01 LSN-1", "03 LSN-1 ?", "08 LSN-2"],
        ),
        (
            "of two that are due together the push goes first",
            [campaign(), campaign(2, schedule=at(3), items=("LSN-2",), remind_after_days=None)],
            ["01 LSN-1", "03 LSN-2", "08 LSN-1 ?"],
        ),
        (
            "who had not got the push by then is not reminded of it",
            [
                campaign(remind_after_days=None),
                campaign(2, schedule=at(2), remind_after_days=None),
                campaign(3, schedule=at(3), items=("LSN-2",), remind_after_days=1),
            ],
            ["01 LSN-1", "02 LSN-1", "08 LSN-2"],
        ),
        ("a review has none and is not foreseen", [campaign(schedule=Review(), items=())], []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_comes_to_somebody_who_answers_nothing(label, campaigns, days):
    assert seen(ahead(*campaigns)) == days, label


def test_a_calendar_without_reminders_is_for_who_answers_everything():
    assert seen(ahead(campaign(), reminding=False)) == ["01 LSN-1"]


def test_a_reminder_beyond_the_last_day_is_not_shown():
    assert seen(ahead(campaign(), until=NOW + timedelta(days=2))) == ["01 LSN-1"]


def test_a_reminder_goes_to_those_whom_the_audience_still_picks():
    only_new = Audience(new_days=1)
    new = replace(A_COOK, worker=replace(A_COOK.worker, started=local(NOW).date()))
    assert seen(ahead(campaign(audience=only_new), who=new)) == ["01 LSN-1"]


def test_messages_about_one_festival_count_together_over_the_turn_of_the_year():
    offsets = (-10, -5, 2)
    found = ahead(
        *(
            campaign(n, schedule=Festival(node="new-year", offset=offset), remind_after_days=None)
            for n, offset in enumerate(offsets, start=1)
        )
    )
    assert [(one.state, one.reason) for one in found] == [
        (S.PLANNED, R.NONE),
        (S.PLANNED, R.NONE),
        (S.SKIPPED, R.CAPPED_FESTIVAL),
    ]


def test_who_is_held_for_a_visit_has_no_day_and_no_weight():
    follower = replace(
        A_COOK,
        bindings=(
            Binding(worker_id=A_COOK.worker.id, channel=ChannelKind.OFFICIAL, account="o1"),
        ),
    )
    daily = campaign(schedule=Cron(expression="7 14 1-3 12 *"), channels=(ChannelKind.OFFICIAL,))
    found = ahead(daily, who=follower, routed=True)
    assert [(one.state, one.reason, one.at) for one in found] == [(S.DEFERRED, R.HELD, None)] * 3


# --- in the middle of things ---------------------------------------------------------------------


def left(days_ago: int, **changes: object) -> Open:
    values = {
        "campaign_id": UUID(int=1),
        "campaign": "计划1",
        "due_at": NOW - timedelta(days=days_ago),
        "edition": LESSON,
        "state": S.ACCEPTED,
        "reason": R.NONE,
        "leaves_at": NOW - timedelta(days=days_ago),
        "waits": False,
        "reminds": True,
    } | changes
    return Open(**values)  # type: ignore[arg-type]


OVER = campaign(schedule=Once(at=NOW - timedelta(days=30)))


@pytest.mark.parametrize(
    ("label", "standing", "days"),
    [
        ("a reminder of yesterday's push", Standing(open=(left(1),)), ["02 LSN-1 ?"]),
        ("one that is due already comes now", Standing(open=(left(3),)), ["01 LSN-1 ?"]),
        ("answered", Standing(open=(left(1, reminds=False),)), []),
        ("reminded of the item before", Standing(open=(left(1),), reminded=frozenset({"LSN-1"})), []),
        (
            "a row that waits for tomorrow is among it",
            Standing(open=(left(0, waits=True, state=S.DEFERRED, reason=R.WINDOW, leaves_at=NOW + timedelta(days=1)),)),
            ["02 LSN-1", "03 LSN-1 ?"],
        ),
        (
            "a row that is held for a visit has no day",
            Standing(open=(left(0, waits=True, state=S.DEFERRED, reason=R.HELD, leaves_at=None),)),
            ["-- LSN-1 held"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_under_way_is_part_of_what_comes(label, standing, days):
    assert seen(ahead(OVER, standing=standing)) == days, label


def test_what_a_series_tried_and_what_a_festival_told_before_today_counts():
    series = campaign(schedule=Since(event=Milestone.START, days=(0, 1)), items=("LSN-1", "LSN-2"))
    tried = Standing(tried={series.id: frozenset({"LSN-1"})})
    assert seen(ahead(series, standing=tried, reminding=False)) == ["02 LSN-2"]
    told = Standing(festivals=(("new-year", NOW), ("new-year", NOW - timedelta(days=1))))
    festival = campaign(schedule=Festival(node="new-year", offset=-1))
    assert seen(ahead(festival, standing=told)) == ["-- LSN-1 capped_festival"]
