#!/usr/bin/env python3
"""Checks an evidence bundle of lianbot offline: one folder, one pass, the standard library only.

    python verify.py DIR [--strict] [--anchor SIZE:ROOT] [--json]

Exit 0 and one line: nothing in the folder contradicts its signed checkpoints. Exit 1: the first bad
thing and why. This file shares no code with the program that wrote the bundle, so that it shares no
fault with it. It reads top to bottom: texts, forms, bytes, signatures, tree, files, the pass.
It proves that the record was not altered; it does not prove whose thumb it was.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # a json.py dropped into the bundle must not become our reader

import argparse
import base64
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

nacl_open: Callable[[bytes, bytes], bytes] | None
try:  # faster; the plain Python below gives the same verdicts
    from nacl.bindings import crypto_sign_open as nacl_open
except ImportError:
    nacl_open = None

# --- texts: every refusal in Chinese and English, {0} and {1} are filled in -----------------------

PLACES = {
    "bundle": ("文件夹", "bundle"),
    "keys": ("密钥表", "keys"),
    "entry": ("第", "entry"),
    "checkpoint": ("检查点", "checkpoint"),
    "edition": ("版本文件", "edition"),
    "roster": ("名单快照", "roster"),
    "disclosure": ("公开行", "disclosure"),
    "anchor": ("锚定", "anchor"),
}
REASONS = {
    "missing": ("缺少", "is missing"),
    "unknown_file": ("不该有的文件", "does not belong in a bundle"),
    "not_plain": ("不是普通文件或文件夹", "is not a plain file or folder"),
    "unreadable": ("读不了：{0}", "cannot be read: {0}"),
    "oversized": ("超过上限 {0} 字节", "is over the limit of {0} bytes"),
    "cut_off": ("行尾没有换行，文件被截断", "has no newline at its end: the file was cut off"),
    "crlf": ("行尾是 CRLF，应为 LF", "ends in CRLF, not LF"),
    "not_utf8": ("不是 UTF-8", "is not UTF-8"),
    "not_json": ("不是一个 JSON 值", "is not one JSON value"),
    "not_integer": ("有不是整数的数 {0}", "holds {0}, which is no integer"),
    "duplicate_key": ("键 {0} 出现两次", "has the key {0} twice"),
    "not_nfc": ("文字不是 NFC 形式", "holds text that is not in NFC"),
    "not_canonical": ("不是规范形式（RFC 8785）", "is not in canonical form (RFC 8785)"),
    "not_object": ("不是 JSON 对象", "is not a JSON object"),
    "missing_key": ("缺少键 {0}", "lacks the key {0}"),
    "unknown_key": ("有不认识的键 {0}", "has the unknown key {0}"),
    "bad_value": ("{0} 的值不合规定", "has a forbidden value for {0}"),
    "other_log": ("属于另一本账", "is of another log"),
    "wrong_seq": ("序号应为 {0}，写的是 {1}", "should have seq {0} and has {1}"),
    "unknown_type": ("不认识的类型", "is of an unknown type"),
    "minute_backwards": ("时间早于前一条", "is earlier than the one before it"),
    "before_checkpoint": ("时间早于检查点 {0}", "is earlier than the checkpoint {0} before it"),
    "after_checkpoint": ("时间晚于检查点 {0}", "is later than the checkpoint {0} that covers it"),
    "witness_keys": ("by 与 on 只在代确认和纸质时出现", "needs by and on exactly when assisted or paper"),
    "edition_unannounced": ("所指版本此前没有登记", "names an edition that no entry announced before"),
    "item_differs": ("内容编号与版本不符", "names an item that the edition is not"),
    "correct_target": ("更正的不是同一人的确认或绑定", "corrects no ack or bind of the same worker"),
    "account_reused": ("同一账号承诺换了人或渠道", "binds an account commitment of another worker or channel"),
    "account_differs": ("解绑承诺与公开的盐不符", "does not match the disclosed salt"),
    "key_unlisted": ("新密钥与密钥表不符", "brings a key that keys.json does not list here"),
    "key_signature": ("新密钥没有旧密钥的签名", "is not signed by the old key"),
    "officer_unknown": ("密钥表里没有这位纪检委员", "is by an officer whom keys.json does not list"),
    "attest_signature": ("纪检委员的签名不成立", "has a signature that does not hold"),
    "not_a_note": ("不是签名便笺的形式：{0}", "is not a signed note of this form: {0}"),
    "name_differs": ("文件名与内容不符", "has a name that its content does not"),
    "unsigned": ("没有应签者 {0} 的唯一签名", "does not bear exactly one signature of {0}"),
    "bad_signature": ("{0} 的签名不成立", "bears a signature of {0} that does not hold"),
    "prev_differs": ("所记前一检查点不符，或缺少检查点", "names another checkpoint before it, or one is missing"),
    "clock_backwards": ("时间早于前一检查点", "is earlier than the checkpoint before it"),
    "beyond": ("签时有 {0} 条，现在只有 {1} 条：账被截短或回退", "saw {0} entries where only {1} are left: cut or rolled back"),
    "root_differs": ("前 {0} 条算出的根不同：账被改过", "has another root than the first {0} entries: they were altered"),
    "fingerprint_differs": ("指纹与第一把密钥不符", "has a fingerprint that is not of the first key"),
    "signer_order": ("签名者的起点不合规定", "lists signers whose from_seq does not start at 0 and rise"),
    "signer_unannounced": ("第 {0} 条没有为这把密钥登记", "lists a signer from {0} whom no key entry there brought in"),
    "officer_differs": ("纪检委员编号与密钥不符或重复", "lists an officer twice or under a wrong id"),
    "hash_differs": ("内容与文件名（哈希）不符", "does not have the hash that is its name"),
    "not_a_quiz": ("不是题目", "is not a quiz"),
    "roster_lines": ("不是排好序、不重复的承诺行", "is not sorted lines of one commitment each"),
    "planned_differs": ("计划 {0} 人，名单 {1} 行", "has {1} lines where {0} were planned"),
    "commitment_differs": ("与账上的承诺不符", "does not open the commitment in the ledger"),
    "opened_twice": ("同一人或同一条公开了两次", "opens a person, id or entry a second time"),
    "nowhere": ("账和名单里都没有这个人", "opens a person who is in no entry and no roster"),
    "not_opened": ("这一条没有可公开的细节", "opens an entry that has no detail"),
    "erased": ("第 {0} 条说盐已销毁，却仍在此公开", "opens a person whose salt entry {0} says was destroyed"),
    "no_checkpoint": ("没有任何检查点（--strict 不接受）", "has no checkpoint at all (refused by --strict)"),
    "loose_tail": ("最后检查点之后还有 {0} 条（--strict 不接受）", "has {0} entries after the last checkpoint (refused by --strict)"),
}  # fmt: skip


class BundleError(Exception):
    """The first bad thing: `place` (a key of PLACES), `name` in it, `code` (a key of REASONS)."""

    def __init__(self, place: str, name: object, code: str, *details: object) -> None:
        self.place, self.name, self.code = place, str(name), code
        self.zh, self.en = (text.format(*details) for text in REASONS[code])
        super().__init__(str(self))

    def __str__(self) -> str:
        zh, en = PLACES[self.place]
        spot = f"第 {self.name} 条" if self.place == "entry" else f"{zh} {self.name}"
        return f"{spot}：{self.zh} | {en} {self.name}: {self.en}"


# --- forms: what each key may hold, and which keys each kind of entry has -------------------------

MAX_INTEGER = 2**53 - 1
MAX_ENTRY, MAX_NOTE, MAX_KEYS, MAX_LINE = 4096, 65_536, 1 << 20, 16_384
MAX_EDITION, MAX_MEDIA, MAX_SIGNATURES = 1 << 18, 100 << 20, 100
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
BASE64_32 = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
BASE64_64 = "[A-Za-z0-9+/]{85}[AQgw]=="
Check = Callable[[Any], bool]


def text(pattern: str) -> Check:
    whole = re.compile(pattern).fullmatch
    return lambda value: type(value) is str and whole(value) is not None


def number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_INTEGER  # `type`, because true is an int too


def minute(value: Any) -> bool:
    found = type(value) is str and MINUTE.fullmatch(value)
    return bool(found) and is_day(value[:10]) and value[11:13] < "24" and value[14:16] < "60"


def is_day(value: Any) -> bool:
    if type(value) is not str or not DAY.fullmatch(value):
        return False
    try:
        date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        return False
    return True


def week(value: Any) -> bool:
    if type(value) is not str or not WEEK.fullmatch(value):
        return False
    try:
        date.fromisocalendar(int(value[:4]), int(value[6:]), 1)
    except ValueError:
        return False
    return True


def plain(value: Any) -> bool:
    return type(value) is str


def key_name(value: Any) -> bool:
    """A signed note's key name: a space or a plus in it would make two readings possible."""
    bad = type(value) is not str or not value or "+" in value
    return not bad and all(c.isprintable() and not c.isspace() for c in value)


