"""The wall and one phone in a real browser."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright, expect

from lianbot.twin import Twin

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no chromium on this machine"),
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page that fails the test when a script of ours throws or the policy blocks something."""
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = await browser.new_page(viewport={"width": 1440, "height": 900})
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.on("console", lambda line: faults.append(line.text) if line.type == "error" else 0)
        yield opened
        await browser.close()
    assert faults == []


@pytest.fixture
async def lesson() -> AsyncIterator[str]:
    """A page of the bot that signs the reader in silently, once; the twin's address comes by query."""

    async def show(request: web.Request) -> web.StreamResponse:
        reader = request.cookies.get("reader") or request.query.get("code")
        if reader is None:
            base, corp = request.query["base"], request.query["corp"]
            back = str(request.url.with_query(None))
            target = f"{base}/connect/oauth2/authorize?appid={corp}&redirect_uri={back}"
            raise web.HTTPFound(f"{target}&response_type=code&scope=snsapi_base&state=s")
        page = f"<h1>验收要两个人</h1><p id=reader>{reader}</p>"
        response = web.Response(text=page, content_type="text/html")
        response.set_cookie("reader", reader, httponly=True, samesite="Lax")
        return response

    app = web.Application()
    app.router.add_get("/m", show)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/m"
    await runner.cleanup()


async def test_240_phones_stand_on_the_wall_within_two_seconds_and_can_be_filtered(
    twin: Twin, page: Page
) -> None:
    posts = ["厨师", "保洁", "保安"]
    people = [
        {"id": f"p{i}", "name": f"员工{i}", "post": posts[i % 3], "team": f"{i % 12}班"}
        for i in range(235)
    ]
    twin.add_people(people)
    started = time.monotonic()
    await page.goto(f"{twin.base_url}/twin/")
    await expect(page.locator(".tile")).to_have_count(240)
    assert time.monotonic() - started < 2
    await page.fill("#search", "厨师")
    await expect(page.locator(".tile")).to_have_count(79)
    await page.select_option("#team", "3班")
    await expect(page.locator(".tile")).to_have_count(20)


async def test_a_message_appears_on_the_wall_while_it_is_open(
    twin: Twin, page: Page, wecom: Any, text: Any
) -> None:
    await page.goto(f"{twin.base_url}/twin/")
    tile = page.locator("[data-phone=Wang]")
    await expect(tile).to_contain_text("还没有消息")
    await wecom.post("/cgi-bin/message/send", text(content="本周一课"))
    await expect(tile).to_contain_text("本周一课")
    await expect(tile.locator(".badge")).to_have_text("1")
    await page.check("#only-unread")
    await expect(page.locator(".tile")).to_have_count(1)


async def test_a_grey_phone_tells_why_and_the_mend(twin: Twin, page: Page) -> None:
    twin.world.change_people([(twin.phone("li"), {"reason": "没绑定", "mend": "扫个人码"})])
    await page.goto(f"{twin.base_url}/twin/")
    await expect(page.locator(".tile.grey[data-phone=li]")).to_contain_text("没绑定扫个人码")
    await expect(page.locator(".tile.grey[data-phone=zhao]")).to_contain_text("还没激活")


async def test_figures_and_tour_stand_above_the_wall(twin: Twin, page: Page, people: Any) -> None:
    calls: list[str] = []

    async def press(request: web.Request) -> web.Response:
        calls.append(request.method)
        return web.Response(text="推了 12 人")

    app = web.Application()
    app.router.add_post("/go", press)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/go"
    figures = [{"label": "计划", "value": 240}, {"label": "不明", "value": 0}]
    tour = [{"title": "① 推一课", "text": "给厨师", "action_url": url}]
    await people("PUT", "/banner", {"figures": figures, "tour": tour})
    await page.goto(f"{twin.base_url}/twin/")
    await expect(page.locator("#figures")).to_contain_text("240计划0不明")
    await page.click("#tour button")
    await expect(page.locator("#toast")).to_have_text("推了 12 人")
    assert calls == ["POST"]
    await runner.cleanup()


async def test_a_button_of_a_card_is_tapped_and_greyed(
    twin: Twin, page: Page, bot: Any, wecom: Any, card: Any, replies: Any
) -> None:
    bot.answer = replies["button"]("已确认")
    await wecom.post("/cgi-bin/message/send", card())
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    await page.get_by_role("button", name="看懂了").click()
    await expect(page.locator(".buttons .done")).to_have_text("已确认")
    assert bot.got[0]["EventKey"] == "ok"


