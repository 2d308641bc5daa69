"""What goes along with accepted messages, and cards that were answered another way: rows, and who carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.codes import Post
from lianbot.domain.enclosures import EnclosureKind, MediaFile
from lianbot.domain.messages import SendOutcome
from lianbot.domain.people import PreferredTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Accompanied:
    """A delivery that was accepted and whose campaign asks for more; the rest says when its worker may get it."""

    delivery_id: int
    account: str
    posts: tuple[Post, ...]
    team_id: int
    shift: str
    preferred: PreferredTime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosureBatch:
    """One file to many; nobody in it has been given it before."""

    file: MediaFile
    to: Sequence[Accompanied]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCard:
    """A card still open on the phone whose item was answered on the page, by text or in person."""

    delivery_id: int
    account: str
    code: str
    answer: Answer


class EnclosureBook(Protocol):
    """Rows of what went along."""

    async def due(self, since: datetime) -> Sequence[EnclosureBatch]:
        """What is due for messages accepted after `since` of pushes that still run."""
        ...

    async def begin(
        self, kind: EnclosureKind, to: Sequence[Accompanied], now: datetime
    ) -> Sequence[Accompanied]:
        """Those that begin, written down: they come up once. The others find no room now: the budgets of pushes
        count what goes along as a message, and nobody gets more than the platform shows."""
        ...

    async def mark(
        self, kind: EnclosureKind, outcomes: Mapping[int, SendOutcome], now: datetime
    ) -> None:
        """What came of it, by delivery. What certainly did not leave may be begun again."""
        ...


class CardBook(Protocol):
    """Codes of cards."""

    async def keep(self, codes: Mapping[int, str], now: datetime) -> None:
        """The codes that came with accepted cards, by delivery."""
        ...

    async def take_answered(self, now: datetime) -> Sequence[AnsweredCard]:
        """Cards answered another way; their codes are given out once. Those that ran out are forgotten."""
        ...


class EnclosureCarrier(Protocol):
    """A channel that can carry both; WeCom does."""

    async def enclose(
        self, file: MediaFile, accounts: Sequence[str]
    ) -> Mapping[str, SendOutcome]: ...

    async def update_card(self, account: str, code: str, label: str) -> SendOutcome: ...
