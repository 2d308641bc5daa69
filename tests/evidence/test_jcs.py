"""Canonical JSON: the forms that RFC 8785 gives, and every form that must be refused."""

import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lianbot.evidence import jcs
from lianbot.evidence.errors import EvidenceError

nfc_text = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
ascii_key = st.text(st.characters(max_codepoint=127), max_size=6)
values = st.recursive(
    st.integers(-(2**53) + 1, 2**53 - 1) | nfc_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ascii_key, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_was_written_reads_back_the_same(value: Any) -> None:
    assert jcs.parse(jcs.canonical(value), limit=10**6) == value


@given(values)
def test_the_plain_encoder_of_the_verifier_gives_the_same_bytes_as_rfc8785(value: Any) -> None:
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert plain.encode() == jcs.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        # RFC 8785 §3.2.2 and §3.2.3, the parts without floats, null, true and non-ASCII keys
        ("€$\u000f\nA'B\"\\\\\"/", b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        (["\b\t\n\f\r\u0000\u001f\u007f"], b'["\\b\\t\\n\\f\\r\\u0000\\u001f\x7f"]'),
        ({"numbers": [9007199254740991, -9007199254740991, 0]}, b'{"numbers":[9007199254740991,-9007199254740991,0]}'),
        ({"\r": 1, "1": 2, "</script>": 3, "\x80"[:0]: 4}, b'{"":4,"\\r":1,"1":2,"</script>":3}'),
        ({"b": {"z": [], "a": {}}, "a": "洋葱"}, '{"a":"洋葱","b":{"a":{},"z":[]}}'.encode()),
    ],
)  # fmt: skip
def test_canonical_bytes_are_those_of_the_rfc(value: Any, written: bytes) -> None:
    assert jcs.canonical(value) == written


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a":1,"a":1}', id="duplicate key"),
        pytest.param(b'{"a":{"b":1,"b":2}}', id="duplicate key inside"),
        pytest.param(b'{"b":1,"a":1}', id="keys out of order"),
        pytest.param(b'{"a": 1}', id="space"),
        pytest.param(b'{"a":1}\n', id="trailing newline"),
        pytest.param(b'{"a":1}\r', id="trailing CR"),
        pytest.param(b'{"a":1}{}', id="trailing value"),
        pytest.param(b' {"a":1}', id="leading space"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":1.0}', id="float"),
        pytest.param(b'{"a":1e3}', id="exponent"),
        pytest.param(b'{"a":-0}', id="minus zero"),
        pytest.param(b'{"a":01}', id="leading zero"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="infinity"),
        pytest.param(b'{"a":null}', id="null"),
        pytest.param(b'{"a":true}', id="true"),
        pytest.param(b'{"a":9007199254740992}', id="beyond 2^53 - 1"),
        pytest.param(b'{"a":"e\xcc\x81"}', id="NFD"),
        pytest.param('{"é":1}'.encode(), id="key beyond ASCII"),
        pytest.param(b'{"a":"\\u0041"}', id="needless escape"),
        pytest.param(b'{"a":"\\/"}', id="escaped slash"),
        pytest.param(b'{"a":"\\u001F"}', id="capital hex"),
        pytest.param(b'{"a":"\\ud800"}', id="half surrogate"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="surrogate in UTF-8"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 5000, id="nested too deeply"),
    ],
)
def test_a_form_that_is_not_the_one_form_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        jcs.parse(data, limit=10**6)


def test_bytes_over_the_limit_are_refused_before_they_are_read() -> None:
    with pytest.raises(EvidenceError, match="at most 4"):
        jcs.parse(b"x" * 5, limit=4)


@pytest.mark.parametrize(
    "value", [None, True, 1.0, {"a": [None]}, {1: 2}, {"键": 1}, "e\u0301", 2**53, "\ud800", b"x"]
)
def test_a_value_without_a_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(EvidenceError):
        jcs.canonical(value)
