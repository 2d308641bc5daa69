"""The outbox: deliveries waiting to be handed to a channel, claimed, begun and marked in groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.campaigns import OccurrenceKind
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Delivery
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, ClientKind, PreferredTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A claimed delivery with all that is needed to dress it; nothing is loaded later.

    `answers_to` is the delivery that an answer belongs to: a reminder's answer belongs to the push it
    reminds of. `acknowledged` and `left` are as of the claim: a reminder that found its answer is not sent.
    `pushes` are the moments of the worker's other messages that left, may have left, or are about to leave
    before this one, over all campaigns of the last 7 days: the caps are checked against them again. `posts`,
    `shift` and `preferred` are the worker's as of the claim. `review`: it asks again what the worker had understood. From
    `ends_at` on it must not leave any more.
    """

    delivery: Delivery
    answers_to: int
    answers_occurrence: UUID
    kind: OccurrenceKind
    edition: Edition
    client: ClientKind
    acknowledged: bool
    left: bool
    number: str
    pushes: tuple[datetime, ...] = ()
    posts: tuple[Post, ...] = ()
    shift: str = ""
    preferred: PreferredTime = PreferredTime.ANY
    review: bool = False
    ends_at: datetime | None = None


RenderTogether = Callable[[Sequence[Delivery]], bytes]
"""The one body of several hand-overs, made for those that really begin; touches no event loop."""


class Outbox(Protocol):
    """Rows on their way; every method is safe to repeat after a crash."""

    async def claim(self, owner: str, limit: int, now: datetime) -> Sequence[Parcel]:
        """Planned rows of running occurrences, leased to `owner`; nobody else gets them meanwhile."""
        ...

    async def claim_unknown(
        self, owner: str, channel: ChannelKind, since: datetime, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        """Unknown rows first handed over after `since`: the platform's own de-duplication resolves them.

        Not what a person decided to leave as it is, and of rows with bytes of their own not those of workers who
        left or have answered. A first repeat comes up at once, later ones minutes after the one before.
        """
        ...

    async def claim_decided(
        self, owner: str, channel: ChannelKind, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        """Unknown rows of running occurrences that a person decided to send again; one hand-over a decision."""
        ...

    async def begin(self, delivery: Delivery, owner: str) -> bool:
        """Commit `handing_over` before the call (grouped). False when the row was stopped or taken meanwhile."""
        ...

    async def begin_together(
        self, deliveries: Sequence[Delivery], owner: str, render: RenderTogether
    ) -> Sequence[Delivery]:
        """Likewise for rows of one occurrence that leave in one call: those that begin, with the body they share.

        Rows that repeat a call (`shared_body` is set) keep that call's body. What `render` raises undoes all.
        """
        ...

    async def mark(self, delivery: Delivery, owner: str) -> None:
        """Commit what came of it (grouped); durable when the call returns."""
        ...

    async def release(self, owner: str) -> None:
        """Give claimed but unbegun rows back."""
        ...

    async def recover(self, now: datetime, *, alone: bool) -> int:
        """Rows in hand-over whose process is gone become `unknown` (process_died); how many.

        `alone`: this is the only process on the database, so every such row is orphaned.
        """
        ...


KIND_LENGTH = 40
"""An alert's kind is no longer than this."""
LEDGER_CLOCK = "ledger:clock"
"""The alert that the clock is behind the ledger: nothing is planned or answered until it is right."""


class Staff(Protocol):
    """What staff must know, and the switch they hold."""

    async def stopped(self) -> bool:
        """Whether stop-all is on: nothing leaves until it is off."""
        ...

    async def alert(self, kind: str, detail: str, now: datetime) -> None:
        """Repeats of an open alert are counted, not multiplied."""
        ...
