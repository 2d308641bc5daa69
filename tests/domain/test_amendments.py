"""Who may approve an addition or a correction, step by step, and what one no does (P5)."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.amendments import Amendment, AmendmentState, approve, decline
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.phrases.control import AMENDMENT_STATES, waiting_words

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
S = AmendmentState


def account(*roles: Role, number: int | None = None) -> Account:
    one = UUID(int=number) if number is not None else uuid4()
    return Account(id=one, name=f"a{one.hex[:4]}", display="", roles=frozenset(roles))


WRITER = account(Role.SCHEDULER, Role.REVIEWER)
FIRST, SECOND = account(Role.REVIEWER), account(Role.REVIEWER)


def asked(steps: int = 1) -> Amendment:
    return Amendment(
        id=uuid4(),
        kind=OccurrenceKind.CORRECTION,
        campaign_id=uuid4(),
        amends=uuid4(),
        asked_by=WRITER.id,
        asked_at=NOW,
        state=S.ASKED,
        size=12,
        steps=steps,
    )


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_it_needs_as_many_people_as_its_chain_has_steps(steps):
    change = asked(steps)
    for step in range(steps):
        assert (change.state, change.missing) == (S.ASKED, steps - step)
        last = account(Role.REVIEWER)
        change = approve(change, last, NOW)
        assert change.approvals[-1].step == step
    assert (change.state, change.missing, change.decided_by) == (S.APPROVED, 0, last.id)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (WRITER, "写的人不能自己批"),
        (FIRST, "不能批两级"),
        *((account(role), "审核角色") for role in sorted(set(Role) - {Role.REVIEWER})),
    ],
)
def test_who_may_not_take_the_next_step_is_told_why(who, words):
    change = approve(asked(2), FIRST, NOW)
    with pytest.raises(NotAllowedError, match=words):
        approve(change, who, NOW)
    assert not change.waits_for(who) or not who.may(Role.REVIEWER)


@pytest.mark.parametrize("who", [FIRST, SECOND], ids=["who approved before", "another"])
def test_one_no_ends_it_at_any_step(who):
    change = decline(approve(asked(3), FIRST, NOW), who, NOW)
    assert (change.state, change.decided_by, change.missing) == (S.DECLINED, who.id, 0)
    for again in (approve, decline):
        with pytest.raises(InvalidInputError, match="处理过"):
            again(change, account(Role.REVIEWER), NOW)


def test_only_a_reviewer_says_no():
    with pytest.raises(NotAllowedError, match="审核角色"):
        decline(asked(), account(Role.SCHEDULER), NOW)


@given(
    steps=st.integers(1, 4),
    tries=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12),
)
def test_whatever_they_try_nothing_is_approved_by_fewer_or_by_its_writer(steps, tries):
    people = [
        WRITER,
        account(Role.SCHEDULER, number=1),
        *(account(Role.REVIEWER, number=n) for n in range(2, 6)),
    ]
    change = asked(steps)
    for number, yes in tries:
        try:
            change = (approve if yes else decline)(change, people[number], NOW)
        except (NotAllowedError, InvalidInputError):
            continue
    signed = [one.account_id for one in change.approvals]
    assert len(set(signed)) == len(signed) <= steps
    assert not {WRITER.id, UUID(int=1)} & set(signed)
    assert (change.state is S.APPROVED) <= (len(signed) == steps)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (asked(1), AMENDMENT_STATES[S.ASKED]),
        (asked(2), "已批 0/2，还差 2 位审核人"),
        (approve(asked(2), FIRST, NOW), "已批 1/2，还差 1 位审核人"),
        (approve(asked(1), FIRST, NOW), AMENDMENT_STATES[S.APPROVED]),
        (decline(asked(2), FIRST, NOW), AMENDMENT_STATES[S.DECLINED]),
    ],
)
def test_what_waits_says_for_how_many(change, words):
    assert waiting_words(change) == words
