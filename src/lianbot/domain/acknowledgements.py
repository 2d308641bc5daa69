"""Acknowledgements: the worker's answer to a delivery, and what may follow from it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Post, Topic


class Method(StrEnum):
    """How the answer came."""

    TAP = "tap"
    QUIZ = "quiz"
    REPLY = "reply"
    ASSISTED = "assisted"
    PAPER = "paper"


class Answer(StrEnum):
    """What the worker said. Only `understood` closes the matter; the others open somebody's task."""

    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    DISAGREE = "disagree"
    CANNOT = "cannot"
    ASK_SOMEONE = "ask_someone"


class Via(StrEnum):
    """How the person was known."""

    CALLBACK = "callback"
    OAUTH = "oauth"
    LINK = "link"
    LEAD = "lead"
    PAPER = "paper"


def answer_named(word: str) -> Answer | None:
    """The answer behind a button's key; None for any other word."""
    return _ANSWERS.get(word)


_ANSWERS = {answer.value: answer for answer in Answer}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven:
    """One answer on its way to the ledger.

    `delivery_id` when the tap or page names it; otherwise the worker's newest delivery that is
    still open is meant. `msgid` and `repeat_key` recognise a repeat by its effect; `wording` are the
    words on the button. `quiz`/`final` name the variant shown and the right option chosen in the end.
    `edition` is the text that a page showed; a card's or typed answer names none.
    """

    worker_id: UUID
    answer: Answer
    method: Method
    via: Via
    wording: str
    repeat_key: str
    msgid: str
    delivery_id: int | None = None
    quiz: str | None = None
    final: int | None = None
    by: UUID | None = None
    on: date | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentAnswer:
    """The answer that stands for a delivery, with its place in the ledger."""

    seq: int
    answer: Answer
    method: Method
    leaf_start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFacts:
    """What `storage` loads for one AnswerGiven, in one statement a batch.

    `repeat` is true when a row already carries the keyed hash of this very push. `accepted`: the platform
    accepted the message that is answered; a read-aloud answers one that never left.
    """

    delivery_id: int
    occurrence_id: UUID
    worker_id: UUID
    worker_salt: bytes
    edition: str
    item: str
    team_id: int
    post: Post
    topic: Topic
    current: CurrentAnswer | None
    repeat: bool = False
    by_salt: bytes | None = None
    accepted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the worker is told: `seq` and the first 10 hex of the leaf hash."""

    seq: int
    leaf_start: str
    answer: Answer
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingOpen:
    """There is no delivery this answer could belong to, or it carries another text than the one that was read."""


AnswerOutcome = Receipt | NothingOpen


@dataclass(frozen=True, slots=True, kw_only=True)
class PageShown:
    """The phone page's POST says that the edition was displayed: one `show` a (worker, occurrence, edition)."""

    worker_id: UUID
    delivery_id: int
    edition: str
    via: Via


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """The first answer to a delivery's question: feeds topic totals only, once (P6, P8)."""

    worker_id: UUID
    delivery_id: int
    edition: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementRow:
    """An acknowledgement as kept, for exports and pages. `outdated`: a material correction came after it."""

    worker_id: UUID
    delivery_id: int
    item: str
    title: str
    method: Method
    answer: Answer
    seq: int
    leaf_start: str
    minute: datetime
    on: date | None
    outdated: bool = False
