"""What the phone pages read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.acknowledgements import AcknowledgementRow, Answer
from lianbot.domain.items import Edition, Quiz
from lianbot.domain.people import ChannelKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """One worker's delivery in an occurrence, as the item page needs it.

    `review`: the worker had said 懂了 to the same item before. `leads_too`: the platform has accepted a message
    of the same campaign on the same topic for a manager (L4) and for somebody of L1–L3.
    """

    delivery_id: int
    occurrence_id: UUID
    worker_id: UUID
    edition: Edition
    quiz: Quiz | None
    answered: Answer | None
    receipt: str
    asked_before: bool
    review: bool = False
    leads_too: bool = False
    channel: ChannelKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPush:
    """One push as a lead sees it: counts first, no names.

    `aloud` are left for the last way: whom nothing reached, or who has not answered after the one reminder.
    """

    occurrence_id: UUID
    title: str
    due_at: datetime
    total: int
    answered: int
    spoken: int
    aloud: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMember:
    """A name on the whole-team page; whether the person answered is not shown there."""

    worker_id: UUID
    delivery_id: int
    name: str
    post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReading:
    """The read-aloud page of one team and push."""

    edition: Edition
    members: Sequence[TeamMember]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody opened the names of the worker's team or company, for a stated purpose."""

    at: datetime
    who: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest push that went out to one of several workers, as the menu's “最近这一条” leads to it."""

    occurrence_id: UUID
    title: str


class LatestBook(Protocol):
    """Read by the chat's menu; nothing is kept of the tap."""

    async def latest(self, workers: Sequence[UUID]) -> Latest | None: ...


class PhoneBook(Protocol):
    """Reads for pages; nothing here changes anything."""

    async def item_page(self, occurrence_id: UUID, worker_id: UUID) -> PageFacts | None:
        """None when the worker has no delivery in this occurrence."""
        ...

    async def open_edition(self, occurrence_id: UUID) -> Edition | None:
        """What a visitor nobody knows may read; None when there is no such push."""
        ...

    async def media(self, sha256: str) -> tuple[str, bytes] | None:
        """File name and bytes of a picture or recording."""
        ...

    async def my_record(self, worker_id: UUID) -> Sequence[AcknowledgementRow]:
        """The worker's own answers, newest first; no first answers."""
        ...

    async def who_looked(self, worker_id: UUID) -> Sequence[Look]:
        """Who opened names that the worker's stood among, newest first (P8)."""
        ...

    async def team_pushes(self, team_id: int, lead: UUID) -> Sequence[TeamPush]:
        """Those with somebody left to read to come first; the lead is not counted among them."""
        ...

    async def aloud_cards(self) -> Sequence[Edition]:
        """Approved cards to read at the start of a shift."""
        ...

    async def team_reading(self, occurrence_id: UUID, team_id: int) -> Sequence[TeamReading]:
        """One reading an edition: a team with two posts may have two."""
        ...
