"""Web sign-in on both platforms, in the phones' own browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from lianbot.twin import Twin


@pytest.fixture
async def page() -> AsyncIterator[str]:
    """A page of the bot that shows its own address."""

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=request.query_string)

    app = web.Application()
    app.router.add_get("/m", show)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/m"
    await runner.cleanup()


@pytest.fixture
def address(twin: Twin, page: str) -> Any:
    def make(channel: str = "wecom", **changed: str) -> str:
        base = twin.wecom_base if channel == "wecom" else twin.official_base
        account = twin.world.wecom.corp_id if channel == "wecom" else twin.world.official.appid
        query = {
            "appid": account,
            "redirect_uri": page + "?a=1",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "s1",
            **changed,
        }
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return f"{base}/connect/oauth2/authorize?{text}#wechat_redirect"

    return make


def code_of(query: str) -> str:
    return dict(each.split("=") for each in query.split("&"))["code"]


async def test_a_member_is_told_by_userid_once(twin: Twin, wecom: Any, address: Any) -> None:
    visit = await twin.open("Wang", address())
    assert visit.text.startswith("a=1&code=")
    code = code_of(visit.text)
    answers = [await wecom.get("/cgi-bin/auth/getuserinfo", code=code) for _ in range(2)]
    assert (answers[0]["userid"], answers[1]["errcode"]) == ("Wang", 40029)


async def test_a_stranger_to_the_corp_is_told_by_openid(
    twin: Twin, wecom: Any, address: Any
) -> None:
    visit = await twin.open("sun", address())
    answer = await wecom.get("/cgi-bin/user/getuserinfo", code=code_of(visit.text))
    assert (answer["OpenId"], "UserId" in answer) == ("osun", False)


async def test_a_code_dies_after_five_minutes(twin: Twin, wecom: Any, address: Any) -> None:
    code = code_of((await twin.open("Wang", address())).text)
    twin.clock.move(301)
    assert (await wecom.get("/cgi-bin/auth/getuserinfo", code=code))["errcode"] == 40029


async def test_the_official_account_gives_the_openid(
    twin: Twin, official: Any, address: Any
) -> None:
    account = twin.world.official
    code = code_of((await twin.open("Wang", address("official"))).text)
    asked = {
        "appid": account.appid,
        "secret": account.secret,
        "grant_type": "authorization_code",
        "code": code,
    }
    first = await official.get("/sns/oauth2/access_token", **asked)
    second = await official.get("/sns/oauth2/access_token", **asked)
    assert (first["openid"], second["errcode"]) == ("oWang", 40163)


async def test_outside_wechat_there_is_no_code(twin: Twin, http: Any, address: Any) -> None:
    async with http.get(address()) as got:
        assert "请在微信客户端打开链接" in await got.text()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"appid": "other"}, "40013"),
        ({"state": "not allowed!"}, "84025"),
        ({"response_type": "token"}, "参数错误"),
        ({"redirect_uri": "javascript:alert(1)"}, "参数错误"),
    ],
)
async def test_a_wrong_authorise_address_shows_why(
    twin: Twin, address: Any, changed: dict[str, str], told: str
) -> None:
    assert told in (await twin.open("Wang", address(**changed))).text


async def test_another_host_than_the_trusted_one_is_refused(twin: Twin, address: Any) -> None:
    twin.world.wecom.oauth_domain = "school.example"
    assert "50001" in (await twin.open("Wang", address())).text


async def test_a_forged_browser_cookie_is_nobody(twin: Twin, http: Any, address: Any) -> None:
    forged = {"twin_phone": b"Wang".hex() + "." + "0" * 32}
    async with http.get(address(), cookies=forged, allow_redirects=False) as got:
        assert got.status == 200
