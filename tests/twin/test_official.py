"""Official Account: tokens, windows, templates, menu, QR codes, rights by account type."""

from __future__ import annotations

from typing import Any

import pytest

from lianbot.twin import Twin
from lianbot.twin.accounts import AccountKind

CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
DAY = 86_400


def custom(text: str = "好", touser: str = "oWang") -> dict[str, Any]:
    return {"touser": touser, "msgtype": "text", "text": {"content": text}}


def lesson(thing: str = "验收要两个人", time: str = "2026年12月1日 14:07") -> dict[str, Any]:
    data = {"thing1": {"value": thing}, "time2": {"value": time}}
    return {"touser": "oWang", "template_id": "lesson", "url": "http://127.0.0.1/", "data": data}


# tokens ----------------------------------------------------------------------------------


@pytest.fixture
def secret(twin: Twin) -> dict[str, str]:
    account = twin.world.official
    grant = {"grant_type": "client_credential"}
    return {**grant, "appid": account.appid, "secret": account.secret}


async def test_a_new_token_leaves_the_old_one_five_minutes(
    twin: Twin, official: Any, secret: dict[str, str]
) -> None:
    old = (await official.get("/cgi-bin/token", **secret))["access_token"]
    await official.get("/cgi-bin/token", **secret)
    assert "ip_list" in await official.get("/cgi-bin/getcallbackip", access_token=old)
    twin.clock.move(301)
    refused = await official.get("/cgi-bin/getcallbackip", access_token=old)
    assert (refused["errcode"], "rid: " in refused["errmsg"]) == (42001, True)


async def test_the_stable_token_stays_until_its_last_five_minutes(
    twin: Twin, official: Any, secret: dict[str, str]
) -> None:
    first = await official.post("/cgi-bin/stable_token", secret)
    twin.clock.move(6800)
    same = await official.post("/cgi-bin/stable_token", secret)
    twin.clock.move(101)
    other = await official.post("/cgi-bin/stable_token", secret)
    assert first["access_token"] == same["access_token"] != other["access_token"]
    old = await official.get("/cgi-bin/getcallbackip", access_token=first["access_token"])
    assert "ip_list" in old


async def test_a_forced_refresh_kills_the_former_and_needs_half_a_minute(
    twin: Twin, official: Any, secret: dict[str, str]
) -> None:
    first = await official.post("/cgi-bin/stable_token", secret)
    forced = {**secret, "force_refresh": True}
    codes = [(await official.post("/cgi-bin/stable_token", forced)).get("errcode", 0)]
    codes.append((await official.post("/cgi-bin/stable_token", forced)).get("errcode", 0))
    assert codes == [0, 45011]
    dead = await official.get("/cgi-bin/getcallbackip", access_token=first["access_token"])
    assert dead["errcode"] == 42001


async def test_plain_and_stable_tokens_do_not_disturb_each_other(
    official: Any, secret: dict[str, str]
) -> None:
    stable = (await official.post("/cgi-bin/stable_token", secret))["access_token"]
    for _ in range(3):
        await official.get("/cgi-bin/token", **secret)
    assert "ip_list" in await official.get("/cgi-bin/getcallbackip", access_token=stable)


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"secret": "wrong"}, 40125),
        ({"appid": "wrong"}, 40013),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "x"}, 40002),
    ],
)
async def test_wrong_credentials_have_their_code(
    official: Any, secret: dict[str, str], changed: dict[str, str], errcode: int
) -> None:
    asked = {**secret, **changed}
    assert (await official.get("/cgi-bin/token", **asked))["errcode"] == errcode
    assert (await official.post("/cgi-bin/stable_token", asked))["errcode"] == errcode


async def test_an_address_off_the_list_gets_no_token(
    twin: Twin, official: Any, secret: dict[str, str]
) -> None:
    twin.world.official.trusted_ips = []
    assert (await official.post("/cgi-bin/stable_token", secret))["errcode"] == 40164


