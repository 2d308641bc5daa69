"""Who may approve what, step by step (P5), and whom an audience holds."""

from datetime import UTC, date, datetime
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
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_audience_holds(label, audience, included):
    assert audience.includes(worker()) is included, label


def test_nobody_who_left_is_in_any_audience():
    assert not Audience().includes(worker(ended=date(2026, 11, 30)))