MINUTE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
WEEK = re.compile("[0-9]{4}-W[0-9]{2}")
HASH = text("[0-9a-f]{64}")
ITEM = text("[A-Z0-9]+(-[A-Z0-9]+)+")

FIELDS: dict[str, Check] = {
    "v": lambda value: type(value) is int and value == 1,
    "log": text("lianbot/[0-9a-f]{16}"),
    "seq": number,
    "type": plain,
    "minute": minute,
    "edition": HASH,
    "item": ITEM,
    "occurrence": text(UUID),
    "planned": number,
    "roster": HASH,
    "worker": HASH,
    "by": HASH,
    "method": text("tap|quiz|reply|assisted|paper"),
    "answer": text("understood|not_understood|disagree|cannot|ask_someone"),
    "detail": HASH,
    "quiz": HASH,
    "on": is_day,
    "channel": text("wecom|official|none"),
    "account": HASH,
    "of": number,
    "root": text(BASE64_32),
    "week": week,
    "officer": text("[0-9a-f]{8}"),
    "sig": text(BASE64_64),
    "pub": text(BASE64_32),
}
COMMON = "v log seq type minute"
ENTRIES = {  # each with its required and its optional keys
    "edition": ("edition item", ""),
    "campaign": ("occurrence planned roster", ""),
    "show": ("worker edition item occurrence", ""),
    "ack": ("worker edition item occurrence method answer detail", "quiz by on"),
    "bind": ("worker channel account", ""),
    "correct": ("of worker by detail", ""),
    "erase": ("worker by", ""),
    "intake": ("root", ""),
    "attest": ("week officer sig", ""),
    "key": ("pub sig", ""),
}
Form = tuple[
    dict[str, Check], frozenset[str]
]  # every allowed key with its check; the required ones
ENTRY_FORMS: dict[str, Form] = {
    kind: (
        {key: FIELDS[key] for key in f"{COMMON} {required} {optional}".split()},
        frozenset(f"{COMMON} {required}".split()),
    )
    for kind, (required, optional) in ENTRIES.items()
}