@pytest.mark.parametrize(("size", "errcode"), [(136, 40001), (30, 40014)])
async def test_a_superseded_and_a_foreign_token_differ(
    official: Any, size: int, errcode: int
) -> None:
    refused = await official.get("/cgi-bin/getcallbackip", access_token="x" * size)
    assert refused["errcode"] == errcode


async def test_the_daily_quota_of_tokens_ends_and_can_be_cleared_ten_times(
    twin: Twin, official: Any, secret: dict[str, str]
) -> None:
    answers = [await official.get("/cgi-bin/token", **secret) for _ in range(2001)]
    assert answers[-1]["errcode"] == 45009
    cleared = [
        (await official.post("/cgi-bin/clear_quota", {"appid": secret["appid"]}))["errcode"]
        for _ in range(11)
    ]
    assert cleared == [0] * 10 + [48006]
    assert "access_token" in await official.get("/cgi-bin/token", **secret)


# windows ---------------------------------------------------------------------------------


async def test_without_an_act_of_the_person_nothing_may_be_sent(official: Any) -> None:
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015


async def test_a_message_allows_five_for_two_days(twin: Twin, bot: Any, official: Any) -> None:
    await twin.type_text("Wang", "好", "official")
    codes = [(await official.post(CUSTOM, custom()))["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45047]


async def test_after_two_days_the_window_is_closed(twin: Twin, bot: Any, official: Any) -> None:
    await twin.type_text("Wang", "好", "official")
    twin.clock.move(2 * DAY + 1)
    official.token = twin.world.stable_tokens.issue(twin.clock.now())
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015


@pytest.mark.parametrize("act", ["menu", "scan", "msgmenu"])
async def test_lighter_acts_allow_three_for_a_minute(
    twin: Twin, bot: Any, official: Any, act: str
) -> None:
    if act == "menu":
        await twin.click_menu("Wang", "ASK", "official")
    elif act == "scan":
        await twin.subscribe("Wang", "42")
    else:
        await twin.type_text("Wang", "是我", "official", menu_id="1")
    codes = [(await official.post(CUSTOM, custom()))["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 45047]
    twin.clock.move(61)
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015


async def test_a_tapped_menu_message_carries_its_item(twin: Twin, bot: Any) -> None:
    await twin.type_text("Wang", "是我", "official", menu_id="101")
    assert (bot.got[0]["Content"], bot.got[0]["bizmsgmenuid"]) == ("是我", "101")


async def test_a_msgmenu_tap_counts_as_a_message_by_switch(
    twin: Twin, bot: Any, official: Any
) -> None:
    twin.world.switches.msgmenu_tap = "message"
    await twin.type_text("Wang", "是我", "official", menu_id="1")
    assert [(await official.post(CUSTOM, custom()))["errcode"] for _ in range(5)] == [0] * 5


async def test_a_view_menu_opens_no_window(twin: Twin, bot: Any, official: Any) -> None:
    await twin.view_menu("Wang", "http://127.0.0.1/", "official")
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015


@pytest.mark.parametrize(("reading", "sent"), [("add", 8), ("replace", 3)])
async def test_a_second_act_adds_or_replaces_by_switch(
    twin: Twin, bot: Any, official: Any, reading: str, sent: int
) -> None:
    twin.world.switches.window_grants = reading
    await twin.type_text("Wang", "好", "official")
    await twin.click_menu("Wang", "ASK", "official")
    codes = [(await official.post(CUSTOM, custom()))["errcode"] for _ in range(9)]
    assert codes.count(0) == sent


async def test_the_grant_that_ends_first_is_spent_first(
    twin: Twin, bot: Any, official: Any
) -> None:
    await twin.type_text("Wang", "好", "official")
    await twin.click_menu("Wang", "ASK", "official")
    for _ in range(3):
        await official.post(CUSTOM, custom())
    twin.clock.move(61)
    codes = [(await official.post(CUSTOM, custom()))["errcode"] for _ in range(6)]
    assert codes == [0] * 5 + [45047]


async def test_unsubscribing_closes_every_window(twin: Twin, bot: Any, official: Any) -> None:
    await twin.type_text("Wang", "好", "official")
    await twin.unsubscribe("Wang")
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015
    assert (await official.post(TEMPLATE, lesson()))["errcode"] == 43004


async def test_who_left_without_a_word_is_45015_in_spite_of_an_open_window(
    twin: Twin, bot: Any, official: Any
) -> None:
    await twin.type_text("Wang", "好", "official")
    twin.phone("Wang").followed = False
    assert (await official.post(CUSTOM, custom()))["errcode"] == 45015


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (custom(touser="stranger"), 40003),
        ({**custom(), "msgtype": "poem"}, 40008),
        (custom(text=""), 44004),
        (custom(text="字" * 700), 45002),
        ({"touser": "oWang", "msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
        ({"touser": "oWang", "msgtype": "news", "news": {"articles": []}}, 44003),
        ({"touser": "oWang", "msgtype": "image", "image": {"media_id": "x"}}, 40007),
        (b"not json", 47001),
        (b'{"touser": "oWang", "msgtype": "text", "text": {"content": "\\u4f60"}}', 40033),
    ],
)
async def test_a_wrong_custom_message_has_its_code(official: Any, body: Any, errcode: int) -> None:
    assert (await official.post(CUSTOM, body))["errcode"] == errcode


@pytest.mark.parametrize(("items", "errcode"), [(10, 0), (11, 45098), (0, 40035)])
async def test_a_menu_message_has_a_limit(
    twin: Twin, bot: Any, official: Any, items: int, errcode: int
) -> None:
    await twin.type_text("Wang", "好", "official")
    entries = [{"id": str(i + 1), "content": f"第{i}项"} for i in range(items)]
    menu = {"head_content": "您是？", "list": entries, "tail_content": ""}
    body = {"touser": "oWang", "msgtype": "msgmenu", "msgmenu": menu}
    assert (await official.post(CUSTOM, body))["errcode"] == errcode


async def test_who_refuses_messages_is_48002(twin: Twin, official: Any) -> None:
    twin.phone("Wang").messages_off = True
    assert (await official.post(CUSTOM, custom()))["errcode"] == 48002


# templates -------------------------------------------------------------------------------


async def test_a_template_is_shown_and_its_result_comes_later(
    twin: Twin, bot: Any, official: Any
) -> None:
    sent = await official.post(TEMPLATE, lesson())
    await twin.wait_received("Wang", 1)
    for task in list(twin._later):
        await task
    got = bot.got[0]
    assert (got["Event"], got["MsgID"], got["Status"]) == (
        "TEMPLATESENDJOBFINISH",
        str(sent["msgid"]),
        "success",
    )
    rows = twin.received("Wang")[0].content["rows"]
    assert rows[0] == {"label": "课程", "value": "验收要两个人"}


@pytest.mark.parametrize(("minutes", "shown"), [(9, 1), (11, 2)])
async def test_client_msg_id_works_for_ten_minutes(
    twin: Twin, official: Any, minutes: int, shown: int
) -> None:
    body = {**lesson(), "client_msg_id": "d-1"}
    first = await official.post(TEMPLATE, body)
    twin.clock.move(minutes * 60)
    second = await official.post(TEMPLATE, body)
    assert len(twin.received("Wang")) == shown
    assert (first["msgid"] == second["msgid"]) == (shown == 1)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("thing1", "字" * 20, "字" * 21),
        ("short_thing1", "字" * 10, "字" * 11),
        ("const1", "字" * 20, "字" * 21),
        ("number1", "3.5", "三"),
        ("letter1", "ABC", "字"),
        ("symbol1", "!!", "字"),
        ("character_string1", "A-12/b", "楼12"),
        ("time2", "2026年12月1日 14:07", "明天"),
        ("date1", "2026-12-01", "14:07"),
        ("amount1", "¥12.50元", "很多"),
        ("phone_number1", "+86 138-0000-0000", "一二三"),
        ("car_number1", "粤A12345", "粤A1234567"),
        ("name1", "王芳", "王芳芳芳芳芳芳芳芳芳芳"),
        ("phrase1", "已确认", "已经确认过了"),
    ],
)
async def test_each_field_type_takes_what_fits_and_names_what_does_not(
    twin: Twin, official: Any, field: str, good: str, bad: str
) -> None:
    twin.world.official.templates["one"] = f"标题\n内容：{{{{{field}.DATA}}}}"
    body = {"touser": "oWang", "template_id": "one"}
    right = await official.post(TEMPLATE, {**body, "data": {field: {"value": good}}})
    wrong = await official.post(TEMPLATE, {**body, "data": {field: {"value": bad}}})
    assert (right["errcode"], wrong["errcode"]) == (0, 47003)
    assert field in wrong["errmsg"]


async def test_first_and_remark_are_dropped_without_a_word(twin: Twin, official: Any) -> None:
    twin.world.official.templates["old"] = "{{first.DATA}}\n课程：{{thing1.DATA}}\n{{remark.DATA}}"
    data = {"first": {"value": "看这里"}, "thing1": {"value": "课"}, "remark": {"value": "完"}}
    await official.post(TEMPLATE, {**lesson(), "template_id": "old", "data": data})
    assert twin.received("Wang")[0].content["rows"] == [{"label": "课程", "value": "课"}]


async def test_a_line_break_cuts_the_value(twin: Twin, official: Any) -> None:
    await official.post(TEMPLATE, lesson(thing="第一行\n第二行"))
    assert twin.received("Wang")[0].content["rows"][0]["value"] == "第一行"


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"template_id": "gone"}, 40037),
        ({"touser": "stranger"}, 40003),
        ({"touser": "oli"}, 43004),
        ({"data": {}}, 47003),
    ],
)
async def test_a_wrong_template_message_has_its_code(
    official: Any, changed: dict[str, Any], errcode: int
) -> None:
    assert (await official.post(TEMPLATE, {**lesson(), **changed}))["errcode"] == errcode


