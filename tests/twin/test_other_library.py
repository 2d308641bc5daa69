"""Another library's own blocking client works against the twin with changed addresses only."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from lianbot.twin import Twin

OFFICIAL = r"""
import io, json, sys
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

base, appid, secret = sys.argv[1:4]


class Client(WeChatClient):
    API_BASE_URL = base + "/cgi-bin/"

    def fetch_access_token(self):
        grant = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(url=base + "/cgi-bin/token", params=grant)


def refused(call, *arguments):
    try:
        call(*arguments)
    except WeChatClientException as error:
        return error.errcode
    return 0


client = Client(appid, secret, timeout=10)
entry = {"type": "click", "name": "问一问", "key": "ASK"}
picture = io.BytesIO(b"\xff\xd8\xff" + b"\x00" * 60)
picture.name = "a.jpg"
media = client.media.upload("image", picture)["media_id"]
lesson = {"thing1": {"value": "验收"}, "time2": {"value": "14:07"}}
tag = client.tag.create("东区食堂")["id"]
out = {
    "custom": client.message.send_text("oWang", "你好，王芳"),
    "image": client.message.send_image("oWang", media),
    "articles": client.message.send_articles(
        "oWang", [{"title": "一课", "description": "验收", "url": "http://a/", "image": ""}]
    ),
    "stranger": refused(client.message.send_text, "oNobody", "你好"),
    "closed": refused(client.message.send_text, "osun", "你好"),
    "template": client.message.send_template("oWang", "lesson", lesson, url="http://a/"),
    "templates": client.template.get_all_private_template()["template_list"],
    "wrong_template": refused(client.message.send_template, "oWang", "none", lesson),
    "tagged": client.tag.tag_user(tag, ["oWang", "osun"]),
    "mass": client.message.send_mass_text(["oWang", "osun"], "全体一课"),
    "menu": client.menu.create({"button": [entry]}),
    "menu_back": client.menu.get(),
    "menu_gone": client.menu.delete(),
    "user": client.user.get("oWang"),
    "followers": sorted(client.user.get_followers()["data"]["openid"]),
    "ticket": client.qrcode.create(
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    )["ticket"],
    "ips": client.misc.get_wechat_ips(),
}
print(json.dumps(out))
"""

WECOM = r"""
import io, json, sys
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException

base, corp, secret, agent = sys.argv[1:5]
agent = int(agent)


class Client(WeChatClient):
    API_BASE_URL = base + "/cgi-bin/"

    def fetch_access_token(self):
        asked = {"corpid": self.corp_id, "corpsecret": self.secret}
        return self._fetch_access_token(url=base + "/cgi-bin/gettoken", params=asked)


client = Client(corp, secret, timeout=10)
voice = io.BytesIO(b"#!AMR\n" + b"\x04" * 60)
voice.name = "a.amr"
media = client.media.upload("voice", voice)["media_id"]
card = {
    "card_type": "text_notice",
    "main_title": {"title": "验收要两个人"},
    "card_action": {"type": 1, "url": "http://a/"},
}
article = {"title": "一课", "description": "验收", "url": "http://a/", "image": ""}
out = {
    "text": client.message.send_text(agent, ["wang", "nobody"], "你好"),
    "voice": client.message.send_voice(agent, "wang", media),
    "articles": client.message.send_articles(agent, "wang", [article]),
    "card": client.message.send(
        agent, "wang", msg={"msgtype": "template_card", "template_card": card}
    ),
    "member": client.user.get("wang")["name"],
    "agent": client.agent.get(agent)["name"],
    "menu": client.menu.create(agent, {"button": [{"type": "click", "name": "问", "key": "A"}]}),
    "menu_back": client.menu.get(agent)["button"][0]["key"],
}
try:
    client.message.send_text(agent, "nobody", "你好")
except WeChatClientException as error:
    out["nobody"] = error.errcode
print(json.dumps(out))
"""


async def run_client(program: str, *arguments: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        program,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()[-2000:]
    return json.loads(out)


async def test_the_official_account_serves_wechatpys_own_client(twin: Twin, bot: Any) -> None:
    await twin.type_text("Wang", "好", "official")
    account = twin.world.official
    out = await run_client(OFFICIAL, twin.official_base, account.appid, account.secret)
    taken = ("custom", "image", "articles", "template", "tagged", "mass", "menu", "menu_gone")
    assert {name: out[name]["errcode"] for name in taken} == dict.fromkeys(taken, 0)
    assert (out["stranger"], out["closed"], out["wrong_template"]) == (40003, 45015, 40037)
    assert out["menu_back"]["menu"]["button"][0]["key"] == "ASK"
    assert [each["template_id"] for each in out["templates"]] == ["lesson"]
    assert (out["user"]["subscribe"], out["ticket"] in twin.world.tickets) == (1, True)
    assert out["followers"] == ["oWang", "osun"]
    kinds = [each.kind for each in twin.received("Wang", "official")]
    assert kinds == ["text", "image", "news", "template", "text"]
    assert [each.kind for each in twin.received("sun", "official")] == ["text"]


async def test_wecom_serves_wechatpys_own_client(twin: Twin) -> None:
    account = twin.world.wecom
    arguments = account.corp_id, account.secret, str(account.agent_id)
    out = await run_client(WECOM, twin.wecom_base, *arguments)
    taken = ("text", "voice", "articles", "card", "menu")
    assert {name: out[name]["errcode"] for name in taken} == dict.fromkeys(taken, 0)
    assert (out["text"]["invaliduser"], out["member"]) == ("nobody", "王芳")
    assert (out["agent"], out["menu_back"], out["nobody"]) == (account.name, "A", 81013)
    kinds = [each.kind for each in twin.received("Wang")]
    assert kinds == ["text", "voice", "news", "template_card"]
    assert twin.received("Wang")[0].content["text"]["content"] == "你好"


async def test_wechatpy_gets_a_new_token_when_the_old_one_dies(twin: Twin, bot: Any) -> None:
    await twin.type_text("Wang", "好", "official")
    rule = twin.faults.add("token_expiry", "/official/cgi-bin/message/custom/send", count=1)
    account = twin.world.official
    out = await run_client(OFFICIAL, twin.official_base, account.appid, account.secret)
    assert (rule.struck, out["custom"]["errcode"]) == (1, 0)
