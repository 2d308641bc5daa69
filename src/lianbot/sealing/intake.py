"""Intake proof: one root a day over all rows, so that a row cannot vanish unnoticed after a flush."""

import hashlib
from collections.abc import Iterable, Sequence

from lianbot.sealing.envelope import TAG


def leaf(envelope: bytes) -> bytes:
    """48 bytes that stand for one row: hash of its tag, then hash of the envelope."""
    tag = hashlib.blake2b(envelope[:TAG], digest_size=16, person=b"lbdoor-leaf-tag").digest()
    body = hashlib.blake2b(envelope, digest_size=32, person=b"lbdoor-leaf-env").digest()
    return tag + body


def leaves(envelopes: Iterable[bytes]) -> list[bytes]:
    """The leaves of all rows, sorted by tag (the envelopes' own, not the hashed ones)."""
    return [leaf(envelope) for envelope in sorted(envelopes, key=lambda row: row[:TAG])]


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162 leaf hash; the bulletin carries these, so that the page looks without asking."""
    return hashlib.sha256(b"\0" + entry).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """RFC 9162 root over leaf hashes; of none it is SHA-256 of nothing."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\1" + level[at] + level[at + 1]).digest()
            for at in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]
