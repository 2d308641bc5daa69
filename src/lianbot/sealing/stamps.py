"""Proof of work: a stamp that costs the page about a second and the door one hash."""

import hashlib
import os
from itertools import count

from lianbot.sealing.receipts import Random

SIZE = 16
LABEL = b"lbdoor-stamp"
CALM_BITS = 15
"""About 32,000 hashes: a second in an old phone's browser."""


def envelope_mark(envelope: bytes) -> bytes:
    """What the stamp is bound to, so that one stamp serves one envelope."""
    return hashlib.blake2b(envelope, digest_size=32).digest()


def zero_bits(stamp: bytes, mark: bytes) -> int:
    """How many leading zero bits the stamp reaches for this envelope."""
    digest = hashlib.blake2b(LABEL + stamp + mark, digest_size=16).digest()
    return 128 - int.from_bytes(digest, "big").bit_length()


def make_stamp(envelope: bytes, bits: int = CALM_BITS, random: Random = os.urandom) -> bytes:
    """Search a stamp of at least `bits` zero bits."""
    mark, start = envelope_mark(envelope), int.from_bytes(random(SIZE), "little")
    for number in count(start):
        stamp = (number % 2**128).to_bytes(SIZE, "little")
        if zero_bits(stamp, mark) >= bits:
            return stamp
    raise AssertionError("count() never ends")
