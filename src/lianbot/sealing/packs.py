"""The officer's weekly pack: always 12 codes and 8 envelopes, also when there is nothing to say."""

import base64
import json
import re
from dataclasses import dataclass, field

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from lianbot.sealing.bulletin import CODES_PER_PACK, REPLIES_PER_PACK
from lianbot.sealing.envelope import LETTER
from lianbot.sealing.weeks import monday_of, week_of

LABEL = b"lianbot pack\x00"
STATEMENT_ROOM = 1024
WEEK = re.compile(r"\d{4}W\d{2}")
NOTHING_FETCHED = "0000W00"


class PackError(ValueError):
    """The pack is refused whole; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One office's week. `fetched` is the last week it has all rows of, or 0000W00."""

    office: str
    week: str
    codes: tuple[int, ...]
    replies: tuple[bytes, ...] = field(repr=False)
    fetched: str = NOTHING_FETCHED
    attest: bytes = bytes(64)
    statement: dict[str, object] = field(default_factory=dict)


def attest_message(log: str, week: str) -> bytes:
    """What an officer signs for the ledger; `week` is written 2026-W47 there."""
    return b"lianbot attest\x00" + log.encode() + b"\x00" + week.encode()


def write_pack(pack: Pack, signer: SigningKey) -> str:
    """The signed file; its size depends on nothing but the length of the office's id."""
    statement = json.dumps(pack.statement, ensure_ascii=False).encode()
    if len(statement) > STATEMENT_ROOM:
        raise PackError(f"公告太长：{len(statement)} 字节，最多 {STATEMENT_ROOM} 字节")
    _check(pack)
    inner = {
        "v": 1,
        "office": pack.office,
        "week": pack.week,
        "codes": [f"{code:06d}" for code in pack.codes],
        "replies": [_b64(envelope) for envelope in pack.replies],
        "fetched": pack.fetched,
        "attest": _b64(pack.attest),
        "statement": _b64(statement.ljust(STATEMENT_ROOM)),
    }
    text = json.dumps(inner, ensure_ascii=False).encode()
    return json.dumps(
        {"v": 1, "pack": _b64(text), "sig": _b64(signer.sign(LABEL + text).signature)}
    )


def read_pack(raw: str, signers: dict[str, bytes]) -> Pack:
    """The checked pack of one of `signers` (office id → Ed25519 key); PackError otherwise."""
    try:
        file = json.loads(raw)
        text = base64.b64decode(file["pack"])
        inner = json.loads(text)
        VerifyKey(signers[inner["office"]]).verify(LABEL + text, base64.b64decode(file["sig"]))
        pack = Pack(
            office=inner["office"],
            week=inner["week"],
            codes=tuple(int(code) for code in inner["codes"]),
            replies=tuple(base64.b64decode(reply) for reply in inner["replies"]),
            fetched=inner["fetched"],
            attest=base64.b64decode(inner["attest"]),
            statement=json.loads(base64.b64decode(inner["statement"])),
        )
    except BadSignatureError as bad:
        raise PackError("the signature is not that of the named office") from bad
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as bad:
        raise PackError(f"not a weekly pack ({type(bad).__name__})") from bad
    _check(pack)
    return pack


def _check(pack: Pack) -> None:
    weeks = (pack.week, pack.fetched)
    if not all(isinstance(one, str) and WEEK.fullmatch(one) for one in weeks):
        raise PackError("week and fetched are written 2026W47")
    if not _is_week(pack.week) or not NOTHING_FETCHED <= pack.fetched <= pack.week:
        raise PackError("week is a week of the calendar, and fetched is not after it")
    if pack.fetched != NOTHING_FETCHED and not _is_week(pack.fetched):
        raise PackError("fetched is a week of the calendar")
    if len(pack.codes) != CODES_PER_PACK or not all(0 <= code < 10**6 for code in pack.codes):
        raise PackError(f"a pack has exactly {CODES_PER_PACK} codes of six digits")
    if len(pack.replies) != REPLIES_PER_PACK or {len(row) for row in pack.replies} != {LETTER}:
        raise PackError(f"a pack has exactly {REPLIES_PER_PACK} envelopes of {LETTER} bytes")
    if not isinstance(pack.statement, dict):
        raise PackError("the statement is an object")
    if not _fits(pack.statement):
        raise PackError(f"the statement has at most {STATEMENT_ROOM} bytes of text")


def _fits(statement: dict[str, object]) -> bool:
    """As the bulletin will write it: blanks that it adds, or half a sign, would stop the flush of everybody."""
    try:
        return len(json.dumps(statement, ensure_ascii=False).encode()) <= STATEMENT_ROOM
    except (ValueError, RecursionError):
        return False


def _is_week(text: str) -> bool:
    try:
        return week_of(monday_of(text)) == text
    except ValueError:
        return False


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
