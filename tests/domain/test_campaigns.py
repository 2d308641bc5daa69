"""Who may approve what, step by step (P5), and whom an audience holds."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Once,
    approve,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, ChannelKind, Employment, Role, Worker

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
TODAY = date(2026, 12, 1)
MAY_APPROVE = {Role.REVIEWER}


def account(*roles: Role, number: int | None = None) -> Account:
    one = UUID(int=number) if number else uuid4()
    return Account(id=one, name=f"a{one.hex[:4]}", display="", roles=frozenset(roles))


AUTHOR = account(Role.EDITOR, Role.REVIEWER)


def draft(steps: int = 1, **changes: object) -> Campaign:
    values = {
        "id": uuid4(),
        "title": "第一课",
        "audience": Audience(),
        "schedule": Once(at=NOW),
        "items": ("LSN-COOK-001",),
        "channels": (ChannelKind.WECOM,),
        "remind_after_days": None,
        "created_by": AUTHOR.id,
        "created_at": NOW,
        "state": CampaignState.DRAFT,
        "steps": steps,
        "approvals": (),
    } | changes
    return Campaign(**values)


def test_one_other_person_approves_by_default():
    approved = approve(draft(), account(Role.REVIEWER), NOW)
    assert approved.state is CampaignState.APPROVED


def test_who_wrote_it_cannot_approve_it_whatever_the_roles():
    with pytest.raises(NotAllowedError, match="写的人不能自己批"):
        approve(draft(), AUTHOR, NOW)


@pytest.mark.parametrize("role", sorted(set(Role) - MAY_APPROVE))
def test_nobody_else_may_approve(role):
    with pytest.raises(NotAllowedError, match="审核角色"):
        approve(draft(), account(role), NOW)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_a_chain_needs_as_many_people_as_it_has_steps(steps):
    campaign = draft(steps)
    for step in range(steps):
        assert campaign.state is CampaignState.DRAFT
        campaign = approve(campaign, account(Role.REVIEWER), NOW)
        assert campaign.approvals[-1].step == step
    assert campaign.state is CampaignState.APPROVED


def test_one_person_cannot_take_two_steps():
    same = account(Role.REVIEWER)
    with pytest.raises(NotAllowedError, match="不能批两级"):
        approve(approve(draft(2), same, NOW), same, NOW)


@pytest.mark.parametrize("state", sorted(set(CampaignState) - {CampaignState.DRAFT}))
def test_only_a_draft_can_be_approved(state):
    with pytest.raises(InvalidInputError, match="不是待审"):
        approve(draft(state=state), account(Role.REVIEWER), NOW)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(sorted(Role))), max_size=10),
)
def test_whoever_tries_in_whatever_order_nothing_is_approved_by_fewer_people(steps, tries):
    author = account(Role.REVIEWER, number=1)
    campaign = draft(steps, created_by=author.id)
    for number, role in tries:
        try:
            campaign = approve(campaign, account(role, number=number), NOW)
        except (NotAllowedError, InvalidInputError):
            continue
    people = {one.account_id for one in campaign.approvals}
    assert author.id not in people
    assert len(people) == len(campaign.approvals) <= steps
    assert (campaign.state is CampaignState.APPROVED) == (len(people) == steps)


def worker(**changes: object) -> Worker:
    values = {
        "id": UUID(int=9),
        "number": "LB000001",
        "name": "王芳",
        "phone": None,
        "contractor_id": 1,
        "team_id": 2,
        "site_id": 3,
        "posts": (Post.CLEAN, Post.GUARD),
        "level": Level.L6,
        "employment": Employment.OUTSOURCED,
        "started": TODAY - timedelta(days=9),
        "posts_changed": TODAY - timedelta(days=3),
        "tags": ("夜班小组",),
    } | changes
    return Worker(**values)


@pytest.mark.parametrize(
    ("label", "audience", "included"),
    [
        ("everybody", Audience(), True),
        ("first post", Audience(posts=(Post.CLEAN,)), True),
        ("second post", Audience(posts=(Post.GUARD, Post.COOK)), True),
        ("another post", Audience(posts=(Post.COOK,)), False),
        ("level", Audience(levels=(Level.L6,)), True),
        ("another level", Audience(levels=(Level.L5,)), False),
        ("team", Audience(teams=(1, 2)), True),
        ("another team", Audience(teams=(1,)), False),
        ("contractor", Audience(contractors=(1,)), True),
        ("another contractor", Audience(contractors=(2,)), False),
        ("site", Audience(sites=(3,)), True),
        ("another site", Audience(sites=(4,)), False),
        ("employment", Audience(employment=(Employment.OUTSOURCED,)), True),
        ("another employment", Audience(employment=(Employment.PERMANENT,)), False),
        ("picked by hand", Audience(workers=(UUID(int=9),)), True),
        ("not picked", Audience(workers=(UUID(int=8),)), False),
        ("fields are joined by AND", Audience(posts=(Post.CLEAN,), teams=(1,)), False),
        ("a tag", Audience(tags=("新食堂", "夜班小组")), True),
        ("another tag", Audience(tags=("夜班",)), False),
        ("new for nine days", Audience(new_days=9), True),
        ("new for eight days", Audience(new_days=8), False),
        ("new since that day", Audience(new_since=TODAY - timedelta(days=9)), True),
        ("new since the day after", Audience(new_since=TODAY - timedelta(days=8)), False),
        ("the later of two days counts", Audience(new_days=99, new_since=TODAY), False),
        ("post changed since", Audience(posts_since=TODAY - timedelta(days=3)), True),
        ("post changed before", Audience(posts_since=TODAY - timedelta(days=2)), False),
        ("not answered yet", Audience(unanswered=("LSN-2",)), True),
        ("one of two not answered", Audience(unanswered=("LSN-1", "LSN-2")), True),
        ("answered", Audience(unanswered=("LSN-1",)), False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_audience_holds(label, audience, included):
    assert audience.includes(worker(), TODAY, {"LSN-1"}) is included, label


def test_nobody_who_left_is_in_any_audience():
    assert not Audience().includes(worker(ended=date(2026, 11, 30)), TODAY)


@pytest.mark.parametrize(
    ("days", "new"),
    [
        ({"started": None}, False),
        ({"started": None, "enrolled": TODAY}, True),
        ({"started": TODAY - timedelta(days=30), "enrolled": TODAY}, False),
        ({"started": TODAY + timedelta(days=1)}, False),
    ],
)
def test_new_is_who_started_or_joined_the_roster_lately(days, new):
    assert Audience(new_days=7).includes(worker(**days), TODAY) is new


@pytest.mark.parametrize(
    ("rules", "by_hand"),
    [
        (Audience(), False),
        (Audience(posts=(Post.CLEAN,), levels=(Level.L6,)), False),
        (Audience(tags=("夜班小组",)), True),
        (Audience(new_days=3), True),
        (Audience(new_since=TODAY), True),
        (Audience(posts_since=TODAY), True),
        (Audience(unanswered=("LSN-1",)), True),
        (Audience(teams=(1,)), True),
    ],
)
def test_whatever_can_single_people_out_falls_under_the_floor(rules, by_hand):
    assert rules.points_at_people() is by_hand
