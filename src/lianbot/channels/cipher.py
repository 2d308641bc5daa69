"""wechatpy's AES with what it lacks: padding that is looked at and randomness that cannot be guessed."""

import base64
import binascii
import secrets
import struct
from typing import Any, Final

from wechatpy.crypto.base import BasePrpCrypto, WeChatCipher

from lianbot.domain.errors import InvalidInputError
from lianbot.ports.channel import MalformedCallError

_KEY_TEXT: Final = 43
_PAD_BLOCK: Final = 32
_FRAME_HEAD: Final = 16 + 4

GARBLED: Final = (ValueError, IndexError, struct.error)
"""What wechatpy's framing raises on garbage that carries a valid signature."""


class PaddedCipher:
    """wechatpy's cipher; refuses a frame whose PKCS#7 padding (block 32, [S4]) is not what it says."""

    def __init__(self, key: bytes) -> None:
        self._cipher: Any = WeChatCipher(key)

    def encrypt(self, plaintext: bytes) -> bytes:
        sealed: bytes = self._cipher.encrypt(plaintext)
        return sealed

    def decrypt(self, ciphertext: bytes) -> bytes:
        frame: bytes = self._cipher.decrypt(ciphertext)
        pad = frame[-1] if frame else 0
        if not 1 <= pad <= _PAD_BLOCK or len(frame) < _FRAME_HEAD + pad:
            raise MalformedCallError("padding")
        if not frame.endswith(bytes((pad,)) * pad):
            raise MalformedCallError("padding")
        return frame


def _nonce_bytes() -> bytes:
    # wechatpy draws these 16 bytes from `random`; they stand in for an IV, so they must not be guessable
    return secrets.token_bytes(16)


def decode_key(aes_key: str, setting: str) -> bytes:
    """The 32 bytes behind EncodingAESKey. Raises InvalidInputError naming the setting."""
    try:
        key = base64.b64decode(aes_key + "=", validate=True) if len(aes_key) == _KEY_TEXT else b""
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise InvalidInputError(setting, "应是平台后台给出的 43 位字母和数字（EncodingAESKey）")
    return key


def harden(framing: BasePrpCrypto, key: bytes) -> None:
    """Put the guarded cipher and real randomness into one of wechatpy's framing objects."""
    framing.cipher = PaddedCipher(key)
    framing.get_random_string = _nonce_bytes
