"""把这个问题交给老师: what a worker writes on the page itself and hands over there; nothing from the chat.

Named or not is the worker's choice, and not is the default: then neither row nor log says who it was.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lianbot.domain.calendar import local
from lianbot.domain.rectification import ProposalKind
from lianbot.ports.clock import Clock
from lianbot.ports.rectification import Kept, ProposalBook

MOST = 300
A_PERSON = 5
"""Questions a person and day: kept in memory alone, and forgotten with the day."""


class Handed(StrEnum):
    """What became of it; the page says it in words."""

    KEPT = "kept"
    EMPTY = "empty"
    LONG = "long"
    FULL = "full"
    LOOK_FIRST = "look_first"
    """It sounds like danger or a concern: the warning is shown, and a second press hands it over all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the form brought. `mark` is the form's own random sign, `sure` the second press."""

    text: str
    worker_id: UUID
    named: bool
    mark: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The outcome, and the warning that belongs to LOOK_FIRST."""

    handed: Handed
    warning: str = ""


class QuestionDesk:
    """Takes questions in for the editors."""

    def __init__(self, *, book: ProposalBook, clock: Clock, warning: Callable[[str], str]) -> None:
        self._book = book
        self._clock = clock
        self._warning = warning
        self._day: date | None = None
        self._asked: Counter[UUID] = Counter()

    async def hand_over(self, question: Question) -> Answered:
        text = question.text.strip()
        if not text:
            return Answered(handed=Handed.EMPTY)
        if len(text) > MOST:
            return Answered(handed=Handed.LONG)
        warning = "" if question.sure else self._warning(text)
        if warning:
            return Answered(handed=Handed.LOOK_FIRST, warning=warning)
        if not self._has_room(question.worker_id):
            return Answered(handed=Handed.FULL)
        kept = await self._book.keep(
            ProposalKind.QUESTION,
            text,
            on=self._today(),
            mark=hashlib.sha256(question.mark.encode()).digest()[:16],
            worker_id=question.worker_id if question.named else None,
        )
        if kept is Kept.NOW:
            self._asked[question.worker_id] += 1
        return Answered(handed=Handed.FULL if kept is Kept.FULL else Handed.KEPT)

    def _has_room(self, worker_id: UUID) -> bool:
        today = self._today()
        if today != self._day:
            self._day = today
            self._asked.clear()
        return self._asked[worker_id] < A_PERSON

    def _today(self) -> date:
        return local(self._clock.now()).date()
