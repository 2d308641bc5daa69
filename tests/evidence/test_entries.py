"""Entries: golden bytes of every type, and what a strict reader refuses."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.evidence import entries
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.fields import Answer, Method, at_minute

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
NAMES = sorted(GOLDEN["entries"])


@pytest.mark.parametrize("name", NAMES)
def test_the_bytes_of_an_entry_never_change(name: str, placed: dict[str, entries.Entry]) -> None:
    assert placed[name].to_bytes().decode() == GOLDEN["entries"][name]


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_reads_back_as_it_was(name: str, placed: dict[str, entries.Entry]) -> None:
    assert entries.parse_entry(GOLDEN["entries"][name].encode()) == placed[name]


def test_there_is_a_golden_entry_of_every_type() -> None:
    assert {json.loads(text)["type"] for text in GOLDEN["entries"].values()} == {
        "edition", "campaign", "show", "ack", "bind", "correct", "erase", "intake", "attest", "key"
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_without_one_of_its_keys_is_refused(name: str) -> None:
    whole = json.loads(GOLDEN["entries"][name])
    for key in whole:
        if (name, key) == ("ack", "quiz"):
            continue
        with pytest.raises(EvidenceError):
            entries.parse_entry(dumped({k: v for k, v in whole.items() if k != key}))


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_with_an_unknown_key_is_refused(name: str) -> None:
    with pytest.raises(EvidenceError, match="note"):
        entries.parse_entry(dumped(json.loads(GOLDEN["entries"][name]) | {"note": "x"}))


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("ack", "v", 2),
        ("ack", "type", "nod"),
        ("ack", "type", 1),
        ("ack", "log", "lianbot/00112233445566AA"),
        ("ack", "log", "lianbot/0011"),
        ("ack", "log", "other/00112233445566aa"),
        ("ack", "seq", -1),
        ("ack", "seq", "7"),
        ("ack", "minute", "2026-02-29T06:07Z"),
        ("ack", "minute", "2026-12-01T24:00Z"),
        ("ack", "minute", "2026-12-01T06:60Z"),
        ("ack", "minute", "2026-12-01T06:07:00Z"),
        ("ack", "minute", "2026-12-01T06:07+00:00"),
        ("ack", "minute", "2026-12-01T06:07Z\n"),
        ("ack", "minute", "２026-12-01T06:07Z"),
        ("ack", "worker", "AB" * 32),
        ("ack", "worker", "ab" * 31),
        ("ack", "edition", 7),
        ("ack", "item", "lsn-recv-001"),
        ("ack", "item", ""),
        ("ack", "occurrence", "33333333-3333-4333-8333-33333333333G"),
        ("ack", "occurrence", "3333333333334333833333333333333333"),
        ("ack", "method", "telepathy"),
        ("ack", "answer", "yes"),
        ("ack", "by", "ab" * 32),
        ("ack", "on", "2026-12-01"),
        ("ack", "method", "assisted"),
        ("ack-assisted", "method", "tap"),
        ("ack-assisted", "on", "2026-11-31"),
        ("ack-assisted", "on", "30.11.2026"),
        ("bind", "channel", "sms"),
        ("campaign", "planned", "2"),
        ("correct", "of", -1),
        ("intake", "root", "AAAA"),
        ("intake", "root", "A" * 43 + "B"),
        ("intake", "root", "A" * 43 + "=\n"),
        ("attest", "week", "2026-W54"),
        ("attest", "week", "2025-W53"),
        ("attest", "week", "2026W48"),
        ("attest", "officer", "1234567"),
        ("key", "pub", "A" * 44),
        ("key", "sig", 0),
    ],
)
def test_a_wrong_value_is_refused_and_the_key_named(name: str, key: str, value: object) -> None:
    with pytest.raises(EvidenceError, match=rf"\b{key}\b|{value}"):
        entries.parse_entry(dumped(json.loads(GOLDEN["entries"][name]) | {key: value}))


@pytest.mark.parametrize(("key", "shown"), [("v", b"true"), ("seq", b"true"), ("seq", b"7.0")])
def test_a_truth_value_or_float_is_no_number(key: str, shown: bytes) -> None:
    before = b'"%s":%d' % (key.encode(), {"v": 1, "seq": 7}[key])
    data = GOLDEN["entries"]["erase"].encode()
    with pytest.raises(EvidenceError):
        entries.parse_entry(data.replace(before, before.split(b":")[0] + b":" + shown))


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("by", [None, "ab" * 32])
@pytest.mark.parametrize("on", [None, date(2026, 12, 1)])
def test_by_and_on_stand_exactly_for_assisted_and_paper(
    method: Method, by: str | None, on: date | None, facts: dict[str, Any]
) -> None:
    witnessed = method in {Method.ASSISTED, Method.PAPER}
    if witnessed == (by is not None) == (on is not None):
        replace(facts["ack"], method=method, by=by, on=on)
    else:
        with pytest.raises(EvidenceError, match="by and on"):
            replace(facts["ack"], method=method, by=by, on=on)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 1, 6, 7, 1, tzinfo=UTC),
        datetime(2026, 12, 1, 6, 7, 0, 1, tzinfo=UTC),
        datetime(2026, 12, 1, 6, 7),  # noqa: DTZ001 - a naive moment is what is refused
        datetime(2026, 12, 1, 14, 7, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_a_moment_that_is_not_a_utc_minute_is_not_written(
    moment: datetime, placed: dict[str, entries.Entry]
) -> None:
    with pytest.raises(EvidenceError, match="minute"):
        replace(placed["erase"], minute=moment).to_bytes()


def test_at_minute_cuts_to_the_utc_minute() -> None:
    local = datetime(2026, 12, 1, 14, 7, 59, 999, tzinfo=timezone(timedelta(hours=8)))
    assert at_minute(local) == datetime(2026, 12, 1, 6, 7, tzinfo=UTC)


hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
minutes = st.datetimes(
    min_value=datetime(1, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    timezones=st.just(UTC),
).map(at_minute)
facts_drawn = st.one_of(
    st.builds(
        entries.Acknowledged,
        worker=hashes,
        edition=hashes,
        item=st.from_regex(r"[A-Z]{3}-[A-Z]{2,6}-[0-9]{3}", fullmatch=True),
        occurrence=st.uuids().map(str),
        method=st.sampled_from([Method.TAP, Method.QUIZ, Method.REPLY]),
        answer=st.sampled_from(Answer),
        detail=hashes,
        quiz=st.none() | hashes,
        by=st.none(),
        on=st.none(),
    ),
    st.builds(entries.Erased, worker=hashes, by=hashes),
    st.builds(entries.Corrected, of=st.integers(0, 2**53 - 1), worker=hashes, by=hashes, detail=hashes),
    st.builds(entries.IntakeSeen, root=st.binary(min_size=32, max_size=32)),
)  # fmt: skip


@given(
    st.builds(
        entries.Entry,
        log=st.from_regex(r"lianbot/[0-9a-f]{16}", fullmatch=True),
        seq=st.integers(0, 2**53 - 1),
        minute=minutes,
        fact=facts_drawn,
    )
)
def test_any_entry_reads_back_as_it_was(entry: entries.Entry) -> None:
    assert entries.parse_entry(entry.to_bytes()) == entry


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_junk_raises_nothing_but_the_one_error(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        entries.parse_entry(data)


def test_a_receipt_names_the_seq_and_ten_digits_of_the_leaf() -> None:
    digits = hashlib.sha256(b"\x00entry").hexdigest()
    assert entries.receipt_text(12, b"entry") == f"第 12 条 · 校验 {digits[:5]} {digits[5:10]}"


def dumped(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
