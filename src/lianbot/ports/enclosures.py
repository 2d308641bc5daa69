"""What goes along with accepted messages, and cards that were answered another way: rows, and who carries them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.enclosures import EnclosureKind, MediaFile
from lianbot.domain.messages import SendOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Accompanied:
    """A delivery that was accepted and whose campaign asks for more."""

    delivery_id: int
    account: str


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

    async def begin(self, since: datetime, now: datetime) -> Sequence[EnclosureBatch]:
        """What is due for messages accepted after `since`, written down as begun: it comes up once."""
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