@pytest.mark.parametrize(("reading", "errcode"), [("errcode", 43101), ("event", 0)])
async def test_who_refuses_templates_is_told_at_once_or_by_event(
    twin: Twin, official: Any, reading: str, errcode: int
) -> None:
    twin.world.switches.template_block = reading
    twin.phone("Wang").template_off = True
    assert (await official.post(TEMPLATE, lesson()))["errcode"] == errcode
    assert twin.received("Wang") == []


async def test_a_failed_result_shows_nothing_on_the_phone(
    twin: Twin, bot: Any, official: Any
) -> None:
    twin.phone("Wang").template_result = "failed: system failed"
    await official.post(TEMPLATE, lesson())
    for task in list(twin._later):
        await task
    assert (bot.got[0]["Status"], twin.received("Wang")) == ("failed: system failed", [])


# menu, QR, users, rights -------------------------------------------------------------------


def entry(name: str = "问", **more: Any) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": "K", **more}


async def test_a_menu_comes_back_and_goes(official: Any) -> None:
    menu = {"button": [entry(), {"name": "学", "sub_button": [entry("一课")]}]}
    assert (await official.post("/cgi-bin/menu/create", menu))["errcode"] == 0
    assert (await official.get("/cgi-bin/menu/get"))["menu"]["button"][0]["key"] == "K"
    await official.get("/cgi-bin/menu/delete")
    assert (await official.get("/cgi-bin/menu/get"))["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([entry()] * 4, 40016),
        ([entry("五个汉字名")], 40018),
        ([entry(type="poem")], 40017),
        ([entry(key="")], 40019),
        ([entry(type="view")], 40020),
        ([{"name": "学", "sub_button": [entry()] * 6}], 40023),
        ([{"name": "学", "sub_button": [entry("九个汉字的名字太长")]}], 40025),
        ([{"name": "学", "sub_button": [entry(type="x")]}], 40024),
        ([{"name": "学", "sub_button": [entry(key="k" * 129)]}], 40026),
        ([{"name": "学", "sub_button": [entry(type="view", url="u" * 1025)]}], 40027),
    ],
)
async def test_a_wrong_menu_has_its_code(
    official: Any, buttons: list[dict[str, Any]], errcode: int
) -> None:
    answer = await official.post("/cgi-bin/menu/create", {"button": buttons})
    assert answer["errcode"] == errcode


