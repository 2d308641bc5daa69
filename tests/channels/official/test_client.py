"""Sending to the Official Account: every fault one by one, each with its defined outcome."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lianbot.channels.official import OfficialChannel, open_official
from lianbot.channels.table import entries
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction, SendOutcome
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError

TOKEN_PATH = "/cgi-bin/stable_token"
CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
WHO = "/sns/oauth2/access_token"
TEXT_BODY = '{"touser":"oA","msgtype":"text","text":{"content":"收到"}}'.encode()
TEMPLATE_BODY = b'{"touser":"oA","template_id":"t","url":"https://x","data":{}}'
OK = {"errcode": 0, "errmsg": "ok"}


def token(value: str = "TOKEN-1") -> dict[str, Any]:
    return {"access_token": value, "expires_in": 7200}


def error(errcode: int) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": "fault rid: 1-2"}


def refused(errcode: int, action: SendAction) -> Refused:
    return Refused(errcode=errcode, action=action, detail="fault rid: 1-2")


@pytest.fixture(autouse=True)
def token_at_hand(platform: Any) -> None:
    platform.on(TOKEN_PATH, token())


async def test_a_custom_message_has_no_id(online: OfficialChannel, platform: Any) -> None:
    platform.on(CUSTOM, OK)
    assert await online.send(TEXT_BODY) == Accepted(platform_id="")
    (asked,) = platform.calls(CUSTOM)
    assert (asked.method, asked.body, asked.query) == (
        "POST",
        TEXT_BODY,
        {"access_token": "TOKEN-1"},
    )


async def test_a_template_message_has_the_id_its_result_will_name(
    online: OfficialChannel, platform: Any
) -> None:
    platform.on(TEMPLATE, {**OK, "msgid": 3_141_592_653_589_793_238})
    assert await online.send(TEMPLATE_BODY) == Accepted(platform_id="3141592653589793238")


OUTCOMES: dict[str, tuple[Any, SendOutcome]] = {
    "window closed": (error(45015), refused(45015, SendAction.WINDOW_CLOSED)),
    "window used up": (error(45047), refused(45047, SendAction.WINDOW_CLOSED)),
    "does not follow": (error(43004), refused(43004, SendAction.UNSUBSCRIBED)),
    "switched off": (error(43101), refused(43101, SendAction.OPTED_OUT)),
    "foreign openid": (error(40003), refused(40003, SendAction.RECIPIENT)),
    "bad value": (error(47003), refused(47003, SendAction.PAYLOAD)),
    "quota": (error(45009), refused(45009, SendAction.QUOTA)),
    "minute used up": (error(45011), refused(45011, SendAction.RETRY_LATER)),
    "strange address": (error(40164), refused(40164, SendAction.CONFIG)),
    "banned": (error(48004), refused(48004, SendAction.CONFIG)),
    "unknown code": (error(45048), refused(45048, SendAction.UNLISTED)),
    "busy": (error(-1), NoAnswer(detail="-1 fault rid: 1-2")),
    "502 in HTML": ((502, "<html>"), NoAnswer(detail="HTTP 502")),
    "200 in HTML": ((200, "<html>"), NoAnswer(detail="HTTP 200, not JSON")),
    "200 with nothing": ((200, ""), NoAnswer(detail="HTTP 200, empty body")),
    "200 without errcode": ((200, "{}"), NoAnswer(detail="HTTP 200, no errcode")),
    "connection reset": ("reset", NoAnswer(detail="ServerDisconnectedError")),
    "wrong path": ((404, ""), Refused(errcode=404, action=SendAction.CONFIG, detail="HTTP 404")),
}


APIS = {CUSTOM: TEXT_BODY, TEMPLATE: TEMPLATE_BODY}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("label", OUTCOMES)
async def test_an_answer_has_one_outcome_and_is_not_asked_twice(
    online: OfficialChannel, platform: Any, label: str, api: str
) -> None:
    answer, outcome = OUTCOMES[label]
    platform.on(api, answer)
    assert await online.send(APIS[api]) == outcome
    assert len(platform.calls(api)) == 1


@pytest.mark.parametrize("api", APIS)
async def test_a_silent_platform_leaves_it_open(
    impatient: OfficialChannel, platform: Any, api: str
) -> None:
    platform.on(api, "hang")
    assert isinstance(await impatient.send(APIS[api]), NoAnswer)


@pytest.mark.parametrize("errcode", sorted(entries(ChannelKind.OFFICIAL)))
async def test_every_code_of_the_table_ends_in_its_one_action(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    action = entries(ChannelKind.OFFICIAL)[errcode].action
    platform.on(TEMPLATE, error(errcode))
    outcome = await online.send(TEMPLATE_BODY)
    match outcome:
        case Accepted():
            assert errcode == 0
        case NoAnswer():
            assert errcode == -1
        case Refused():
            assert outcome.action is action
            assert "rid: 1-2" in outcome.detail
        case _:
            raise AssertionError(outcome)
    repeated = 2 if action is SendAction.REFRESH_TOKEN else 1
    assert len(platform.calls(TEMPLATE)) == repeated


@pytest.mark.parametrize(
    ("errcode", "no_right"),
    [(48001, True), (40037, True), (40200, True), (40164, False), (48004, False), (45009, False)],
)
async def test_a_right_that_is_missing_shuts_one_way_and_not_the_account(
    online: OfficialChannel, platform: Any, errcode: int, no_right: bool
) -> None:
    platform.on(TEMPLATE, error(errcode))
    outcome = await online.send(TEMPLATE_BODY)
    assert isinstance(outcome, Refused)
    assert outcome.no_right is no_right


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"template_list": [{"template_id": "tpl-1"}]}, ""),
        ({"template_list": []}, "tpl-1"),
        (error(48001), "48001"),
        ((502, "<html>"), "502"),
        ((200, ""), "empty body"),
    ],
    ids=["there", "not ours", "no right", "502", "empty"],
)
async def test_what_keeps_templates_from_leaving_is_said(
    online: OfficialChannel, platform: Any, answer: Any, problem: str
) -> None:
    platform.on("/cgi-bin/template/get_all_private_template", answer)
    said = await online.check_template()
    assert problem in said
    assert bool(said) is bool(problem)


async def test_the_stable_token_is_asked_for_once_and_gently(
    online: OfficialChannel, platform: Any
) -> None:
    platform.on(CUSTOM, OK)
    await asyncio.gather(*(online.send(TEXT_BODY) for _ in range(20)))
    (asked,) = platform.calls(TOKEN_PATH)
    assert asked.json == {
        "grant_type": "client_credential",
        "appid": "wx5823bf96d3bd56c7",
        "secret": "the-app-secret",
        "force_refresh": False,
    }


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_stale_token_is_refreshed_once_and_the_same_body_sent_again(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    platform.on(CUSTOM, error(errcode), OK)
    platform.on(TOKEN_PATH, token("OLD"), token("NEW"))
    assert await online.send(TEXT_BODY) == Accepted(platform_id="")
    calls = platform.calls(CUSTOM)
    assert [asked.query["access_token"] for asked in calls] == ["OLD", "NEW"]
    assert calls[0].body == calls[1].body


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_that_stays_stale_stops_after_one_refresh(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    platform.on(CUSTOM, error(errcode))
    assert await online.send(TEXT_BODY) == refused(errcode, SendAction.REFRESH_TOKEN)
    assert (len(platform.calls(CUSTOM)), len(platform.calls(TOKEN_PATH))) == (2, 2)


@pytest.mark.parametrize("errcode", [40001, 40013, 40125, 40164, 40243])
async def test_a_refused_secret_is_tried_once_for_everybody(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    platform.on(TOKEN_PATH, error(errcode))
    outcomes = await asyncio.gather(*(online.send(TEXT_BODY) for _ in range(20)))
    assert {type(outcome) for outcome in outcomes} == {Refused}
    assert len(platform.calls(TOKEN_PATH)) == 1


@pytest.mark.parametrize("errcode", [-1, 45011])
async def test_a_busy_token_service_is_asked_again_later(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    platform.on(TOKEN_PATH, error(errcode))
    assert isinstance(await online.send(TEXT_BODY), NotSent)
    assert isinstance(await online.send(TEXT_BODY), NotSent)
    assert len(platform.calls(TOKEN_PATH)) == 2


# --- who is this ------------------------------------------------------------------------------


async def test_a_visitor_is_known_by_the_code(online: OfficialChannel, platform: Any) -> None:
    platform.on(WHO, {"access_token": "user", "openid": "oA", "scope": "snsapi_base"})
    assert await online.identify("CODE-1") == "oA"
    (asked,) = platform.calls(WHO)
    assert asked.query == {
        "appid": "wx5823bf96d3bd56c7",
        "secret": "the-app-secret",
        "code": "CODE-1",
        "grant_type": "authorization_code",
    }
    assert platform.calls(TOKEN_PATH) == []


async def test_the_made_up_id_of_a_snapshot_page_is_nobody(
    online: OfficialChannel, platform: Any
) -> None:
    platform.on(WHO, {"access_token": "user", "openid": "fake", "is_snapshotuser": 1})
    assert await online.identify("CODE-1") is None


@pytest.mark.parametrize("errcode", [40029, 40163, 42003])
async def test_a_used_code_asks_for_another(
    online: OfficialChannel, platform: Any, errcode: int
) -> None:
    platform.on(WHO, error(errcode))
    with pytest.raises(CodeRejectedError):
        await online.identify("CODE-1")


@pytest.mark.parametrize(
    "answer",
    [error(40125), error(-1), (502, ""), (404, ""), (200, ""), (200, "{}"), "reset"],
    ids=["40125", "-1", "502", "404", "empty", "no openid", "reset"],
)
async def test_a_platform_that_cannot_tell_is_no_stranger(
    online: OfficialChannel, platform: Any, answer: Any
) -> None:
    platform.on(WHO, answer)
    with pytest.raises(PlatformSilentError):
        await online.identify("CODE-1")


async def test_a_platform_that_hangs_is_no_stranger_and_no_template(
    impatient: OfficialChannel, platform: Any
) -> None:
    platform.on(WHO, "hang")
    platform.on("/cgi-bin/template/get_all_private_template", "hang")
    with pytest.raises(PlatformSilentError):
        await impatient.identify("CODE-1")
    assert "Timeout" in await impatient.check_template()


async def test_no_secret_reaches_an_outcome_or_an_exception(
    online: OfficialChannel, platform: Any, make_account: Any
) -> None:
    platform.on(CUSTOM, {"errcode": 45009, "errmsg": "TOKEN-1 the-app-secret"})
    platform.on(WHO, {"errcode": 45009, "errmsg": "CODE-1 the-app-secret"})
    with pytest.raises(PlatformSilentError) as raised:
        await online.identify("CODE-1")
    seen = f"{await online.send(TEXT_BODY)!r} {raised.value!r} {make_account('http://x')!r}"
    for secret in ("TOKEN-1", "the-app-secret", "CODE-1", "officialToken", "abcdefghijkl"):
        assert secret not in seen


# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"appid": ""}, "LIANBOT_OFFICIAL_APPID"),
        ({"secret": ""}, "LIANBOT_OFFICIAL_SECRET"),
        ({"token": ""}, "LIANBOT_OFFICIAL_TOKEN"),
        ({"aes_key": "short"}, "LIANBOT_OFFICIAL_AES_KEY"),
        ({"aes_key": "", "mode": "safe"}, "LIANBOT_OFFICIAL_AES_KEY"),
    ],
)
async def test_a_wrong_setting_is_named(
    session: Any,
    shelf: Any,
    clock: Any,
    make_account: Any,
    changes: dict[str, Any],
    setting: str,
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        account = make_account("http://x", **changes)
        OfficialChannel(account, session=session, shelf=shelf, clock=clock)
    assert raised.value.place == setting


@pytest.mark.parametrize(
    ("api_base", "start"),
    [
        ("https://api.weixin.qq.com", "https://open.weixin.qq.com"),
        ("http://127.0.0.1:9/official", "http://127.0.0.1:9/official"),
    ],
)
async def test_oauth_starts_where_the_platform_is(
    session: Any, shelf: Any, clock: Any, make_account: Any, api_base: str, start: str
) -> None:
    account = make_account(api_base)
    channel = OfficialChannel(account, session=session, shelf=shelf, clock=clock)
    url = urlsplit(channel.authorize_url("https://lianbot.example/m/in?a=b", "abc"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{start}/connect/oauth2/authorize"
    assert url.fragment == "wechat_redirect"
    assert list(parse_qs(url.query).items()) == [
        ("appid", ["wx5823bf96d3bd56c7"]),
        ("redirect_uri", ["https://lianbot.example/m/in?a=b"]),
        ("response_type", ["code"]),
        ("scope", ["snsapi_base"]),
        ("state", ["abc"]),
    ]


def test_a_state_that_wechat_refuses_is_refused_here(channel: OfficialChannel) -> None:
    with pytest.raises(InvalidInputError):
        channel.authorize_url("https://x", "a-b")


async def test_a_channel_opens_and_closes_its_own_session(
    shelf: Any, clock: Any, platform: Any, make_account: Any
) -> None:
    platform.on(CUSTOM, OK)
    async with open_official(make_account(platform.base), shelf=shelf, clock=clock) as channel:
        assert await channel.send(TEXT_BODY) == Accepted(platform_id="")
    with pytest.raises(RuntimeError, match="closed"):
        await channel.send(json.dumps({"touser": "x"}).encode())
