"""The platforms' encrypted envelope: opened, sealed; wechatpy does the framing behind our guards."""

from typing import Any, Final

from lianbot.channels.cipher import GARBLED, harden
from lianbot.channels.signature import sign
from lianbot.channels.xml import cdata_safe
from lianbot.ports.channel import ForgedCallError, MalformedCallError

_SEALED: Final = (
    "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
    "<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


class Envelope:
    """Opens and seals for one account; key and framing are prepared once [S3][S4].

    `framing` is wechatpy's PrpCrypto of the platform, `wrong_receiver` what it raises when the plain
    text ends in another id than `receiver` (corp id, appid).
    """

    def __init__(
        self,
        framing: Any,
        *,
        wrong_receiver: type[Exception],
        key: bytes,
        token: str,
        receiver: str,
    ) -> None:
        harden(framing, key)
        self._framing = framing
        self._wrong_receiver = wrong_receiver
        self._token = token
        self._receiver = receiver

    def open(self, encrypted: str) -> str:
        """The plain text of a cipher text whose signature has been checked.

        Raises ForgedCallError when it was meant for another account, MalformedCallError when it is no frame.
        """
        try:
            text: str = self._framing.decrypt(encrypted, self._receiver)
        except self._wrong_receiver as error:
            raise ForgedCallError("meant for another receiver") from error
        except GARBLED as error:
            raise MalformedCallError("cannot be decrypted") from error
        return text

    def seal(self, text: str, *, timestamp: int, nonce: str) -> bytes:
        """The signed and encrypted answer; echoes the call's nonce [S3]."""
        encrypt = self._framing.encrypt(text, self._receiver).decode()
        signature = sign(self._token, str(timestamp), nonce, encrypt)
        return _SEALED.format(
            encrypt=encrypt, signature=signature, timestamp=timestamp, nonce=cdata_safe(nonce)
        ).encode()
