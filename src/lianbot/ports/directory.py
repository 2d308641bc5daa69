"""Who is this? answered from memory, because every callback asks."""

from typing import Protocol
from uuid import UUID

from lianbot.domain.people import ChannelKind, KnownWorker


class Directory(Protocol):
    """Bound workers by account, as of the last refresh."""

    def who(self, channel: ChannelKind, account: str) -> KnownWorker | None:
        """The one behind the account; of several who share it, the first by number."""
        ...

    def sharers(self, channel: ChannelKind, account: str) -> tuple[KnownWorker, ...]:
        """Everybody behind the account, by number: a couple may read on one phone."""
        ...

    def by_id(self, worker_id: UUID) -> KnownWorker | None: ...
