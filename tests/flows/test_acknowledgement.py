"""What an answer does: kept, a repeat, or nothing it could belong to; and whose task it opens."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerFacts,
    AnswerGiven,
    CurrentAnswer,
    Method,
    Via,
)
from lianbot.domain.codes import Post, Topic
from lianbot.flows.acknowledgement import FOR_OTHERS, OBJECTIONS, decide
from lianbot.ports.answers import AlreadyKept, FollowUp, Keep, NoPlace

OWN = sorted(set(Method) - FOR_OTHERS)


def answer(said: Answer = Answer.UNDERSTOOD, method: Method = Method.TAP) -> AnswerGiven:
    return AnswerGiven(
        worker_id=uuid4(),
        answer=said,
        method=method,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key="k",
        msgid="m",
    )


def facts(
    standing: Answer | None = None, *, by: Method = Method.TAP, repeat: bool = False
) -> AnswerFacts:
    current = standing and CurrentAnswer(seq=1, answer=standing, method=by, leaf_start="00" * 5)
    return AnswerFacts(
        delivery_id=1,
        occurrence_id=uuid4(),
        worker_id=uuid4(),
        worker_salt=b"s" * 32,
        edition="ab" * 32,
        item="LSN-COOK-001",
        team_id=1,
        post=Post.COOK,
        topic=Topic.BLANK_SIGN,
        current=current,
        repeat=repeat,
    )


def test_an_answer_to_nothing_has_no_place():
    assert decide(None, answer()) == NoPlace()


@pytest.mark.parametrize(
    ("read", "found"),
    [(None, Keep(follow_up=None)), ("ab" * 32, Keep(follow_up=None)), ("cd" * 32, NoPlace())],
    ids=["a card names no text", "the text of the row", "another text"],
)
def test_an_answer_is_kept_for_the_text_that_was_read_and_for_no_other(read, found):
    assert decide(facts(), replace(answer(), edition=read)) == found


@given(st.sampled_from(Answer), st.sampled_from(Answer), st.sampled_from(Method), st.booleans())
def test_another_text_makes_no_repeat_of_it_either(standing, said, method, repeat):
    other = replace(answer(said, method), edition="cd" * 32)
    assert decide(facts(standing, repeat=repeat), other) == NoPlace()


@pytest.mark.parametrize(
    ("said", "task"),
    [
        (Answer.UNDERSTOOD, None),
        (Answer.NOT_UNDERSTOOD, FollowUp.READ_ALOUD),
        (Answer.ASK_SOMEONE, FollowUp.READ_ALOUD),
        (Answer.DISAGREE, FollowUp.REVIEW),
        (Answer.CANNOT, FollowUp.REVIEW),
    ],
)
def test_a_first_answer_is_kept_and_opens_the_right_persons_task(said, task):
    assert decide(facts(), answer(said)) == Keep(follow_up=task)


@given(st.sampled_from(Answer), st.sampled_from(Method), st.sampled_from(Method))
def test_the_same_answer_again_changes_nothing(said, before, now):
    assert decide(facts(said, by=before), answer(said, now)) == AlreadyKept()


@given(st.sampled_from(Answer), st.sampled_from(Answer), st.sampled_from(Method))
def test_a_repeat_of_an_old_push_never_brings_the_old_answer_back(standing, repeated, method):
    assert decide(facts(standing, repeat=True), answer(repeated, method)) == AlreadyKept()


@given(st.sampled_from(Answer), st.sampled_from(Answer), st.sampled_from(OWN))
def test_the_workers_own_last_answer_stands(standing, said, method):
    decided = decide(facts(standing), answer(said, method))
    assert isinstance(decided, AlreadyKept if said is standing else Keep)


@pytest.mark.parametrize("method", sorted(FOR_OTHERS))
@pytest.mark.parametrize("standing", sorted(OBJECTIONS))
def test_a_tick_by_somebody_else_does_not_talk_over_an_objection(standing, method):
    assert decide(facts(standing), answer(Answer.UNDERSTOOD, method)) == AlreadyKept()


@pytest.mark.parametrize("standing", [Answer.NOT_UNDERSTOOD, Answer.ASK_SOMEONE])
def test_a_read_aloud_settles_what_it_was_asked_for(standing):
    decided = decide(facts(standing), answer(Answer.UNDERSTOOD, Method.ASSISTED))
    assert decided == Keep(follow_up=None)
