"""Receipts, envelopes, lists and packs: what goes in comes out, and nothing else gets in."""

import base64
import dataclasses
import hashlib
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from lianbot.sealing import (
    bulletin,
    envelope,
    intake,
    packs,
    receipts,
    recipients,
    stamps,
    weeks,
)

SALT = bytes(16)
SIGNER = SigningKey(b"\x07" * 32)
KEY = envelope.OpeningKey.from_seed(28, b"\x01" * 32)
OTHER = envelope.OpeningKey.from_seed(28, b"\x02" * 32)


def sample_recipients() -> recipients.Recipients:
    return recipients.Recipients(
        log="lianbot/0123456789abcdef",
        salt=SALT,
        serial=1,
        day=date(2026, 11, 1),
        offices=(
            recipients.Office(
                id="hq",
                name="后勤纪检委员",
                superior=False,
                sign=bytes(SIGNER.verify_key),
                keys={27: OTHER.public, 28: KEY.public},
            ),
        ),
    )


def sample_pack(statement: dict[str, object] | None = None) -> packs.Pack:
    return packs.Pack(
        office="hq",
        week="2026W47",
        codes=tuple(range(12)),
        replies=tuple(envelope.dummy(SALT) for _ in range(8)),
        statement=statement or {},
    )


@given(st.integers(0, 10**18 - 1))
def test_any_eighteen_digits_make_a_receipt_that_reads_back(number: int) -> None:
    drawn = f"{number:018d}"
    receipt = drawn + receipts.check_digits(drawn)
    assert receipts.read_receipt("  ".join(receipts.rows(receipt))) == receipt


@given(st.integers(0, 10**18 - 1), st.integers(0, 19), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, at: int, shift: int) -> None:
    drawn = f"{number:018d}"
    receipt = drawn + receipts.check_digits(drawn)
    wrong = receipt[:at] + str((int(receipt[at]) + shift) % 10) + receipt[at + 1 :]
    with pytest.raises(receipts.ReceiptError):
        receipts.read_receipt(wrong)


@given(st.integers(0, 10**18 - 1), st.integers(0, 18))
def test_two_swapped_digits_are_always_noticed(number: int, at: int) -> None:
    drawn = f"{number:018d}"
    receipt = drawn + receipts.check_digits(drawn)
    swapped = receipt[:at] + receipt[at + 1] + receipt[at] + receipt[at + 2 :]
    if swapped != receipt:
        with pytest.raises(receipts.ReceiptError):
            receipts.read_receipt(swapped)


def test_full_width_digits_are_read_as_digits() -> None:
    assert receipts.read_receipt("３１４１ 5926 5358 9793 2317") == "31415926535897932317"


def test_random_bytes_of_250_and_above_are_thrown_away() -> None:
    feed = iter([bytes([250, 255, 251] * 6), bytes(range(18))])
    assert receipts.new_receipt(lambda _: next(feed))[:18] == "012345678901234567"


@settings(max_examples=40)
@given(st.binary(max_size=2000), st.integers(0, 3))
def test_every_reader_opens_the_same_body(body: bytes, epoch: int) -> None:
    keys = [envelope.OpeningKey.from_seed(epoch, bytes([n]) * 32) for n in (1, 2, 3)]
    sealed = envelope.seal(
        body, tag=bytes(16), epoch=epoch, site_salt=SALT, readers=[key.public for key in keys]
    )
    opened = [envelope.open_envelope(sealed, site_salt=SALT, keys=[key]) for key in keys]
    assert [one.body for one in opened if one] == [body] * 3


