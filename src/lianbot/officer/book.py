"""The case book: all cases and a hash-chained record of what officers did, encrypted in one file."""

import base64
import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from nacl import bindings
from nacl.exceptions import CryptoError

from lianbot.officer.casework import Case, Letter, Reply, State, Step
from lianbot.sealing.packs import NOTHING_FETCHED
from lianbot.sealing.receipts import Random

KIND = "lianbot-case-book"
BOUND = b"lianbot-case-book-v1"
START = "0" * 64


class BookError(ValueError):
    """The book cannot be read or does not hold what was asked; the message says the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the record; `hash` covers the line before, so nothing is taken out unseen."""

    line: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything the officer's tool remembers."""

    cases: tuple[Case, ...] = ()
    seen: frozenset[str] = field(default_factory=frozenset)
    audit: tuple[Entry, ...] = ()
    fetched: str = NOTHING_FETCHED
    packed: dict[str, str] = field(default_factory=dict)

    def case(self, wanted: str) -> Case:
        """The case whose id begins with `wanted`."""
        found = [case for case in self.cases if case.id.startswith(wanted)]
        if len(found) != 1:
            raise BookError(f"没有编号为 {wanted} 的件（台账里共 {len(self.cases)} 件）")
        return found[0]

    def with_case(self, case: Case) -> "Book":
        """The book with this case new or replaced."""
        others = [one for one in self.cases if one.id != case.id]
        cases = sorted([*others, case], key=lambda one: (one.begun, one.id))
        return replace(self, cases=tuple(cases))

    def noted(self, day: date, by: str, act: str, about: str = "") -> "Book":
        """The book with one more line in its record."""
        before = self.audit[-1].hash if self.audit else START
        line = json.dumps(
            {"n": len(self.audit), "day": day.isoformat(), "by": by, "act": act, "about": about},
            ensure_ascii=False,
        )
        return replace(self, audit=(*self.audit, Entry(line=line, hash=_link(before, line))))

    def unbroken(self) -> bool:
        """Whether the record's chain holds."""
        before = START
        for entry in self.audit:
            before = _link(before, entry.line)
            if before != entry.hash:
                return False
        return True


def write_book(book: Book, key: bytes, random: Random = os.urandom) -> str:
    """The encrypted file."""
    inner = {
        "v": 1,
        "cases": [asdict(case) for case in book.cases],
        "seen": sorted(book.seen),
        "audit": [asdict(entry) for entry in book.audit],
        "fetched": book.fetched,
        "packed": book.packed,
    }
    nonce = random(24)
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        json.dumps(inner, ensure_ascii=False).encode(), BOUND, nonce, key
    )
    file = {
        "v": 1,
        "kind": KIND,
        "nonce": nonce.hex(),
        "box": base64.b64encode(box).decode("ascii"),
    }
    return json.dumps(file) + "\n"


def read_book(raw: str, key: bytes) -> Book:
    """The book; BookError when it is another file, another key's, or its record was cut."""
    try:
        file = json.loads(raw)
        if file["kind"] != KIND:
            raise BookError("不是台账文件")
        text = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            base64.b64decode(file["box"]), BOUND, bytes.fromhex(file["nonce"]), key
        )
        inner = json.loads(text)
    except CryptoError as bad:
        raise BookError("这本台账不是用这把钥匙封的，或者坏了；请换用备份") from bad
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise BookError(f"台账文件读不懂（{type(bad).__name__}）；请换用备份") from bad
    book = Book(
        cases=tuple(_case(case) for case in inner["cases"]),
        seen=frozenset(inner["seen"]),
        audit=tuple(Entry(**entry) for entry in inner["audit"]),
        fetched=inner["fetched"],
        packed=dict(inner["packed"]),
    )
    if not book.unbroken():
        raise BookError("台账的操作记录断了链：有人改过；请换用备份并报告上级")
    return book


def _case(raw: dict[str, object]) -> Case:
    def records(name: str) -> list[dict[str, object]]:
        value = raw[name]
        if not isinstance(value, list):
            raise BookError(f"台账里 {name} 不是列表")
        return value

    letters = tuple(
        Letter(**{**one, "photos": tuple(one["photos"])})  # type: ignore[arg-type] # from JSON
        for one in records("letters")
    )
    steps = tuple(Step(**one) for one in records("steps"))  # type: ignore[arg-type] # from JSON
    replies = tuple(Reply(**one) for one in records("replies"))  # type: ignore[arg-type] # from JSON
    rest = {
        name: value
        for name, value in raw.items()
        if name not in {"letters", "steps", "replies", "state"}
    }
    return Case(
        **rest,  # type: ignore[arg-type] # from JSON
        state=State(str(raw["state"])),
        letters=letters,
        steps=steps,
        replies=replies,
    )


def _link(before: str, line: str) -> str:
    return hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()
