"""The door as the rest of the house sees it: opaque files, and three small facts about them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """An officer's signed words "fetched up to week"; `pub` is the Ed25519 key of the published list."""

    week: str
    pub: bytes
    sig: bytes


class DoorShelf(Protocol):
    """DOOR_DIR/out and DOOR_DIR/in. Sealed envelopes pass through as bytes; nobody here can open them."""

    async def intake_root(self) -> bytes | None:
        """The 32-byte root of the newest flush; None before the first one."""
        ...

    async def attestations(self) -> list[Attestation]: ...

    async def officers(self) -> list[bytes]:
        """Ed25519 keys of the published recipients, in the list's order."""
        ...

    async def sealed(self) -> bytes | None:
        """out/sealed.bin for an officer to take away."""
        ...

    async def put_pack(self, office: str, pack: bytes) -> None:
        """An officer's pack for the next flush; raises InvalidInputError for a name that is no office's."""
        ...

    async def put_front(self, front: bytes) -> None:
        """What the front page shows beside the form."""
        ...
