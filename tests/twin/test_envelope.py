"""The AES envelope and the signatures, against the documents' vector and another library."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from lianbot.twin.envelope import Envelope, EnvelopeError, key_from, signature

TOKEN = "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP = "wx5823bf96d3bd56c7"
STAMP = "1409659813", "1372623149"
SEALED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3Qczc"
    "dCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLj"
    "vd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMn"
    "vw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k"
    "22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2Yoy"
    "yH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)


def test_the_documents_vector_has_the_documented_signature() -> None:
    assert signature(TOKEN, *STAMP, SEALED) == "477715d11cdb4164915debcba66cb864d751f3e6"


def test_the_documents_vector_opens() -> None:
    assert b"<Content><![CDATA[hello]]></Content>" in Envelope(TOKEN, KEY, CORP).open(SEALED)


@given(st.binary(max_size=2000))
def test_what_is_sealed_another_library_opens(message: bytes) -> None:
    text = message.hex()
    sealed = Envelope(TOKEN, KEY, CORP).seal(text.encode(), b"0123456789abcdef")
    assert PrpCrypto(key_from(KEY)).decrypt(sealed.encode(), CORP) == text


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens_again(message: bytes) -> None:
    envelope = Envelope(TOKEN, KEY, CORP)
    assert envelope.open(envelope.seal(message, b"0123456789abcdef")) == message


def test_another_accounts_cipher_text_is_refused() -> None:
    sealed = Envelope(TOKEN, KEY, "wwother").seal(b"x", bytes(16))
    with pytest.raises(EnvelopeError, match="receive id"):
        Envelope(TOKEN, KEY, CORP).open(sealed)


@pytest.mark.parametrize("text", ["", "!", "AAAA", base64.b64encode(bytes(64)).decode()])
def test_garbage_is_an_envelope_error(text: str) -> None:
    with pytest.raises(EnvelopeError):
        Envelope(TOKEN, KEY, CORP).open(text)


@pytest.mark.parametrize("key", ["short", "!" * 43])
def test_a_key_of_the_wrong_shape_is_refused(key: str) -> None:
    with pytest.raises(EnvelopeError, match="EncodingAESKey"):
        key_from(key)
