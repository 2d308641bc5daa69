"""Signatures and the AES envelope of both platforms, written from the documents alone [S3][S4]."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # PKCS#7 here pads to 32, not to AES's 16 [S4]


class EnvelopeError(ValueError):
    """A cipher text, key or signature that the platform would not accept."""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted values, lower-case hex [S3][S4]."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platforms' choice


def same_signature(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


class Envelope:
    """One account's key and identity: seals and opens bodies for `receive_id` (corp id or appid)."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self.token = token
        self.receive_id = receive_id
        self._key = key_from(aes_key)
        self._cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def seal(self, message: bytes, salt: bytes) -> str:
        """16 random bytes + length + message + receive id, padded to 32, AES-256-CBC [S3]."""
        plain = salt + len(message).to_bytes(4, "big") + message + self.receive_id.encode()
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, text: str) -> bytes:
        """The message inside, or EnvelopeError that says what is wrong with it."""
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EnvelopeError("Encrypt is not base64") from error
        if not sealed or len(sealed) % 16:
            raise EnvelopeError("Encrypt is not a whole number of AES blocks")
        decryptor = self._cipher.decryptor()
        return self._unpack(decryptor.update(sealed) + decryptor.finalize())

    def _unpack(self, padded: bytes) -> bytes:
        pad = padded[-1]
        if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
            raise EnvelopeError("padding is not PKCS#7 with block 32")
        plain = padded[16:-pad]
        size = int.from_bytes(plain[:4], "big")
        if len(plain) < 4 + size:
            raise EnvelopeError("the length inside is larger than the message")
        if plain[4 + size :] != self.receive_id.encode():
            raise EnvelopeError("the receive id inside is not this account's")
        return plain[4 : 4 + size]

    def sign(self, timestamp: str, nonce: str, sealed: str) -> str:
        """msg_signature over token, timestamp, nonce and the cipher text."""
        return signature(self.token, timestamp, nonce, sealed)


def key_from(aes_key: str) -> bytes:
    """The 32 bytes behind a 43-character EncodingAESKey [S3][S4]."""
    if len(aes_key) != 43:
        raise EnvelopeError("EncodingAESKey must have exactly 43 characters")
    try:
        # Keys seen in the field may carry stray low bits in the last character; do not insist.
        key = base64.b64decode(aes_key + "=")
    except (binascii.Error, ValueError) as error:
        raise EnvelopeError("EncodingAESKey is not base64") from error
    if len(key) != 32:
        raise EnvelopeError("EncodingAESKey must hold 32 bytes")
    return key
