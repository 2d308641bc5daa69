"""What people and rules do to a push under way: decisions about lost answers, stages, additions, corrections, recalls."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.amendments import Amendment, Choice, RecallState, Standing
from lianbot.domain.campaigns import Occurrence
from lianbot.domain.deliveries import Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import Account, ChannelKind
from lianbot.domain.rollouts import Rollout, Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """How many rows of a push have no known outcome, by where they stand (domain.amendments.Standing)."""

    waiting: int = 0
    by_itself: int = 0
    again: int = 0
    left: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.by_itself + self.again + self.left + self.frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRow:
    """One row whose answer was lost: a worker's number and team, when it was handed over last, and why nobody
    knows what became of it. `repeatable`: its bytes are still there."""

    id: int
    number: str
    team: str
    handed_at: datetime
    attempts: int
    reason: Reason
    standing: Standing
    repeatable: bool

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What a person may decide about it now; a decision that nobody used up yet may be changed."""
        match self.standing:
            case Standing.WAITING:
                return (Choice.AGAIN, Choice.LEAVE)
            case Standing.FROZEN | Standing.AGAIN:
                return (Choice.LEAVE,)
            case Standing.LEFT:
                return (Choice.AGAIN,) if self.repeatable else ()
            case Standing.BY_ITSELF:
                return ()


Apart = Mapping[ChannelKind, datetime]
"""Which unknown rows a channel can still tell apart: those first handed over after that moment."""


class UnknownBook(Protocol):
    """Rows whose answer was lost."""

    async def undecided(self, occurrence_id: UUID, apart: Apart) -> Undecided: ...

    async def lost(
        self,
        occurrence_id: UUID,
        apart: Apart,
        limit: int,
        rows: Collection[int] | None = None,
    ) -> Sequence[LostRow]:
        """The first so many, or those of `rows`: what waits for a person first, then by team and number."""
        ...

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

        All that wait are decided in short transactions after the audit row: after a crash in between the rest waits
        for a person as before.

        Not those that the platform can still tell apart, and `again` not where the body is gone.
        Raises NotFoundError when there is no such push, InvalidInputError when one of `rows` cannot be decided
        about: then none of them is.
        """
        ...


class RolloutBook(Protocol):
    """Pushes that go out in stages."""

    async def watched(self) -> Sequence[Rollout]:
        """Those of running campaigns that are not done."""
        ...

    async def settled(self, rollout: Rollout, apart: Apart) -> Settled:
        """What became of the rows that were let go.

        Those in hand-over when our own process died, and that the platform can still tell apart, are under way.
        """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a push told, additions included: how many it may have reached, and the editions."""

    reached: int
    sent: tuple[Edition, ...]


Ruling = Callable[[Amendment, Account], Amendment]
"""(as it stands, who decides as the account stands) → as it shall stand; raises what forbids it."""


class AmendmentBook(Protocol):
    """Additions and corrections; every change with its audit row in the same transaction."""

    async def push(self, occurrence_id: UUID) -> Occurrence:
        """Raises NotFoundError."""
        ...

    async def newest(self, campaign_id: UUID) -> Occurrence:
        """The campaign's last push. Raises NotFoundError when there was none."""
        ...

    async def numbered(self, numbers: Sequence[str]) -> Mapping[str, UUID]:
        """Workers on the roster now by number; those who are missing are not there."""
        ...

    async def told(self, push: UUID, edition: str | None = None) -> Told:
        """`reached` counts the people of that push, or of every push that carried the edition."""
        ...

    async def ask(self, amendment: Amendment, now: datetime, *, open_now: bool) -> None:
        """Keeps it; `open_now` makes it an occurrence at once, because nobody has to approve it.

        Raises InvalidInputError while the push, or an earlier addition to it, is being planned, or when it stopped.
        """
        ...

    async def chain(self, campaign_id: UUID, edition: str | None) -> int:
        """How many people approve: the campaign's steps, or the most of all campaigns that ever sent the edition."""
        ...

    async def decide(self, amendment_id: UUID, by: UUID, rule: Ruling, now: datetime) -> Amendment:
        """What `rule` makes of it, read and written in one transaction: two who decide at once come one after the
        other, and a role that was taken away meanwhile is gone. Each step has its audit row.

        Approved, it becomes an occurrence in the same transaction. A correction brings its own campaign, the
        notice is approved with it, and of what it corrects nothing leaves any more.
        Raises NotFoundError, NotAllowedError, InvalidInputError as `rule` and `ask` do.
        """
        ...

    async def get(self, amendment_id: UUID) -> Amendment:
        """Raises NotFoundError."""
        ...

    async def outdated(self, occurrence_id: UUID) -> int:
        """How many answers to that push a material correction has overtaken."""
        ...

    async def of(
        self, campaign_id: UUID | None = None, push: UUID | None = None
    ) -> Sequence[Amendment]:
        """Newest first."""
        ...

    async def waiting(self) -> Sequence[Amendment]:
        """Those that nobody has decided about for good, newest first."""
        ...


class ClearingBook(Protocol):
    """Rows that were decided never to leave and do not say so yet."""

    async def look(self, most: int | None = None) -> int:
        """Goes on with them in short transactions, at most so many; how many were skipped."""
        ...


class RecallBook(Protocol):
    """What shall be recalled, and what the platform said of it; every message of the platform is asked about once."""

    async def ask(
        self, occurrence_id: UUID, oldest: Mapping[ChannelKind, datetime], by: UUID, now: datetime
    ) -> Counter[RecallState]:
        """Every accepted row of the push that was not asked for before, with the audit row; how many in which state.

        In short transactions after the audit row: after a crash in between, asking again asks for the rest.

        `oldest`: by channel, rows handed over until then are too late; a channel that is missing cannot recall.
        Raises NotFoundError, InvalidInputError while rows of the push still leave.
        """
        ...

    async def claim(
        self, channel: ChannelKind, oldest: datetime, limit: int, now: datetime
    ) -> Sequence[str]:
        """The platform's numbers of messages to recall, written down as being tried."""
        ...

    async def mark(
        self,
        channel: ChannelKind,
        message: str,
        state: RecallState,
        errcode: int | None,
        detail: str,
        now: datetime,
    ) -> None:
        """For every row that the message carried."""
        ...

    async def lose(self, now: datetime) -> None:
        """What was being tried when its process died is unknown."""
        ...

    async def seen(self, occurrence_id: UUID) -> Counter[RecallState]: ...
