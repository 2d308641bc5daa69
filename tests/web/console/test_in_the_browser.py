"""The console in a real browser: two people bring a push on its way; nothing breaks the strict policy."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright, expect

from lianbot.domain.campaigns import CampaignState
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


async def test_a_term_is_drafted_by_one_and_approved_by_another_with_one_button(sit_down, house):
    author, reviewer = await sit_down(), await sit_down(390, 844)
    await author.sign_in("only-scheduler")
    page = author.page
    await page.get_by_role("link", name="推送计划").first.click()
    await page.get_by_role("link", name="学期").click()
    await page.get_by_label("名称").fill("2027春")
    await page.get_by_label("第一天").fill("2027-03-01")
    await page.get_by_label("最后一天").fill("2027-07-10")
    await page.get_by_role("button", name="排出来，等审批").click()
    await expect(page.get_by_role("status")).to_contain_text("整个学期排好了")
    await expect(page.locator("details.calendar")).to_have_count(15)
    await expect(page.get_by_role("button", name="全部批准")).to_have_count(0)

    await reviewer.sign_in("only-reviewer")
    await reviewer.page.goto(page.url.split("?")[0])
    await reviewer.page.locator("details.calendar summary").first.click()
    await expect(reviewer.page.locator("details.calendar").first).to_contain_text("2027-03-02")
    await reviewer.page.get_by_role("button", name="全部批准").click()
    await expect(reviewer.page.get_by_role("status")).to_contain_text("已批准")
    states = {one.state for one in await house.campaigns.all()}
    assert states == {CampaignState.APPROVED}


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


async def test_three_people_bring_an_item_of_the_rectification_ledger_to_its_end(sit_down):
    reviewer, owner, verifier = [await sit_down(width) for width in (390, 1440, 390)]
    await reviewer.sign_in("only-reviewer")
    page = reviewer.page
    await page.get_by_role("link", name="整改台账").click()
    await page.get_by_label("问题").fill("库房收货只有一人在场")
    await page.get_by_label("怎么改").fill("收货时段排两人")
    await page.get_by_role("button", name="提出").click()
    await expect(page.get_by_role("status")).to_contain_text("请定人定时间")
    await page.locator("select[name=owner]").select_option(label="只是scheduler")
    await page.locator("select[name=verifier]").select_option(label="只是officer")
    await page.get_by_label("期限").fill("2026-12-20")
    await page.get_by_role("button", name="定下来").click()
    await expect(page.get_by_role("status")).to_contain_text("已记下")
    item = page.url.partition("?")[0]

    await owner.sign_in("only-scheduler")
    await owner.page.get_by_role("link", name="整改台账").click()
    await owner.page.get_by_role("link", name="我负责的").click()
    await owner.page.get_by_role("link", name="库房收货只有一人在场").click()
    await owner.page.get_by_label("怎么改的、在哪能看到").fill("排班表贴在库房门口")
    await owner.page.get_by_role("button", name="报完成，请验收").click()

    await verifier.sign_in("only-officer")
    await verifier.page.goto(item)
    await verifier.page.get_by_label("看到了什么").fill("抽看三天，都是两人签")
    await verifier.page.get_by_role("button", name="改好了，销号").click()
    await expect(verifier.page.locator("h1")).to_contain_text("已销号")
