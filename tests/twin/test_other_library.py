"""Another library's own blocking client works against the twin with changed addresses only."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from lianbot.twin import Twin

OFFICIAL = """
import json, sys
from wechatpy.client import WeChatClient

base, appid, secret = sys.argv[1:4]


class Client(WeChatClient):
    API_BASE_URL = base + "/cgi-bin/"

    def fetch_access_token(self):
        grant = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(url=base + "/cgi-bin/token", params=grant)


client = Client(appid, secret, timeout=10)
entry = {"type": "click", "name": "问一问", "key": "ASK"}
out = {
    "custom": client.message.send_text("oWang", "你好，王芳"),
    "template": client.message.send_template(
        "oWang", "lesson", {"thing1": {"value": "验收"}, "time2": {"value": "14:07"}}, url="http://a/"
    ),
    "menu": client.menu.create({"button": [entry]}),
    "menu_back": client.menu.get(),
    "user": client.user.get("oWang"),
    "ticket": client.qrcode.create(
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    )["ticket"],
    "ips": client.misc.get_wechat_ips(),
}
print(json.dumps(out))
"""

WECOM = """
import json, sys
from wechatpy.enterprise import WeChatClient

base, corp, secret, agent = sys.argv[1:5]


class Client(WeChatClient):
    API_BASE_URL = base + "/cgi-bin/"

    def fetch_access_token(self):
        asked = {"corpid": self.corp_id, "corpsecret": self.secret}
        return self._fetch_access_token(url=base + "/cgi-bin/gettoken", params=asked)


client = Client(corp, secret, timeout=10)
out = {
    "text": client.message.send_text(int(agent), ["wang", "nobody"], "你好"),
    "member": client.user.get("wang")["name"],
}
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
    assert out["custom"]["errcode"] == out["template"]["errcode"] == out["menu"]["errcode"] == 0
    assert out["menu_back"]["menu"]["button"][0]["key"] == "ASK"
    assert (out["user"]["subscribe"], out["ticket"] in twin.world.tickets) == (1, True)
    kinds = [each.kind for each in twin.received("Wang", "official")]
    assert kinds == ["text", "template"]


async def test_wecom_serves_wechatpys_own_client(twin: Twin) -> None:
    account = twin.world.wecom
    arguments = account.corp_id, account.secret, str(account.agent_id)
    out = await run_client(WECOM, twin.wecom_base, *arguments)
    assert (out["text"]["invaliduser"], out["member"]) == ("nobody", "王芳")
    assert twin.received("Wang")[0].content["text"]["content"] == "你好"
