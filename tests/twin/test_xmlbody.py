"""The XML of callbacks: round trips, and what a hostile reply cannot do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.twin.xmlbody import XmlError, parse, render

# XML has no way to carry most control characters; carriage returns are read as line feeds.
plain_text = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff")
).filter(bool)


@given(plain_text)
def test_any_text_survives_the_round_trip(text: str) -> None:
    assert parse(render({"Content": text}))["Content"] == text


def test_the_end_of_a_cdata_section_survives() -> None:
    assert parse(render({"Content": "a]]>b"})) == {"Content": "a]]>b"}


def test_repeated_elements_become_a_list() -> None:
    assert parse(render({"A": [{"B": "1"}, {"B": "2"}]})) == {"A": [{"B": "1"}, {"B": "2"}]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"<other><a>1</a></other>",
        b"<xml></xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
        b"<xml>" + b"<a>" * 50 + b"</a>" * 50 + b"</xml>",
        b"\xff\xfe",
    ],
)
def test_what_is_no_callback_xml_is_refused(body: bytes) -> None:
    with pytest.raises(XmlError):
        parse(body)
