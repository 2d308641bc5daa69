"""Where consents are kept: what a worker agreed to on a channel, in which words, and until when."""

from collections.abc import Collection
from datetime import date
from typing import Protocol
from uuid import UUID

from lianbot.domain.people import ChannelKind, Consent, ConsentPurpose


class ConsentBook(Protocol):
    """A template message may be sent only while a consent stands [S41][S42]."""

    async def give(
        self,
        worker_id: UUID,
        channel: ChannelKind,
        purpose: ConsentPurpose,
        wording: str,
        on: date,
    ) -> bool:
        """Kept with the words that were shown; False when one stands already (its words stay)."""
        ...

    async def withdraw(
        self, worker_id: UUID, channel: ChannelKind, purpose: ConsentPurpose, on: date
    ) -> bool:
        """Whether one had stood. The row stays as history with its last day."""
        ...

    async def standing(
        self,
        channel: ChannelKind,
        purpose: ConsentPurpose,
        workers: Collection[UUID] | None = None,
    ) -> frozenset[UUID]:
        """Those of `workers` (None: of all) whose consent stands now; one look for a whole occurrence."""
        ...

    async def of_worker(self, worker_id: UUID) -> tuple[Consent, ...]:
        """Standing and withdrawn ones, oldest first."""
        ...
