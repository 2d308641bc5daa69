"""WeCom's callbacks as the platform makes them (wechatpy's own crypto), ready to be put on the wire."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from wechatpy.crypto import WeChatCrypto as OfficialCrypto
from wechatpy.enterprise.crypto import WeChatCrypto

CORP = "wwlianbotbench"
AGENT = 1000002
SECRET = "bench-wecom-secret-0123456789"  # noqa: S105 - a stand-in's, on this machine only
TOKEN = "benchWecomToken01"  # noqa: S105 - likewise
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
PATH = "/wechat/wecom"
APPID = "wx0be0c400be0c400b"
RECEIVER = "gh_0be0c400be0c"
OFFICIAL_PATH = "/wechat/official"

_TEXT = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[{account}]]></FromUserName>"
    "<CreateTime>{second}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId><AgentID>{agent}</AgentID></xml>"
)
_OFFICIAL_TEXT = (
    "<xml><ToUserName><![CDATA[{receiver}]]></ToUserName><FromUserName><![CDATA[{account}]]></FromUserName>"
    "<CreateTime>{second}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
)
_TAP = (
    "<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[{account}]]></FromUserName>"
    "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>"
    "<CreateTime>{second}</CreateTime><AgentID>{agent}</AgentID><EventKey><![CDATA[{key}]]></EventKey>"
    "<TaskId><![CDATA[{task}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>"
    "<ResponseCode><![CDATA[{code}]]></ResponseCode></xml>"
)


class Platform:
    """Makes calls and opens the answers."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:  # noqa: TID251 - the platform's own clock
        self._now = now
        self._crypto: Any = WeChatCrypto(TOKEN, AES_KEY, CORP)
        self._number = secrets.randbits(50)

    def texts(self, accounts: Iterable[str], text: str) -> list[bytes]:
        """One typed text from each account, every one with a MsgId of its own."""
        return [
            self._call(_TEXT, account=account, text=text, number=self._next())
            for account in accounts
        ]

    def taps(self, cards: Iterable[tuple[str, str]], key: str) -> list[bytes]:
        """A tap on the button `key` of each (account, task id)."""
        return [
            self._call(_TAP, account=account, task=task, key=key, code=secrets.token_urlsafe(32))
            for account, task in cards
        ]

    def open(self, body: bytes) -> str:
        """The plain XML of a passive answer; raises when its signature does not hold."""
        fields = {one.tag: one.text or "" for one in ET.fromstring(body)}  # noqa: S314 - our own server's
        plain: str = self._crypto.decrypt_message(
            body, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
        )
        return plain

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _call(self, form: str, **gaps: object) -> bytes:
        second = str(int(self._now()))
        nonce = secrets.token_hex(8)
        plain = form.format(corp=CORP, agent=AGENT, second=second, **gaps)
        sealed = ET.fromstring(self._crypto.encrypt_message(plain, nonce, second))  # noqa: S314
        body = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[{AGENT}]]></AgentID>"
            f"<Encrypt><![CDATA[{sealed.findtext('Encrypt')}]]></Encrypt></xml>"
        ).encode()
        query = urlencode(
            {
                "msg_signature": sealed.findtext("MsgSignature"),
                "timestamp": second,
                "nonce": nonce,
            }
        )
        return _posted(PATH, query, body)


def _posted(path: str, query: str, body: bytes) -> bytes:
    head = (
        f"POST {path}?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class OfficialPlatform:
    """The Official Account's side: plain texts, or the same in AES (safe mode)."""

    def __init__(self, *, sealed: bool) -> None:
        self._sealed: Any = OfficialCrypto(TOKEN, AES_KEY, APPID) if sealed else None
        self._number = secrets.randbits(50)

    def texts(self, accounts: Iterable[str], text: str) -> list[bytes]:
        return [self._call(openid_of(account), text) for account in accounts]

    def open(self, body: bytes) -> str:
        """The plain XML of a passive answer; raises when its signature does not hold."""
        if self._sealed is None:
            return body.decode()
        fields = {one.tag: one.text or "" for one in ET.fromstring(body)}  # noqa: S314 - our own server's
        plain: str = self._sealed.decrypt_message(
            body, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
        )
        return plain

    def _call(self, openid: str, text: str) -> bytes:
        self._number += 1
        second = str(int(time.time()))  # noqa: TID251 - the platform's own clock
        nonce = secrets.token_hex(8)
        body = _OFFICIAL_TEXT.format(
            receiver=RECEIVER, account=openid, second=second, text=text, number=self._number
        )
        signed = "".join(sorted([TOKEN, second, nonce]))
        query = {
            "signature": hashlib.sha1(signed.encode()).hexdigest(),  # noqa: S324 - the platform's [S1]
            "timestamp": second,
            "nonce": nonce,
            "openid": openid,
        }
        if self._sealed is not None:
            body = self._sealed.encrypt_message(body, nonce, second)
            sealed = ET.fromstring(body)  # noqa: S314 - made the line before
            query |= {
                "encrypt_type": "aes",
                "msg_signature": sealed.findtext("MsgSignature") or "",
            }
            body = (
                f"<xml><ToUserName><![CDATA[{RECEIVER}]]></ToUserName>"
                f"<Encrypt><![CDATA[{sealed.findtext('Encrypt')}]]></Encrypt></xml>"
            )
        return _posted(OFFICIAL_PATH, urlencode(query), body.encode())


def openid_of(account: str) -> str:
    """A worker's openid at the trial account, as long as a real one."""
    return f"oBench{account:0>22}"
