"""The officer's Mondays: who is told, and rows that say it was done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from lianbot.domain.codes import Post
from lianbot.domain.people import Account, PreferredTime


class Duty(StrEnum):
    """What is due: the constant line to officers, the word to the superior that nobody has fetched, the line to
    reviewers."""

    DIGEST = "digest"
    ESCALATION = "escalation"
    APPROVALS = "approvals"
    """Something waits for a reviewer; its `week` is a day as 20261207."""


class DutyState(StrEnum):
    """What came of it. `console`: no message was possible or wanted, the console says it."""

    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTimes:
    """What decides when somebody on the roster can read."""

    posts: tuple[Post, ...]
    team_id: int
    shift: str
    preferred: PreferredTime
    ended: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A console account and the WeCom account of the same person, empty where none is bound."""

    account: Account
    wecom: str
    number: str
    times: ReadingTimes | None = None
    """None where the account is tied to nobody on the roster."""


class DutyBook(Protocol):
    """Rows by kind, week and person: whoever inserts one does it, and nobody else."""

    async def addressees(self) -> Sequence[Addressee]:
        """Console accounts that are not disabled."""
        ...

    async def waits_for(self, account: UUID) -> bool:
        """Whether content, a campaign, an addition or a correction waits that this account may approve: not its own, no second step (P5)."""
        ...

    async def begin(self, duty: Duty, week: str, who: str, now: datetime) -> bool:
        """False when a row is there already, whatever came of it."""
        ...

    async def mark(self, duty: Duty, week: str, who: str, state: DutyState) -> None: ...

    async def give_back(self, duty: Duty, week: str, who: str) -> None:
        """Certainly not sent: as if it had not been begun."""
        ...

    async def name_lost(self, before: datetime) -> None:
        """Rows begun before then without an outcome are `unknown`: their process died on the way."""
        ...

    async def alert_once(self, week: str, kind: str, detail: str, now: datetime) -> bool:
        """The alert and the row that says so in one transaction; False when that week has its own already."""
        ...

    async def watched_since(self, officers: Collection[str], week: str) -> dict[str, str]:
        """For each officer's key the week in which it was first seen; new ones are kept with `week`."""
        ...
