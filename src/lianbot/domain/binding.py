"""Binding 绑定: from an account nobody knows to a worker on the roster, and what may be asked on the way."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Reason
from lianbot.domain.people import ChannelKind

SLIP_LIFE = timedelta(days=30)
"""As long as a temporary parametric code can live: 2,592,000 s [S64]."""
DIALOGUE_LIFE = timedelta(minutes=10)
TRIES_AN_ACCOUNT = 5
"""In 24 hours. A name, a number and four digits are no secret to a colleague."""
TRIES_TOGETHER = 300
"""In 24 hours, all accounts: many accounts are cheap to one who wants to guess."""
KEPT_AFTER_UNSUBSCRIBING = timedelta(days=30)

_CODE = re.compile(r"\d{12}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NAME = re.compile(r"[\u3400-\u9fff]{2,5}|[\u3400-\u9fff]{1,8}(?:[·•][\u3400-\u9fff]{1,8}){1,3}")
_TAIL = 4
_PHONE = 11


class Step(StrEnum):
    """What the dialogue waits for."""

    CLAIM = "claim"
    """是我 or 不是我."""
    POST = "post"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindable:
    """The worker an account may belong to. `bound` names channels with an account of the worker's."""

    worker_id: UUID
    number: str
    name: str
    team: str
    post: Post
    ended: date | None = None
    bound: frozenset[ChannelKind] = frozenset()


class SlipState(StrEnum):
    """What a printed slip still is."""

    OPEN = "open"
    USED = "used"
    VOID = "void"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """绑定条: a printed code for one worker, good once and for thirty days."""

    id: int
    worker: Bindable
    last_day: date
    used_on: date | None = None
    void_on: date | None = None

    def state(self, today: date) -> SlipState:
        if self.used_on is not None:
            return SlipState.USED
        if self.void_on is not None:
            return SlipState.VOID
        return SlipState.OPEN if today <= self.last_day else SlipState.EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """海报: one team's code on the wall, for people who are not on the roster yet."""

    scene: str
    channel: ChannelKind
    team_id: int
    team: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """Where one account stands; gone after ten minutes."""

    channel: ChannelKind
    account: str
    step: Step
    until: datetime
    worker_id: UUID | None = None
    slip_id: int | None = None
    team_id: int | None = None
    post: Post | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """待确认: somebody who scanned a team's poster. Nothing counts until the scheduler has confirmed."""

    id: UUID
    channel: ChannelKind
    account: str
    team_id: int
    team: str
    post: Post
    name: str
    opened_on: date
    vouched: bool = False


class BindOutcome(StrEnum):
    """What became of 是我."""

    BOUND = "bound"
    ALREADY = "already"
    """This very account is bound to this worker: a repeated tap."""
    SLIP_GONE = "slip_gone"
    """Somebody else's phone was faster, or the slip was voided meanwhile."""
    LEFT = "left"
    TAKEN = "taken"
    """The worker has another account there, and without a slip it is not replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """工号 姓名 手机后四位, as one message."""

    number: str
    name: str
    tail: str


LOST: dict[ChannelKind, Reason] = {
    ChannelKind.OFFICIAL: Reason.NOT_FOLLOWING,
    ChannelKind.WECOM: Reason.NOT_VISIBLE,
}
"""What a binding's account is once the platform says `unsubscribe`."""


def masked(name: str) -> str:
    """王小芳 → 王*芳, 王芳 → 王*: enough for its owner, too little for a finder of the slip."""
    letters = name.strip()
    if len(letters) < 2:
        return "*"
    if len(letters) == 2:
        return f"{letters[0]}*"
    return f"{letters[0]}{'*' * (len(letters) - 2)}{letters[-1]}"


def code_in(text: str) -> str | None:
    """The slip's twelve digits, typed with or without spaces; None when it is anything else."""
    digits = re.sub(r"[\s\-－—·]", "", unicodedata.normalize("NFKC", text[:64]))
    return digits if _CODE.fullmatch(digits) else None


def grouped(code: str) -> str:
    """For people who type: 4821 9935 0217."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def claim_in(text: str) -> Claim | None:
    """Number, name and the phone's end, in the order asked for or another; None when one is missing."""
    folded = unicodedata.normalize("NFKC", text[:120])
    parts = [part for part in re.split(r"[\s,，、;；。:：/+|]+", folded) if part]
    if parts and parts[0] == "绑定":
        parts = parts[1:]
    names = [part for part in parts if _HAN.search(part) and not re.search(r"\d", part)]
    others = [part for part in parts if part not in names]
    if not names or len(others) != 2:
        return None
    number, tail = others if _is_tail(others[1]) else reversed(others)
    if not _is_tail(tail):
        return None
    return claim_of(number, "".join(names), tail)


def claim_of(number: str, name: str, tail: str) -> Claim:
    """The three facts as they are compared."""
    folded = unicodedata.normalize("NFKC", f"{number}\0{tail}").replace(" ", "")
    number, _, tail = folded.partition("\0")
    return Claim(number=number.upper(), name=plain_name(name), tail=tail[-_TAIL:])


def _is_tail(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) in (_TAIL, _PHONE)


def plain_name(name: str) -> str:
    """Names are compared without spaces and the dots of longer names."""
    return re.sub(r"[\s·•.．]", "", unicodedata.normalize("NFKC", name)).casefold()


def phone_end(phone: str | None) -> str | None:
    """The last four digits; None when there is no phone to compare with."""
    digits = re.sub(r"\D", "", phone or "")
    return digits[-_TAIL:] if len(digits) >= _TAIL else None


def fits(claim: Claim, *, name: str, phone: str | None) -> bool:
    """Whether the person knows what the roster has."""
    return phone_end(phone) == claim.tail and plain_name(name) == claim.name


def chosen(text: str, count: int) -> int | None:
    """Which of `count` numbered lines was answered, from 0; None for anything else."""
    folded = unicodedata.normalize("NFKC", text[:8]).strip(" 。.、")
    if not (folded.isascii() and folded.isdecimal()) or not 1 <= int(folded) <= count:
        return None
    return int(folded) - 1


def name_in(text: str) -> str | None:
    """A newcomer's own name as typed; None for digits, a sentence, or anything longer than a name.

    Five characters at most, more only with the dot of longer names: a question must not be kept as one.
    """
    name = unicodedata.normalize("NFKC", text[:64]).strip(" 。.,，")
    return name if _NAME.fullmatch(name) else None
