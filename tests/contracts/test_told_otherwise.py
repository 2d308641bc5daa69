"""An answer to what the platform did not accept counts as told otherwise, and no longer once it is accepted."""

from contracts.test_budgets import plan
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.deliveries import Reason, accept, hand_over, lose_sight
from lianbot.ports.desk import Dimension


async def handed(school):
    await plan(school)
    parcel = (await school.outbox.claim("me", 1, school.clock.now()))[0]
    begun = hand_over(parcel.delivery, b"b", school.clock.now())
    assert await school.outbox.begin(begun, "me")
    return begun


async def answer(school, delivery, how: Answer = Answer.UNDERSTOOD) -> None:
    await school.answers.answer(
        AnswerGiven(
            worker_id=delivery.worker_id,
            answer=how,
            method=Method.TAP,
            via=Via.CALLBACK,
            wording="懂了",
            repeat_key=how,
            msgid="m",
            delivery_id=delivery.id,
        )
    )


async def otherwise(school) -> dict[str, int]:
    assert await school.statistics.stored() == await school.statistics.recompute()
    return await school.statistics.told_otherwise(Dimension.ALL)


async def test_an_answer_before_the_acceptance_counts_until_it_comes(school):
    begun = await handed(school)
    await answer(school, begun)
    await answer(school, begun, Answer.DISAGREE)
    assert await otherwise(school) == {"": 1}
    await school.outbox.mark(accept(begun, "m1"), "me")
    assert await otherwise(school) == {}


async def test_who_answered_what_may_not_have_left_was_told(school):
    begun = await handed(school)
    await answer(school, begun)
    await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    assert await otherwise(school) == {"": 1}


async def test_an_answer_after_the_acceptance_is_no_other_way(school):
    begun = await handed(school)
    await school.outbox.mark(accept(begun, "m1"), "me")
    await answer(school, begun)
    assert await otherwise(school) == {}
