"""A twin on any free port, and a small bot behind it that speaks through wechatpy's own crypto."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import xmltodict
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as CorpCrypto

from lianbot.twin import Twin

Reply = str | bytes | web.Response
Answer = Callable[[dict[str, Any]], Reply]


@dataclass
class Bot:
    """Records every push and answers with `answer(fields)`: inner XML, or a raw response."""

    twin: Twin
    answer: Answer = lambda _fields: b""
    got: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    seal: bool = True

    def corp_crypto(self) -> CorpCrypto:
        account = self.twin.world.wecom
        return CorpCrypto(account.token, account.aes_key, account.corp_id)

    def official_crypto(self) -> WeChatCrypto:
        account = self.twin.world.official
        return WeChatCrypto(account.token, account.aes_key, account.appid)

    async def wecom(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        crypto = self.corp_crypto()
        stamp = query["msg_signature"], query["timestamp"], query["nonce"]
        if request.method == "GET":
            return web.Response(body=crypto.check_signature(*stamp, query["echostr"]))
        body = await request.read()
        inner = crypto.decrypt_message(body, *stamp)
        return self._answer(query, body, inner, crypto)

    async def official(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        if request.method == "GET":
            return web.Response(text=query["echostr"])
        body = await request.read()
        if query.get("encrypt_type") != "aes":
            return self._answer(query, body, body, None)
        crypto = self.official_crypto()
        stamp = query["msg_signature"], query["timestamp"], query["nonce"]
        return self._answer(query, body, crypto.decrypt_message(body, *stamp), crypto)

    def _answer(self, query: dict[str, str], body: bytes, inner: Any, crypto: Any) -> web.Response:
        fields = xmltodict.parse(inner)["xml"]
        self.queries.append(query)
        self.bodies.append(body)
        self.got.append(fields)
        reply = self.answer(fields)
        if isinstance(reply, web.Response):
            return reply
        if crypto is None or not self.seal or not isinstance(reply, str):
            return web.Response(body=reply.encode() if isinstance(reply, str) else reply)
        return web.Response(text=crypto.encrypt_message(reply, query["nonce"], query["timestamp"]))


def reply_xml(fields: dict[str, Any], kind: str, inner: str) -> str:
    """A passive reply with the parties swapped."""
    return (
        f"<xml><ToUserName>{fields['FromUserName']}</ToUserName>"
        f"<FromUserName>{fields['ToUserName']}</FromUserName><CreateTime>1</CreateTime>"
        f"<MsgType>{kind}</MsgType>{inner}</xml>"
    )


def text_reply(text: str) -> Answer:
    return lambda fields: reply_xml(fields, "text", f"<Content><![CDATA[{text}]]></Content>")


def button_reply(name: str) -> Answer:
    inner = f"<Button><ReplaceName><![CDATA[{name}]]></ReplaceName></Button>"
    return lambda fields: reply_xml(fields, "update_button", inner)


class Api:
    """Calls of a bot to one platform, with a token."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.token = token

    async def post(self, path: str, body: Any, token: str | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        params = {"access_token": self.token if token is None else token}
        async with self.session.post(self.base + path, params=params, data=raw) as got:
            return json.loads(await got.text())

    async def get(self, path: str, **params: str) -> Any:
        params.setdefault("access_token", self.token)
        async with self.session.get(self.base + path, params=params) as got:
            return json.loads(await got.text())


@pytest.fixture
async def twin() -> AsyncIterator[Twin]:
    async with Twin.start(seed=1) as running:
        running.world.switches.template_result_delay = 0.0
        running.world.official.templates = {
            "lesson": "上课提醒\n课程：{{thing1.DATA}}\n时间：{{time2.DATA}}"
        }
        running.add_people(
            [
                {"id": "Wang", "name": "王芳", "followed": True},
                {"id": "li", "name": "李强", "client": "plain"},
                {"id": "zhao", "name": "赵军", "client": "inactive"},
                {"id": "qian", "name": "钱敏", "client": "unlicensed"},
                {"id": "sun", "name": "孙丽", "client": "none", "followed": True},
            ]
        )
        yield running


@pytest.fixture
async def bot(twin: Twin) -> AsyncIterator[Bot]:
    made = Bot(twin)
    app = web.Application()
    app.router.add_route("*", "/wecom", made.wecom)
    app.router.add_route("*", "/official", made.official)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    twin.world.wecom.callback_url = base + "/wecom"
    twin.world.official.callback_url = base + "/official"
    yield made
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def wecom(twin: Twin, http: aiohttp.ClientSession) -> Api:
    return Api(http, twin.wecom_base, twin.world.wecom_tokens.issue(twin.clock.now()))


@pytest.fixture
def official(twin: Twin, http: aiohttp.ClientSession) -> Api:
    return Api(http, twin.official_base, twin.world.stable_tokens.issue(twin.clock.now()))


@pytest.fixture
def people(twin: Twin, http: aiohttp.ClientSession) -> Any:
    """`await people("POST", path, body)` on the people's API → (status, JSON)."""

    async def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{twin.base_url}/twin/api{path}"
        async with http.request(method, url, json=body) as got:
            return got.status, await got.json()

    return call


@pytest.fixture
def text() -> Callable[..., dict[str, Any]]:
    """A text message body for WeCom."""

    def make(touser: str = "wang", content: str = "你好", **more: Any) -> dict[str, Any]:
        body = {"touser": touser, "msgtype": "text", "agentid": 1000002}
        return {**body, "text": {"content": content}, **more}

    return make


@pytest.fixture
def card() -> Callable[..., dict[str, Any]]:
    """A button card body for WeCom."""

    def make(task_id: str = "t1", touser: str = "wang", **more: Any) -> dict[str, Any]:
        buttons = [{"text": "看懂了", "key": "ok"}, {"text": "没看懂", "key": "no"}]
        inner = {
            "card_type": "button_interaction",
            "task_id": task_id,
            "main_title": {"title": "验收要两个人"},
            "button_list": buttons,
            **more,
        }
        body = {"touser": touser, "msgtype": "template_card", "agentid": 1000002}
        return {**body, "template_card": inner}

    return make


@pytest.fixture
def replies() -> dict[str, Callable[[str], Answer]]:
    """Ready answers of the bot: `text` and `button`."""
    return {"text": text_reply, "button": button_reply}
