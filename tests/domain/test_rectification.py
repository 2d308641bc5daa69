"""整改: every act from every state, and that nobody verifies the own work."""

import dataclasses
from datetime import date
from uuid import uuid4

import pytest

from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.domain.rectification import (
    Charge,
    Rectification,
    RectificationSource,
    RectificationState,
    charge,
    close,
    draft,
    drop,
    names_nobody,
    reopen,
    send_back,
    show_done,
)

TODAY = date(2026, 12, 1)


def an_account(*roles: Role) -> Account:
    return Account(id=uuid4(), name="x", display="某人", roles=frozenset(roles))


OWNER = an_account(Role.SCHEDULER)
VERIFIER = an_account(Role.OFFICER)
STRANGER = an_account(Role.REVIEWER)


def item(state: RectificationState = RectificationState.DRAFT) -> Rectification:
    made = draft(
        "收货只有一人", "排两人", RectificationSource.CASE, unit="", by=STRANGER, today=TODAY
    )
    if state is RectificationState.DRAFT:
        return made
    owned = charge(made, Charge(owner=OWNER, verifier=VERIFIER, due=TODAY), TODAY)
    return dataclasses.replace(owned, state=state, done_by=OWNER.id)


ACTS = {
    "charge": lambda one: charge(one, Charge(owner=OWNER, verifier=VERIFIER, due=TODAY), TODAY),
    "done": lambda one: show_done(one, "排班表贴出", OWNER),
    "close": lambda one: close(one, VERIFIER, TODAY),
    "back": lambda one: send_back(one, VERIFIER, "没看到"),
    "reopen": lambda one: reopen(one, TODAY, "又出现", TODAY),
    "drop": lambda one: drop(one, "不归我们"),
}
ALLOWED = {
    RectificationState.DRAFT: {"charge", "drop"},
    RectificationState.OPEN: {"charge", "done"},
    RectificationState.DONE: {"close", "back"},
    RectificationState.CLOSED: {"reopen"},
    RectificationState.DROPPED: set(),
}


@pytest.mark.parametrize("state", RectificationState)
def test_each_state_allows_its_acts_and_no_others(state: RectificationState) -> None:
    found = set()
    for name, act in ACTS.items():
        try:
            act(item(state))
            found.add(name)
        except InvalidInputError:
            pass
    assert found == ALLOWED[state]


def test_the_verifier_is_never_the_owner() -> None:
    both = an_account(Role.SCHEDULER, Role.OFFICER)
    with pytest.raises(InvalidInputError, match="不能是责任人自己"):
        charge(item(), Charge(owner=both, verifier=both, due=TODAY), TODAY)


@pytest.mark.parametrize("who", [OWNER, STRANGER])
def test_only_the_named_verifier_closes_or_sends_back(who: Account) -> None:
    for act in (
        lambda: close(item(RectificationState.DONE), who, TODAY),
        lambda: send_back(item(RectificationState.DONE), who, "x"),
    ):
        with pytest.raises(NotAllowedError):
            act()


def test_whoever_showed_the_evidence_cannot_verify_after_a_change_of_owner() -> None:
    done = dataclasses.replace(
        item(RectificationState.DONE), owner=STRANGER.id, done_by=VERIFIER.id
    )
    with pytest.raises(NotAllowedError, match="自己验收"):
        close(done, VERIFIER, TODAY)


def test_only_the_owner_says_done() -> None:
    with pytest.raises(NotAllowedError):
        show_done(item(RectificationState.OPEN), "x", VERIFIER)


def test_owner_and_verifier_need_their_roles() -> None:
    lead, editor = an_account(Role.LEAD), an_account(Role.EDITOR)
    with pytest.raises(InvalidInputError, match="责任人"):
        charge(item(), Charge(owner=lead, verifier=VERIFIER, due=TODAY), TODAY)
    with pytest.raises(InvalidInputError, match="验收人"):
        charge(item(), Charge(owner=OWNER, verifier=editor, due=TODAY), TODAY)


@pytest.mark.parametrize(
    ("state", "day", "late"),
    [
        (RectificationState.OPEN, date(2026, 12, 1), False),
        (RectificationState.OPEN, date(2026, 12, 2), True),
        (RectificationState.DONE, date(2026, 12, 2), False),
        (RectificationState.CLOSED, date(2027, 1, 1), False),
    ],
)
def test_overdue_is_what_the_owner_still_owes(
    state: RectificationState, day: date, late: bool
) -> None:
    assert item(state).overdue(day) is late


def test_opening_again_counts_and_keeps_owner_and_verifier() -> None:
    again = reopen(item(RectificationState.CLOSED), date(2027, 1, 5), "又出现", TODAY)
    assert (again.reopened, again.owner, again.verifier) == (1, OWNER.id, VERIFIER.id)
    assert again.closed_on is None


@pytest.mark.parametrize("text", ["张三说收货一个人", "工号LB000123说的"])
def test_who_said_it_never_stands_in_the_item(text: str) -> None:
    with pytest.raises(InvalidInputError):
        names_nobody("问题", text, ("张三", "LB000123"))


def test_empty_and_long_words_are_refused_by_field() -> None:
    for title, measure, field in (
        ("", "x", "问题"),
        ("x", " ", "怎么改"),
        ("长" * 61, "x", "问题"),
    ):
        with pytest.raises(InvalidInputError, match=field):
            draft(title, measure, RectificationSource.CASE, unit="", by=OWNER, today=TODAY)
