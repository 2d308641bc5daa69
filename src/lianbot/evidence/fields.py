"""How each key of an entry is written and read: one pair of functions a key, each refusing what the page forbids."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from lianbot.evidence.commitments import BindChannel
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.jcs import MAX_INTEGER, Json


class Method(StrEnum):
    """How a worker acknowledged."""

    TAP = "tap"
    QUIZ = "quiz"
    REPLY = "reply"
    ASSISTED = "assisted"
    PAPER = "paper"


class Answer(StrEnum):
    """What a worker answered."""

    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    DISAGREE = "disagree"
    CANNOT = "cannot"
    ASK_SOMEONE = "ask_someone"


@dataclass(frozen=True, slots=True)
class Codec:
    """Both directions of one key; `write` and `read` raise EvidenceError without the key's name."""

    write: Callable[[Any], Json]
    read: Callable[[Json], Any]


def text(pattern: str, what: str) -> Codec:
    """Text that matches `pattern` as a whole."""
    shape = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise EvidenceError(f"{value!r} is not {what}")
        return value

    return Codec(check, check)


def integer(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_INTEGER:
        raise EvidenceError(f"{value!r} is not a whole number from 0")
    return value


def choice(kind: type[StrEnum]) -> Codec:
    """One word of a closed set."""

    def read(value: Any) -> StrEnum:
        try:
            return kind(value)
        except ValueError as error:
            raise EvidenceError(f"{value!r} is not one of {', '.join(kind)}") from error

    return Codec(lambda value: read(value).value, read)


def write_minute(moment: datetime) -> str:
    """`YYYY-MM-DDThh:mmZ` of an aware UTC moment that has no seconds."""
    if moment.tzinfo is None or moment.utcoffset() != UTC.utcoffset(None):
        raise EvidenceError(f"{moment!r} is not an aware UTC moment")
    if moment.second or moment.microsecond:
        raise EvidenceError(f"{moment!r} is finer than a minute; cut it with at_minute()")
    return f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}T{moment.hour:02d}:{moment.minute:02d}Z"


def at_minute(moment: datetime) -> datetime:
    """The beginning of the minute: the ledger never holds anything finer."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


_MINUTE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})Z")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def read_minute(value: Json) -> datetime:
    found = _MINUTE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise EvidenceError(f"{value!r} is not a minute YYYY-MM-DDThh:mmZ")
    year, month, day, hour, minute = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError as error:
        raise EvidenceError(f"{value!r} is no minute of the calendar") from error


def _write_day(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def _read_day(value: Json) -> date:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise EvidenceError(f"{value!r} is not a day YYYY-MM-DD")
    try:
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise EvidenceError(f"{value!r} is no day of the calendar") from error


def _week(value: object) -> str:
    found = _WEEK.fullmatch(value) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        raise EvidenceError(f"{value!r} is not an ISO week YYYY-Www")
    try:
        date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise EvidenceError(f"{value!r} is no week of the calendar") from error
    return value


def write_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def read_base64(value: Json, length: int | None = None) -> bytes:
    """Bytes of the one base64 form (padded, standard alphabet, no spare bits set)."""
    if not isinstance(value, str):
        raise EvidenceError(f"{value!r} is not base64 text")
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise EvidenceError(f"{value!r} is not base64") from error
    if write_base64(data) != value:
        raise EvidenceError(f"{value!r} is not the one base64 form of its bytes")
    if length is not None and len(data) != length:
        raise EvidenceError(f"{len(data)} bytes, not {length}")
    return data


def _raw(length: int) -> Codec:
    def write(data: bytes) -> str:
        if len(data) != length:
            raise EvidenceError(f"{len(data)} bytes, not {length}")
        return write_base64(data)

    return Codec(write, lambda value: read_base64(value, length))


LOG = text(r"lianbot/[0-9a-f]{16}", "an origin lianbot/<16 hex>")
ITEM = text(r"[A-Z0-9]+(-[A-Z0-9]+)+", "an item id like LSN-RECV-001")
HASH = text(r"[0-9a-f]{64}", "64 lower-case hex digits")
UUID = text(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a lower-case UUID")
SIGNATURE = _raw(64)
PUBLIC_KEY = _raw(32)

CODECS: dict[str, Codec] = {
    "log": LOG,
    "seq": Codec(integer, integer),
    "minute": Codec(write_minute, read_minute),
    "edition": HASH,
    "item": ITEM,
    "occurrence": UUID,
    "planned": Codec(integer, integer),
    "roster": HASH,
    "worker": HASH,
    "by": HASH,
    "method": choice(Method),
    "answer": choice(Answer),
    "detail": HASH,
    "quiz": HASH,
    "on": Codec(_write_day, _read_day),
    "channel": choice(BindChannel),
    "account": HASH,
    "of": Codec(integer, integer),
    "root": _raw(32),
    "week": Codec(_week, _week),
    "officer": text(r"[0-9a-f]{8}", "8 hex digits of the officer's key"),
    "sig": SIGNATURE,
    "pub": PUBLIC_KEY,
}
