"""Checkpoints and bundles of the ledger: signed daily and on demand, exported for an auditor."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lianbot.evidence.bundle import write_bundle
from lianbot.evidence.checkpoints import Checkpoint, TreeHead, sign_checkpoint
from lianbot.evidence.entries import CampaignPlanned, EditionPublished, parse_entry
from lianbot.evidence.keys import KeyBook, KnownSigner
from lianbot.evidence.tree import Frontier
from lianbot.evidence.verify_bundle import Report
from lianbot.ports.clock import Clock
from lianbot.ports.ledger import KeptCheckpoint, LedgerBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs checkpoints; the seed is read from its file, never stored in the database."""

    name: str
    seed: bytes


class Ledgering:
    """What the daily tick, the console and `lianbot ledger` do with the ledger."""

    def __init__(self, *, book: LedgerBook, signer: Signer, clock: Clock) -> None:
        self._book = book
        self._signer = signer
        self._clock = clock

    async def checkpoint(self) -> KeptCheckpoint | None:
        """A new signed note; None when nothing was appended since the last one."""
        kept = await self._book.checkpoints()
        last = kept[-1] if kept else None
        size, minute = await self._book.freeze(self._clock.now())
        if size == 0 or (last and last.size == size):
            return None
        frontier = Frontier()
        async for leaf in self._book.leaves(0, size):
            frontier.append(leaf)
        note = sign_checkpoint(
            Checkpoint(
                log=await self._book.origin(),
                size=size,
                root=frontier.root(),
                minute=minute,
                prev=TreeHead(size=last.size, root=base64.b64decode(last.root)) if last else None,
            ),
            name=self._signer.name,
            seed=self._signer.seed,
        )
        made = KeptCheckpoint(
            size=size,
            root=base64.b64encode(frontier.root()).decode(),
            note=note.decode("utf-8"),
            minute=minute,
        )
        kept_now = await self._book.keep_checkpoint(made, after=last.size if last else 0)
        # another process signed meanwhile: its note covers what was there, the rest waits for the next
        return made if kept_now else None

    async def catch_up(self, due: datetime) -> KeptCheckpoint | None:
        """Signs when nothing was signed since `due`: nobody ran when the day's checkpoint fell due."""
        kept = await self._book.checkpoints()
        if kept and kept[-1].minute >= due:
            return None
        return await self.checkpoint()

    async def export(
        self, directory: Path, *, anchors: Iterable[tuple[str, bytes]] = ()
    ) -> Report:
        """A bundle in `directory` (it may exist and be empty), a checkpoint first.

        Raises EvidenceError or BundleError; then nothing is left behind.
        """
        await self.checkpoint()
        size, _ = await self._book.freeze(self._clock.now())
        kept = [one for one in await self._book.checkpoints() if one.size <= size]
        entries = await self._book.entries(0, size)
        named = [parse_entry(entry).fact for entry in entries]
        signers = [
            KnownSigner(from_seq=from_seq, name=name, pub=pub)
            for from_seq, name, pub in await self._book.signers()
        ]
        return write_bundle(
            directory,
            entries=entries,
            checkpoints=[one.note.encode() for one in kept],
            editions=await self._book.edition_bodies(
                {fact.edition for fact in named if isinstance(fact, EditionPublished)}
            ),
            rosters=await self._book.rosters(
                {fact.roster for fact in named if isinstance(fact, CampaignPlanned)}
            ),
            keys=KeyBook(
                origin=await self._book.origin(),
                signers=signers,
                officers=await self._book.officers(),
            ),
            anchors=anchors,
        )
