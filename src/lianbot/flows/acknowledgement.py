"""An answer to a delivery: what is kept, what is a repeat, and whose task it opens (design §6)."""

from lianbot.domain.acknowledgements import Answer, AnswerFacts, AnswerGiven
from lianbot.ports.answers import AlreadyKept, Decision, FollowUp, Keep, NoPlace

FOLLOW_UPS: dict[Answer, FollowUp | None] = {
    Answer.UNDERSTOOD: None,
    Answer.NOT_UNDERSTOOD: FollowUp.READ_ALOUD,
    Answer.ASK_SOMEONE: FollowUp.READ_ALOUD,
    Answer.DISAGREE: FollowUp.REVIEW,
    Answer.CANNOT: FollowUp.REVIEW,
}
"""没看懂 and 找人讲 open a read-aloud task; 不同意 and 做不到 go to the reviewer, never to lead or contractor (P8)."""


def decide(facts: AnswerFacts | None, given: AnswerGiven) -> Decision:
    """Pure: the answer that stands, a repeat of it, or nothing it could belong to.

    A later, different answer stands (the final answer is the record), but a platform's repeat of an
    older push never brings the older answer back: the repeat is known by its keyed hash.
    """
    if facts is None:
        return NoPlace()
    if facts.repeat or (facts.current and facts.current.answer is given.answer):
        return AlreadyKept()
    return Keep(follow_up=FOLLOW_UPS[given.answer])
