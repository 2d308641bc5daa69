"""What is kept about the ways of sending: open windows, ways without a right, refusals that ask for the next way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.deliveries import Delivery
from lianbot.domain.people import ChannelKind
from lianbot.domain.routing import Contact
from lianbot.domain.ways import Way
from lianbot.domain.windows import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An act of a worker that left a row of its own anyway, or that asked for what is held."""

    worker_id: UUID
    account: str
    act: Act
    at: datetime


class WindowBook(Protocol):
    """Reply windows, the same for all processes. Nothing finer than an hour is kept (P3)."""

    async def came(self, visit: Visit) -> None:
        """Opens the window and releases what was held for the worker, for the next full hour."""
        ...

    def waits_for(self, worker_id: UUID) -> bool:
        """Whether something is held for the worker, as of the last `refresh`; asked on the hot path, from memory."""
        ...

    async def take(self, account: str, now: datetime) -> bool:
        """One message of the window that closes first; False when none is open."""
        ...

    async def forget(self, account: str) -> None:
        """The platform says that no window is open."""
        ...

    async def sweep(self, now: datetime) -> None:
        """Closed windows leave no row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A delivery whose way refused the person, with what the next choice looks at."""

    delivery: Delivery
    channels: tuple[ChannelKind, ...]
    contact: Contact


class WayBook(Protocol):
    """Refusals and their consequences for the ways that follow."""

    async def shut(self, way: Way, why: str) -> None:
        """The account has no right to this way: nothing is planned on it until it is opened again."""
        ...

    async def open(self, way: Way) -> None: ...

    async def closed(self) -> dict[Way, str]:
        """Shut ways, with the platform's words."""
        ...

    async def lost(self, limit: int, now: datetime) -> Sequence[Lost]:
        """Rows whose next way nobody has looked for yet."""
        ...

    async def settle(self, decided: Sequence[tuple[Lost, Delivery | None]], today: date) -> None:
        """Rows as they shall stand (None: as they are), and what the refusal says about the binding."""
        ...


class ResultBook(Protocol):
    """What the platform says later about a message it had accepted."""

    async def result(self, platform_id: str, status: str, failed: bool, now: datetime) -> None:
        """`failed` moves the accepted delivery to platform_failed; kept for a while when it is not marked yet."""
        ...

    async def match(self, now: datetime) -> int:
        """Failures that came before their delivery was marked; how many found it now."""
        ...
