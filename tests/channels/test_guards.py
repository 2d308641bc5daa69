"""The guards both channels share: XML, lengths, signature."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.channels.lengths import cut_bytes, cut_chars, with_link
from lianbot.channels.signature import require_fresh, require_signature, sign
from lianbot.channels.xml import BODY_LIMIT, cdata_safe, read_flat, require_tame
from lianbot.ports.channel import ForgedCallError, MalformedCallError

BILLION_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]><xml><Encrypt>&j;</Encrypt></xml>"
)


def test_leaves_under_the_root_are_read() -> None:
    body = b"<xml>\n<A><![CDATA[1]]><![CDATA[2]]></A> <B>x&amp;y</B><C/></xml>"
    assert read_flat(body) == {"A": "12", "B": "x&y", "C": ""}


ODD_BODIES = {
    "nothing": b"",
    "blank": b"   ",
    "JSON": b"{}",
    "not closed": b"<xml>",
    "closed wrongly": b"<xml></yml>",
    "not UTF-8": b"<xml><A>\xff</A></xml>",
    "unknown entity": b"<xml>&nbsp;</xml>",
    "NUL": b"<xml>\x00</xml>",
    "entity bomb in UTF-16": BILLION_LAUGHS.encode("utf-16"),
    "entity bomb": BILLION_LAUGHS.encode(),
    "outer entity": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
    "one level too deep": b"<a>" * 9 + b"</a>" * 9,
    "very deep": b"<a>" * 20_000,
    "too large": b"<xml>" + b" " * BODY_LIMIT + b"</xml>",
}


@pytest.mark.parametrize("label", ODD_BODIES)
def test_an_odd_body_is_malformed(label: str) -> None:
    with pytest.raises(MalformedCallError):
        read_flat(ODD_BODIES[label])


def test_an_entity_bomb_is_refused_at_once() -> None:
    started = time.perf_counter()
    with pytest.raises(MalformedCallError):
        read_flat(BILLION_LAUGHS.encode())
    assert time.perf_counter() - started < 0.1


def test_a_doctype_typed_by_a_worker_is_no_dtd() -> None:
    require_tame("<xml><Content><![CDATA[<!DOCTYPE html> 是啥]]></Content></xml>")


def test_a_dtd_in_a_decrypted_message_is_refused() -> None:
    with pytest.raises(MalformedCallError):
        require_tame(BILLION_LAUGHS)


@given(st.text())
def test_any_text_survives_cdata_but_for_what_xml_forbids(text: str) -> None:
    parsed = read_flat(f"<xml><A><![CDATA[{cdata_safe(text)}]]></A></xml>".encode())["A"]
    allowed = [c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")]
    assert parsed.replace("\n", "") == "".join(allowed).replace("\r", "").replace("\n", "")


@given(st.text(alphabet="汉a😀é", max_size=60), st.integers(min_value=3, max_value=50))
def test_a_cut_text_fits_and_stays_readable(text: str, limit: int) -> None:
    cut = cut_bytes(text, limit)
    assert len(cut.encode()) <= limit
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(st.text(min_size=1, max_size=60), st.integers(min_value=1, max_value=50))
def test_a_text_cut_by_characters_fits(text: str, limit: int) -> None:
    assert len(cut_chars(text, limit)) <= limit


def test_a_short_text_is_left_alone() -> None:
    assert cut_bytes("收到", 6) == "收到"
    assert cut_chars("收到", 2) == "收到"


@given(st.text(alphabet="汉a😀", max_size=900))
def test_the_link_survives_every_cut(text: str) -> None:
    url = "https://lianbot.example.edu.cn/m/i/abc"
    whole = with_link(text, url, 2048)
    assert len(whole.encode()) <= 2048
    assert whole.endswith(f"\n{url}")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4), st.text())
def test_only_the_right_signature_passes(parts: list[str], guess: str) -> None:
    require_signature(sign(*parts), *reversed(parts))
    with pytest.raises(ForgedCallError):
        require_signature(guess, *parts)


@pytest.mark.parametrize(
    ("seconds", "passes"),
    [(0, True), (900, True), (-900, True), (901, False), (-901, False)],
)
def test_the_window_is_fifteen_minutes_both_ways(seconds: int, passes: bool) -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    timestamp = str(int(now.timestamp()) + seconds)
    if passes:
        require_fresh(timestamp, now)
    else:
        with pytest.raises(ForgedCallError):
            require_fresh(timestamp, now)


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1e9", "١٢٣", "9" * 5000, "1 7"])
def test_a_timestamp_that_is_none_is_forged(timestamp: str) -> None:
    with pytest.raises(ForgedCallError):
        require_fresh(timestamp, datetime(2026, 12, 1, tzinfo=UTC))
