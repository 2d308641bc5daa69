"""The Official Account's envelope: wechatpy's framing for accounts, receiver = appid."""

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from lianbot.channels.cipher import decode_key
from lianbot.channels.envelope import Envelope


def official_envelope(*, token: str, aes_key: str, appid: str) -> Envelope:
    """Raises InvalidInputError naming the setting when the key is none."""
    key = decode_key(aes_key, "LIANBOT_OFFICIAL_AES_KEY")
    return Envelope(
        PrpCrypto(key),
        wrong_receiver=InvalidAppIdException,
        key=key,
        token=token,
        receiver=appid,
    )
