"""Pushes as WeCom makes them, sealed with the twin's own envelope, and what came back over HTTP."""

import os
import re
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from lianbot.twin import Twin


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The bot's HTTP answer; `text` is what a person would read, empty when nothing."""

    status: int
    body: bytes
    text: str = ""


@dataclass(slots=True)
class Caller:
    """The platform's side of a callback, byte for byte ours to spoil."""

    twin: Twin
    base: str

    def text(self, account: str, words: str, msgid: str = "4561255354251345929") -> str:
        return self._xml(account, f"<MsgType>text</MsgType><Content><![CDATA[{words}]]></Content>"
                                  f"<MsgId>{msgid}</MsgId>")  # fmt: skip

    def event(self, account: str, name: str, more: str = "") -> str:
        return self._xml(account, f"<MsgType>event</MsgType><Event>{name}</Event>{more}")

    def _xml(self, account: str, inner: str) -> str:
        wecom = self.twin.world.wecom
        moment = int(self.twin.clock.now())
        return (
            f"<xml><ToUserName>{wecom.corp_id}</ToUserName><FromUserName>{account}</FromUserName>"
            f"<CreateTime>{moment}</CreateTime>{inner}<AgentID>{wecom.agent_id}</AgentID></xml>"
        )

    def sealed(self, xml: str, nonce: str = "1372623149") -> tuple[dict[str, str], bytes]:
        """Query and body of the call."""
        envelope = self.twin.world.wecom.envelope()
        inside = envelope.seal(xml.encode(), os.urandom(16))
        timestamp = str(int(self.twin.clock.now()))
        query = {
            "msg_signature": envelope.sign(timestamp, nonce, inside),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        return query, f"<xml><Encrypt><![CDATA[{inside}]]></Encrypt></xml>".encode()

    async def push(self, xml: str) -> Answered:
        query, body = self.sealed(xml)
        return await self.post(query, body)

    async def post(
        self, query: dict[str, str], body: bytes, channel: str = "wecom", method: str = "POST"
    ) -> Answered:
        url = f"{self.base}/wechat/{channel}?{urlencode(query)}"
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, url, data=body) as got,
        ):
            raw = await got.read()
            return Answered(status=got.status, body=raw, text=self._opened(raw))

    def _opened(self, raw: bytes) -> str:
        found = re.search(rb"<Encrypt><!\[CDATA\[(.+?)\]\]>", raw)
        if found is None:
            return ""
        xml = self.twin.world.wecom.envelope().open(found[1].decode()).decode()
        words = re.search(r"<Content><!\[CDATA\[(.*?)\]\]></Content>", xml, re.DOTALL)
        return words[1] if words else xml

    async def get(self, path: str) -> Answered:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"{self.base}{path}", allow_redirects=False) as got,
        ):
            raw = await got.read()
            return Answered(status=got.status, body=raw, text=raw.decode("utf-8", "replace"))
