"""Where bindings, slips, posters and newcomers are kept: each change whole, with its ledger entry and audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.binding import (
    Bindable,
    BindOutcome,
    Claim,
    Dialogue,
    Newcomer,
    Poster,
    Slip,
)
from lianbot.domain.codes import Post
from lianbot.domain.people import ChannelKind, PreferredTime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundAccount:
    """A binding as the console lists it; the account itself is shown to nobody."""

    binding_id: int
    worker: Bindable
    channel: ChannelKind
    bound_on: date | None
    shared: bool
    broken: str | None


class BindBook(Protocol):
    """Small rows and rare writes: a school binds a few thousand people once."""

    async def slip(self, code_hash: bytes) -> Slip | None:
        """The slip with its worker, whatever its state."""
        ...

    async def slip_of(self, slip_id: int) -> Slip | None: ...

    async def bindable(self, worker_id: UUID) -> Bindable | None: ...

    async def matching(self, claim: Claim) -> Bindable | None:
        """The worker with that number whose name and phone fit and who has not left."""
        ...

    async def dialogue(self, channel: ChannelKind, account: str, now: datetime) -> Dialogue | None:
        """None when there is none, or its time is up."""
        ...

    async def keep_dialogue(self, dialogue: Dialogue) -> None:
        """In the place of the account's former one."""
        ...

    async def end_dialogue(self, channel: ChannelKind, account: str) -> None: ...

    async def may_try(self, who: bytes, now: datetime) -> bool:
        """Counts one try of `who` and of all; False from the first one over a limit."""
        ...

    async def bind(
        self,
        channel: ChannelKind,
        account: str,
        worker_id: UUID,
        *,
        slip_id: int | None,
        now: datetime,
    ) -> BindOutcome:
        """Binding, `bind` leaf, slip used, audit row in one transaction, or nothing.

        With a slip the worker's former account on the channel gives way; without one it stays.
        """
        ...

    async def unbind(
        self,
        channel: ChannelKind,
        account: str,
        worker_id: UUID,
        *,
        by: UUID | None,
        now: datetime,
    ) -> bool:
        """Whether there was such a binding. Consents on the channel end with it."""
        ...

    async def set_time(self, worker_id: UUID, preferred: PreferredTime, now: datetime) -> None: ...

    async def lost(self, channel: ChannelKind, account: str, now: datetime) -> int:
        """The account stopped following: unreachable, consents end; how many workers it was bound to."""
        ...

    async def back(self, channel: ChannelKind, account: str) -> int:
        """The account follows again: its bindings can be reached again."""
        ...

    async def forget(self, now: datetime) -> int:
        """Dialogues, tries, newcomers and lost accounts whose time is up; how many bindings ended."""
        ...

    async def poster(self, scene: str) -> Poster | None: ...

    async def team(self, team_id: int) -> str:
        """The team's name; empty when it is gone."""
        ...

    async def team_posts(self, team_id: int) -> Sequence[Post]:
        """The posts of the team's people, the most frequent first."""
        ...

    async def add_newcomer(self, newcomer: Newcomer) -> None:
        """In the place of the account's former request."""
        ...


class BindDesk(Protocol):
    """What the scheduler does: slips and posters to print, newcomers to decide on, bindings to end."""

    async def slips_for(self, workers: Sequence[UUID]) -> Sequence[Bindable]:
        """Those of `workers` who have not left, in order of contractor, team and number."""
        ...

    async def add_slips(
        self, slips: Sequence[tuple[UUID, bytes]], *, by: UUID | None, now: datetime
    ) -> None:
        """(worker, code hash); a worker's former open slips are void from now on."""
        ...

    async def posters(self, channel: ChannelKind) -> Sequence[Poster]: ...

    async def add_poster(self, poster: Poster, *, by: UUID | None, now: datetime) -> Poster:
        """The one that stands for that team and channel: another process may have been faster."""
        ...

    async def newcomers(self) -> Sequence[Newcomer]: ...

    async def accept(
        self, newcomer_id: UUID, worker_id: UUID, *, by: UUID, now: datetime
    ) -> BindOutcome:
        """Binds the newcomer's account to that worker and ends the waiting.

        Raises NotFoundError when somebody has decided already.
        """
        ...

    async def refuse(self, newcomer_id: UUID, *, by: UUID, now: datetime) -> None:
        """Account and name are gone. Raises NotFoundError when somebody has decided already."""
        ...

    async def bound_accounts(self) -> Sequence[BoundAccount]: ...

    async def unbind_row(self, binding_id: int, *, by: UUID, now: datetime) -> Bindable:
        """Raises NotFoundError when it is gone already."""
        ...
