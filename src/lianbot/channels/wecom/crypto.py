"""WeCom's envelope: verified, opened, sealed; wechatpy does the AES framing behind our guards."""

from typing import Any, Final

from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException

from lianbot.channels.cipher import GARBLED, decode_key, harden
from lianbot.channels.signature import sign
from lianbot.channels.xml import cdata_safe
from lianbot.ports.channel import ForgedCallError, MalformedCallError

_ENVELOPE: Final = (
    "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>"
    "<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


class WeComCrypto:
    """Opens and seals for one app; key schedule and framing are prepared once [S4]."""

    def __init__(self, *, token: str, aes_key: str, corp_id: str) -> None:
        key = decode_key(aes_key, "LIANBOT_WECOM_AES_KEY")
        self._token = token
        self._corp_id = corp_id
        self._framing: Any = PrpCrypto(key)
        harden(self._framing, key)

    def open(self, encrypted: str) -> str:
        """The plain text of a cipher text whose signature has been checked.

        Raises ForgedCallError when it was meant for another corp, MalformedCallError when it is no frame.
        """
        try:
            text: str = self._framing.decrypt(encrypted, self._corp_id)
        except InvalidCorpIdException as error:
            raise ForgedCallError("receiver is not this corp") from error
        except GARBLED as error:
            raise MalformedCallError("cannot be decrypted") from error
        return text

    def seal(self, text: str, *, timestamp: int, nonce: str) -> bytes:
        """The signed and encrypted answer; echoes the call's nonce."""
        encrypt = self._framing.encrypt(text, self._corp_id).decode()
        signature = sign(self._token, str(timestamp), nonce, encrypt)
        return _ENVELOPE.format(
            encrypt=encrypt, signature=signature, timestamp=timestamp, nonce=cdata_safe(nonce)
        ).encode()