def form(**checks: Check) -> Form:
    return checks, frozenset(checks)


def list_of(check: Check) -> Check:
    return lambda value: type(value) is list and all(map(check, value))


def matches(wanted: Form) -> Check:
    return lambda value: type(value) is dict and misfit(value, wanted) is None


MEDIA = form(name=plain, sha256=HASH)
TEXT_EDITION = form(
    id=ITEM,
    type=text("lesson|case|story|reminder|policy|faq"),
    title=plain,
    text=plain,
    tag=plain,
    quiz=list_of(HASH),
    media=list_of(matches(MEDIA)),
)
QUIZ_EDITION = form(
    id=ITEM,
    type=text("quiz"),
    text=plain,
    options=list_of(plain),
    answer=lambda value: number(value) or plain(value),
    why=plain,
    media=list_of(matches(MEDIA)),
)
SIGNER = form(from_seq=number, name=key_name, pub=FIELDS["pub"])
OFFICER = form(id=FIELDS["officer"], pub=FIELDS["pub"])
KEYS = form(
    fingerprint=text("[0-9a-f]{20}"),
    officers=list_of(matches(OFFICER)),
    origin=FIELDS["log"],
    signers=list_of(matches(SIGNER)),
)
WORKER_OPENED = form(id=text(UUID), name=plain, no=plain, salt=HASH, worker=HASH)
DETAIL = form(msgid=plain, via=text("callback|oauth|link|lead|paper"), wording=plain)
DETAIL_OPENED = form(detail=matches(DETAIL), detail_salt=HASH, seq=number)


def misfit(value: dict[str, Any], wanted: Form) -> tuple[str, str] | None:
    """The first thing in which an object differs from its form, as (code, key)."""
    checks, required = wanted
    if not required <= value.keys():
        return "missing_key", min(required - value.keys())
    for key, one in value.items():
        check = checks.get(key)
        if check is None:
            return "unknown_key", ascii(key)
        if not check(one):
            return "bad_value", key
    return None


# --- bytes: canonical JSON in its one form --------------------------------------------------------


class NotIntegerError(ValueError):
    """A number that is no integer; `args[0]` is how it was written."""


def refuse_number(written: str) -> Any:
    raise NotIntegerError(written)


def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise KeyError(key)
    return dict(pairs)


DECODE = json.JSONDecoder(parse_float=refuse_number, parse_constant=refuse_number).decode
DECODE_SLOWLY = json.JSONDecoder(
    parse_float=refuse_number, parse_constant=refuse_number, object_pairs_hook=refuse_twice
).decode
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def read_object(data: bytes, place: str, name: object) -> dict[str, Any]:
    """The JSON object of canonical bytes.

    With ASCII keys and integers only, RFC 8785 is what ENCODE writes; so whatever does not come back
    byte for byte (spaces, key order, doubled keys, escapes, -0) was not canonical.
    """
    try:
        written = data.decode("utf-8")
        value = DECODE(written)
        if ENCODE(value) != written:
            DECODE_SLOWLY(written)
            raise BundleError(place, name, "crlf" if data.endswith(b"\r") else "not_canonical")
    except UnicodeError as error:
        raise BundleError(place, name, "not_utf8") from error
    except NotIntegerError as error:
        raise BundleError(place, name, "not_integer", error.args[0]) from error
    except KeyError as error:
        raise BundleError(place, name, "duplicate_key", ascii(error.args[0])) from error
    except (ValueError, RecursionError) as error:
        raise BundleError(place, name, "not_json") from error
    if not data.isascii() and not all_nfc(value):
        raise BundleError(place, name, "not_nfc")
    if type(value) is not dict:
        raise BundleError(place, name, "not_object")
    return value


def all_nfc(value: Any) -> bool:
    if type(value) is str:
        return unicodedata.is_normalized("NFC", value)
    if type(value) is dict:
        return all(all_nfc(key) and all_nfc(one) for key, one in value.items())
    return type(value) is not list or all(map(all_nfc, value))


def check_form(value: dict[str, Any], wanted: Form, place: str, name: object) -> None:
    found = misfit(value, wanted)
    if found is not None:
        raise BundleError(place, name, *found)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def from_base64(coded: str) -> bytes:
    return base64.b64decode(coded)  # after its pattern was checked


# --- signatures: Ed25519 verification of RFC 8032 -------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # x/z, y/z, z, x·y/z
NEUTRAL: Point = (0, 1, 1, 0)


