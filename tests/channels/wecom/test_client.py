"""Sending to WeCom: every fault one by one, each with its defined outcome."""

import asyncio
import logging
import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from lianbot.channels.wecom import WeComChannel, open_wecom
from lianbot.domain.messages import (
    Accepted,
    NoAnswer,
    NotSent,
    Refused,
    SendAction,
    SendOutcome,
)
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError
from lianbot.ports.tokens import AccessToken

TOKEN_PATH = "/cgi-bin/gettoken"
SEND = "/cgi-bin/message/send"
WHO = "/cgi-bin/auth/getuserinfo"
BODY = '{"touser":"ZhangSan","msgtype":"text","text":{"content":"收到"}}'.encode()
SENT = {"errcode": 0, "errmsg": "ok", "msgid": "m-1"}


def token(value: str = "TOKEN-1") -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", "access_token": value, "expires_in": 7200}


def error(errcode: int, errmsg: str = "fault, rid: 1-2") -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": errmsg, "msgid": ""}


@pytest.fixture(autouse=True)
def token_at_hand(platform: Any) -> None:
    platform.on(TOKEN_PATH, token())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_an_accepted_message_has_the_platforms_id(
    online: WeComChannel, platform: Any
) -> None:
    platform.on(SEND, SENT)
    assert await online.send(BODY) == Accepted(platform_id="m-1")


async def test_the_body_goes_out_byte_for_byte(online: WeComChannel, platform: Any) -> None:
    platform.on(SEND, SENT)
    await online.send(BODY)
    (asked,) = platform.calls(SEND)
    assert (asked.method, asked.body, asked.query) == ("POST", BODY, {"access_token": "TOKEN-1"})


# label: (answer of message/send, outcome)
OUTCOMES: dict[str, tuple[Any, SendOutcome]] = {
    "named invalid, in lower case": (
        {**SENT, "invaliduser": "lisi|zhangsan"},
        Refused(errcode=81013, action=SendAction.RECIPIENT, detail="errcode 0, invaliduser"),
    ),
    "named without a licence": (
        {**SENT, "unlicenseduser": "ZHANGSAN"},
        Refused(errcode=701008, action=SendAction.LICENSE, detail="errcode 0, unlicenseduser"),
    ),
    "somebody else is invalid": (
        {**SENT, "invaliduser": "zhangsan2|lisi"},
        Accepted(platform_id="m-1"),
    ),
    "nobody is invalid": (
        {**SENT, "invaliduser": "", "unlicenseduser": ""},
        Accepted(platform_id="m-1"),
    ),
    "nobody valid": (
        error(81013),
        Refused(errcode=81013, action=SendAction.RECIPIENT, detail="fault, rid: 1-2"),
    ),
    "not visible": (
        error(50002),
        Refused(errcode=50002, action=SendAction.VISIBILITY, detail="fault, rid: 1-2"),
    ),
    "strange address": (
        error(60020),
        Refused(errcode=60020, action=SendAction.CONFIG, detail="fault, rid: 1-2"),
    ),
    "too often": (
        error(45009),
        Refused(errcode=45009, action=SendAction.QUOTA, detail="fault, rid: 1-2"),
    ),
    "too many at once": (
        error(45033),
        Refused(errcode=45033, action=SendAction.RETRY, detail="fault, rid: 1-2"),
    ),
    "unknown code": (
        error(123456),
        Refused(errcode=123456, action=SendAction.UNLISTED, detail="fault, rid: 1-2"),
    ),
    "busy": (error(-1), NoAnswer(detail="-1 fault, rid: 1-2")),
    "502 in HTML": ((502, "<html>Bad Gateway</html>"), NoAnswer(detail="HTTP 502")),
    "500": ((500, ""), NoAnswer(detail="HTTP 500")),
    "408": ((408, ""), NoAnswer(detail="HTTP 408")),
    "200 in HTML": ((200, "<html>ok</html>"), NoAnswer(detail="HTTP 200, not JSON")),
    "200 with nothing": ((200, ""), NoAnswer(detail="HTTP 200, empty body")),
    "200 with a list": ((200, "[]"), NoAnswer(detail="HTTP 200, not a JSON object")),
    "200 without errcode": ((200, "{}"), NoAnswer(detail="HTTP 200, no errcode")),
    "200 with errcode in words": (
        (200, '{"errcode": "0"}'),
        NoAnswer(detail="HTTP 200, errcode is no number"),
    ),
    "200 cut off": ((200, '{"errcode": 0, "msg'), NoAnswer(detail="HTTP 200, not JSON")),
    "200 nested beyond sense": ((200, "[" * 100_000), NoAnswer(detail="HTTP 200, not JSON")),
    "connection reset": ("reset", NoAnswer(detail="ServerDisconnectedError")),
    "429": ((429, ""), NotSent(detail="HTTP 429")),
    "wrong path": ((404, ""), Refused(errcode=404, action=SendAction.CONFIG, detail="HTTP 404")),
    "redirected": ((302, ""), Refused(errcode=302, action=SendAction.CONFIG, detail="HTTP 302")),
}


