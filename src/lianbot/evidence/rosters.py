"""The frozen roster snapshot of an occurrence: who was to be told, as commitments."""

from collections.abc import Iterable
from itertools import pairwise

from lianbot.evidence.editions import edition_hash
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import HASH


def roster_bytes(workers: Iterable[str]) -> bytes:
    """One worker commitment a line, sorted, LF after each; a worker twice is an error."""
    found = sorted(str(HASH.write(worker)) for worker in workers)
    for earlier, later in pairwise(found):
        if earlier == later:
            raise EvidenceError(f"worker {later} stands twice in the roster")
    return "".join(f"{worker}\n" for worker in found).encode("ascii")


def roster_hash(data: bytes) -> str:
    """64 hex: SHA-256 of the snapshot's bytes."""
    return edition_hash(data)
