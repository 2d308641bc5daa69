"""The fakes keep the ports' promises, so that a flow's test means something."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from fakes.ports import (
    FakeAnswers,
    FakeChannel,
    FakeOutbox,
    FakePlanBook,
    a_delivery,
)
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, NothingOpen, Via
from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.deliveries import DeliveryState, accept, hand_over
from lianbot.domain.messages import Accepted, NoAnswer

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)


async def test_a_row_is_claimed_by_one_owner_until_it_is_given_back():
    outbox = FakeOutbox([a_delivery(1), a_delivery(2)])
    assert len(await outbox.claim("a", 10, NOW)) == 2
    assert await outbox.claim("b", 10, NOW) == []
    await outbox.release("a")
    assert len(await outbox.claim("b", 10, NOW)) == 2


async def test_only_the_owner_begins_and_marks():
    outbox = FakeOutbox([a_delivery(1)])
    await outbox.claim("a", 1, NOW)
    begun = hand_over(a_delivery(1), b"b", NOW)
    assert not await outbox.begin(begun, "b")
    assert await outbox.begin(begun, "a")
    await outbox.mark(accept(begun, "m"), "a")
    assert outbox.states() == {1: DeliveryState.ACCEPTED}


async def test_what_was_in_hand_over_is_unknown_after_recovery():
    outbox = FakeOutbox([hand_over(a_delivery(1), b"b", NOW)])
    assert await outbox.recover(NOW, alone=True) == 1
    assert outbox.states() == {1: DeliveryState.UNKNOWN}


async def test_unknown_rows_are_given_out_inside_the_interval_only():
    outbox = FakeOutbox([hand_over(a_delivery(1), b"b", NOW)])
    await outbox.recover(NOW, alone=True)
    late = await outbox.claim_unknown("a", "wecom", NOW + timedelta(minutes=1), 9, NOW)
    assert late == []


async def test_a_channel_answers_in_order_then_accepts_and_notes_every_body():
    channel = FakeChannel(NoAnswer(detail="x"))
    assert isinstance(await channel.send(b"u1:t"), NoAnswer)
    assert isinstance(await channel.send(b"u1:t"), Accepted)
    assert channel.sent == [b"u1:t", b"u1:t"]


async def test_a_channel_nobody_prepared_for_a_sign_in_fails_the_test():
    with pytest.raises(AssertionError, match="nobody prepared"):
        await FakeChannel().identify("code")


async def test_an_occurrence_is_opened_once():
    book, campaign = FakePlanBook(), uuid4()
    assert await book.open_occurrence(campaign, OccurrenceKind.PUSH, NOW, NOW) is not None
    assert await book.open_occurrence(campaign, OccurrenceKind.PUSH, NOW, NOW) is None


async def test_answers_end_as_they_are_told_to():
    book, given = FakeAnswers(fate=NothingOpen()), an_answer()
    assert await book.answer(given) == NothingOpen()
    assert book.given == [given]


def an_answer() -> AnswerGiven:
    return AnswerGiven(
        worker_id=uuid4(),
        answer=Answer.UNDERSTOOD,
        method=Method.TAP,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key="k",
        msgid="m",
    )
