"""What the roster import asks of storage: four methods."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from lianbot.domain.codes import Post
from lianbot.domain.roster import PostMapping, RosterChanges, RosterReceipt, RosterSnapshot


class RosterStore(Protocol):
    """Where workers, contractors, teams, sites and the saved words for posts are kept."""

    async def snapshot(self) -> RosterSnapshot:
        """Everything at one version, read in one transaction.

        Workers who left are included (`ended` set): a number is never used again and a returning person gets
        the old record back. `version` grows by at least one with every change to a worker, team, contractor, site
        or WeCom binding; `last_issued` is the stored counter of numbers that lianbot gave out (0 at first).
        """
        ...

    async def apply(self, changes: RosterChanges, by: UUID) -> RosterReceipt:
        """Write everything in one transaction, with one audit row a change under account `by`, or nothing.

        In this order:
        1. raise RosterMovedError when the stored version is not `changes.base_version`;
        2. create `new_contractors`, `new_sites`, `new_teams` (a team refers to its contractor and site by name);
        3. `Joined`: a new worker with an id of the store's making, or, when `returning` is set, that record with
           `ended` cleared and all facts written; `Updated`: write all facts (`fields` is for the audit row and
           for onboarding and change-of-post rules); `Left`: set `ended`;
        4. where `facts.wecom` is not None: the worker's WeCom binding becomes that account (one binding a worker
           and channel); None leaves a binding alone. A worker who left keeps the binding row until retention, but
           loses it when the same account (compared without case) is given to somebody else;
        5. store `last_issued` if it is higher than the stored one, raise the version, refresh the snapshot of
           known workers after the commit.

        Names of contractors, teams and sites are compared as stored, byte for byte: the flow has already
        brought them to the stored form. A contractor, team or site that is missing is a fault of the caller.
        """
        ...

    async def saved_mapping(self, contractors: Sequence[str]) -> PostMapping:
        """The saved words of these contractors; a contractor without any may be missing from the answer."""
        ...

    async def save_mapping(
        self, contractor: str, words: Mapping[str, tuple[Post, ...]], by: UUID
    ) -> None:
        """Add or replace words of one contractor, with an audit row. The contractor need not exist yet: its name is the key."""
        ...
