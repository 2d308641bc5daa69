"""Opening sealed.bin: what one of our keys opens becomes a letter in a case; the rest stays silent."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from nacl import bindings
from nacl.exceptions import CryptoError

from lianbot.officer.book import Book
from lianbot.officer.casework import Case, Letter, State, receive
from lianbot.sealing.envelope import LETTER, PHOTO, TAG, OpeningKey, open_envelope
from lianbot.sealing.weeks import weeks_before

KINDS = {"concern", "more", "object"}
PHOTO_TAG = re.compile(r"[0-9a-f]{32}")


class SealedFileError(ValueError):
    """The file is not whole envelopes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """The book after opening, and the ids of cases that are new or have grown."""

    book: Book
    new: tuple[str, ...]
    grown: tuple[str, ...]


def open_sealed(
    raw: bytes, *, book: Book, keys: Sequence[OpeningKey], salt: bytes, week: str, today: date
) -> Harvest:
    """Open every envelope not seen before. `week` is that of out/intake.json; without one nothing is claimed as fetched.

    Dummies, replies and foreign letters look alike and are remembered only as seen.
    """
    found: list[tuple[int, Case | None, Letter, dict[str, object]]] = []
    seen = set(book.seen)
    for envelope in _split(raw, LETTER):
        tag = envelope[:TAG].hex()
        if tag in seen:
            continue
        seen.add(tag)
        opened = open_envelope(envelope, site_salt=salt, keys=keys)
        body = _body(opened.body) if opened else None
        if body:
            found.append((_number(body.get("i")), None, _letter(body, today), body))
    new: list[str] = []
    grown: list[str] = []
    for _, _, letter, body in sorted(found, key=lambda one: one[0]):
        book = _file(book, letter, body, today, new, grown)
    fetched = max(book.fetched, weeks_before(week, 1)) if week else book.fetched
    return Harvest(
        book=replace(book, seen=frozenset(seen), fetched=fetched),
        new=tuple(new),
        grown=tuple(one for one in grown if one not in new),
    )


def open_photos(raw: bytes, *, keys: Sequence[OpeningKey], salt: bytes) -> dict[str, bytes]:
    """JPEG bytes by tag of all photos that one of our keys opens."""
    opened = (
        open_envelope(envelope, site_salt=salt, keys=keys) for envelope in _split(raw, PHOTO)
    )
    return {one.tag.hex(): one.body for one in opened if one and one.body[:2] == b"\xff\xd8"}


def case_id(ko: str, rpk: str) -> str:
    """Eight hex digits that both offices compute alike from the letter's own keys."""
    return hashlib.sha256(f"lianbot-case\n{ko}\n{rpk}".encode()).hexdigest()[:8]


def _file(
    book: Book,
    letter: Letter,
    body: dict[str, object],
    today: date,
    new: list[str],
    grown: list[str],
) -> Book:
    ko, rpk = _key(body, "ko"), _reply_key(body)
    # a letter without reply keys cannot be answered; it is its own case
    wanted = case_id(ko, rpk) if ko else case_id(letter.text, str(len(book.cases)))
    known = next((case for case in book.cases if case.id == wanted), None)
    if known:
        grown.append(wanted)
        return book.with_case(receive(known, letter, today))
    new.append(wanted)
    return book.with_case(
        Case(
            id=wanted,
            opened=today.isoformat(),
            category=_word(body, "category") or "other",
            place=_word(body, "place"),
            knowing=_word(body, "knowing"),
            state=State.RECEIVED,
            rpk=rpk,
            ko=ko,
            kb=_key(body, "kb"),
            letters=(letter,),
        )
    )


def _split(raw: bytes, size: int) -> Iterator[bytes]:
    if len(raw) % size:
        raise SealedFileError(f"文件不完整：{len(raw)} 字节不是 {size} 的整数倍；请重新取一次")
    return (raw[at : at + size] for at in range(0, len(raw), size))


def _body(raw: bytes) -> dict[str, object] | None:
    """Sealed text is a stranger's: anything that is not one of our objects is nothing."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and _word(body, "t") in KINDS else None


def _letter(body: dict[str, object], today: date) -> Letter:
    photos = body.get("photos")
    tags = photos[:4] if isinstance(photos, list) else []
    return Letter(
        number=_number(body.get("i")),
        kind=_word(body, "t"),
        day=_day(_word(body, "day"), today),
        text=_word(body, "text"),
        photos=tuple(tag for tag in tags if isinstance(tag, str) and PHOTO_TAG.fullmatch(tag)),
    )


def _day(value: str, today: date) -> str:
    """The day the page wrote; a day that is none or lies ahead would move deadlines."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return today.isoformat()
    return min(day, today).isoformat() if day.isoformat() == value else today.isoformat()


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**32 else 0


def _word(body: dict[str, object], name: str) -> str:
    """A text that can be written down: half of a surrogate pair is valid in JSON and in no file."""
    value = body.get(name)
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _key(body: dict[str, object], name: str) -> str:
    """32 bytes in base64, or nothing: a key that fits no cipher would stop the pack of everybody else."""
    word = _word(body, name)
    try:
        raw = base64.b64decode(word, validate=True)
    except ValueError:
        return ""
    return word if len(raw) == 32 and base64.b64encode(raw).decode("ascii") == word else ""


def _reply_key(body: dict[str, object]) -> str:
    """A public key that an answer can be sealed to; points of low order cannot."""
    word = _key(body, "rpk")
    try:
        bindings.crypto_box_beforenm(base64.b64decode(word), bytes(32))
    except CryptoError:
        return ""
    return word
