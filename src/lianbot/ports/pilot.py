"""What the pilot walk looks up of one worker: rows that exist, nothing that is guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.people import ChannelKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundOn:
    """A binding of the worker's: the client is what was learned from taps, `unknown` before the first."""

    channel: ChannelKind
    client: str
    bound_at: datetime | None
    broken: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A delivery that was handed over since the walk began."""

    delivery_id: int
    channel: ChannelKind
    state: str
    errcode: int | None
    handed_at: datetime
    opened_via: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that stands in the ledger since the walk began."""

    seq: int
    method: str
    answer: str


class PilotBook(Protocol):
    """Reads only."""

    async def worker_id(self, number: str) -> UUID | None: ...

    async def ledger_size(self) -> int: ...

    async def bound(self, worker_id: UUID) -> Sequence[BoundOn]: ...

    async def handed(self, worker_id: UUID, since: datetime) -> Handed | None:
        """The newest one."""
        ...

    async def answered(
        self, worker_id: UUID, since_seq: int, methods: Sequence[str]
    ) -> Answered | None:
        """The newest one by one of these methods."""
        ...