@pytest.mark.parametrize("label", OUTCOMES)
async def test_an_answer_has_one_outcome(online: WeComChannel, platform: Any, label: str) -> None:
    answer, outcome = OUTCOMES[label]
    platform.on(SEND, answer)
    assert await online.send(BODY) == outcome


@pytest.mark.parametrize("label", OUTCOMES)
async def test_no_answer_makes_the_channel_send_again(
    online: WeComChannel, platform: Any, label: str
) -> None:
    platform.on(SEND, OUTCOMES[label][0])
    await online.send(BODY)
    assert len(platform.calls(SEND)) == 1


async def test_a_silent_platform_leaves_it_open(online: WeComChannel, platform: Any) -> None:
    platform.on(SEND, "hang")
    assert isinstance(await online.send(BODY), NoAnswer)


async def test_a_refused_connection_is_certainly_not_sent(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, make_account: Any
) -> None:
    account = make_account(f"http://127.0.0.1:{free_port()}/wecom")
    channel = WeComChannel(account, session=session, shelf=shelf, clock=clock)
    outcome = await channel.send(BODY)
    assert outcome == NotSent(detail="token: ClientConnectorError")


async def test_a_connection_lost_between_token_and_send_is_not_sent(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, make_account: Any
) -> None:
    account = make_account(f"http://127.0.0.1:{free_port()}/wecom")
    expires_at = clock.now() + timedelta(hours=1)
    shelf.rows[f"wecom:{account.corp_id}:218"] = AccessToken(value="T", expires_at=expires_at)
    channel = WeComChannel(account, session=session, shelf=shelf, clock=clock)
    assert await channel.send(BODY) == NotSent(detail="ClientConnectorError")