def add(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * CURVE_D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode_point(data: bytes) -> Point | None:
    """The point of 32 bytes, or None when they are not the one encoding of a point."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode_point(p: Point) -> bytes:
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def of_small_order(p: Point) -> bool:
    """Such points sign every message; libsodium refuses them and so do we."""
    for _ in range(3):
        p = add(p, p)
    return p[0] % P == 0 and (p[1] - p[2]) % P == 0


@lru_cache(maxsize=64)
def doublings(data: bytes, negated: bool) -> tuple[Point, ...] | None:
    """The point's multiples by 2^0 … 2^255: a key signs many checkpoints, this is done once."""
    p = decode_point(data)
    if p is None or of_small_order(p):
        return None
    if negated:
        p = (P - p[0], p[1], p[2], P - p[3])
    found = [p]
    for _ in range(255):
        found.append(add(found[-1], found[-1]))
    return tuple(found)


BASE = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")


def plain_signature_holds(pub: bytes, message: bytes, signature: bytes) -> bool:
    """Whether [s]B − [k]A is R, compared as bytes."""
    minus_a, base = doublings(pub, True), doublings(BASE, False)
    s = int.from_bytes(signature[32:], "little")
    if minus_a is None or base is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + pub + message).digest(), "little") % ORDER
    found = NEUTRAL
    for bit in range(253):
        if s >> bit & 1:
            found = add(found, base[bit])
        if k >> bit & 1:
            found = add(found, minus_a[bit])
    return encode_point(found) == signature[:32] and not of_small_order(found)


def signature_holds(pub: bytes, message: bytes, signature: bytes) -> bool:
    if len(pub) != 32 or len(signature) != 64:
        return False
    if nacl_open is None:
        return plain_signature_holds(pub, message, signature)
    try:
        nacl_open(signature + message, pub)
    except Exception:  # noqa: BLE001 - whatever it raises, the signature does not hold
        return False
    return True


# --- tree: RFC 9162 §2.1 ---------------------------------------------------------------------------


class Tree:
    """The roots of the full subtrees so far, largest first; enough to grow and to give the root."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, entry: bytes) -> None:
        found, size = sha256(b"\x00" + entry), self.size
        while size & 1:
            found = sha256(b"\x01" + self.peaks.pop() + found)
            size >>= 1
        self.peaks.append(found)
        self.size += 1

    def root(self) -> str:
        found = self.peaks[-1] if self.peaks else sha256(b"")
        for peak in reversed(self.peaks[:-1]):
            found = sha256(b"\x01" + peak + found)
        return base64.b64encode(found).decode("ascii")


# --- files -----------------------------------------------------------------------------------------

FILES = {
    "entries.jsonl",
    "keys.json",
    "disclosures.jsonl",
    "verify.py",
    "verify.html",
    "README.txt",
}
FOLDERS = {"checkpoints", "editions", "rosters", "anchors"}


def check_layout(folder: Path) -> None:
    if not folder.is_dir():
        raise BundleError("bundle", folder.name, "missing")
    for path in sorted(folder.iterdir()):
        if path.name not in FILES | FOLDERS:
            raise BundleError("bundle", ascii(path.name)[1:-1], "unknown_file")
        plain_kind = path.is_dir() if path.name in FOLDERS else path.is_file()
        if path.is_symlink() or not plain_kind:
            raise BundleError("bundle", path.name, "not_plain")
    for name in ("entries.jsonl", "keys.json"):
        if not (folder / name).exists():
            raise BundleError("bundle", name, "missing")


def list_files(folder: Path, place: str, pattern: str) -> dict[str, Path]:
    """The plain files of a folder by name; a folder that is not there is an empty one."""
    found = {path.name: path for path in folder.iterdir()} if folder.exists() else {}
    for name in sorted(found):
        if not re.fullmatch(pattern, name):
            raise BundleError(place, ascii(name)[1:-1], "unknown_file")
        if found[name].is_symlink() or not found[name].is_file():
            raise BundleError(place, ascii(name)[1:-1], "not_plain")
    return found


def read_whole(path: Path, limit: int, place: str, name: object) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise BundleError(place, name, "oversized", limit)
    return data


def read_lines(path: Path, limit: int, place: str) -> Iterator[bytes]:
    """The lines without their LF; never holds more than one over-long line."""
    with path.open("rb") as file:
        for number_ in range(MAX_INTEGER):
            line = file.readline(limit + 2)
            if not line:
                return
            if len(line) > limit + 1:
                raise BundleError(place, number_, "oversized", limit)
            if not line.endswith(b"\n"):
                raise BundleError(place, number_, "cut_off")
            yield line[:-1]


# --- keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signer:
    from_seq: int
    name: str
    pub: bytes

    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n\x01" + self.pub)[:4]


@dataclass(frozen=True)
class Keys:
    origin: str
    fingerprint: str
    signers: list[Signer]
    officers: dict[str, bytes]

    def signer_for(self, size: int) -> Signer:
        return [signer for signer in self.signers if signer.from_seq < size][-1]


def read_keys(path: Path) -> Keys:
    name = path.name
    value = read_object(read_whole(path, MAX_KEYS, "keys", name), "keys", name)
    check_form(value, KEYS, "keys", name)
    signers = [
        Signer(one["from_seq"], one["name"], from_base64(one["pub"])) for one in value["signers"]
    ]
    starts = [signer.from_seq for signer in signers]
    if starts[:1] != [0] or starts != sorted(set(starts)):
        raise BundleError("keys", name, "signer_order")
    if value["fingerprint"] != sha256(signers[0].pub).hex()[:20]:
        raise BundleError("keys", name, "fingerprint_differs")
    officers = {one["id"]: from_base64(one["pub"]) for one in value["officers"]}
    wrong = [one for one, pub in officers.items() if one != sha256(pub).hex()[:8]]
    if wrong or len(officers) != len(value["officers"]):
        raise BundleError("keys", name, "officer_differs")
    return Keys(value["origin"], value["fingerprint"], signers, officers)


# --- checkpoints and anchored notes ----------------------------------------------------------------

HEAD = re.compile(
    f"(lianbot/[0-9a-f]{{16}})\n([1-9][0-9]{{0,15}})\n({BASE64_32})\nminute ([^\n]*)\n"
    f"(?:prev ([1-9][0-9]{{0,15}}) ({BASE64_32})\n)?"
)


@dataclass(frozen=True)
class Checkpoint:
    place: str
    name: str
    size: int
    root: str
    minute: str
    prev: tuple[int, str] | None


def read_note(data: bytes, keys: Keys, place: str, name: str) -> Checkpoint:
    """A C2SP signed note of this log whose signer's one signature holds; other lines are witnesses'."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError(place, name, "not_utf8") from error
    if any(char != "\n" and unicodedata.category(char) == "Cc" for char in whole):
        raise BundleError(place, name, "not_a_note", "control character")
    head, blank, signed = whole.rpartition("\n\n")
    found = HEAD.fullmatch(head + "\n")
    if not blank or found is None or not minute(found[4]):
        raise BundleError(place, name, "not_a_note", "text")
    if found[1] != keys.origin:
        raise BundleError(place, name, "other_log")
    size = int(found[2])
    check_signatures(signed, (head + "\n").encode(), keys.signer_for(size), place, name)
    prev = (int(found[5]), found[6]) if found[5] else None
    return Checkpoint(place, name, size, found[3], found[4], prev)


