"""P8: one rule for who would be alone with a text."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from fakes.ports import an_edition
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Course,
    Cron,
    Festival,
    Milestone,
    Once,
    Review,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.people import ChannelKind
from lianbot.flows.crowds import drawn_by, picked_by_hand, too_few
from lianbot.flows.drawing import draw_from

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
ONCE = Once(at=NOW)
COURSE = Course(shelf="standing", expression="7 14 * * tue")
BY_POST = Audience(posts=(Post.GUARD,), levels=(Level.L6,))
A_TEAM = Audience(teams=(7,))


def campaign(schedule, audience) -> Campaign:
    return Campaign(
        id=UUID(int=1),
        title="第一课",
        audience=audience,
        schedule=schedule,
        items=(),
        channels=(ChannelKind.WECOM,),
        remind_after_days=None,
        created_by=UUID(int=2),
        created_at=NOW,
        state=CampaignState.APPROVED,
        steps=1,
        approvals=(),
    )


@pytest.mark.parametrize(
    ("label", "schedule", "audience", "beyond", "picked"),
    [
        ("a rule by post", ONCE, BY_POST, False, False),
        ("everybody", ONCE, Audience(), False, False),
        ("a team", ONCE, A_TEAM, False, True),
        ("a team, again and again", Cron(expression="7 14 * * tue"), A_TEAM, False, True),
        ("a team before a festival", Festival(node="mid-autumn", offset=-5), A_TEAM, False, True),
        ("people beyond a rule by post", ONCE, BY_POST, True, True),
        ("a course of a team", COURSE, A_TEAM, False, False),
        ("people added to a course", COURSE, BY_POST, True, False),
        ("newcomers of a team", Since(event=Milestone.START, days=(1,)), A_TEAM, False, False),
        ("reviews", Review(), A_TEAM, False, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whom_a_rule_or_the_course_picks_is_not_hand_picked(
    label, schedule, audience, beyond, picked
):
    assert picked_by_hand(campaign(schedule, audience), beyond=beyond) is picked, label


def test_the_floor_is_five_for_each_text_and_a_text_for_nobody_is_no_fault():
    assert too_few({"A": 5, "B": 4, "C": 1, "D": 0, "E": 200}) == {"B": 4, "C": 1}


def test_everybody_counts_for_the_one_text_that_they_draw():
    editions = {
        one.item: one
        for one in (
            an_edition("GUARD", posts=(Post.GUARD,)),
            an_edition("ALL", levels=(Level.L6,)),
        )
    }
    people = {
        ((Post.COOK,), Level.L6): 12,
        ((Post.COOK, Post.GUARD), Level.L6): 3,
        ((Post.GUARD,), Level.L6): 1,
        ((Post.COOK,), Level.L4): 9,
    }
    assert drawn_by(draw_from(editions, ("GUARD", "ALL"), NOW), people) == {"GUARD": 4, "ALL": 12}
