"""The review ladder: 3, 10, 30, 75, 180 days, two restarts, then the lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.reviews import LADDER, MOST_RESTARTS, answered, ask, begin

TOLD = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
FRESH = begin(UUID(int=1), "LSN-COOK-001", TOLD)


def play(answers):
    """The gaps in days between an answer and the next question."""
    state, at, gaps = FRESH, TOLD, []
    for right in answers:
        assert state.due_at is not None
        at = state.due_at
        state = answered(ask(state, 7, at), right, at)
        gaps.append((state.due_at - at).days if state.due_at else None)
    return state, gaps


def test_the_first_question_comes_three_days_after():
    assert FRESH.due_at == TOLD + timedelta(days=3)


def test_right_answers_climb_and_then_there_is_peace():
    state, gaps = play([True] * 5)
    assert gaps == [10, 30, 75, 180, None]
    assert not state.read_aloud


def test_a_wrong_answer_starts_again_at_three_days():
    state, gaps = play([True, True, False])
    assert gaps[-1] == 3
    assert (state.rung, state.restarts) == (0, 1)


def test_the_third_wrong_answer_makes_it_the_leads_turn():
    state, gaps = play([False, False, False])
    assert gaps == [3, 3, None]
    assert state.read_aloud


def test_a_question_without_an_answer_comes_once_more_and_then_rests():
    once = ask(FRESH, 7, TOLD)
    assert once.due_at == TOLD + timedelta(days=14)
    twice = ask(once, 8, TOLD + timedelta(days=14))
    assert twice.due_at is None
    assert not twice.read_aloud


def test_an_answer_after_silence_counts_as_any_other():
    late = ask(ask(FRESH, 7, TOLD), 8, TOLD)
    assert answered(late, True, TOLD).due_at == TOLD + LADDER[1]


@given(st.lists(st.booleans(), max_size=40))
def test_nobody_is_asked_for_ever(answers):
    state = FRESH
    asked = 0
    for right in answers + [True] * len(LADDER):
        if state.due_at is None:
            break
        state = answered(ask(state, asked, TOLD), right, TOLD)
        asked += 1
    assert state.restarts <= MOST_RESTARTS + 1
    assert state.due_at is None or asked <= (MOST_RESTARTS + 1) * len(LADDER)
    assert replace(state, asked=None) == state
