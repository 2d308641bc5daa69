"""Checkpoints: golden note, the public vector of signed notes, and every form that is refused."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.evidence import checkpoints, keys
from lianbot.evidence.checkpoints import Checkpoint, TreeHead
from lianbot.evidence.errors import EvidenceError

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
LOG = "lianbot/00112233445566aa"
SEED = bytes(range(32))
PUB = keys.public_key(SEED)
NAME = "lianbot-demo"
HEAD = Checkpoint(
    log=LOG,
    size=42,
    root=b"\x07" * 32,
    minute=datetime(2026, 11, 22, 15, 55, tzinfo=UTC),
    prev=TreeHead(size=40, root=b"\x06" * 32),
)
NOTE = checkpoints.sign_checkpoint(HEAD, name=NAME, seed=SEED)


def test_the_bytes_of_a_checkpoint_never_change() -> None:
    assert NOTE.decode() == GOLDEN["checkpoint"]


def test_a_signed_checkpoint_opens_as_it_was() -> None:
    assert checkpoints.open_note(NOTE, name=NAME, pub=PUB) == HEAD


def test_the_first_checkpoint_has_no_prev_line() -> None:
    first = Checkpoint(log=LOG, size=1, root=bytes(32), minute=HEAD.minute)
    note = checkpoints.sign_checkpoint(first, name=NAME, seed=SEED)
    assert b"prev" not in note
    assert checkpoints.open_note(note, name=NAME, pub=PUB) == first


def test_key_id_and_signature_agree_with_the_public_vector_of_signed_notes() -> None:
    # The worked example of the signed-note format (Go's sumdb/note documentation).
    coded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert checkpoints.key_id("PeterNeumann", coded[1:]) == line[:4] == bytes.fromhex("c74f20a3")
    assert keys.signature_holds(coded[1:], text, line[4:])


def test_lines_of_witnesses_are_tolerated() -> None:
    cosigned = base64.b64encode(b"abcd" + bytes(72)).decode()
    assert (
        checkpoints.open_note(
            NOTE + f"— witness.example {cosigned}\n".encode(), name=NAME, pub=PUB
        )
        == HEAD
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"42\n", b"43\n", id="size"),
        pytest.param(b"42\n", b"042\n", id="size with a zero before"),
        pytest.param(b"42\n", b"+42\n", id="size with a sign"),
        pytest.param(b"42\n", b"0\n", id="size zero"),
        pytest.param(b"T15:55Z", b"T15:56Z", id="minute"),
        pytest.param(b"T15:55Z", b"T15:65Z", id="impossible minute"),
        pytest.param(b"66aa", b"66ab", id="log"),
        pytest.param(b"prev 40", b"prev 39", id="prev"),
        pytest.param(b"prev 40", b"prev 42", id="prev not smaller"),
        pytest.param(b"BwcHBwc=", b"BwcHBwd=", id="root in another base64 form"),
        pytest.param(b"\nminute", b"\nextra line\nminute", id="an unknown line"),
        pytest.param(b"\n", b"\r\n", id="CRLF"),
        pytest.param("—".encode(), b"-", id="a hyphen for the dash"),
        pytest.param(b"\n\n", b"\n", id="no blank line"),
        pytest.param(NAME.encode(), b"someone", id="another signer"),
        pytest.param(NOTE[-10:], NOTE[-10:-1], id="no newline at the end"),
        pytest.param(NOTE[-10:], NOTE[-10:] + b"\n", id="a blank line at the end"),
        pytest.param(NOTE[-10:], NOTE[-10:] + b"x\n", id="junk at the end"),
    ],
)
def test_a_changed_note_does_not_open(before: bytes, after: bytes) -> None:
    assert before in NOTE
    with pytest.raises(EvidenceError):
        checkpoints.open_note(NOTE.replace(before, after), name=NAME, pub=PUB)


def test_a_note_signed_twice_by_the_signer_is_refused() -> None:
    line = NOTE.splitlines(keepends=True)[-1]
    with pytest.raises(EvidenceError, match="2 signature lines"):
        checkpoints.open_note(NOTE + line, name=NAME, pub=PUB)


def test_a_note_by_another_key_of_the_same_name_is_refused() -> None:
    forged = checkpoints.sign_checkpoint(HEAD, name=NAME, seed=bytes(32))
    with pytest.raises(EvidenceError, match="0 signature lines"):
        checkpoints.open_note(forged, name=NAME, pub=PUB)


def test_a_note_over_the_limit_is_refused() -> None:
    with pytest.raises(EvidenceError, match="at most"):
        checkpoints.parse_note(NOTE + b"x" * checkpoints.MAX_NOTE_BYTES)


@given(st.binary(max_size=400))
def test_junk_raises_nothing_but_the_one_error(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        checkpoints.parse_note(data)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_single_byte_can_be_changed(at: int, flip: int) -> None:
    changed = bytearray(NOTE)
    changed[at] ^= flip
    with pytest.raises(EvidenceError):
        checkpoints.open_note(bytes(changed), name=NAME, pub=PUB)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb", "a\x7fb"])
def test_a_signer_name_that_would_break_a_line_is_refused(name: str) -> None:
    with pytest.raises(EvidenceError, match="name"):
        checkpoints.sign_checkpoint(HEAD, name=name, seed=SEED)


def book(*starts: int) -> keys.KeyBook:
    return keys.KeyBook(
        origin=LOG,
        signers=[keys.KnownSigner(from_seq=at, name=NAME, pub=bytes([at]) * 32) for at in starts],
    )


@pytest.mark.parametrize(
    ("size", "expected"), [(1, 0), (10, 0), (11, 10), (20, 10), (21, 20), (99, 20)]
)
def test_the_signer_is_the_last_whose_start_is_covered(size: int, expected: int) -> None:
    assert book(0, 10, 20).signer_for(size).from_seq == expected


@pytest.mark.parametrize("starts", [(), (1,), (0, 5, 5), (0, 7, 3)])
def test_signers_begin_at_zero_and_rise(starts: tuple[int, ...]) -> None:
    with pytest.raises(EvidenceError, match="signers"):
        book(*starts)


def test_a_fingerprint_is_printed_in_groups_of_four() -> None:
    assert keys.grouped(keys.fingerprint(PUB)) == GOLDEN["fingerprint"]
    assert len(keys.fingerprint(PUB)) == 20


def test_the_bytes_of_keys_json_never_change() -> None:
    whole = keys.KeyBook(
        origin=LOG,
        signers=[keys.KnownSigner(from_seq=0, name=NAME, pub=PUB)],
        officers=[keys.public_key(b"\x08" * 32)],
    )
    assert whole.to_bytes().decode() == GOLDEN["keys"]