async def test_a_scanned_code_brings_scene_and_ticket(twin: Twin, bot: Any, official: Any) -> None:
    info = {"scene": {"scene_str": "team-7"}}
    body = {"action_name": "QR_STR_SCENE", "expire_seconds": 600, "action_info": info}
    ticket = (await official.post("/cgi-bin/qrcode/create", body))["ticket"]
    await twin.unsubscribe("Wang")
    await twin.subscribe("Wang", ticket=ticket)
    await twin.subscribe("Wang", ticket=ticket)
    events = [(each["Event"], each.get("EventKey")) for each in bot.got]
    assert events == [("unsubscribe", None), ("subscribe", "qrscene_team-7"), ("SCAN", "team-7")]


@pytest.mark.parametrize(
    "body",
    [
        {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}},
        {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}},
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}},
        {
            "action_name": "QR_STR_SCENE",
            "expire_seconds": 2_592_001,
            "action_info": {"scene": {"scene_str": "x"}},
        },
        {"action_name": "QR_POEM"},
    ],
)
async def test_a_wrong_code_is_refused(official: Any, body: dict[str, Any]) -> None:
    assert (await official.post("/cgi-bin/qrcode/create", body))["errcode"] == 40035


async def test_who_does_not_follow_is_told_by_subscribe_0_alone(official: Any) -> None:
    answer = await official.get("/cgi-bin/user/info", openid="oli")
    assert answer == {"subscribe": 0, "openid": "oli"}


