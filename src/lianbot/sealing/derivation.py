"""Every key and tag that follows from a receipt; the server never sees anything before Argon2id."""

import hashlib
import struct
from dataclasses import dataclass, field

from nacl import bindings, pwhash

from lianbot.sealing.receipts import DRAWN

CONTEXT = b"lbdoor01"
OPSLIMIT = 3
MEMLIMIT = 64 * 1024 * 1024


def kdf(key: bytes, number: int, size: int, context: bytes) -> bytes:
    """libsodium's crypto_kdf_derive_from_key, which PyNaCl does not offer."""
    return hashlib.blake2b(
        b"",
        digest_size=size,
        key=key,
        salt=struct.pack("<Q", number) + bytes(8),
        person=context + bytes(8),
    ).digest()


def tag(key: bytes, direction: bytes, number: int) -> bytes:
    """The 16 bytes under which message `number` lies; direction is b"w" or b"o"."""
    return hashlib.blake2b(direction + struct.pack("<I", number), digest_size=16, key=key).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterKeys:
    """What one receipt opens: reply keys, tags in both directions, bulletin codes."""

    master: bytes = field(repr=False)
    reply_public: bytes
    reply_secret: bytes = field(repr=False)
    to_officer: bytes = field(repr=False)
    to_worker: bytes = field(repr=False)
    bulletin: bytes = field(repr=False)

    def w(self, number: int) -> bytes:
        """Tag of the worker's message `number`."""
        return tag(self.to_officer, b"w", number)

    def o(self, number: int) -> bytes:
        """Tag of the officer's answer `number`."""
        return tag(self.to_worker, b"o", number)


def reporter_keys(receipt: str, site_salt: bytes) -> ReporterKeys:
    """Derive everything from a checked receipt; 64 MiB and about a tenth of a second."""
    master = pwhash.argon2id.kdf(
        32, receipt[:DRAWN].encode("ascii"), site_salt, opslimit=OPSLIMIT, memlimit=MEMLIMIT
    )
    public, secret = bindings.crypto_box_seed_keypair(kdf(master, 1, 32, CONTEXT))
    return ReporterKeys(
        master=master,
        reply_public=public,
        reply_secret=secret,
        to_officer=kdf(master, 2, 32, CONTEXT),
        to_worker=kdf(master, 3, 32, CONTEXT),
        bulletin=kdf(master, 4, 32, CONTEXT),
    )
