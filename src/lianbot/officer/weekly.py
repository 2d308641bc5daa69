"""The weekly pack: queued replies and codes go in, oldest first; dummies and random codes fill it up."""

import base64
import json
from dataclasses import replace
from datetime import date

from lianbot.officer.book import Book
from lianbot.officer.casework import CARE, Case, Reply, State, care
from lianbot.officer.keyfile import OfficerKeys
from lianbot.sealing.bulletin import CODES_PER_PACK, PACKS, REPLIES_PER_PACK, code, random_codes
from lianbot.sealing.derivation import tag
from lianbot.sealing.envelope import NO_EPOCH, dummy, seal
from lianbot.sealing.packs import NOTHING_FETCHED, Pack, attest_message, write_pack
from lianbot.sealing.recipients import Recipients
from lianbot.sealing.weeks import ledger_week, week_of, weeks_before

ANNOUNCED_WEEKS = 13
"""A reply is announced until the last of the printed look-days."""
SMALL = 5


class WeeklyError(ValueError):
    """No pack can be made; the message says why."""


def make_pack(
    book: Book,
    keys: OfficerKeys,
    recipients: Recipients,
    today: date,
    *,
    statement: dict[str, object] | None = None,
    again: bool = False,
) -> tuple[Book, str]:
    """The signed pack of this week and the book in which its replies are marked as carried.

    The same week gives the same pack, unless `again` asks for a further one.
    """
    week = week_of(today)
    if week in book.packed and not again:
        return book, book.packed[week]
    for case in book.cases:
        book = book.with_case(care(case, today))
    chosen = waiting(book)[:REPLIES_PER_PACK]
    lane = _lane(keys.office, recipients)
    replies = [_sealed(case, reply, recipients.salt, lane, week) for case, reply in chosen]
    replies += [dummy(recipients.salt) for _ in range(REPLIES_PER_PACK - len(replies))]
    for case, reply in chosen:
        book = book.with_case(_carried(book.case(case.id), reply, week))
    pack = Pack(
        office=keys.office,
        week=week,
        codes=tuple(codes_of(book, week)),
        replies=tuple(sorted(replies)),
        fetched=book.fetched,
        attest=attestation(keys, recipients, book.fetched),
        statement=statement or {},
    )
    raw = write_pack(pack, keys.signing)
    return replace(book, packed={week: raw}), raw


def waiting(book: Book) -> list[tuple[Case, Reply]]:
    """Replies that no pack has carried, of the oldest cases first; what nobody wrote by hand comes last."""
    found = [
        (case, reply)
        for case in book.cases
        for reply in case.replies
        if not reply.week and case.ko and case.rpk
    ]
    return sorted(found, key=lambda one: one[1].text in CARE.values())


def codes_of(book: Book, week: str) -> list[int]:
    """Twelve codes: newly answered cases first, then those still inside their look-days."""
    since = weeks_before(week, ANNOUNCED_WEEKS)
    answered = [
        (max(reply.week for reply in case.replies), case)
        for case in book.cases
        if case.kb and any(reply.week >= since for reply in case.replies)
    ]
    answered.sort(key=lambda one: one[0], reverse=True)
    codes = [code(base64.b64decode(case.kb), week) for _, case in answered[:CODES_PER_PACK]]
    codes += random_codes(CODES_PER_PACK - len(codes), week)
    return sorted(codes)


def attestation(keys: OfficerKeys, recipients: Recipients, fetched: str) -> bytes:
    """The signed words "fetched up to week W, the case book is up to date"."""
    if fetched == NOTHING_FETCHED:
        return bytes(64)
    message = attest_message(recipients.log, ledger_week(fetched))
    return bytes(keys.signing.sign(message).signature)


def statement_of(book: Book, changed: str) -> dict[str, object]:
    """收到 n 件, 办完 n 件, 改了什么: rounded to five, small numbers not shown; the officer releases it."""
    closed = sum(case.state is State.CLOSED for case in book.cases)
    text = f"收到 {coarse(len(book.cases))} 件，办完 {coarse(closed)} 件。{changed.strip()}"
    return {"text": text}


def coarse(count: int) -> str:
    """Below five nothing is told; above, only steps of five."""
    return "不到 5" if count < SMALL else f"约 {round(count / SMALL) * SMALL}"


def _lane(office: str, recipients: Recipients) -> int:
    """Each office writes under tags of its own (0, 3, 6 … or 1, 4, 7 …), or one would hide the other."""
    ids = [one.id for one in recipients.offices]
    if office not in ids:
        raise WeeklyError(f"收信人名单里没有 {office}；请用含有本办公室的 recipients.json")
    return ids.index(office)


def _sealed(case: Case, reply: Reply, salt: bytes, lane: int, week: str) -> bytes:
    number = reply.number * PACKS + lane
    body = {
        "v": 1,
        "t": "reply",
        "j": number,
        "week": week,
        "state": reply.shown,
        "text": reply.text,
    }
    return seal(
        json.dumps(body, ensure_ascii=False).encode(),
        tag=tag(base64.b64decode(case.ko), b"o", number),
        epoch=NO_EPOCH,
        site_salt=salt,
        readers=[base64.b64decode(case.rpk)],
    )


def _carried(case: Case, reply: Reply, week: str) -> Case:
    replies = tuple(
        replace(one, week=week) if one.number == reply.number else one for one in case.replies
    )
    return replace(case, replies=replies)
