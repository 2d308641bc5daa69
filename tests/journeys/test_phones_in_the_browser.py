"""A person at the phone wall: the lesson arrives, the button is tapped, the page asks, the record stands."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from lianbot.demo.once import FIRST_DUE, Stage, open_stage, right_answers
from lianbot.demo.phones import figures
from lianbot.demo.seeding import START, first_campaign
from lianbot.domain.codes import Post
from lianbot.domain.people import ClientKind
from lianbot.phrases.pages import NOT_QUITE, RIGHT
from lianbot.timetable.clocks import FileClock

CHROMIUM = Path("/usr/bin/chromium")
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
async def stage(tmp_path: Path, small_content: Path, monkeypatch) -> AsyncIterator[Stage]:
    """The demo's own stage with 36 workers, pushed; phones may frame the item pages as in the demo."""
    monkeypatch.setitem(os.environ, "LIANBOT_CONTENT_DIR", str(small_content))
    async with open_stage(tmp_path, 36, 7, frame=True) as stage:
        stage.crowd.right = await right_answers(stage.house)
        await first_campaign(stage.house, stage.cast, after=FIRST_DUE)
        stage.twin.clock.move_to(START + 6 * FIRST_DUE)
        assert isinstance(stage.house.clock, FileClock)
        stage.house.clock.look()
        await stage.ticker.start_up()
        await stage.ticker.tick()
        yield stage


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        await chromium.close()


def cook(stage: Stage) -> str:
    return next(
        one.account
        for one in stage.school.workers
        if one.facts.wecom and one.client is ClientKind.WECOM and Post.COOK in one.facts.posts
    )


async def phone(stage: Stage, browser: Browser) -> Page:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(f"{stage.twin.base_url}/twin/phone/{cook(stage)}")
    return page


async def test_a_tap_on_the_card_greys_it_and_is_counted(stage: Stage, browser: Browser):
    page = await phone(stage, browser)
    await page.get_by_role("button", name="懂了", exact=True).click()
    await expect(page.get_by_text("已确认")).to_be_visible()
    assert (await stage.house.statistics.total())["understood"] == 1


async def test_wrong_reason_again_right_receipt(stage: Stage, browser: Browser):
    page = await phone(stage, browser)
    await page.get_by_text("看全文和一道题").click()
    inside = page.frame_locator("#web")
    stem = await inside.locator(".stem").inner_text()
    right = next(index for known, index in stage.crowd.right.items() if known == stem)
    wrong = inside.locator(f'.quiz button:not([value="{right}"])').first
    await wrong.click()
    await expect(inside.locator(".why")).to_contain_text(NOT_QUITE)
    await inside.locator(f'.quiz button[value="{right}"]').click()
    await expect(inside.locator(".done")).to_contain_text(RIGHT)
    await expect(inside.locator(".receipt").first).to_have_text(
        re.compile(r"第 \d+ 条 · 校验 [0-9a-f]{5} [0-9a-f]{5}")
    )
    total = await stage.house.statistics.total()
    assert (total["understood"], total["opened"]) == (1, 1)
    assert (total["first_asked"], total["first_right"]) == (1, 0)


async def test_the_wall_shows_the_consoles_figures(stage: Stage, browser: Browser):
    stage.twin.world.banner = {"title": "演示", "figures": await figures(stage.house)}
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.goto(f"{stage.twin.base_url}/twin/")
    total = await stage.house.statistics.total()
    shown = page.locator("#figures .figure", has_text="已接受").locator("b")
    await expect(shown).to_have_text(str(total["accepted"]))
    assert total["accepted"] > 0
    await expect(page.locator("#counted")).to_contain_text("36 / 36")
