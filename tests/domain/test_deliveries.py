"""The delivery row moves only the ways of design §4, and each move leaves what the row must say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.codes import Post, Topic
from lianbot.domain.deliveries import (
    LEGAL_MOVES,
    Delivery,
    DeliveryState,
    Reason,
    accept,
    defer,
    hand_over,
    lose_sight,
    plan_again,
    platform_failed,
    refuse,
    skip,
)
from lianbot.domain.errors import IllegalTransitionError
from lianbot.domain.people import ChannelKind

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
S = DeliveryState

MOVES: dict[str, tuple[Callable[[Delivery], Delivery], DeliveryState, set[DeliveryState]]] = {
    # name: the function, where it leads, and the only states it may be asked of
    "skip": (lambda d: skip(d, Reason.LEFT), S.SKIPPED, {S.PLANNED, S.DEFERRED}),
    "defer": (
        lambda d: defer(d, Reason.WINDOW, NOW + timedelta(hours=1)),
        S.DEFERRED,
        {S.PLANNED, S.HANDING_OVER},
    ),
    "plan_again": (plan_again, S.PLANNED, {S.DEFERRED, S.HANDING_OVER, S.REFUSED}),
    "hand_over": (
        lambda d: hand_over(d, b"body", NOW),
        S.HANDING_OVER,
        {S.PLANNED, S.UNKNOWN},
    ),
    "accept": (lambda d: accept(d, "m1"), S.ACCEPTED, {S.HANDING_OVER, S.UNKNOWN}),
    "refuse": (
        lambda d: refuse(d, Reason.NOT_MEMBER, 81013, "all invalid"),
        S.REFUSED,
        {S.HANDING_OVER},
    ),
    "lose_sight": (
        lambda d: lose_sight(d, Reason.NO_ANSWER, "timeout"),
        S.UNKNOWN,
        {S.HANDING_OVER},
    ),
    "platform_failed": (
        lambda d: platform_failed(d, "failed: system"),
        S.PLATFORM_FAILED,
        {S.ACCEPTED},
    ),
}


def row(state: DeliveryState, **changes: object) -> Delivery:
    values = {
        "id": 7,
        "occurrence_id": UUID(int=1),
        "worker_id": UUID(int=2),
        "edition": "ab" * 32,
        "item": "LSN-COOK-001",
        "quiz": None,
        "topic": Topic.BLANK_SIGN,
        "team_id": 1,
        "post": Post.COOK,
        "channel": ChannelKind.WECOM,
        "account": "wang",
        "state": state,
    } | changes
    return Delivery(**values)


@pytest.mark.parametrize("state", list(DeliveryState))
@pytest.mark.parametrize("name", list(MOVES))
def test_each_move_is_possible_from_its_states_and_no_other(name, state):
    move, leads_to, allowed = MOVES[name]
    if state in allowed:
        assert move(row(state)).state is leads_to
        return
    with pytest.raises(IllegalTransitionError, match="送达记录 7"):
        move(row(state))


def test_no_state_is_left_by_a_way_that_has_no_name():
    named = {(start, leads_to) for _, leads_to, allowed in MOVES.values() for start in allowed}
    assert named == {(start, to) for start, ends in LEGAL_MOVES.items() for to in ends}


@pytest.mark.parametrize("state", [S.SKIPPED, S.PLATFORM_FAILED])
def test_what_ended_stays_ended(state):
    assert LEGAL_MOVES[state] == frozenset()


def test_the_body_stays_until_an_answer_came():
    handed = hand_over(row(S.PLANNED), b"body", NOW)
    assert handed.body == b"body"
    assert lose_sight(handed, Reason.NO_ANSWER, "timeout").body == b"body"
    assert accept(handed, "m1").body is None
    assert refuse(handed, Reason.NOT_MEMBER, 81013, "").body is None


def test_the_duplicate_interval_counts_from_the_first_hand_over():
    first = lose_sight(hand_over(row(S.PLANNED), b"body", NOW), Reason.NO_ANSWER, "timeout")
    second = hand_over(first, b"body", NOW + timedelta(minutes=3))
    assert (second.first_handed_at, second.handed_at) == (NOW, NOW + timedelta(minutes=3))
    assert second.attempts == 2


def test_a_row_that_was_planned_again_carries_no_old_reason():
    later = defer(row(S.PLANNED), Reason.CAPPED_DAY, NOW)
    assert (plan_again(later).reason, plan_again(later).not_before) == (Reason.NONE, None)


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_however_moves_follow_each_other_the_row_keeps_its_word(names):
    """The database's own checks hold for every row that the functions can make."""
    delivery = row(S.PLANNED)
    for name in names:
        move, _, allowed = MOVES[name]
        if delivery.state in allowed:
            delivery = move(delivery)
    sent = {S.HANDING_OVER, S.UNKNOWN, S.PLATFORM_FAILED}
    if delivery.state in sent:
        assert delivery.handed_at is not None
    if delivery.state is S.ACCEPTED:
        assert delivery.platform_id is not None
    if delivery.state is S.DEFERRED:
        assert delivery.not_before is not None
    if delivery.state in {S.SKIPPED, S.DEFERRED, S.REFUSED, S.UNKNOWN}:
        assert delivery.reason is not Reason.NONE
    assert delivery.attempts == 0 or delivery.first_handed_at is not None
