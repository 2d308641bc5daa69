"""The door as the rest of the house sees it: opaque files, and three small facts about them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An officer's signed words "fetched up to week"; `pub` is the Ed25519 key of the published list."""

    week: str
    pub: bytes
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """A file of the door on its way to an officer: how many bytes, and the bytes in pieces."""

    size: int
    pieces: AsyncIterator[bytes]


class DoorShelf(Protocol):
    """DOOR_DIR/out and DOOR_DIR/in. Sealed envelopes pass through as bytes; nobody here can open them."""

    async def intake_root(self) -> bytes | None:
        """The 32-byte root of the newest flush; None before the first one."""
        ...

    async def attestations(self) -> list[Attestation]:
        """Those that came in packs, and those that were handed in by themselves."""
        ...

    async def officers(self) -> list[bytes]:
        """Ed25519 keys of the published recipients, in the list's order."""
        ...

    async def take(self, name: str) -> Opaque | None:
        """A file of out/ as it stands at this moment; None when it is not there (yet)."""
        ...

    async def put_pack(self, pack: bytes, week: str) -> None:
        """An officer's weekly pack for the next flush, looked at from outside: size, form and signature.

        `week` is the one of today, written 2026W47. Raises InvalidInputError with the mend.
        """
        ...

    async def put_attestation(self, words: bytes) -> None:
        """The one line of `lianbot officer attest`; raises InvalidInputError with the mend."""
        ...

    async def put_front(self, front: bytes) -> None:
        """What the front page shows beside the form."""
        ...
