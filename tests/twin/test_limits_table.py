"""Every limit of both platforms in one table: the source mark, what is done, and what the platform answers."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from lianbot.twin import Twin

AMR = b"#!AMR\n" + b"\x04" * 60
JPG = b"\xff\xd8\xff" + b"\x00" * 60
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
BUTTONS = [{"text": "看懂了", "key": "ok"}, {"text": "没看懂", "key": "no"}]


@dataclass
class Bench:
    """The twin, one client of each platform, and the calls that rows of the table are made of."""

    twin: Twin
    bot: Any
    wecom: Any
    official: Any

    @property
    def switches(self) -> Any:
        return self.twin.world.switches

    async def send(self, kind: str = "text", part: Any = None, **more: Any) -> Any:
        """message/send of WeCom; a dict of the answer."""
        body = {"touser": "wang", "msgtype": kind, "agentid": 1000002}
        body[kind] = {"content": "你好"} if part is None else part
        return await self.wecom.post("/cgi-bin/message/send", {**body, **more})

    async def card(self, task: str = "t1", **more: Any) -> Any:
        part = {
            "card_type": "button_interaction",
            "task_id": task,
            "main_title": {"title": "验收"},
            "button_list": BUTTONS,
        }
        return await self.send("template_card", {**part, **more})

    async def custom(self, kind: str = "text", part: Any = None, to: str = "oWang") -> Any:
        body = {"touser": to, "msgtype": kind, kind: {"content": "好"} if part is None else part}
        return await self.official.post("/cgi-bin/message/custom/send", body)

    async def template(self, to: str = "oWang", thing: str = "验收", **more: Any) -> Any:
        data = {"thing1": {"value": thing}, "time2": {"value": "14:07"}}
        body = {"touser": to, "template_id": "lesson", "data": data, **more}
        return await self.official.post("/cgi-bin/message/template/send", body)

    async def mass(self, **more: Any) -> Any:
        body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "课"}}
        return await self.official.post("/cgi-bin/message/mass/sendall", {**body, **more})

    async def upload(self, api: Any, kind: str, data: bytes, name: str = "a.bin") -> Any:
        form = aiohttp.FormData()
        form.add_field("media", io.BytesIO(data), filename=name)
        query = {"access_token": api.token, "type": kind}
        url = api.base + "/cgi-bin/media/upload"
        async with api.session.post(url, params=query, data=form) as got:
            return await got.json(content_type=None)

    async def many(self, times: int, act: Callable[[], Awaitable[Any]]) -> Any:
        """The answer of the last of so many."""
        answer: Any = None
        for _ in range(times):
            answer = await act()
        return answer


@pytest.fixture
def bench(twin: Twin, bot: Any, wecom: Any, official: Any) -> Bench:
    return Bench(twin, bot, wecom, official)


async def tag_of(b: Bench) -> int:
    made = await b.official.post("/cgi-bin/tags/create", {"tag": {"name": "东区"}})
    number: int = made["tag"]["id"]
    return number


# --- WeCom ----------------------------------------------------------------------------------------


async def wecom_token_lasts(b: Bench) -> Any:
    b.twin.clock.move(7201)
    return await b.send()


async def wecom_token_in_the_body(b: Bench) -> Any:
    b.wecom.token = ""
    return await b.send()


async def wecom_foreign_address(b: Bench) -> Any:
    b.twin.world.wecom.trusted_ips = ["192.0.2.1"]
    return await b.send()


async def wecom_many_wrong_secrets(b: Bench) -> Any:
    async def wrong() -> Any:
        corp = b.twin.world.wecom.corp_id
        return await b.wecom.get("/cgi-bin/gettoken", corpid=corp, corpsecret="x")

    b.switches.wrong_secret_ban_after = 3
    return await b.many(4, wrong)


async def wecom_1001_users(b: Bench) -> Any:
    return await b.send(touser="|".join(f"u{n}" for n in range(1001)))


async def wecom_parties(b: Bench) -> Any:
    return await b.send(toparty="|".join(str(n) for n in range(101)))


async def wecom_tags(b: Bench) -> Any:
    return await b.send(totag="|".join(str(n) for n in range(101)))


async def wecom_member_a_minute(b: Bench) -> Any:
    await b.many(31, b.send)
    return len(b.twin.received("Wang"))


async def wecom_daily_cap(b: Bench) -> Any:
    b.twin.world.wecom.account_cap = 0
    return await b.send()


async def wecom_base_limit(b: Bench) -> Any:
    b.switches.calls_per_minute = 2
    return await b.many(3, lambda: b.wecom.get("/cgi-bin/agent/get", agentid="1000002"))


async def wecom_partly_invalid(b: Bench) -> Any:
    got = await b.send(touser="Wang|NOBODY|qian")
    return got["errcode"], got["invaliduser"], got["unlicenseduser"]


async def wecom_duplicate(b: Bench) -> Any:
    await b.many(2, lambda: b.send(enable_duplicate_check=1))
    return len(b.twin.received("Wang"))


async def wecom_duplicate_after_4_hours(b: Bench) -> Any:
    how = {"enable_duplicate_check": 1, "duplicate_check_interval": 99_999}
    await b.send(**how)
    b.twin.clock.move(4 * HOUR + 1)
    b.wecom.token = b.twin.world.wecom_tokens.issue(b.twin.clock.now())
    await b.send(**how)
    return len(b.twin.received("Wang"))


async def wecom_text_bytes(b: Bench) -> Any:
    await b.send(part={"content": "课" * 800})
    return len(b.twin.received("Wang")[-1].content["text"]["content"].encode())


async def wecom_articles(b: Bench) -> Any:
    return await b.send(
        "news", {"articles": [{"title": str(n), "url": "http://a/"} for n in range(9)]}
    )


async def wecom_url(b: Bench) -> Any:
    part = {"title": "t", "description": "d", "url": "http://a/" + "x" * 2048}
    return await b.send("textcard", part)


async def wecom_home_page(b: Bench) -> Any:
    b.switches.plain_home_page_only = True
    await b.send(part={"content": "供货商塞了两条烟怎么办"}, touser="li")
    return b.twin.received("li")[-1].content["text"]["content"]


async def wecom_plain_hides_cards(b: Bench) -> Any:
    part = {"card_type": "button_interaction", "task_id": "t2", "main_title": {"title": "x"}}
    await b.send("template_card", {**part, "button_list": BUTTONS}, touser="li")
    phone = b.twin.phone("li")
    return [each.hidden_from(phone.client) for each in phone.received]


async def wecom_seven_buttons(b: Bench) -> Any:
    return await b.card(button_list=[{"text": "x", "key": str(n)} for n in range(7)])


async def wecom_no_callback(b: Bench) -> Any:
    b.twin.world.wecom.callback_url = ""
    return await b.card()


async def wecom_repeated_task(b: Bench) -> Any:
    return await b.many(2, b.card)


async def wecom_notice_without_action(b: Bench) -> Any:
    return await b.send(
        "template_card", {"card_type": "text_notice", "main_title": {"title": "x"}}
    )


async def wecom_update(b: Bench, code: str) -> Any:
    body = {
        "userids": ["wang"],
        "agentid": 1000002,
        "response_code": code,
        "button": {"replace_name": "已确认"},
    }
    return await b.wecom.post("/cgi-bin/message/update_template_card", body)


async def wecom_code_used_twice(b: Bench) -> Any:
    code = (await b.card())["response_code"]
    first = await wecom_update(b, code)
    return first["errcode"], (await wecom_update(b, code))["errcode"]


async def wecom_code_after_72_hours(b: Bench) -> Any:
    code = (await b.card())["response_code"]
    b.twin.clock.move(72 * HOUR + 1)
    b.wecom.token = b.twin.world.wecom_tokens.issue(b.twin.clock.now())
    return await wecom_update(b, code)


async def wecom_recall_late(b: Bench) -> Any:
    msgid = (await b.send())["msgid"]
    b.twin.clock.move(DAY + 1)
    b.wecom.token = b.twin.world.wecom_tokens.issue(b.twin.clock.now())
    return await b.wecom.post("/cgi-bin/message/recall", {"msgid": msgid})


async def wecom_recall_leaves_plain(b: Bench) -> Any:
    msgid = (await b.send(touser="wang|li"))["msgid"]
    await b.wecom.post("/cgi-bin/message/recall", {"msgid": msgid})
    return [b.twin.received(each)[0].recalled for each in ("Wang", "li")]


async def wecom_voice_form(b: Bench) -> Any:
    return await b.upload(b.wecom, "voice", b"ID3" + b"\x00" * 60)


async def wecom_voice_length(b: Bench) -> Any:
    return await b.upload(b.wecom, "voice", b"#!AMR\n" + (b"\x3c" + bytes(31)) * 61 * 50)


async def wecom_voice_shows_its_length(b: Bench) -> Any:
    voice = b"#!AMR\n" + (b"\x3c" + bytes(31)) * 12 * 50
    media = (await b.upload(b.wecom, "voice", voice))["media_id"]
    await b.send("voice", {"media_id": media})
    return b.twin.received("Wang")[-1].content["voice"]["seconds"]


async def wecom_picture_size(b: Bench) -> Any:
    return await b.upload(b.wecom, "image", JPG + b"\x00" * 5 * 1024 * 1024)


async def wecom_media_days(b: Bench) -> Any:
    media = (await b.upload(b.wecom, "voice", AMR))["media_id"]
    b.twin.clock.move(3 * DAY + 1)
    b.wecom.token = b.twin.world.wecom_tokens.issue(b.twin.clock.now())
    return await b.send("voice", {"media_id": media})


async def wecom_wrong_path(b: Bench) -> Any:
    async with b.wecom.session.get(b.wecom.base + "/cgi-bin/nothing") as got:
        return got.status, await got.read()


# --- Official Account -------------------------------------------------------------------------------


async def official_no_window(b: Bench) -> Any:
    return await b.custom()


async def official_five_for_a_message(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    return await b.many(6, b.custom)


async def official_48_hours(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    b.twin.clock.move(48 * HOUR + 1)
    b.official.token = b.twin.world.stable_tokens.issue(b.twin.clock.now())
    return await b.custom()


async def official_three_for_a_click(b: Bench) -> Any:
    await b.twin.click_menu("Wang", "ASK", "official")
    return await b.many(4, b.custom)


async def official_click_a_minute(b: Bench) -> Any:
    await b.twin.click_menu("Wang", "ASK", "official")
    b.twin.clock.move(61)
    return await b.custom()


async def official_menu_message_tap(b: Bench) -> Any:
    await b.twin.type_text("Wang", "懂了", "official", menu_id="1")
    return await b.many(4, b.custom)


async def official_view(b: Bench) -> Any:
    await b.twin.view_menu("Wang", "http://a/", "official")
    return await b.custom()


async def official_window_opens_late(b: Bench) -> Any:
    b.switches.window_opens_after = 5.0
    await b.twin.type_text("Wang", "好", "official")
    early = (await b.custom())["errcode"]
    b.twin.clock.move(6)
    return early, (await b.custom())["errcode"]


async def official_unsubscribed(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    await b.twin.unsubscribe("Wang")
    return (await b.custom())["errcode"], (await b.template())["errcode"]


async def official_refuses(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    b.twin.phone("Wang").messages_off = b.twin.phone("Wang").template_off = True
    return (await b.custom())["errcode"], (await b.template())["errcode"]


async def official_two_articles(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    return await b.custom("news", {"articles": [{"title": "a"}, {"title": "b"}]})


async def official_menu_lines(b: Bench) -> Any:
    await b.twin.type_text("Wang", "好", "official")
    lines = [{"id": str(n), "content": "x"} for n in range(11)]
    return await b.custom("msgmenu", {"head_content": "h", "list": lines})


async def official_long_field(b: Bench) -> Any:
    return await b.template(thing="课" * 21)


async def official_client_msg_id(b: Bench) -> Any:
    await b.many(2, lambda: b.template(client_msg_id="d1"))
    b.twin.clock.move(601)
    await b.template(client_msg_id="d1")
    return len(b.twin.received("Wang", "official"))


async def official_foreign_openid(b: Bench) -> Any:
    return await b.template(to="oNobody")


async def official_stale_token(b: Bench) -> Any:
    b.official.token = b.twin.world.stable_tokens.issue(b.twin.clock.now(), life=1)
    b.twin.clock.move(2)
    return await b.custom()


async def official_superseded_token(b: Bench) -> Any:
    account, path = b.twin.world.official, "/cgi-bin/token"
    ask = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    first = (await b.official.get(path, **ask))["access_token"]
    await b.official.get(path, **ask)
    b.official.token = first
    still = (await b.custom())["errcode"]
    b.twin.clock.move(301)
    return still, (await b.custom())["errcode"]


async def official_tokens_a_day(b: Bench) -> Any:
    b.twin.official_api.quotas.daily["/cgi-bin/token"] = 1
    account = b.twin.world.official
    ask = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    return await b.many(2, lambda: b.official.get("/cgi-bin/token", **ask))


async def official_foreign_address(b: Bench) -> Any:
    account = b.twin.world.official
    account.trusted_ips = ["192.0.2.1"]
    ask = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    return await b.official.get("/cgi-bin/token", **ask)


async def official_rid(b: Bench) -> Any:
    return "rid: " in (await b.custom())["errmsg"]


async def official_subscription_account(b: Bench) -> Any:
    b.twin.world.official.kind = "subscription_verified"
    return (await b.template())["errcode"], (await b.mass())["errcode"]


async def mass_subscription_a_day(b: Bench) -> Any:
    b.twin.world.official.kind = "subscription_verified"
    return await b.many(2, b.mass)


async def mass_four_a_month(b: Bench) -> Any:
    await b.many(4, b.mass)
    full = (await b.mass())["errcode"]
    b.twin.clock.move(31 * DAY)
    b.official.token = b.twin.world.stable_tokens.issue(b.twin.clock.now())
    return full, (await b.mass())["errcode"]


async def mass_tag_skips(b: Bench) -> Any:
    tag = await tag_of(b)
    b.twin.phone("Wang").tags = [tag]
    where = {"is_to_all": False, "tag_id": tag}
    last = await b.many(5, lambda: b.mass(filter=where))
    return last["errcode"], len(b.twin.received("Wang", "official"))


async def mass_too_fast(b: Bench) -> Any:
    return await b.many(2, lambda: b.mass(clientmsgid="w49"))


async def mass_known_id(b: Bench) -> Any:
    first = await b.mass(clientmsgid="w49")
    b.twin.clock.move(61)
    again = await b.mass(clientmsgid="w49")
    return again["errcode"], again["msg_id"] == first["msg_id"]


async def mass_long_id(b: Bench) -> Any:
    return await b.mass(clientmsgid="w" * 33)


async def mass_a_minute(b: Bench) -> Any:
    tag = await tag_of(b)
    where = {"is_to_all": False, "tag_id": tag}
    return await b.many(61, lambda: b.mass(filter=where))


async def mass_a_day(b: Bench) -> Any:
    b.twin.official_api.quotas.daily["/cgi-bin/message/mass/sendall"] = 1
    return await b.many(2, b.mass)


async def mass_one_openid(b: Bench) -> Any:
    body = {"touser": ["oWang"], "msgtype": "text", "text": {"content": "课"}}
    return await b.official.post("/cgi-bin/message/mass/send", body)


async def mass_unknown_tag(b: Bench) -> Any:
    return await b.mass(filter={"is_to_all": False, "tag_id": 7})


async def notice_not_accepted(b: Bench) -> Any:
    b.twin.world.official.notices = {"n1": "提醒\n课程：{{thing1.DATA}}"}
    body = {"touser": "oWang", "template_id": "n1", "data": {"thing1": {"value": "课"}}}
    return await b.official.post("/cgi-bin/message/subscribe/bizsend", body)


async def notice_of_a_template(b: Bench) -> Any:
    body = {"touser": "oWang", "template_id": "lesson", "data": {}}
    return await b.official.post("/cgi-bin/message/subscribe/bizsend", body)


async def qr_days(b: Bench) -> Any:
    body = {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 1}}}
    return await b.official.post("/cgi-bin/qrcode/create", {**body, "expire_seconds": 2_592_001})


async def menu_four(b: Bench) -> Any:
    entry = {"type": "click", "name": "问", "key": "A"}
    return await b.official.post("/cgi-bin/menu/create", {"button": [entry] * 4})


async def menu_name(b: Bench) -> Any:
    entry = {"type": "click", "name": "学习与服务", "key": "A"}
    strict = await b.official.post("/cgi-bin/menu/create", {"button": [entry]})
    b.switches.menu_names = "bytes"
    loose = await b.official.post("/cgi-bin/menu/create", {"button": [entry]})
    return strict["errcode"], loose["errcode"]


async def official_picture_size(b: Bench) -> Any:
    big = JPG + b"\x00" * 2 * 1024 * 1024
    strict = (await b.upload(b.official, "image", big))["errcode"]
    b.switches.official_image_mb = 10
    return strict, (await b.upload(b.official, "image", big)).get("errcode", 0)


async def official_escapes(b: Bench) -> Any:
    return await b.official.post("/cgi-bin/message/custom/send", b'{"touser":"\\u4f60"}')


async def clearing_quotas(b: Bench) -> Any:
    body = {"appid": b.twin.world.official.appid}
    return await b.many(11, lambda: b.official.post("/cgi-bin/clear_quota", body))


async def mark_fail(b: Bench) -> Any:
    b.twin.world.official.callback_url = b.twin.base_url + "/nothing"
    await b.many(3, lambda: b.twin.type_text("Wang", "好", "official"))
    return (await b.twin.type_text("Wang", "好", "official")).muted


# label: (source, act, what comes out: an errcode, or a value)
LIMITS: dict[str, tuple[str, Callable[[Bench], Awaitable[Any]], Any]] = {
    "wecom token 7200 s": ("S69", wecom_token_lasts, 42001),
    "wecom token in the query only": ("S70", wecom_token_in_the_body, 41001),
    "wecom trusted address": ("S92", wecom_foreign_address, 60020),
    "wecom wrong secrets ban the address": ("S69", wecom_many_wrong_secrets, 45009),
    "wecom 1,000 users a call": ("S71", wecom_1001_users, 40032),
    "wecom 100 parties": ("S71", wecom_parties, 82002),
    "wecom 100 tags": ("S71", wecom_tags, 82003),
    "wecom 30 a minute and member, then silence": ("S71", wecom_member_a_minute, 30),
    "wecom cap x 200 a day": ("S71", wecom_daily_cap, 45009),
    "wecom calls a minute": ("S72", wecom_base_limit, 45009),
    "wecom partial failure": ("S67", wecom_partly_invalid, (0, "nobody", "qian")),
    "wecom duplicate body": ("S71", wecom_duplicate, 1),
    "wecom duplicate interval 4 h": ("S67", wecom_duplicate_after_4_hours, 2),
    "wecom text 2048 bytes": ("S67", wecom_text_bytes, 2046),
    "wecom 8 articles": ("S67", wecom_articles, 45008),
    "wecom url 2048 bytes": ("S67", wecom_url, 40058),
    "wecom home page setting": ("S71", wecom_home_page, "供货商塞了两"),
    "wecom cards in ordinary WeChat": ("S75", wecom_plain_hides_cards, [True]),
    "wecom 6 buttons": ("S73", wecom_seven_buttons, 40058),
    "wecom card without a callback": ("S74", wecom_no_callback, 40058),
    "wecom task id twice": ("S73", wecom_repeated_task, 40058),
    "wecom notice card needs an action": ("S74", wecom_notice_without_action, 40058),
    "wecom response_code once": ("S79", wecom_code_used_twice, (0, 40058)),
    "wecom response_code 72 h": ("S79", wecom_code_after_72_hours, 40058),
    "wecom recall 24 h": ("S80", wecom_recall_late, 40058),
    "wecom recall spares ordinary WeChat": ("S80", wecom_recall_leaves_plain, [True, False]),
    "wecom voice is AMR": ("S67", wecom_voice_form, 301017),
    "wecom voice 60 s": ("S73", wecom_voice_length, 45007),
    "wecom voice tells its seconds": ("S67", wecom_voice_shows_its_length, 12),
    "wecom picture 5 MB": ("S73", wecom_picture_size, 45001),
    "wecom media 3 days": ("S67", wecom_media_days, 40007),
    "wecom wrong path": ("S95", wecom_wrong_path, (404, b"")),
    "official no window": ("S23", official_no_window, 45015),
    "official 5 for a message": ("S19", official_five_for_a_message, 45047),
    "official 48 h": ("S19", official_48_hours, 45015),
    "official 3 for a click": ("S19", official_three_for_a_click, 45047),
    "official 1 minute for a click": ("S20", official_click_a_minute, 45015),
    "official msgmenu tap is a menu tap": ("S20", official_menu_message_tap, 45047),
    "official view opens nothing": ("S19", official_view, 45015),
    "official window seen to open late": ("S24", official_window_opens_late, (45015, 0)),
    "official unsubscribed": ("S24", official_unsubscribed, (45015, 43004)),
    "official refused": ("S43", official_refuses, (48002, 43101)),
    "official 1 article": ("S19", official_two_articles, 45008),
    "official msgmenu lines": ("S30", official_menu_lines, 45098),
    "official thing 20 characters": ("S38", official_long_field, 47003),
    "official client_msg_id 10 minutes": ("S14", official_client_msg_id, 2),
    "official foreign openid": ("S43", official_foreign_openid, 40003),
    "official token expired": ("S8", official_stale_token, 42001),
    "official token superseded": ("S55", official_superseded_token, (45015, 42001)),
    "official 2,000 tokens a day": ("S32", official_tokens_a_day, 45009),
    "official address list": ("S58", official_foreign_address, 40164),
    "official rid": ("S8", official_rid, True),
    "official account type": ("S52", official_subscription_account, (48001, 0)),
    "mass 1 a day on a subscription account": ("S48", mass_subscription_a_day, 45028),
    "mass 4 a month to all": ("S48", mass_four_a_month, (45028, 0)),
    "mass 4 a month and user": ("S48", mass_tag_skips, (0, 4)),
    "mass clientmsgid within a minute": ("S15b", mass_too_fast, 45066),
    "mass clientmsgid known": ("S15b", mass_known_id, (45065, True)),
    "mass clientmsgid 32 bytes": ("S15b", mass_long_id, 45067),
    "mass 60 a minute": ("S48", mass_a_minute, 45011),
    "mass 100 calls a day": ("S32", mass_a_day, 45009),
    "mass two openids": ("S49", mass_one_openid, 40130),
    "mass unknown tag": ("S48", mass_unknown_tag, 45159),
    "notice not accepted": ("S45", notice_not_accepted, 43101),
    "notice with a template's id": ("S47", notice_of_a_template, 40037),
    "qr 30 days": ("S64", qr_days, 40035),
    "menu 3 at the top": ("S13", menu_four, 40016),
    "menu name, both readings": ("S13", menu_name, (40018, 0)),
    "official picture, both readings": ("S62", official_picture_size, (45001, 0)),
    "official escapes": ("S44", official_escapes, 40033),
    "official 10 clearings a month": ("S59", clearing_quotas, 48006),
    "official minute of silence after failures": ("S8", mark_fail, True),
}


@pytest.mark.parametrize("label", LIMITS)
async def test_a_limit_is_where_the_documents_put_it(bench: Bench, label: str) -> None:
    _, act, expected = LIMITS[label]
    got = await act(bench)
    assert (got["errcode"] if isinstance(got, dict) else got) == expected
