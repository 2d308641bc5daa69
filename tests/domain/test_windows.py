"""Reply windows: what each act allows, and in which order it is used up (§B1)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.messages import InboundKind
from lianbot.domain.windows import (
    ALLOWANCES,
    Act,
    Adding,
    Grant,
    act_of,
    granted,
    left,
    open_ones,
    spent,
    whole_hour,
)

NOW = datetime(2026, 12, 1, 6, 7, 31, tzinfo=UTC)
HOURS, SECONDS = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kind", "messages", "lasts"),
    [
        (InboundKind.TEXT, 5, 48 * HOURS),
        (InboundKind.VOICE, 5, 48 * HOURS),
        (InboundKind.PICTURE, 5, 48 * HOURS),
        (InboundKind.OTHER_MEDIA, 5, 48 * HOURS),
        (InboundKind.CARD_TAP, 3, 60 * SECONDS),
        (InboundKind.MENU_CLICK, 3, 60 * SECONDS),
        (InboundKind.SCAN, 3, 60 * SECONDS),
        (InboundKind.SUBSCRIBE, 3, 60 * SECONDS),
    ],
)
def test_what_an_act_allows(kind, messages, lasts):
    act = act_of(kind)
    assert act is not None
    assert granted((), act, NOW) == (Grant(until=NOW + lasts, left=messages),)


@pytest.mark.parametrize(
    "kind",
    [
        InboundKind.DROPPED,  # view menus among them
        InboundKind.UNSUBSCRIBE,
        InboundKind.SEND_RESULT,
        InboundKind.CONTACT_CHANGED,
        InboundKind.OTHER,
    ],
)
def test_what_allows_nothing(kind):
    assert act_of(kind) is None


def test_every_kind_of_push_is_decided():
    decided = {kind for kind in InboundKind if act_of(kind) is not None}
    assert len(decided) + 5 == len(InboundKind)


@pytest.mark.parametrize(
    ("label", "before", "act", "adding", "after"),
    [
        ("a message again arms five anew", [(2, 3)], Act.MESSAGE, Adding.REPLACE, [(48, 5)]),
        ("or adds to what was left", [(2, 3)], Act.MESSAGE, Adding.ADD, [(2, 3), (48, 5)]),
        (
            "a tap leaves the two days of a message",
            [(40, 4)],
            Act.CLICK,
            Adding.REPLACE,
            [(40, 4)],
        ),
        ("what is over is forgotten", [(-1, 5)], Act.MESSAGE, Adding.ADD, [(48, 5)]),
        ("so is what is used up", [(5, 0)], Act.MESSAGE, Adding.ADD, [(48, 5)]),
    ],
)
def test_an_act_on_top_of_older_ones(label, before, act, adding, after):
    grants = tuple(Grant(until=NOW + hours * HOURS, left=n) for hours, n in before)
    expected = [Grant(until=NOW + hours * HOURS, left=n) for hours, n in after]
    assert list(granted(grants, act, NOW, adding)) == expected, label


def test_the_window_that_closes_first_is_used_first():
    soon, late = Grant(until=NOW + SECONDS, left=1), Grant(until=NOW + HOURS, left=2)
    once = spent((late, soon), NOW)
    assert once == (late,)
    assert spent(once, NOW) == (Grant(until=late.until, left=1),)
    assert spent((), NOW) is None


def test_a_window_is_closed_at_its_very_end():
    assert spent((Grant(until=NOW, left=5),), NOW) is None


GRANTS = st.lists(
    st.builds(
        Grant,
        until=st.integers(-3, 60).map(lambda hours: NOW + hours * HOURS),
        left=st.integers(0, 5),
    ),
    max_size=5,
).map(tuple)


@given(GRANTS, st.sampled_from(Act))
def test_replacing_never_counts_on_more_than_adding(grants, act):
    replaced = granted(grants, act, NOW, Adding.REPLACE)
    added = granted(grants, act, NOW, Adding.ADD)
    assert left(replaced, NOW) <= left(added, NOW)


@given(GRANTS)
def test_each_message_takes_exactly_one(grants):
    after = spent(grants, NOW)
    if after is None:
        assert left(grants, NOW) == 0
    else:
        assert left(after, NOW) == left(grants, NOW) - 1
        assert open_ones(after, NOW) == after


@given(st.integers(0, 10**6))
def test_what_is_kept_of_a_moment_is_its_hour(seconds):
    moment = NOW + seconds * SECONDS
    kept = whole_hour(moment)
    assert kept <= moment < kept + HOURS
    assert (kept.minute, kept.second, kept.microsecond) == (0, 0, 0)


def test_only_a_message_opens_a_window_that_outlives_an_hour():
    long = {act for act, allowance in ALLOWANCES.items() if allowance.lasts > HOURS}
    assert long == {Act.MESSAGE}
