"""The ten kinds of ledger entry as frozen records, and their bytes in both directions."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar

from lianbot.evidence import jcs
from lianbot.evidence.commitments import BindChannel
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import CODECS, Answer, Method
from lianbot.evidence.tree import leaf_hash

VERSION = 1
MAX_ENTRY_BYTES = 4096
"""More than four times the longest entry; a longer line is refused unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPublished:
    """An edition may be shown from now on; stands before any show or ack that names it."""

    type: ClassVar[str] = "edition"
    edition: str
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlanned:
    """An occurrence was planned for the workers of a frozen roster snapshot."""

    type: ClassVar[str] = "campaign"
    occurrence: str
    planned: int
    roster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The phone page's POST said that this edition was displayed; once a worker, occurrence and edition."""

    type: ClassVar[str] = "show"
    worker: str
    edition: str
    item: str
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A worker's answer; `by` (the lead) and `on` (the local day) exactly for assisted and paper."""

    type: ClassVar[str] = "ack"
    worker: str
    edition: str
    item: str
    occurrence: str
    method: Method
    answer: Answer
    detail: str
    quiz: str | None = None
    by: str | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        witnessed = self.method in (Method.ASSISTED, Method.PAPER)
        if (self.by is not None) != witnessed or (self.on is not None) != witnessed:
            raise EvidenceError("by and on stand exactly when the method is assisted or paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """From now on the worker answers from this account; channel `none` ends a binding."""

    type: ClassVar[str] = "bind"
    worker: str
    channel: BindChannel
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The ack or bind at `of`, of the same worker, was wrong."""

    type: ClassVar[str] = "correct"
    of: int
    worker: str
    by: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The worker's salt was destroyed; `by` approved it."""

    type: ClassVar[str] = "erase"
    worker: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSeen:
    """The root (32 bytes) over the concern door's leaves of one flush."""

    type: ClassVar[str] = "intake"
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """An officer signed to have fetched the concerns up to a week."""

    type: ClassVar[str] = "attest"
    week: str
    officer: str
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanged:
    """A new signer's public key (32 bytes), signed by the old one together with this entry's seq."""

    type: ClassVar[str] = "key"
    pub: bytes
    sig: bytes


Fact = (
    EditionPublished
    | CampaignPlanned
    | Shown
    | Acknowledged
    | Bound
    | Corrected
    | Erased
    | IntakeSeen
    | Attested
    | KeyChanged
)

_KINDS: dict[str, type[Fact]] = {
    kind.type: kind
    for kind in (
        EditionPublished,
        CampaignPlanned,
        Shown,
        Acknowledged,
        Bound,
        Corrected,
        Erased,
        IntakeSeen,
        Attested,
        KeyChanged,
    )
}
_OPTIONAL = {"ack": frozenset({"quiz", "by", "on"})}
_KEYS = {name: tuple(field.name for field in fields(kind)) for name, kind in _KINDS.items()}
_COMMON = ("log", "minute", "seq", "type", "v")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact at its place: the log's origin, the 0-based seq and the aware UTC minute."""

    log: str
    seq: int
    minute: datetime
    fact: Fact

    def to_bytes(self) -> bytes:
        """The bytes of the leaf; raises EvidenceError naming the key that has a wrong value."""
        found: dict[str, jcs.Json] = {"v": VERSION, "type": self.fact.type}
        for key in ("log", "seq", "minute"):
            found[key] = _write(key, getattr(self, key))
        for key in _KEYS[self.fact.type]:
            value = getattr(self.fact, key)
            if value is not None:
                found[key] = _write(key, value)
        return jcs.canonical(found)


def parse_entry(data: bytes) -> Entry:
    """The entry of these bytes; anything but the one right form raises EvidenceError."""
    found = jcs.parse(data, limit=MAX_ENTRY_BYTES)
    if not isinstance(found, dict):
        raise EvidenceError("an entry is a JSON object")
    if type(found.get("v")) is not int or found["v"] != VERSION:
        raise EvidenceError(f"v: {found.get('v')!r} is not {VERSION}")
    name = found.get("type")
    if not isinstance(name, str) or name not in _KINDS:
        raise EvidenceError(f"type: {name!r} is not one of {', '.join(_KINDS)}")
    _check_keys(name, found)
    return Entry(
        log=_read("log", found),
        seq=_read("seq", found),
        minute=_read("minute", found),
        fact=_KINDS[name](**{key: _read(key, found) for key in _KEYS[name] if key in found}),
    )


def receipt_text(seq: int, entry: bytes) -> str:
    """What a worker is told about the own entry; with an export it proves inclusion."""
    check = leaf_hash(entry).hex()
    return f"第 {seq} 条 · 校验 {check[:5]} {check[5:10]}"


def _check_keys(name: str, found: dict[str, Any]) -> None:
    allowed = {*_COMMON, *_KEYS[name]}
    missing = allowed - _OPTIONAL.get(name, frozenset()) - found.keys()
    if missing:
        raise EvidenceError(f"{min(missing)}: missing in an entry of type {name}")
    unknown = found.keys() - allowed
    if unknown:
        raise EvidenceError(f"{min(unknown)}: not a key of an entry of type {name}")


def _write(key: str, value: Any) -> jcs.Json:
    try:
        return CODECS[key].write(value)
    except EvidenceError as error:
        raise EvidenceError(f"{key}: {error}") from error


def _read(key: str, found: dict[str, Any]) -> Any:
    try:
        return CODECS[key].read(found[key])
    except EvidenceError as error:
        raise EvidenceError(f"{key}: {error}") from error
