"""The console in a real browser: two people bring a push on its way; nothing breaks the strict policy."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from lianbot.timetable.clocks import move_clock

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "一句自己记得住的话 2026"
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
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Debian chromium on this machine"),
]


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def address(mount_console) -> AsyncIterator[str]:
    app = web.Application()
    mount_console(app)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/console"))
    await server.close()


class Desk:
    """One person at a browser of their own; whatever the browser complains about is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", lambda said: self._keep(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))

    def _keep(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    async def sign_in(self, name: str) -> None:
        await self.page.goto(f"{self.address}/signin")
        await self.page.get_by_label("账号").fill(name)
        await self.page.get_by_label("密码").fill(PASSWORD)
        await self.page.get_by_role("button", name="登录").click()
        await expect(self.page.get_by_role("heading", name="今日概览")).to_be_visible()

    async def write_campaign(self, title: str) -> None:
        page = self.page
        await page.get_by_role("link", name="推送计划").first.click()
        await page.get_by_role("link", name="新建").click()
        await page.get_by_label("名称").fill(title)
        await page.locator('input[name="items"]').first.check()
        await page.get_by_label("日期和时间").fill("2026-12-01T14:31")
        await page.get_by_role("button", name="提交，等审批").click()
        await expect(page.get_by_role("status")).to_contain_text("等另一位审核人来批")


@pytest.fixture
async def sit_down(chromium, address):
    desks: list[Desk] = []

    async def sit(width: int = 1440, height: int = 900) -> Desk:
        context = await chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN"
        )
        desk = Desk(await context.new_page(), address)
        desks.append(desk)
        return desk

    yield sit
    assert [one for desk in desks for one in desk.complaints] == []


async def test_one_writes_another_approves_and_the_progress_page_follows(
    sit_down, house, tmp_path, deliver
):
    author, reviewer = await sit_down(), await sit_down(390, 844)
    await author.sign_in("only-scheduler")
    await author.write_campaign("空白单子不签")
    await expect(author.page.get_by_role("button", name="批准")).to_have_count(0)

    await reviewer.sign_in("only-reviewer")
    await reviewer.page.get_by_role("link", name="等审批").click()
    await reviewer.page.get_by_role("link", name="空白单子不签").click()
    await expect(reviewer.page.get_by_text("没有绑定账号")).to_be_visible()
    await reviewer.page.get_by_role("button", name="批准").click()
    await expect(reviewer.page.get_by_role("status")).to_contain_text("已批准")

    move_clock(tmp_path / "house" / "clock", house.clock.now().replace(hour=6, minute=32))
    house.clock._looked = -1.0  # the clock reads its file again at once
    await house.planner.plan_due()
    await author.page.goto(f"{author.address}/")
    await author.page.get_by_role("link", name="空白单子不签").click()
    live = author.page.locator("#live")
    await expect(live).to_contain_text("自动更新")
    await deliver()
    await expect(live).to_contain_text("已告一段落", timeout=8000)
    accepted = await live.locator(".sums .good dd").first.inner_text()
    assert int(accepted) > 0


async def test_filters_of_the_rows_answer_without_a_new_page(sit_down, house, tmp_path, deliver):
    desk = await sit_down()
    await desk.sign_in("only-scheduler")
    await desk.write_campaign("空白单子不签")
    campaign = (await house.campaigns.all())[0]
    await house.desk.approve(campaign.id, await house.accounts.by_name("only-reviewer"))
    move_clock(tmp_path / "house" / "clock", house.clock.now().replace(hour=6, minute=32))
    house.clock._looked = -1.0
    await deliver()
    await desk.page.goto(f"{desk.address}/")
    await desk.page.get_by_role("link", name="空白单子不签").click()
    await desk.page.locator("select[name=state]").select_option("refused")
    rows = desk.page.locator("#rows tbody tr")
    await expect(rows.first).to_contain_text("不在应用的可见范围")
    assert re.search(r"/pushes/[0-9a-f-]+$", desk.page.url)


@pytest.mark.parametrize("width", [390, 1440])
async def test_no_page_is_wider_than_the_screen(sit_down, house, width):
    desk = await sit_down(width, 844)
    wide = []
    for name, paths in {
        "only-scheduler": ["/", "/campaigns", "/campaigns/new", "/roster", "/roster/import"],
        "only-reviewer": [
            "/content",
            "/tasks",
            "/rectifications",
            "/proposals",
            "/stats",
            "/self",
        ],
        "only-officer": ["/", "/letters"],
        "only-auditor": ["/ledger", "/audit"],
        "only-sysadmin": ["/accounts", "/health"],
        "only-lead": ["/team"],
    }.items():
        await desk.page.context.clear_cookies()
        await desk.page.goto(f"{desk.address}/signin")
        await desk.page.get_by_label("账号").fill(name)
        await desk.page.get_by_label("密码").fill(PASSWORD)
        await desk.page.get_by_role("button", name="登录").click()
        for path in paths:
            await desk.page.goto(f"{desk.address}{path}")
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            if await desk.page.evaluate(over) > 0:
                wide.append(path)
    assert wide == []
