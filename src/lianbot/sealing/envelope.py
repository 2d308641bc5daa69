"""Envelope version 1: one size for letters, one for photos, and nothing outside that tells them apart."""

import os
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import CryptoError

from lianbot.sealing.derivation import kdf
from lianbot.sealing.receipts import Random

VERSION = 1
SLOTS = 3
SLOT = 80
TAG = 16
HEAD_AT = 18
NONCE_AT = HEAD_AT + SLOTS * SLOT
BODY_AT = NONCE_AT + 24
LABEL = b"lianbot-door-v1\x00"
NO_EPOCH = 0
"""Replies are sealed to the reporter, who has no quarter: their epoch is 0."""

LETTER_BODY = 16384
PHOTO_BODY = 262144
LETTER = BODY_AT + LETTER_BODY + 16
PHOTO = BODY_AT + PHOTO_BODY + 16
BODIES = {LETTER: LETTER_BODY, PHOTO: PHOTO_BODY}


class SealError(ValueError):
    """What should be sealed does not fit or names no reader; nothing was sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningKey:
    """A key pair that may open envelopes of one epoch (0 for a reporter)."""

    epoch: int
    public: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, epoch: int, seed: bytes) -> "OpeningKey":
        """The key pair that libsodium makes from a 32-byte seed."""
        public, secret = bindings.crypto_box_seed_keypair(seed)
        return cls(epoch=epoch, public=public, secret=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope that one of our keys opened."""

    tag: bytes
    epoch: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Everything random about one envelope, so that a test vector can fix it."""

    content_key: bytes = field(repr=False)
    ephemeral_seeds: tuple[bytes, ...] = field(repr=False)
    throwaway_seeds: tuple[bytes, ...] = field(repr=False)
    order: tuple[int, ...]

    @classmethod
    def draw(cls, random: Random = os.urandom) -> "Chance":
        """Fresh chance for one envelope."""
        order = list(range(SLOTS))
        secrets.SystemRandom().shuffle(order)
        return cls(
            content_key=random(32),
            ephemeral_seeds=tuple(random(32) for _ in range(SLOTS)),
            throwaway_seeds=tuple(random(32) for _ in range(SLOTS)),
            order=tuple(order),
        )


def seal(
    body: bytes,
    *,
    tag: bytes,
    epoch: int,
    site_salt: bytes,
    readers: Sequence[bytes],
    padded: int = LETTER_BODY,
    chance: Chance | None = None,
) -> bytes:
    """One envelope for up to three readers (X25519 public keys), in an order that shows nothing.

    Raises SealError when the body is too long or there are more readers than slots.
    """
    if len(body) >= padded:
        raise SealError(f"内容太长：{len(body)} 字节，最多 {padded - 1} 字节")
    if len(readers) > SLOTS:
        raise SealError(f"收信人太多：{len(readers)} 个，最多 {SLOTS} 个")
    luck = chance or Chance.draw()
    head = _head(readers, luck)
    nonce = nonce_of(luck.content_key)
    text = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        bindings.sodium_pad(body, padded),
        _bound(site_salt, epoch, tag, head),
        nonce,
        luck.content_key,
    )
    return tag + struct.pack("<H", VERSION) + head + nonce + text


def dummy(
    site_salt: bytes,
    *,
    epoch: int = NO_EPOCH,
    padded: int = LETTER_BODY,
    random: Random = os.urandom,
) -> bytes:
    """A real envelope that nobody can open: random bytes in the head could be told from a real one."""
    return seal(
        b"{}", tag=random(TAG), epoch=epoch, site_salt=site_salt, readers=(), padded=padded
    )


def open_envelope(
    envelope: bytes, *, site_salt: bytes, keys: Sequence[OpeningKey]
) -> Opened | None:
    """The body if one of the keys opens it, otherwise None: dummy, foreign and broken look alike."""
    padded = BODIES.get(len(envelope))
    if padded is None or struct.unpack_from("<H", envelope, TAG)[0] != VERSION:
        return None
    for key in keys:
        body = _try_key(envelope, site_salt, key, padded)
        if body is not None:
            return Opened(tag=envelope[:TAG], epoch=key.epoch, body=body)
    return None


def nonce_of(content_key: bytes) -> bytes:
    """The nonce follows from the content key, so that every reader is shown the same text."""
    return kdf(content_key, 1, 24, b"lbnonce1")


def _head(readers: Sequence[bytes], luck: Chance) -> bytes:
    spare = [bindings.crypto_box_seed_keypair(seed)[0] for seed in luck.throwaway_seeds]
    slots = [*readers, *spare][:SLOTS]
    sealed = [
        _seal_slot(luck.content_key, public, seed)
        for public, seed in zip(slots, luck.ephemeral_seeds, strict=True)
    ]
    return b"".join(sealed[place] for place in luck.order)


def _seal_slot(message: bytes, public: bytes, seed: bytes) -> bytes:
    """crypto_box_seal with a given ephemeral seed; the bytes are libsodium's."""
    ephemeral, secret = bindings.crypto_box_seed_keypair(seed)
    nonce = bindings.crypto_generichash_blake2b_salt_personal(ephemeral + public, digest_size=24)
    return ephemeral + bindings.crypto_box(message, nonce, public, secret)


def _bound(site_salt: bytes, epoch: int, tag: bytes, head: bytes) -> bytes:
    return LABEL + site_salt + struct.pack("<H", epoch) + tag + head


def _try_key(envelope: bytes, site_salt: bytes, key: OpeningKey, padded: int) -> bytes | None:
    head, nonce = envelope[HEAD_AT:NONCE_AT], envelope[NONCE_AT:BODY_AT]
    for at in range(0, SLOTS * SLOT, SLOT):
        try:
            content_key = bindings.crypto_box_seal_open(
                head[at : at + SLOT], key.public, key.secret
            )
            if len(content_key) != 32 or nonce_of(content_key) != nonce:
                continue
            padded_body = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                envelope[BODY_AT:],
                _bound(site_salt, key.epoch, envelope[:TAG], head),
                nonce,
                content_key,
            )
            return bytes(bindings.sodium_unpad(padded_body, padded))
        except CryptoError:
            continue
    return None
