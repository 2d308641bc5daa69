"""Ed25519 in plain Python: the vectors of RFC 8032, and the same verdict as libsodium on everything else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lianbot.evidence import keys
from lianbot.evidence.verify_bundle import ORDER, plain_signature_holds, signature_holds

# RFC 8032 §7.1, TEST 1 to 3: public key, message, signature
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
# The encodings of points of small order: they would "sign" any message.
SMALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]
# y = p and y = p + 1: second encodings of two of them
TWICE = ["ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f"]

MESSAGE = b"lianbot"
SEED = bytes(range(32))
PUB = keys.public_key(SEED)
SIGNATURE = keys.sign(SEED, MESSAGE)


@pytest.mark.parametrize(("pub", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(pub: str, message: str, signature: str) -> None:
    assert plain_signature_holds(*map(bytes.fromhex, (pub, message, signature)))


@settings(max_examples=40)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_libsodium_signs_holds_in_plain_python(seed: bytes, message: bytes) -> None:
    assert plain_signature_holds(keys.public_key(seed), message, keys.sign(seed, message))


@settings(max_examples=80)
@given(st.integers(0, 511), st.sampled_from(["pub", "message", "signature"]))
def test_a_flipped_bit_gets_the_same_refusal_from_both(bit: int, part: str) -> None:
    parts = {"pub": PUB, "message": MESSAGE, "signature": SIGNATURE}
    changed = bytearray(parts[part])
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    parts[part] = bytes(changed)
    assert not plain_signature_holds(**parts)
    assert not signature_holds(**parts)


def test_the_other_signature_of_a_malleable_reader_is_refused() -> None:
    s = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    other = SIGNATURE[:32] + s.to_bytes(32, "little")
    assert not plain_signature_holds(PUB, MESSAGE, other)
    assert not signature_holds(PUB, MESSAGE, other)


@pytest.mark.parametrize("pub", SMALL + TWICE)
@pytest.mark.parametrize("r", SMALL)
def test_keys_that_sign_everything_are_refused(pub: str, r: str) -> None:
    signature = bytes.fromhex(r) + bytes(32)
    assert not plain_signature_holds(bytes.fromhex(pub), MESSAGE, signature)
    assert not signature_holds(bytes.fromhex(pub), MESSAGE, signature)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    assert not signature_holds(PUB, MESSAGE, (SIGNATURE + b"\0")[:length])