@settings(max_examples=60)
@given(st.integers(0, envelope.LETTER * 8 - 1))
def test_one_changed_bit_opens_nothing(bit: int) -> None:
    sealed = bytearray(
        envelope.seal(b"x", tag=bytes(16), epoch=28, site_salt=SALT, readers=[KEY.public])
    )
    sealed[bit // 8] ^= 1 << bit % 8
    opened = envelope.open_envelope(bytes(sealed), site_salt=SALT, keys=[KEY])

    assert opened is None


def test_the_longest_body_fits_and_one_byte_more_does_not() -> None:
    for size in envelope.BODIES.values():
        sealed = envelope.seal(
            bytes(size - 1), tag=bytes(16), epoch=0, site_salt=SALT, readers=[], padded=size
        )
        assert len(sealed) == envelope.BODY_AT + size + 16
        with pytest.raises(envelope.SealError):
            envelope.seal(
                bytes(size), tag=bytes(16), epoch=0, site_salt=SALT, readers=[], padded=size
            )


def test_a_dummy_opens_for_nobody() -> None:
    assert envelope.open_envelope(envelope.dummy(SALT), site_salt=SALT, keys=[KEY, OTHER]) is None


def test_a_key_of_another_epoch_does_not_open() -> None:
    sealed = envelope.seal(b"x", tag=bytes(16), epoch=27, site_salt=SALT, readers=[KEY.public])
    assert envelope.open_envelope(sealed, site_salt=SALT, keys=[KEY]) is None


def test_the_recipients_file_reads_back_with_its_signer() -> None:
    listed = sample_recipients()
    back = recipients.read_recipients(recipients.write_recipients(listed, SIGNER))
    assert back == dataclasses.replace(listed, signer=bytes(SIGNER.verify_key))


def test_a_changed_recipients_file_is_refused() -> None:
    raw = recipients.write_recipients(sample_recipients(), SIGNER)
    with pytest.raises(recipients.RecipientsError, match="signature"):
        recipients.read_recipients(raw.replace("后勤纪检委员", "外包公司经理"))


def test_the_newest_quarter_that_has_begun_is_used() -> None:
    listed = sample_recipients()
    assert [listed.epoch_on(date(2026, month, 1)) for month in (9, 10, 12)] == [27, 28, 28]


def test_a_pack_reads_back() -> None:
    pack = sample_pack({"t": "改了出入库登记"})
    signers = {"hq": bytes(SIGNER.verify_key)}
    assert packs.read_pack(packs.write_pack(pack, SIGNER), signers) == pack


def test_a_pack_has_one_size_whatever_it_says() -> None:
    quiet, loud = sample_pack(), sample_pack({"t": "改" * 300})
    assert len(packs.write_pack(quiet, SIGNER)) == len(packs.write_pack(loud, SIGNER))


@pytest.mark.parametrize("said", ['{"t":"\\ud800"}', '{"t":[' + "0," * 400 + "0]}", "[]", "none"])
def test_a_statement_that_would_stop_the_bulletin_is_refused_with_its_pack(said: str) -> None:
    signed = json.loads(packs.write_pack(sample_pack(), SIGNER))
    inner = json.loads(base64.b64decode(signed["pack"]))
    inner["statement"] = base64.b64encode(said.encode().ljust(1024)).decode()
    text = json.dumps(inner).encode()
    raw = json.dumps(
        {
            "pack": base64.b64encode(text).decode(),
            "sig": base64.b64encode(SIGNER.sign(packs.LABEL + text).signature).decode(),
        }
    )
    with pytest.raises(packs.PackError):
        packs.read_pack(raw, {"hq": bytes(SIGNER.verify_key)})


def test_a_pack_signed_by_somebody_else_is_refused() -> None:
    raw = packs.write_pack(sample_pack(), SigningKey(b"\x08" * 32))
    with pytest.raises(packs.PackError, match="signature"):
        packs.read_pack(raw, {"hq": bytes(SIGNER.verify_key)})


@given(st.text(max_size=200))
def test_any_text_as_a_pack_is_refused_with_a_pack_error(raw: str) -> None:
    with pytest.raises(packs.PackError):
        packs.read_pack(raw, {"hq": bytes(SIGNER.verify_key)})


def test_a_bulletin_reads_back_in_constant_size() -> None:
    said = bulletin.Bulletin(
        week="2026W47",
        codes=tuple(range(36)),
        root=b"r" * 32,
        leaves=(b"a" * 32,),
        statement={"received": "<5"},
    )
    raw = bulletin.write_bulletin(said)
    assert bulletin.read_bulletin(raw) == said
    full = dataclasses.replace(said, leaves=(b"a" * 32,) * 1984, statement={})
    assert len(bulletin.write_bulletin(full)) == len(raw) == bulletin.STEP


@given(st.integers(0, 40))
def test_the_root_splits_at_the_largest_power_of_two(count: int) -> None:
    hashes = [intake.leaf_hash(bytes([n])) for n in range(count)]

    def textbook(part: list[bytes]) -> bytes:
        if len(part) <= 1:
            return part[0] if part else hashlib.sha256(b"").digest()
        half = 1 << (len(part) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + textbook(part[:half]) + textbook(part[half:])).digest()

    assert intake.root(hashes) == textbook(hashes)


def test_a_stamp_serves_only_its_envelope() -> None:
    stamp = stamps.make_stamp(b"one", bits=10)
    assert stamps.zero_bits(stamp, stamps.envelope_mark(b"one")) >= 10
    assert stamps.zero_bits(stamp, stamps.envelope_mark(b"two")) < 10


def test_weeks_and_quarters_are_named_as_people_name_them() -> None:
    day = date(2026, 11, 23)
    assert weeks.week_of(day) == "2026W48"
    assert weeks.weeks_before("2026W02", 3) == "2025W51"
    assert (weeks.epoch_of(day), weeks.quarter_name(28)) == (28, "2026Q4")
