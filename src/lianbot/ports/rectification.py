"""Where rectification items and proposals for lessons are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from lianbot.domain.rectification import ProposalKind, Rectification, RectificationState


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationStep:
    """One thing that happened to an item, in the actor's words."""

    act: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """A step as it is read."""

    at: datetime
    by: str
    act: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RectificationFilter:
    """Which items are wanted; `overdue_on` keeps only those whose day is past then."""

    states: frozenset[RectificationState]
    owner: UUID | None = None
    overdue_on: date | None = None


class RectificationBook(Protocol):
    """The ledger of items. Every change writes its step and its audit row in the same transaction."""

    async def add(
        self,
        item: Rectification,
        step: RectificationStep,
        by: UUID,
        now: datetime,
        *,
        closes_task: int | None = None,
    ) -> Rectification:
        """The item with its number. `closes_task`: the 待办 it came from is closed with the number in its note,

        all or nothing; raises NotFoundError when that one is closed already. The item itself keeps no way back
        to the worker who said it.
        """
        ...

    async def get(self, number: int) -> Rectification:
        """Raises NotFoundError."""
        ...

    async def steps(self, number: int) -> Sequence[StepSeen]:
        """Oldest first."""
        ...

    async def all(self, wanted: RectificationFilter) -> list[Rectification]:
        """Soonest day first, those without a day last."""
        ...

    async def save(
        self, item: Rectification, step: RectificationStep, by: UUID, now: datetime
    ) -> Rectification:
        """Raises OutdatedError when somebody else changed it after it was read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """选题. `who` is empty unless the worker chose to leave the name; `text` is empty once it was forgotten."""

    id: int
    kind: ProposalKind
    text: str
    who: str
    on: date
    closed_on: date | None
    closed_by: str
    note: str


class Kept(StrEnum):
    """What became of a proposal that was handed in."""

    NOW = "now"
    ALREADY = "already"
    """The same form came before; it stands once."""
    FULL = "full"
    """The day's room is used up; nothing was kept."""


class ProposalBook(Protocol):
    """选题: kept for a time, then the words are wiped."""

    async def keep(
        self,
        kind: ProposalKind,
        text: str,
        *,
        on: date,
        mark: bytes,
        worker_id: UUID | None = None,
    ) -> Kept:
        """`mark` is the form's own: a form sent twice is one proposal."""
        ...

    async def proposals(self, *, open_only: bool) -> list[Proposal]:
        """Open ones first, oldest first."""
        ...

    async def close(self, proposal_id: int, note: str, by: UUID, now: datetime) -> None:
        """Raises NotFoundError when it is not open."""
        ...

    async def forget(self, today: date) -> int:
        """Wipe words and names whose time is over; how many."""
        ...
