"""Pushes to the bot: signing, modes, deadline, repeats, mute, unusable replies."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from aiohttp import web

from lianbot.twin import Twin
from lianbot.twin.accounts import ConfigError, Mode
from lianbot.twin.envelope import signature
from lianbot.twin.phones import Channel, Side

BOTH = pytest.mark.parametrize("channel", ["wecom", "official"])


@BOTH
async def test_verification_is_answered_with_the_plain_echo(
    twin: Twin, bot: Any, channel: str
) -> None:
    assert (await twin.pushes.verify(Channel(channel)))["ok"]


@BOTH
async def test_a_callback_that_does_not_give_the_echo_back_is_not_verified(
    twin: Twin, bot: Any, channel: str
) -> None:
    twin.world.wecom.callback_url += "/elsewhere"
    twin.world.official.callback_url += "/elsewhere"
    assert not (await twin.pushes.verify(Channel(channel)))["ok"]


@BOTH
async def test_a_typed_text_reaches_the_bot_and_its_answer_the_phone(
    twin: Twin, bot: Any, replies: Any, channel: str
) -> None:
    bot.answer = replies["text"]("收到")
    await twin.type_text("Wang", "你好 ]]> <b>", channel)
    assert bot.got[0]["Content"] == "你好 ]]> <b>"
    assert twin.received("Wang", channel)[0].content["text"]["content"] == "收到"


async def test_wecom_sends_the_userid_and_the_agent(twin: Twin, bot: Any) -> None:
    await twin.type_text("Wang", "好")
    assert (bot.got[0]["FromUserName"], bot.got[0]["AgentID"]) == ("Wang", "1000002")


@pytest.mark.parametrize("mode", list(Mode))
async def test_the_official_account_speaks_all_three_modes(
    twin: Twin, bot: Any, replies: Any, mode: Mode
) -> None:
    twin.world.official.mode = mode
    bot.answer = replies["text"]("收到")
    await twin.type_text("Wang", "好", "official")
    body = bot.bodies[0]
    assert (b"<Encrypt>" in body, b"<Content>" in body) == (
        mode is not Mode.PLAIN,
        mode is not Mode.SAFE,
    )
    assert len(twin.received("Wang")) == 1


async def test_the_plain_signature_is_over_token_time_and_nonce(twin: Twin, bot: Any) -> None:
    twin.world.official.mode = Mode.PLAIN
    await twin.type_text("Wang", "好", "official")
    query = bot.queries[0]
    expected = signature(twin.world.official.token, query["timestamp"], query["nonce"])
    assert query["signature"] == expected


async def test_a_plain_reply_in_safe_mode_is_unusable(twin: Twin, bot: Any, replies: Any) -> None:
    bot.seal, bot.answer = False, replies["text"]("收到")
    result = await twin.type_text("Wang", "好", "official")
    assert "encrypted" in result.error


@pytest.mark.parametrize("answer", [b"", b"success"])
async def test_an_empty_answer_and_success_show_nothing(
    twin: Twin, bot: Any, answer: bytes
) -> None:
    bot.answer = lambda _fields: answer
    result = await twin.type_text("Wang", "好", "official")
    assert (result.ok, result.attempts, twin.received("Wang")) == (True, 1, [])


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        b"thanks",
        b"<xml><a></xml>",
        web.Response(status=500),
        b"<xml><MsgType>text</MsgType></xml>",
    ],
)
async def test_an_unusable_answer_is_repeated_and_the_person_is_told(
    twin: Twin, bot: Any, channel: str, answer: Any
) -> None:
    bot.answer = lambda _f: (
        web.Response(status=500) if isinstance(answer, web.Response) else answer
    )
    result = await twin.type_text("Wang", "好", channel)
    last = twin.phone("Wang").bubbles[-1]
    assert (result.attempts, last.side) == (4, Side.SYSTEM)
    assert "服务暂时不可用" in last.content["text"]


async def test_every_repeat_carries_the_same_msgid(twin: Twin, bot: Any) -> None:
    bot.answer = lambda _fields: web.Response(status=503)
    await twin.type_text("Wang", "好")
    assert len({each["MsgId"] for each in bot.got}) == 1


@pytest.mark.parametrize(("retries", "attempts"), [(3, 4), (2, 3), (0, 1)])
async def test_both_readings_of_the_repeats_can_be_set(
    twin: Twin, bot: Any, retries: int, attempts: int
) -> None:
    twin.world.switches.callback_retries = retries
    bot.answer = lambda _fields: web.Response(status=503)
    assert (await twin.type_text("Wang", "好")).attempts == attempts


@pytest.mark.parametrize(("fresh", "nonces"), [(False, 1), (True, 4)])
async def test_a_repeat_has_the_same_nonce_or_a_fresh_one_by_switch(
    twin: Twin, bot: Any, fresh: bool, nonces: int
) -> None:
    twin.world.switches.retry_fresh_nonce = fresh
    bot.answer = lambda _fields: web.Response(status=503)
    await twin.type_text("Wang", "好")
    assert len({each["nonce"] for each in bot.queries}) == nonces


async def test_the_second_attempt_may_succeed(twin: Twin, bot: Any, replies: Any) -> None:
    good = replies["text"]("收到")
    bot.answer = lambda f: web.Response(status=503) if len(bot.got) == 1 else good(f)
    result = await twin.type_text("Wang", "好")
    assert (result.attempts, result.ok, len(twin.received("Wang"))) == (2, True, 1)


async def test_a_bot_slower_than_the_deadline_is_cut(twin: Twin) -> None:
    never = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    twin.world.wecom.callback_url = f"http://127.0.0.1:{port}/"
    twin.world.switches.callback_timeout = 0.05
    result = await twin.type_text("Wang", "好")
    never.set()
    server.close()
    assert (result.status, result.attempts, "no answer" in result.error) == (None, 4, True)


async def test_repeated_failures_mute_the_official_account_for_a_minute(
    twin: Twin, bot: Any
) -> None:
    bot.answer = lambda _fields: web.Response(status=503)
    for _ in range(3):
        await twin.type_text("Wang", "好", "official")
    bot.got.clear()
    bot.answer = lambda _fields: b""
    assert (await twin.type_text("Wang", "好", "official")).muted
    assert bot.got == []
    twin.clock.move(61)
    assert (await twin.type_text("Wang", "好", "official")).ok


async def test_wecom_is_never_muted(twin: Twin, bot: Any) -> None:
    bot.answer = lambda _fields: web.Response(status=503)
    for _ in range(5):
        result = await twin.type_text("Wang", "好")
    assert not result.muted


@pytest.mark.parametrize(("echo", "ok"), [(False, True), (True, False)])
async def test_whether_the_nonce_must_echo_is_a_switch(
    twin: Twin, bot: Any, replies: Any, echo: bool, ok: bool
) -> None:
    twin.world.switches.reply_nonce_must_echo = echo
    twin.world.switches.callback_retries = 0
    text = replies["text"]("收到")
    bot.answer = lambda f: web.Response(
        text=bot.corp_crypto().encrypt_message(text(f), "another", "1")
    )
    assert (await twin.type_text("Wang", "好")).ok is ok


@BOTH
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<MsgSignature><![CDATA[", "<MsgSignature><![CDATA[0", "MsgSignature"),
        ("<Nonce><![CDATA[", "<Nonce><![CDATA[0", "MsgSignature"),
        ("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA", "MsgSignature"),
    ],
)
async def test_a_tampered_reply_is_unusable(
    twin: Twin, bot: Any, replies: Any, channel: str, old: str, new: str, told: str
) -> None:
    twin.world.switches.callback_retries = 0
    text = replies["text"]("收到")

    def tampered(fields: dict[str, Any]) -> web.Response:
        crypto = bot.corp_crypto() if channel == "wecom" else bot.official_crypto()
        sealed = crypto.encrypt_message(text(fields), "1", "2")
        assert old in sealed
        return web.Response(text=sealed.replace(old, new))

    bot.answer = tampered
    result = await twin.type_text("Wang", "好", channel)
    assert (told in result.error, twin.received("Wang")) == (True, [])


@pytest.mark.parametrize("name", ["ToUserName", "FromUserName", "CreateTime", "MsgType"])
async def test_a_reply_to_the_wrong_party_is_unusable(
    twin: Twin, bot: Any, replies: Any, name: str
) -> None:
    twin.world.switches.callback_retries = 0
    text = replies["text"]("收到")
    bot.answer = lambda f: re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>x</{name}>", text(f))
    assert name in (await twin.type_text("Wang", "好")).error


@pytest.mark.parametrize(("limit", "ok"), [(1, False), (8, True)])
async def test_two_articles_in_a_reply_are_too_many_by_default(
    twin: Twin, bot: Any, limit: int, ok: bool
) -> None:
    twin.world.switches.passive_news_limit = limit
    twin.world.switches.callback_retries = 0
    item = "<item><Title>一</Title><Url>http://a/</Url></item>"
    bot.answer = lambda f: (
        f"<xml><ToUserName>{f['FromUserName']}</ToUserName><FromUserName>{f['ToUserName']}"
        "</FromUserName><CreateTime>1</CreateTime><MsgType>news</MsgType>"
        f"<ArticleCount>2</ArticleCount><Articles>{item * 2}</Articles></xml>"
    )
    assert (await twin.type_text("Wang", "好", "official")).ok is ok


async def test_entering_the_app_is_an_event_with_an_empty_key(twin: Twin, bot: Any) -> None:
    await twin.enter("Wang")
    assert (bot.got[0]["Event"], bot.got[0]["EventKey"]) == ("enter_agent", None)


@pytest.mark.parametrize(("channel", "event"), [("wecom", "view"), ("official", "VIEW")])
async def test_a_view_menu_tells_address_and_person(
    twin: Twin, bot: Any, channel: str, event: str
) -> None:
    await twin.view_menu("Wang", "http://127.0.0.1/c/", channel)
    assert (bot.got[0]["Event"], bot.got[0]["EventKey"]) == (event, "http://127.0.0.1/c/")
    assert bot.got[0]["FromUserName"] in {"Wang", "oWang"}


async def test_an_act_without_a_callback_address_says_what_is_missing(twin: Twin) -> None:
    with pytest.raises(ConfigError, match="callback_url"):
        await twin.type_text("Wang", "好")