class NoNames(aiohttp.abc.AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        raise OSError("no such name")

    async def close(self) -> None:
        return


async def test_a_name_that_is_not_found_is_not_sent(
    shelf: Any, clock: Any, make_account: Any
) -> None:
    connector = aiohttp.TCPConnector(resolver=NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        account = make_account("http://qyapi.example")
        channel = WeComChannel(account, session=session, shelf=shelf, clock=clock)
        assert await channel.send(BODY) == NotSent(detail="token: ClientConnectorDNSError")


async def test_no_free_connection_in_time_is_not_sent(
    shelf: Any, clock: Any, platform: Any, make_account: Any
) -> None:
    platform.on(SEND, SENT, "hang")
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        account = make_account(platform.base, timeout=5, connect_timeout=0.1)
        channel = WeComChannel(account, session=session, shelf=shelf, clock=clock)
        await channel.send(BODY)
        hanging = asyncio.create_task(channel.send(BODY))
        await platform.hanging.wait()
        assert await channel.send(BODY) == NotSent(detail="ConnectionTimeoutError")
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


async def test_an_address_that_is_none_is_not_sent(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, make_account: Any
) -> None:
    channel = WeComChannel(make_account("qyapi"), session=session, shelf=shelf, clock=clock)
    assert isinstance(await channel.send(BODY), NotSent)


# --- tokens -----------------------------------------------------------------------------------


async def test_the_token_is_asked_for_once_and_kept(online: WeComChannel, platform: Any) -> None:
    platform.on(SEND, SENT)
    await asyncio.gather(*(online.send(BODY) for _ in range(20)))
    (asked,) = platform.calls(TOKEN_PATH)
    assert asked.query == {"corpid": "wx5823bf96d3bd56c7", "corpsecret": "the-app-secret"}


async def test_a_token_of_another_process_is_used(
    online: WeComChannel, platform: Any, shelf: Any, clock: Any
) -> None:
    platform.on(SEND, SENT)
    kept = AccessToken(value="SHARED", expires_at=clock.now() + timedelta(minutes=5))
    shelf.rows["wecom:wx5823bf96d3bd56c7:218"] = kept
    await online.send(BODY)
    assert platform.calls(SEND)[0].query == {"access_token": "SHARED"}
    assert platform.calls(TOKEN_PATH) == []


async def test_a_token_is_given_up_before_the_platform_does(
    online: WeComChannel, platform: Any, clock: Any
) -> None:
    platform.on(SEND, SENT)
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    await online.send(BODY)
    clock.move(seconds=7200 - 60)
    await online.send(BODY)
    assert [asked.query["access_token"] for asked in platform.calls(SEND)] == ["OLD", "NEW"]


@pytest.mark.parametrize("errcode", [40014, 42001])
async def test_a_stale_token_is_refreshed_once_and_the_same_body_sent_again(
    online: WeComChannel, platform: Any, errcode: int
) -> None:
    platform.on(SEND, error(errcode), SENT)
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    assert await online.send(BODY) == Accepted(platform_id="m-1")
    calls = platform.calls(SEND)
    assert [asked.query["access_token"] for asked in calls] == ["OLD", "NEW"]
    assert calls[0].body == calls[1].body


@pytest.mark.parametrize("errcode", [40014, 42001])
async def test_a_token_that_stays_stale_stops_after_one_refresh(
    online: WeComChannel, platform: Any, errcode: int
) -> None:
    platform.on(SEND, error(errcode))
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    outcome = await online.send(BODY)
    assert outcome == Refused(
        errcode=errcode, action=SendAction.REFRESH_TOKEN, detail="fault, rid: 1-2"
    )
    assert (len(platform.calls(SEND)), len(platform.calls(TOKEN_PATH))) == (2, 2)


async def test_many_senders_with_one_stale_token_refresh_it_once(
    online: WeComChannel, platform: Any
) -> None:
    platform.on(SEND, SENT)
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    await online.send(BODY)
    platform.on(SEND, *[error(42001)] * 20, SENT)
    outcomes = await asyncio.gather(*(online.send(BODY) for _ in range(20)))
    assert outcomes == [Accepted(platform_id="m-1")] * 20
    assert len(platform.calls(TOKEN_PATH)) == 2


async def test_40001_at_send_refreshes_nothing(online: WeComChannel, platform: Any) -> None:
    platform.on(SEND, error(40001))
    outcome = await online.send(BODY)
    assert isinstance(outcome, Refused)
    assert outcome.action is SendAction.CONFIG
    assert (len(platform.calls(SEND)), len(platform.calls(TOKEN_PATH))) == (1, 1)


async def test_a_wrong_secret_is_tried_once_and_not_again_for_five_minutes(
    online: WeComChannel, platform: Any, clock: Any
) -> None:
    platform.on(TOKEN_PATH, error(40001, "invalid credential"))
    outcomes = await asyncio.gather(*(online.send(BODY) for _ in range(20)))
    refusal = Refused(errcode=40001, action=SendAction.CONFIG, detail="token: invalid credential")
    assert outcomes == [refusal] * 20
    assert len(platform.calls(TOKEN_PATH)) == 1
    clock.move(minutes=6)
    await online.send(BODY)
    assert len(platform.calls(TOKEN_PATH)) == 2


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (error(-1, "busy"), "token: -1 busy"),
        ((502, "x"), "token: HTTP 502"),
        ((200, "<html>"), "token: HTTP 200, not JSON"),
        ((200, ""), "token: HTTP 200, empty body"),
        ({"errcode": 0}, "token: none in the answer"),
        ({"errcode": 0, "access_token": ""}, "token: none in the answer"),
        ("reset", "token: ServerDisconnectedError"),
    ],
    ids=["busy", "502", "HTML", "empty", "no token", "empty token", "reset"],
)
async def test_without_a_token_nothing_was_sent(
    online: WeComChannel, platform: Any, answer: Any, detail: str
) -> None:
    platform.on(TOKEN_PATH, answer)
    # a reset GET is asked once more by aiohttp itself: harmless, gettoken changes nothing
    assert await online.send(BODY) == NotSent(detail=detail)
    assert platform.calls(SEND) == []