def check_signatures(signed: str, text_: bytes, signer: Signer, place: str, name: str) -> None:
    lines = signed.split("\n")
    if lines.pop() != "" or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise BundleError(place, name, "not_a_note", "signature lines")
    mine = []
    for line in lines:
        found = re.fullmatch("— ([^ ]+) ([A-Za-z0-9+/]+={0,2})", line)
        if found is None or not key_name(found[1]):
            raise BundleError(place, name, "not_a_note", "signature line")
        coded = decode_base64(found[2])
        if coded is None or len(coded) < 5:
            raise BundleError(place, name, "not_a_note", "signature line")
        if found[1] == signer.name and coded[:4] == signer.key_id():
            mine.append(coded[4:])
    if len(mine) != 1:
        raise BundleError(place, name, "unsigned", signer.name)
    if not signature_holds(signer.pub, text_, mine[0]):
        raise BundleError(place, name, "bad_signature", signer.name)


def decode_base64(coded: str) -> bytes | None:
    """The bytes, unless this is not the one way to write them."""
    try:
        data = base64.b64decode(coded, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode("ascii") == coded else None


def read_checkpoints(folder: Path, keys: Keys) -> list[Checkpoint]:
    files = list_files(folder, "checkpoint", "[1-9][0-9]{0,15}[.]txt")
    found: list[Checkpoint] = []
    for name in sorted(files, key=lambda name: int(name[:-4])):
        note = read_note(
            read_whole(files[name], MAX_NOTE, "checkpoint", name), keys, "checkpoint", name
        )
        if name != f"{note.size}.txt":
            raise BundleError("checkpoint", name, "name_differs")
        before = found[-1] if found else None
        if note.prev != (before and (before.size, before.root)):
            raise BundleError("checkpoint", name, "prev_differs")
        if before and note.minute < before.minute:
            raise BundleError("checkpoint", name, "clock_backwards")
        found.append(note)
    return found


def read_anchors(folder: Path, keys: Keys) -> tuple[list[Checkpoint], int]:
    """Notes of this log among the anchors, and the number of all files there."""
    files = list_files(folder, "anchor", "(?s).+")
    notes = []
    for name in sorted(files):
        with files[name].open("rb") as file:
            is_note = file.read(8) == b"lianbot/"
        if is_note:  # scans and tokens of others are for people and other tools
            data = read_whole(files[name], MAX_NOTE, "anchor", name)
            notes.append(read_note(data, keys, "anchor", name))
    return notes, len(files)


# --- disclosures -----------------------------------------------------------------------------------


@dataclass
class Opened:
    """What disclosures.jsonl opens; what the pass has not yet met stays in the three `to_find`."""

    salts: dict[str, bytes] = field(default_factory=dict)  # worker commitment → salt
    lines: dict[str, int] = field(default_factory=dict)  # worker commitment → line
    details: dict[int, tuple[int, str]] = field(default_factory=dict)  # seq → line, commitment
    people_to_find: set[str] = field(default_factory=set)
    details_to_find: set[int] = field(default_factory=set)


def read_disclosures(path: Path) -> Opened:
    opened, ids = Opened(), set()
    for number_, line in enumerate(
        read_lines(path, MAX_LINE, "disclosure") if path.exists() else ()
    ):
        value = read_object(line, "disclosure", number_)
        if "detail" in value:
            check_form(value, DETAIL_OPENED, "disclosure", number_)
            if value["seq"] in opened.details:
                raise BundleError("disclosure", number_, "opened_twice")
            salted = bytes.fromhex(value["detail_salt"]) + ENCODE(value["detail"]).encode()
            opened.details[value["seq"]] = number_, sha256(salted).hex()
            continue
        check_form(value, WORKER_OPENED, "disclosure", number_)
        salt, worker = bytes.fromhex(value["salt"]), value["worker"]
        if worker in opened.salts or value["id"] in ids:
            raise BundleError("disclosure", number_, "opened_twice")
        if sha256(salt + value["id"].encode()).hex() != worker:
            raise BundleError("disclosure", number_, "commitment_differs")
        ids.add(value["id"])
        opened.salts[worker], opened.lines[worker] = salt, number_
    opened.people_to_find, opened.details_to_find = set(opened.salts), set(opened.details)
    return opened


# --- the pass over the entries ---------------------------------------------------------------------


class Pass:
    """What must be remembered of earlier entries to judge the next one."""

    def __init__(self, keys: Keys, opened: Opened) -> None:
        self.keys, self.opened = keys, opened
        self.tree = Tree()
        self.types: Counter[str] = Counter()
        self.first_minute = self.last_minute = ""
        self.floor: Checkpoint | None = None  # the last checkpoint passed
        self.editions: dict[str, str] = {}  # edition → item
        self.rosters: dict[str, int] = {}  # roster → planned
        self.correctable: dict[int, str] = {}  # seq of ack and bind → worker
        self.accounts: dict[str, tuple[str, str]] = {}  # account → worker, channel
        self.signers = 1  # how many of keys.signers are in force

    def take(self, line: bytes) -> None:
        seq = self.tree.size
        entry = read_object(line, "entry", seq)
        kind = entry.get("type")
        wanted = ENTRY_FORMS.get(kind) if type(kind) is str else None
        if type(kind) is not str or wanted is None:
            raise BundleError("entry", seq, "unknown_type")
        check_form(entry, wanted, "entry", seq)
        if entry["log"] != self.keys.origin:
            raise BundleError("entry", seq, "other_log")
        if entry["seq"] != seq:
            raise BundleError("entry", seq, "wrong_seq", seq, entry["seq"])
        self.check_time(seq, entry["minute"])
        check = getattr(self, f"check_{kind}", None)
        if check is not None:
            check(seq, entry)
        if self.opened.salts:
            self.opened.people_to_find -= {entry.get("worker"), entry.get("by")}
        self.tree.append(line)
        self.types[kind] += 1

    def check_time(self, seq: int, now: str) -> None:
        # The form is fixed, so the order of the texts is the order of the times.
        if now < self.last_minute:
            raise BundleError("entry", seq, "minute_backwards")
        if self.floor and now < self.floor.minute:
            raise BundleError("entry", seq, "before_checkpoint", self.floor.size)
        self.first_minute = self.first_minute or now
        self.last_minute = now

    def reach(self, note: Checkpoint) -> None:
        """Compare a checkpoint with the tree, at the moment when the tree has its size."""
        if note.root != self.tree.root():
            raise BundleError(note.place, note.name, "root_differs", note.size)
        if self.last_minute > note.minute:
            raise BundleError("entry", note.size - 1, "after_checkpoint", note.size)
        if note.place == "checkpoint":
            self.floor = note

    def check_edition(self, seq: int, entry: dict[str, Any]) -> None:
        if self.editions.setdefault(entry["edition"], entry["item"]) != entry["item"]:
            raise BundleError("entry", seq, "item_differs")

    def check_campaign(self, seq: int, entry: dict[str, Any]) -> None:
        planned = self.rosters.setdefault(entry["roster"], entry["planned"])
        if planned != entry["planned"]:
            raise BundleError("entry", seq, "planned_differs", entry["planned"], planned)

    def check_show(self, seq: int, entry: dict[str, Any]) -> None:
        item = self.editions.get(entry["edition"])
        if item is None:
            raise BundleError("entry", seq, "edition_unannounced")
        if item != entry["item"]:
            raise BundleError("entry", seq, "item_differs")

    def check_ack(self, seq: int, entry: dict[str, Any]) -> None:
        witnessed = entry["method"] in ("assisted", "paper")
        if ("by" in entry) != witnessed or ("on" in entry) != witnessed:
            raise BundleError("entry", seq, "witness_keys")
        self.check_show(seq, entry)
        self.correctable[seq] = entry["worker"]
        self.check_detail(seq, entry)

    def check_bind(self, seq: int, entry: dict[str, Any]) -> None:
        worker, channel, account = entry["worker"], entry["channel"], entry["account"]
        if self.accounts.setdefault(account, (worker, channel)) != (worker, channel):
            raise BundleError("entry", seq, "account_reused")
        salt = self.opened.salts.get(worker)
        if channel == "none" and salt and sha256(salt + b"none\x00").hex() != account:
            raise BundleError("entry", seq, "account_differs")
        self.correctable[seq] = worker

    def check_correct(self, seq: int, entry: dict[str, Any]) -> None:
        if self.correctable.get(entry["of"]) != entry["worker"]:
            raise BundleError("entry", seq, "correct_target")
        self.check_detail(seq, entry)

    def check_detail(self, seq: int, entry: dict[str, Any]) -> None:
        if seq in self.opened.details_to_find:
            line, commitment = self.opened.details[seq]
            if commitment != entry["detail"]:
                raise BundleError("disclosure", line, "commitment_differs")
            self.opened.details_to_find.remove(seq)

    def check_erase(self, seq: int, entry: dict[str, Any]) -> None:
        if entry["worker"] in self.opened.salts:
            raise BundleError("disclosure", self.opened.lines[entry["worker"]], "erased", seq)

    def check_attest(self, seq: int, entry: dict[str, Any]) -> None:
        pub = self.keys.officers.get(entry["officer"])
        if pub is None:
            raise BundleError("entry", seq, "officer_unknown")
        message = f"lianbot attest\0{entry['log']}\0{entry['week']}".encode()
        if not signature_holds(pub, message, from_base64(entry["sig"])):
            raise BundleError("entry", seq, "attest_signature")

    def check_key(self, seq: int, entry: dict[str, Any]) -> None:
        new = self.keys.signers[self.signers : self.signers + 1]
        pub = from_base64(entry["pub"])
        if not new or (new[0].from_seq, new[0].pub) != (seq, pub):
            raise BundleError("entry", seq, "key_unlisted")
        old = self.keys.signers[self.signers - 1]
        message = b"lianbot key\0" + pub + seq.to_bytes(8, "big")
        if not signature_holds(old.pub, message, from_base64(entry["sig"])):
            raise BundleError("entry", seq, "key_signature")
        self.signers += 1


def walk(path: Path, notes: list[Checkpoint], run: Pass) -> None:
    """Read every entry once, comparing each note when its size is reached."""
    waiting = sorted(notes, key=lambda note: note.size)[::-1]
    lines = read_lines(path, MAX_ENTRY, "entry")
    more = True
    while more:
        while waiting and waiting[-1].size == run.tree.size:
            run.reach(waiting.pop())
        line = next(lines, None)
        more = line is not None
        if line is not None:
            run.take(line)
    if waiting:
        note = waiting[-1]
        raise BundleError(note.place, note.name, "beyond", note.size, run.tree.size)


# --- after the pass: what the entries name must be there, and nothing else ------------------------


def check_editions(folder: Path, named: dict[str, str]) -> None:
    files = list_files(folder, "edition", "[0-9a-f]{64}")
    media: set[str] = set()
    quizzes: set[str] = set()
    for name, item in named.items():
        edition = read_edition(files, name)
        if edition["id"] != item:
            raise BundleError("edition", name, "item_differs")
        quizzes.update(edition.get("quiz", ()))
        media.update(one["sha256"] for one in edition["media"])
    for name in sorted(quizzes):
        edition = read_edition(files, name)
        if edition["type"] != "quiz":
            raise BundleError("edition", name, "not_a_quiz")
        media.update(one["sha256"] for one in edition["media"])
    for name in sorted(media):
        check_media(files, name)
    for name in sorted(files.keys() - named.keys() - quizzes - media):
        raise BundleError("edition", name, "unknown_file")


def read_edition(files: dict[str, Path], name: str) -> dict[str, Any]:
    if name not in files:
        raise BundleError("edition", name, "missing")
    data = read_whole(files[name], MAX_EDITION, "edition", name)
    if sha256(data).hex() != name:
        raise BundleError("edition", name, "hash_differs")
    edition = read_object(data, "edition", name)
    is_quiz = edition.get("type") == "quiz"
    check_form(edition, QUIZ_EDITION if is_quiz else TEXT_EDITION, "edition", name)
    if is_quiz and type(edition["answer"]) is int and edition["answer"] >= len(edition["options"]):
        raise BundleError("edition", name, "bad_value", "answer")
    return edition


def check_media(files: dict[str, Path], name: str) -> None:
    if name not in files:
        raise BundleError("edition", name, "missing")
    found, length = hashlib.sha256(), 0
    with files[name].open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
            length += len(block)
            if length > MAX_MEDIA:
                raise BundleError("edition", name, "oversized", MAX_MEDIA)
    if found.hexdigest() != name:
        raise BundleError("edition", name, "hash_differs")


def check_rosters(folder: Path, named: dict[str, int], opened: Opened) -> None:
    files = list_files(folder, "roster", "[0-9a-f]{64}")
    for name, planned in named.items():
        if name not in files:
            raise BundleError("roster", name, "missing")
        found, lines, before = hashlib.sha256(), 0, ""
        for line in read_lines(files[name], 64, "roster"):
            worker = line.decode("latin-1")
            if not HASH(worker) or worker <= before:
                raise BundleError("roster", name, "roster_lines")
            found.update(line + b"\n")
            lines, before = lines + 1, worker
            opened.people_to_find.discard(worker)
        if found.hexdigest() != name:
            raise BundleError("roster", name, "hash_differs")
        if lines != planned:
            raise BundleError("roster", name, "planned_differs", planned, lines)
    for name in sorted(files.keys() - named.keys()):
        raise BundleError("roster", name, "unknown_file")


def check_all_found(run: Pass) -> None:
    """Nothing may be left over: neither a signer, nor an opened detail, nor an opened person."""
    opened = run.opened
    for signer in run.keys.signers[run.signers :]:
        raise BundleError("keys", "keys.json", "signer_unannounced", signer.from_seq)
    for seq in sorted(opened.details_to_find):
        raise BundleError("disclosure", opened.details[seq][0], "not_opened")
    for worker in sorted(opened.people_to_find, key=opened.lines.__getitem__):
        # Perhaps a true person under a made-up salt: shown like this, nobody was ever told anything.
        raise BundleError("disclosure", opened.lines[worker], "nowhere")


# --- the verdict -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """A bundle in which nothing bad was found."""

    origin: str
    fingerprint: str
    size: int
    root_b64: str
    checkpoints: int
    loose: int  # entries after the last checkpoint: not yet signed for
    first_minute: str
    last_minute: str
    days: int  # calendar days in China from the first entry to the last, both counted
    types: dict[str, int]
    editions: int
    rosters: int
    persons: int  # opened in disclosures.jsonl
    details: int
    anchors: int  # files
    anchored: int  # the size that --anchor confirmed, 0 without one: a note in the folder anchors nothing

    def as_dict(self) -> dict[str, Any]:
        return {"ok": True, **asdict(self)}

    def line(self) -> str:
        fours = " ".join(self.fingerprint[at : at + 4] for at in range(0, 20, 4))
        span = f"{self.first_minute} – {self.last_minute}" if self.size else "–"
        # Without a checkpoint nothing is signed, and nothing must sound as if it were.
        verdict = "核对无误 OK" if self.checkpoints else "没有检查点，全部未签 UNSIGNED"
        return (
            f"{verdict} · size {self.size} · root {self.root_b64} · days {self.days} ({span}) · "
            f"checkpoints {self.checkpoints} · loose {self.loose} · anchored {self.anchored} · "
            f"key {fours} · {self.origin}"
        )


def read_anchor(anchor: str) -> Checkpoint:
    """SIZE:ROOT, the root in base64; ValueError when it is not that."""
    size, _, root = anchor.partition(":")
    if not re.fullmatch("0|[1-9][0-9]{0,15}", size) or not re.fullmatch(BASE64_32, root):
        raise ValueError(f"--anchor {anchor!r} is not SIZE:ROOT with a base64 root of 32 bytes")
    return Checkpoint("anchor", anchor, int(size), root, "9999-12-31T23:59Z", None)


def china_day(minute_: str) -> int:
    day = date(int(minute_[:4]), int(minute_[5:7]), int(minute_[8:10])).toordinal()
    return day + (minute_[11:13] >= "16")  # China is 8 hours ahead all year


def verify(path: str | Path, strict: bool = False, anchor: str | None = None) -> Report:
    """Check the bundle at `path`; raises BundleError, or ValueError for an anchor that is none.

    `strict` refuses entries after the last checkpoint; `anchor` is "SIZE:ROOT" (base64) from a sheet
    or poster, and the first SIZE entries must have that root.
    """
    given = [read_anchor(anchor)] if anchor is not None else []
    folder = Path(path).absolute()
    try:
        return verify_folder(folder, strict, given)
    except OSError as error:
        name = Path(error.filename).name if isinstance(error.filename, str) else folder.name
        raise BundleError("bundle", name, "unreadable", error.strerror) from error


def verify_folder(folder: Path, strict: bool, given: list[Checkpoint]) -> Report:
    check_layout(folder)
    keys = read_keys(folder / "keys.json")
    checkpoints = read_checkpoints(folder / "checkpoints", keys)
    notes, anchors = read_anchors(folder / "anchors", keys)
    run = Pass(keys, read_disclosures(folder / "disclosures.jsonl"))
    walk(folder / "entries.jsonl", checkpoints + notes + given, run)
    check_editions(folder / "editions", run.editions)
    check_rosters(folder / "rosters", run.rosters, run.opened)
    check_all_found(run)
    loose = run.tree.size - (checkpoints[-1].size if checkpoints else 0)
    if strict and not checkpoints:
        raise BundleError("bundle", folder.name, "no_checkpoint")
    if strict and loose:
        raise BundleError("bundle", folder.name, "loose_tail", loose)
    days = china_day(run.last_minute) - china_day(run.first_minute) + 1 if run.tree.size else 0
    return Report(
        origin=keys.origin,
        fingerprint=keys.fingerprint,
        size=run.tree.size,
        root_b64=run.tree.root(),
        checkpoints=len(checkpoints),
        loose=loose,
        first_minute=run.first_minute,
        last_minute=run.last_minute,
        days=days,
        types=dict(sorted(run.types.items())),
        editions=len(run.editions),
        rosters=len(run.rosters),
        persons=len(run.opened.salts),
        details=len(run.opened.details),
        anchors=anchors,
        anchored=max((note.size for note in given), default=0),
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="核对 lianbot 证据包（离线） · check an evidence bundle of lianbot, offline"
    )
    parser.add_argument("dir", help="证据包文件夹 · folder of the bundle")
    parser.add_argument(
        "--strict", action="store_true", help="不接受未签尾部 · refuse a loose tail"
    )
    parser.add_argument(
        "--anchor", metavar="SIZE:ROOT", help="与张贴的根比对 · compare with a posted root"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON · print one JSON object")
    options = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # an old console must not hide the verdict
    try:
        report = verify(options.dir, options.strict, options.anchor)
    except BundleError as error:
        bad = {"ok": False, "place": error.place, "name": error.name, "code": error.code}
        bad |= {"zh": error.zh, "en": error.en}
        print(json.dumps(bad, ensure_ascii=False) if options.json else f"核对失败 BAD · {error}")
        return 1
    except ValueError as error:
        parser.error(str(error))
    print(json.dumps(report.as_dict(), ensure_ascii=False) if options.json else report.line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
