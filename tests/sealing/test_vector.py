"""The published test vector of the envelope, byte by byte."""

import hashlib

import pytest
from nacl import bindings

from lianbot.sealing import bulletin, derivation, envelope, receipts

SALT = bytes(range(16))
RECEIPT = "31415926535897932317"
BODY = '{"v":1,"t":"concern","i":0,"text":"食堂有人收回扣"}'.encode()
CHANCE = envelope.Chance(
    content_key=b"\x22" * 32,
    ephemeral_seeds=(b"\x31" * 32, b"\x32" * 32, b"\x33" * 32),
    throwaway_seeds=(b"\x41" * 32, b"\x42" * 32),
    order=(2, 0, 1),
)


@pytest.fixture(scope="module")
def keys() -> derivation.ReporterKeys:
    return derivation.reporter_keys(RECEIPT, SALT)


@pytest.fixture(scope="module")
def sealed(keys: derivation.ReporterKeys) -> bytes:
    officer, _ = bindings.crypto_box_seed_keypair(b"\x11" * 32)
    return envelope.seal(
        BODY, tag=keys.w(0), epoch=7, site_salt=SALT, readers=[officer], chance=CHANCE
    )


def test_the_receipt_of_the_vector_carries_its_own_check_digits() -> None:
    assert receipts.check_digits(RECEIPT[:18]) == RECEIPT[18:]


def test_every_key_follows_from_the_receipt_as_published(keys: derivation.ReporterKeys) -> None:
    assert [
        key.hex()
        for key in (keys.master, keys.to_officer, keys.to_worker, keys.bulletin, keys.reply_public)
    ] == [
        "5b78ffd447d633f08acbc78c0874e3c77f5b9e519d8fc752b7824c7410d5be96",
        "55c08432dafa6f282341ffa9302cb3196885071a9d9ce7c0540e633c2ab4d74a",
        "0960a4115991a33d5df0b90e3a0a196de104f164d51319b190b5af47eaa66b83",
        "2e2813273a16ff910a28f13700102fb31ebd75be2f2379a989a6d577cc9dc156",
        "c7bec5ebdddb3afbf8b4fde181922010deaa2cfeaa873907db291248030fd34e",
    ]


def test_the_first_tags_are_as_published(keys: derivation.ReporterKeys) -> None:
    assert (keys.w(0).hex(), keys.o(0).hex()) == (
        "a24a81fb5320d026cae4e1780fb41d5b",
        "9b088dc8daa6e7f29591880c9807d85e",
    )


def test_the_envelope_is_as_published(sealed: bytes) -> None:
    assert len(sealed) == 16682
    assert sealed[258:282].hex() == "a01ef3ac8c9f751edced431fea9177c4a321253167e60ad1"
    assert hashlib.sha256(sealed[18:258]).hexdigest() == (
        "e42723fd3701886315292cf168ed6b87b9e35d1046a326870fa4974eb0017aa6"
    )
    assert hashlib.sha256(sealed).hexdigest() == (
        "bc6793c6d620d13cd0bcf6bff446144157cb928c2f36f8e9042f6022e4edb26d"
    )


def test_the_officer_of_the_vector_opens_it(sealed: bytes) -> None:
    key = envelope.OpeningKey.from_seed(7, b"\x11" * 32)
    opened = envelope.open_envelope(sealed, site_salt=SALT, keys=[key])
    assert opened is not None
    assert opened.body == BODY


def test_the_bulletin_codes_are_as_published(keys: derivation.ReporterKeys) -> None:
    codes = [f"{bulletin.code(keys.bulletin, week):06d}" for week in ("2026W47", "2026W48")]
    assert codes == ["967566", "069390"]