async def test_no_secret_and_no_token_reaches_a_log_an_outcome_or_an_exception(
    online: WeComChannel, platform: Any, caplog: pytest.LogCaptureFixture, make_account: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = [repr(make_account("http://x"))]
    for answer in (error(60020, "token TOKEN-1 the-app-secret"), "reset", "hang", (200, "x")):
        platform.on(SEND, answer)
        seen.append(repr(await online.send(BODY)))
        platform.on(WHO, answer)
        try:
            await online.identify("CODE-1")
        except PlatformSilentError as error_seen:
            seen.append(repr(error_seen))
    text = "\n".join([*seen, caplog.text.replace("aiohttp.access", "")])
    ours = [
        line
        for line in text.splitlines()
        # the stand-in's own access log is the platform's, not ours
        if "HTTP/1.1" not in line
    ]
    for secret in ("TOKEN-1", "the-app-secret", "CODE-1", "QDG6eK", "jWmYm7qr5nM"):
        assert not [line for line in ours if secret in line]


# --- who is this ------------------------------------------------------------------------------


async def test_a_member_is_known_by_the_code(online: WeComChannel, platform: Any) -> None:
    platform.on(WHO, {"errcode": 0, "errmsg": "ok", "userid": "ZhangSan"})
    assert await online.identify("CODE-1") == "ZhangSan"
    (asked,) = platform.calls(WHO)
    assert (asked.method, asked.query) == (
        "GET",
        {"code": "CODE-1", "access_token": "TOKEN-1"},
    )


async def test_a_visitor_from_outside_is_nobody(online: WeComChannel, platform: Any) -> None:
    platform.on(WHO, {"errcode": 0, "errmsg": "ok", "openid": "o-1"})
    assert await online.identify("CODE-1") is None


async def test_a_used_code_asks_for_another(online: WeComChannel, platform: Any) -> None:
    platform.on(WHO, error(40029))
    with pytest.raises(CodeRejectedError):
        await online.identify("CODE-1")


async def test_a_stale_token_does_not_keep_a_member_out(
    online: WeComChannel, platform: Any
) -> None:
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    platform.on(WHO, error(42001), {"errcode": 0, "userid": "ZhangSan"})
    assert await online.identify("CODE-1") == "ZhangSan"


@pytest.mark.parametrize(
    "answer",
    [error(60020), error(-1), (502, ""), (404, ""), (200, ""), (200, "{}"), "reset", "hang"],
    ids=["60020", "-1", "502", "404", "empty", "no errcode", "reset", "hang"],
)
async def test_a_platform_that_cannot_tell_is_no_stranger(
    online: WeComChannel, platform: Any, answer: Any
) -> None:
    platform.on(WHO, answer)
    with pytest.raises(PlatformSilentError):
        await online.identify("CODE-1")


async def test_no_token_is_no_stranger_either(online: WeComChannel, platform: Any) -> None:
    platform.on(TOKEN_PATH, error(40001))
    with pytest.raises(PlatformSilentError):
        await online.identify("CODE-1")


# --- the session of its own -------------------------------------------------------------------


async def test_a_channel_opens_and_closes_its_own_session(
    shelf: Any, clock: Any, platform: Any, make_account: Any
) -> None:
    platform.on(SEND, SENT)
    async with open_wecom(make_account(platform.base + "/"), shelf=shelf, clock=clock) as channel:
        assert await channel.send(BODY) == Accepted(platform_id="m-1")
    with pytest.raises(RuntimeError, match="closed"):
        await channel.send(BODY)


async def test_an_account_is_frozen(make_account: Any) -> None:
    account = make_account("http://x")
    assert replace(account, agent_id=1) != account
    with pytest.raises(AttributeError):
        account.agent_id = 1
