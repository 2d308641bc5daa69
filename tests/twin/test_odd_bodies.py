"""Odd bodies get an errcode or a 4xx, never a 5xx: a stand-in that breaks proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lianbot.twin import Twin

ODD: list[Any] = [None, True, 0, -1, 10**20, 1.5, "", "a", [], [1], ["a"], [{}], [[{}]], {}]
ODD += [{"a": 1}, {"type": 1}, {"type": []}, {"url": 3}, {"content": 3}, {"title": 3}]
ODD += [{"title": "x"}, {"list": 3}, {"list": [1]}, {"list": [{"id": 1, "content": 1}]}]
ODD += [{"articles": 3}, {"articles": [1]}, {"articles": [{"title": 3}]}, {"media_id": []}]
ODD += [{"option_list": 3}, {"option_list": [1]}, {"action_list": [3]}, {"replace_name": []}]
ODD += [{"scene": 3}, {"scene": {"scene_str": []}}, {"thing1": 3}, {"thing1": {"value": []}}]
ODD += [[{"name": "a", "sub_button": 3}], [{"name": "a", "sub_button": [1]}]]
ODD += [[{"name": "a", "sub_button": {"list": 3}}], [{"name": "a", "type": []}]]
ODD += [[{"text": "a", "type": []}], [{"text": "a", "key": []}], {"card_type": []}]

KINDS = ["text", "textcard", "news", "markdown", "image", "voice", "video", "msgmenu"]
CARD_KINDS = ["button_interaction", "vote_interaction", "text_notice", "multiple_interaction"]
CARD_FIELDS = (
    "card_type task_id main_title button_list checkbox card_action jump_list action_menu"
    " select_list sub_title_text submit_button source horizontal_content_list"
)

WHOLE: dict[str, dict[str, Any]] = {
    "wecom /cgi-bin/message/send": {
        "touser": "wang",
        "toparty": "",
        "totag": "",
        "agentid": 1000002,
        "msgtype": "text",
        "text": {"content": "a"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 60,
    },
    "wecom /cgi-bin/message/recall": {"msgid": "x"},
    "wecom /cgi-bin/message/update_template_card": {
        "userids": ["wang"],
        "atall": 0,
        "agentid": 1000002,
        "response_code": "x",
        "button": {"replace_name": "x"},
        "template_card": {},
    },
    "wecom /cgi-bin/menu/create": {"button": []},
    "official /cgi-bin/menu/create": {"button": []},
    "official /cgi-bin/message/custom/send": {
        "touser": "oWang",
        "msgtype": "text",
        "text": {"content": "a"},
    },
    "official /cgi-bin/message/custom/typing": {"touser": "oWang", "command": "Typing"},
    "official /cgi-bin/message/template/send": {
        "touser": "oWang",
        "template_id": "lesson",
        "data": {"thing1": {"value": "a"}, "time2": {"value": "14:07"}},
        "url": "",
        "miniprogram": None,
        "client_msg_id": "",
    },
    "official /cgi-bin/qrcode/create": {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 60,
        "action_info": {"scene": {"scene_str": "a"}},
    },
    "official /cgi-bin/stable_token": {
        "grant_type": "client_credential",
        "appid": "wx0123456789abcdef",
        "secret": "x",
        "force_refresh": False,
    },
    "official /cgi-bin/clear_quota": {"appid": "x"},
    "official /cgi-bin/openapi/quota/get": {"cgi_path": "/x"},
    "official /cgi-bin/callback/check": {"action": "all"},
}


@pytest.fixture
def answered(twin: Twin, bot: Any, wecom: Any, official: Any) -> Any:
    """Ask one platform call and say what went wrong, if anything."""

    async def ask(call: str, body: Any) -> None:
        platform, path = call.split()
        api = wecom if platform == "wecom" else official
        params = {"access_token": api.token, "agentid": "1000002"}
        twin.phone("Wang").sent_at.clear()
        async with api.session.post(api.base + path, params=params, json=body) as got:
            assert got.status == 200, body

    return ask


@pytest.mark.parametrize("call", sorted(WHOLE))
async def test_any_value_in_any_field_is_answered(answered: Any, call: str) -> None:
    for name in WHOLE[call]:
        for value in ODD:
            await answered(call, {**WHOLE[call], name: value})


@pytest.mark.parametrize("kind", KINDS)
async def test_any_content_of_any_kind_is_answered(answered: Any, kind: str) -> None:
    for value in ODD:
        body = {"msgtype": kind, kind: value}
        wecom = "wecom /cgi-bin/message/send"
        await answered(wecom, {"touser": "wang", "agentid": 1000002, **body})
        await answered("official /cgi-bin/message/custom/send", {"touser": "oWang", **body})


@pytest.mark.parametrize("kind", CARD_KINDS)
async def test_any_card_is_answered_and_can_be_read_afterwards(
    answered: Any, card: Any, people: Any, kind: str
) -> None:
    options = [{"id": "a", "text": "b"}]
    good = {"checkbox": {"option_list": options}, "card_action": {"type": 1, "url": "http://a"}}
    for name in CARD_FIELDS.split():
        for i, value in enumerate(ODD):
            body = card(f"{name}-{i}", card_type=kind, **good)
            body["template_card"][name] = value
            await answered("wecom /cgi-bin/message/send", body)
    for path in ("/export", "/wall", "/phones/Wang", "/phones/Wang/live", "/state"):
        assert (await people("GET", path))[0] == 200


FIELDS = {
    "PUT /accounts": ("wecom", "official", "switches"),
    "POST /verify": ("channel",),
    "POST /people": ("people",),
    "PATCH /people": ("people",),
    "PATCH /phones/Wang": ("name", "client", "followed", "reason"),
    "POST /phones/Wang/text": ("text", "channel", "menu_id"),
    "POST /phones/Wang/send": ("kind", "fields", "channel"),
    "POST /phones/Wang/tap": ("message", "key", "selected", "menu"),
    "POST /phones/Wang/menu": ("key", "url", "channel"),
    "POST /phones/Wang/subscribe": ("scene", "ticket"),
    "POST /phones/Wang/event": ("event", "fields", "channel"),
    "POST /phones/Wang/open": ("url", "method", "form", "json", "headers", "channel"),
    "POST /faults": ("kind", "path", "faults", "seed", "probability", "every"),
    "POST /clock": ("jump", "seconds", "offset"),
    "PUT /banner": ("figures", "tour", "title", "note"),
    "PUT /state": ("format", "accounts", "phones", "media", "tokens", "marks", "cards"),
}


@pytest.mark.parametrize("call", sorted(FIELDS))
async def test_any_body_of_the_peoples_api_is_answered(
    twin: Twin, bot: Any, wecom: Any, card: Any, people: Any, call: str
) -> None:
    method, path = call.split()
    await wecom.post("/cgi-bin/message/send", card())
    number = twin.received("Wang")[0].id
    whole = {"kind": "5xx", "text": "a", "url": "http://127.0.0.1:1/", "format": 1}
    for name in FIELDS[call]:
        for value in [*ODD, {"Wang": 1}, {"q": "a"}]:
            for more in ({}, {**whole, "message": number, "key": "ok"}):
                status, body = await people(method, path, {**more, name: value})
                # 502: the page behind /open did not answer.
                assert status < 500 or status == 502, (name, value, body)
                twin.faults.clear()
