"""What the door published becomes ledger entries: the daily root, and officers' weekly attestations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lianbot.evidence.entries import Attested, Fact, IntakeSeen
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.keys import attest_message, officer_id, signature_holds
from lianbot.ports.clock import Clock
from lianbot.ports.door_shelf import Attestation, DoorShelf


class IntakeBook(Protocol):
    """The part of the ledger that is written on receipt of the door's files."""

    async def origin(self) -> str: ...

    async def append(self, facts: Sequence[Fact], now: datetime) -> None: ...

    async def facts_of(self, kind: str) -> list[Fact]: ...

    async def know_officers(self, pubs: Sequence[bytes], now: datetime) -> None: ...


class Intake:
    """Looks at the door's files and records what is new; nothing in them tells of a person."""

    def __init__(self, *, shelf: DoorShelf, book: IntakeBook, clock: Clock) -> None:
        self._shelf = shelf
        self._book = book
        self._clock = clock

    async def record(self) -> int:
        """How many entries were appended."""
        facts: list[Fact] = [*await self._new_root(), *await self._new_attestations()]
        if facts:
            await self._book.append(facts, self._clock.now())
        return len(facts)

    async def _new_root(self) -> list[IntakeSeen]:
        root = await self._shelf.intake_root()
        seen = await self._book.facts_of("intake")
        if root is None or (seen and seen[-1] == IntakeSeen(root=root)):
            return []
        return [IntakeSeen(root=root)]

    async def _new_attestations(self) -> list[Attested]:
        offered = await self._shelf.attestations()
        if not offered:
            return []
        origin = await self._book.origin()
        seen = await self._book.facts_of("attest")
        known = {(one.week, one.officer) for one in seen if isinstance(one, Attested)}
        good = [one for one in offered if _holds(one, origin)]
        facts = [Attested(week=one.week, officer=officer_id(one.pub), sig=one.sig) for one in good]
        fresh = [fact for fact in facts if (fact.week, fact.officer) not in known]
        if fresh:
            await self._book.know_officers([one.pub for one in good], self._clock.now())
        return fresh


def _holds(attestation: Attestation, origin: str) -> bool:
    """A file that anybody might have written: only what the officer signed for this log counts."""
    try:
        message = attest_message(origin, attestation.week)
    except EvidenceError:
        return False
    return signature_holds(attestation.pub, message, attestation.sig)
