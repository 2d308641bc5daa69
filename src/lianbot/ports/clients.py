"""Where each worker reads WeCom messages: learned from what the phone can do, or set by hand."""

from typing import Protocol
from uuid import UUID

from lianbot.domain.people import ClientKind


class ClientNotes(Protocol):
    """What a tap or an opened page shows; a note in no hurry that may be lost with the process."""

    def note(self, worker_id: UUID, client: ClientKind) -> None:
        """The worker was seen there. What a person has set by hand stays."""
        ...


class ClientDesk(Protocol):
    """The console's side."""

    async def settle(self, worker_id: UUID, client: ClientKind | None) -> ClientKind | None:
        """Set it by hand, or (None) let it be learned again. What it was; None without an account on WeCom."""
        ...