async def test_a_follower_has_neither_nickname_nor_picture(official: Any) -> None:
    answer = await official.get("/cgi-bin/user/info", openid="oWang")
    assert (answer["subscribe"], {"nickname", "headimgurl", "unionid"} & answer.keys()) == (
        1,
        set(),
    )


@pytest.mark.parametrize(
    ("kind", "errcodes"),
    [
        (AccountKind.SERVICE_VERIFIED, (45015, 0)),
        (AccountKind.SUBSCRIPTION_VERIFIED, (45015, 48001)),
        (AccountKind.SERVICE_UNVERIFIED, (48001, 48001)),
        (AccountKind.SUBSCRIPTION_UNVERIFIED, (48001, 48001)),
    ],
)
async def test_rights_depend_on_the_account_type(
    twin: Twin, official: Any, kind: AccountKind, errcodes: tuple[int, int]
) -> None:
    twin.world.official.kind = kind
    answers = await official.post(CUSTOM, custom()), await official.post(TEMPLATE, lesson())
    assert tuple(each["errcode"] for each in answers) == errcodes


async def test_a_subscription_account_has_no_menu_message(
    twin: Twin, bot: Any, official: Any
) -> None:
    twin.world.official.kind = AccountKind.SUBSCRIPTION_VERIFIED
    await twin.type_text("Wang", "好", "official")
    menu = {"head_content": "?", "list": [{"id": "1", "content": "是"}]}
    body = {"touser": "oWang", "msgtype": "msgmenu", "msgmenu": menu}
    assert (await official.post(CUSTOM, body))["errcode"] == 40200
