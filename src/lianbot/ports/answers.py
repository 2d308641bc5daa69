"""Where answers go: each in one grouped transaction with its ledger leaf and the counters (design §3 'Hot paths')."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lianbot.domain.acknowledgements import (
    AnswerFacts,
    AnswerGiven,
    AnswerOutcome,
    FirstAnswer,
    PageShown,
)
from lianbot.domain.errors import LianbotError


class NotKeptError(LianbotError):
    """The answer could not be committed: the person is asked to tap again, never thanked."""


class FollowUp(StrEnum):
    """The task that an answer opens for somebody."""

    READ_ALOUD = "read_aloud"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Record the answer; `follow_up` is the task it opens, if any."""

    follow_up: FollowUp | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyKept:
    """The answer changes nothing: the one that stands is shown again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPlace:
    """There is no delivery it could belong to, or it carries another text than the one that was read."""


Decision = Keep | AlreadyKept | NoPlace
Decide = Callable[[AnswerFacts | None, AnswerGiven], Decision]


class AnswerBook(Protocol):
    """Answers of workers, durable when the call returns."""

    async def answer(self, given: AnswerGiven) -> AnswerOutcome:
        """Commit the answer (or recognise a repeat). Raises NotKeptError when it cannot be kept."""
        ...

    async def shown(self, shown: PageShown) -> None:
        """The page was displayed: opening row and `show` leaf, once; nothing where the row carries another text by now."""
        ...

    async def first_answer(self, answer: FirstAnswer) -> None:
        """Count the first answer to a delivery's question in the topic totals, once."""
        ...
