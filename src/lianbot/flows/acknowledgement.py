"""An answer to a delivery: what is kept, what is a repeat, and whose task it opens (design §6)."""

from lianbot.domain.acknowledgements import Answer, AnswerFacts, AnswerGiven, Method
from lianbot.ports.answers import AlreadyKept, Decision, FollowUp, Keep, NoPlace

FOLLOW_UPS: dict[Answer, FollowUp | None] = {
    Answer.UNDERSTOOD: None,
    Answer.NOT_UNDERSTOOD: FollowUp.READ_ALOUD,
    Answer.ASK_SOMEONE: FollowUp.READ_ALOUD,
    Answer.DISAGREE: FollowUp.REVIEW,
    Answer.CANNOT: FollowUp.REVIEW,
}
"""没看懂 and 找人讲 open a read-aloud task; 不同意 and 做不到 go to the reviewer, never to lead or contractor (P8)."""

OBJECTIONS = frozenset({Answer.DISAGREE, Answer.CANNOT})
FOR_OTHERS = frozenset({Method.ASSISTED, Method.PAPER})
"""Written down by somebody else: presence at a read-aloud, a signed sheet."""


def decide(facts: AnswerFacts | None, given: AnswerGiven) -> Decision:
    """Pure: the answer that stands, a repeat of it, or nothing it could belong to.

    A later, different answer stands (the final answer is the record), but a platform's repeat of an
    older push never brings the older answer back: the repeat is known by its keyed hash. What a
    worker objected to is not talked over by a lead's tick: only the worker can take it back (P8).
    Whoever read another text than the row carries by now has not answered this one (P1).
    """
    if facts is None or given.edition not in (None, facts.edition):
        return NoPlace()
    if facts.repeat or (facts.current and facts.current.answer is given.answer):
        return AlreadyKept()
    if facts.current and facts.current.answer in OBJECTIONS and given.method in FOR_OTHERS:
        return AlreadyKept()
    return Keep(follow_up=FOLLOW_UPS[given.answer])
