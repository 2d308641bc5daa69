"""What an officer hands in, looked at from outside: size, form, signature. Nothing is opened here.

The rules are written a second time on purpose: the house shares no code with the door and the officer's tool,
and a file that passes here and fails there is found by the tests that make real ones.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lianbot.domain.errors import InvalidInputError
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.keys import attest_message, officer_id, signature_holds

ENVELOPE = 16682
CODES, REPLIES = 12, 8
STATEMENT = 1024
NOTHING = "0000W00"
LARGEST = 300 * 1024
PLACE = "上传的文件"
_WEEK = re.compile(r"\d{4}W\d{2}")
_CODE = re.compile(r"\d{6}")
_OFFICE = re.compile(r"[a-z0-9-]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Of the published list: the log that officers sign for, and their keys by office."""

    log: str
    keys: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPack:
    """A pack that passed: whose and for which week; the rest stays closed."""

    office: str
    week: str


def check_pack(raw: bytes, published: Published, week: str, oldest: str) -> SeenPack:
    """Raises InvalidInputError saying what is wrong and what to do."""
    if len(raw) > LARGEST:
        raise _wrong("太大了，不是本周的包")
    inner, text, signature = _unwrapped(raw)
    office, own = str(inner.get("office")), str(inner.get("week"))
    if not _OFFICE.fullmatch(office):
        raise _wrong("办公室的代号写得不对，请用离线工具重新导出")
    if office not in published.keys:
        raise _wrong(f"名单里没有“{office}”这个办公室，请用公布的名单做包")
    if not signature_holds(published.keys[office], b"lianbot pack\x00" + text, signature):
        raise _wrong("签名不对：文件改过，或者不是用这个办公室的钥匙做的，请重新做")
    _check_form(inner)
    _check_statement(_bytes(inner["statement"]))
    if not oldest <= own <= week:
        raise _wrong(f"这个包写的是 {own} 周，现在是 {week} 周；请核对做包那台电脑的日期，重新做")
    fetched = inner["fetched"]
    if not _is_week(own) or not NOTHING <= fetched <= own:
        raise _wrong(f"周包写的是 {own} 周、已取到 {fetched} 周，对不上；请用离线工具重新做")
    if fetched != NOTHING:
        _check_attest(published, office, f"{fetched[:4]}-{fetched[4:]}", _bytes(inner["attest"]))
    return SeenPack(office=office, week=own)


def check_attestation(raw: bytes, published: Published) -> str:
    """The officer's id. Raises InvalidInputError."""
    try:
        found = json.loads(raw)
        wanted, week, sig = str(found["officer"]), str(found["week"]), _bytes(found["sig"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _wrong("不是 lianbot officer attest 给出的那一行，请重新做") from error
    office = next((one for one, key in published.keys.items() if officer_id(key) == wanted), None)
    if office is None:
        raise _wrong("签字的不在公布的名单里")
    _check_attest(published, office, week, sig)
    return wanted


def _unwrapped(raw: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    try:
        outer = json.loads(raw)
        text = base64.b64decode(outer["pack"], validate=True)
        signature = base64.b64decode(outer["sig"], validate=True)
        inner = json.loads(text)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _wrong("不是离线工具做的周包（文件名以 .pack 结尾），请重新导出") from error
    if not isinstance(inner, dict):
        raise _wrong("不是离线工具做的周包，请重新导出")
    return inner, text, signature


def _check_form(inner: Mapping[str, Any]) -> None:
    codes, replies = inner.get("codes"), inner.get("replies")
    weeks = (inner.get("week"), inner.get("fetched"))
    good = (
        all(isinstance(one, str) and _WEEK.fullmatch(one) for one in weeks)
        and isinstance(codes, list)
        and len(codes) == CODES
        and all(isinstance(one, str) and _CODE.fullmatch(one) for one in codes)
        and isinstance(replies, list)
        and len(replies) == REPLIES
        and {len(_bytes(one)) for one in replies} == {ENVELOPE}
        and len(_bytes(inner.get("statement"))) == STATEMENT
        and len(_bytes(inner.get("attest"))) == 64
    )
    if not good:
        raise _wrong(f"周包不完整：要正好 {CODES} 个码、{REPLIES} 封信，请重新导出")


def _check_statement(raw: bytes) -> None:
    """An object that the bulletin has room for, written its way: for any other the door drops the whole pack unsaid."""
    try:
        said = json.loads(raw)
        room = len(json.dumps(said, ensure_ascii=False).encode())
    except (ValueError, RecursionError):
        said, room = None, 0
    if not isinstance(said, dict):
        raise _wrong("公告“改了什么”读不懂，意见箱会把整个周包丢开；请用离线工具重新做")
    if room > STATEMENT:
        raise _wrong("公告“改了什么”太长，意见箱会把整个周包丢开；请写短些，重新做")


def _is_week(text: str) -> bool:
    try:
        date.fromisocalendar(int(text[:4]), int(text[5:]), 1)
    except ValueError:
        return False
    return True


def _check_attest(published: Published, office: str, week: str, sig: bytes) -> None:
    try:
        message = attest_message(published.log, week)
    except (EvidenceError, UnicodeEncodeError) as error:
        raise _wrong("“已取到第几周”写得不对，请重新做") from error
    if not signature_holds(published.keys[office], message, sig):
        raise _wrong("“已取到第几周”的签字对不上确认账，请用公布的名单重新做")


def _bytes(text: object) -> bytes:
    """Decoded base64; empty for anything else."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _wrong(fault: str) -> InvalidInputError:
    return InvalidInputError(PLACE, f"{fault}。什么也没有收下")