async def test_a_typed_text_and_the_answer_become_bubbles(
    twin: Twin, page: Page, bot: Any, replies: Any
) -> None:
    bot.answer = replies["text"]('看 <a href="http://127.0.0.1/x">这里</a> <img src=x>')
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    await page.fill("#text", "咋办？")
    await page.press("#text", "Enter")
    await expect(page.locator(".line.person .bubble")).to_have_text("咋办？")
    await expect(page.locator(".line.app .bubble")).to_have_text("看 这里 <img src=x>")


async def test_ordinary_wechat_hides_the_card(
    twin: Twin, page: Page, bot: Any, wecom: Any, card: Any
) -> None:
    await wecom.post("/cgi-bin/message/send", card())
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    await page.check("#plain")
    await expect(page.locator(".hidden-kind")).to_contain_text("请在企业微信中查看")
    assert twin.phone("Wang").client == "plain"


async def test_a_link_opens_inside_the_phone_and_knows_whose_it_is(
    twin: Twin, page: Page, wecom: Any, text: Any, lesson: str
) -> None:
    url = f"{lesson}?base={twin.wecom_base}&corp={twin.world.wecom.corp_id}"
    part = {"title": "本周一课", "description": "约 40 秒", "url": url}
    await wecom.post("/cgi-bin/message/send", text(msgtype="textcard", textcard=part))
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    await page.click("text=本周一课")
    inside = page.frame_locator("#web")
    await expect(inside.locator("h1")).to_have_text("验收要两个人")
    code = await inside.locator("#reader").text_content()
    answer = await wecom.get("/cgi-bin/auth/getuserinfo", code=code or "")
    assert answer["userid"] == "Wang"


async def test_the_menu_of_the_official_account_reaches_the_bot(
    twin: Twin, page: Page, bot: Any
) -> None:
    below = [{"type": "click", "name": "我的记录", "key": "REC"}]
    twin.world.official.menu = {"button": [{"name": "学一学", "sub_button": below}]}
    await page.goto(f"{twin.base_url}/twin/phone/sun")
    await page.get_by_role("button", name="学一学").click()
    await page.get_by_role("button", name="我的记录").click()
    await twin.world.wait_until(lambda: bool(twin.phone("sun").acts))
    await expect(page.locator("#chat-title")).to_have_text(twin.world.official.name)
    assert twin.phone("sun").acts[0]["content"]["EventKey"] == "REC"


async def test_a_menu_message_is_answered_by_a_tap(
    twin: Twin, page: Page, bot: Any, official: Any
) -> None:
    await twin.type_text("sun", "绑定", "official")
    items = [{"id": "yes", "content": "是我"}, {"id": "no", "content": "不是我"}]
    menu = {"head_content": "您是孙*？", "list": items, "tail_content": ""}
    body = {"touser": "osun", "msgtype": "msgmenu", "msgmenu": menu}
    assert (await official.post("/cgi-bin/message/custom/send", body))["errcode"] == 0
    await page.goto(f"{twin.base_url}/twin/phone/sun")
    await page.get_by_role("button", name="是我", exact=True).click()
    await expect(page.locator(".line.person .bubble").last).to_have_text("是我")
    assert bot.got[-1]["bizmsgmenuid"] == "yes"


async def test_large_type_is_larger(twin: Twin, page: Page, wecom: Any, text: Any) -> None:
    await wecom.post("/cgi-bin/message/send", text())
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    bubble = page.locator(".bubble").first
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    before = await bubble.evaluate(size)
    await page.check("#large")
    assert await bubble.evaluate(size) >= before * 1.25


async def test_two_phones_in_one_browser_keep_their_cookies_apart(
    twin: Twin, page: Page, wecom: Any, text: Any, lesson: str
) -> None:
    twin.add_people([{"id": "wu"}])
    url = f"{lesson}?base={twin.wecom_base}&corp={twin.world.wecom.corp_id}"
    part = {"title": "本周一课", "description": "约 40 秒", "url": url}
    await wecom.post("/cgi-bin/message/send", text("wang|wu", msgtype="textcard", textcard=part))
    names = []
    for phone in ("Wang", "wu", "Wang"):
        await page.goto(f"{twin.base_url}/twin/phone/{phone}")
        await page.click("text=本周一课")
        names.append(await page.frame_locator("#web").locator("#reader").text_content())
    assert [twin.world.codes[name or ""].phone_id for name in names] == ["Wang", "wu", "Wang"]


async def test_a_voice_is_sent_without_recognised_words(twin: Twin, page: Page, bot: Any) -> None:
    await page.goto(f"{twin.base_url}/twin/phone/Wang")
    await page.click("#talk")
    await expect(page.locator(".line.person .voice")).to_be_visible()
    assert (bot.got[0]["MsgType"], bot.got[0]["Recognition"]) == ("voice", None)
