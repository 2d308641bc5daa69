"""WeCom's envelope: wechatpy's framing for enterprise apps, receiver = corp id."""

from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException

from lianbot.channels.cipher import decode_key
from lianbot.channels.envelope import Envelope


def wecom_envelope(*, token: str, aes_key: str, corp_id: str) -> Envelope:
    """Raises InvalidInputError naming the setting when the key is none."""
    key = decode_key(aes_key, "LIANBOT_WECOM_AES_KEY")
    return Envelope(
        PrpCrypto(key),
        wrong_receiver=InvalidCorpIdException,
        key=key,
        token=token,
        receiver=corp_id,
    )
