"""The ledger as rows: what checkpoints and bundles read."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheckpoint:
    """A signed note as it was written; `root` is base64."""

    size: int
    root: str
    note: str
    minute: datetime


class LedgerBook(Protocol):
    """The ledger as rows."""

    async def origin(self) -> str: ...

    async def officers(self) -> list[bytes]:
        """Ed25519 keys of officers whose attestations were ever recorded."""
        ...

    async def freeze(self, now: datetime) -> tuple[int, datetime]:
        """Size now, and a minute no entry from that size on can be earlier than."""
        ...

    def leaves(self, start: int, stop: int) -> AsyncIterator[bytes]: ...

    async def entries(self, start: int, stop: int) -> list[bytes]: ...

    async def checkpoints(self) -> list[KeptCheckpoint]: ...

    async def keep_checkpoint(self, checkpoint: KeptCheckpoint, *, after: int) -> bool:
        """False, and nothing kept, when another one than that of size `after` (0: none) is the newest by now."""
        ...

    async def signers(self) -> list[tuple[int, str, bytes]]: ...

    async def rosters(self, hashes: Collection[str]) -> list[bytes]: ...

    async def edition_bodies(self, hashes: Collection[str]) -> list[bytes]:
        """These editions and every medium one of them names."""
        ...
