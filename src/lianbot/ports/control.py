"""What people and rules do to a push under way: decisions about lost answers, stages, additions, corrections, recalls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.amendments import Choice
from lianbot.domain.people import ChannelKind
from lianbot.domain.rollouts import Rollout, Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """What of a push has no known outcome. `waiting` is for a person to decide, `by_itself` is still being
    checked with the platform, `again` and `left` were decided, `frozen` must not be sent again any more."""

    waiting: int = 0
    by_itself: int = 0
    again: int = 0
    left: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.by_itself + self.again + self.left + self.frozen


Apart = Mapping[ChannelKind, datetime]
"""Which unknown rows a channel can still tell apart: those first handed over after that moment."""


class UnknownBook(Protocol):
    """Rows whose answer was lost."""

    async def undecided(self, occurrence_id: UUID, apart: Apart) -> Undecided: ...

    async def decide(
        self,
        occurrence_id: UUID,
        choice: Choice,
        apart: Apart,
        rows: Collection[int] | None,
        by: UUID,
        now: datetime,
    ) -> Sequence[int]:
        """Which rows the choice now holds for (None: all that wait for a person), with the audit row.

        Not those that the platform can still tell apart, and `again` not where the body is gone.
        Raises NotFoundError when there is no such push.
        """
        ...


class RolloutBook(Protocol):
    """Pushes that go out in stages."""

    async def watched(self) -> Sequence[Rollout]:
        """Those of running campaigns that are not done."""
        ...

    async def settled(self, rollout: Rollout) -> Settled:
        """What became of the rows that were let go."""
        ...

    async def release(self, rollout: Rollout, let_go: int, now: datetime) -> bool:
        """The next stage. False when another process released it, or the campaign does not run any more."""
        ...

    async def pour(self, rollout: Rollout, now: datetime) -> int:
        """Wakes the next rows of those that may leave, in one short transaction; how many."""
        ...

    async def halt(
        self, rollout: Rollout, failed: int, kind: str, detail: str, now: datetime
    ) -> bool:
        """Pauses the campaign, with audit row and alert, in one transaction; False when it does not run any more."""
        ...

    async def done(self, rollout: Rollout) -> None: ...

    async def seen(self, occurrence_id: UUID) -> Rollout | None:
        """As it stands; None for a push that went to everybody at once."""
        ...
