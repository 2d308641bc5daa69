"""举报 typed in the chat → a sealed concern in at most five taps apart from the text, and nothing of it in the house."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from lianbot.demo.once import Stage, open_stage
from lianbot.door.page import BUILT
from lianbot.officer.desk import Desk

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TEXT = "验收的时候总少两箱没人管"
MOST_TAPS = 5
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Debian chromium on this machine"),
    pytest.mark.skipif(
        not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
    ),
]


@pytest.fixture
async def stage(tmp_path: Path, small_content: Path, monkeypatch) -> AsyncIterator[Stage]:
    monkeypatch.setitem(os.environ, "LIANBOT_CONTENT_DIR", str(small_content))
    async with open_stage(tmp_path, 12, 7, frame=True) as stage:
        yield stage


class Thumb:
    """A thumb that counts."""

    def __init__(self) -> None:
        self.taps = 0

    async def on(self, what: Locator) -> None:
        self.taps += 1
        await what.click()


async def asked_in_chat(page: Page, stage: Stage, account: str) -> Locator:
    """The link in the bot's reply to 举报."""
    await page.goto(f"{stage.twin.base_url}/twin/phone/{account}")
    await page.locator("#text").fill("举报")
    await page.locator("#write button").click()
    reply = page.locator("#lines").get_by_text("可以在这里说").last
    await expect(reply).to_be_visible()
    link = page.locator(f'#lines a[href^="{stage.door.url}"]').last
    await expect(link).to_be_visible()
    return link


async def test_from_the_word_in_the_chat_to_a_sealed_concern(stage: Stage, tmp_path: Path):
    account = next(one.account for one in stage.school.workers if one.facts.wecom)
    thumb = Thumb()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = await browser.new_context(viewport={"width": 390, "height": 844})
        chat = await context.new_page()
        link = await asked_in_chat(chat, stage, account)
        await thumb.on(link)
        # the twin shows pages in a frame, and the door lets nobody frame it: the phone's own browser goes there
        page = await context.new_page()
        await page.goto(str(await link.get_attribute("href")))
        await thumb.on(page.get_by_role("button", name="写意见"))
        await thumb.on(page.get_by_role("radio", name="采购、验收、库存"))
        await page.get_by_role("textbox", name="想说的话").fill(TEXT)
        await thumb.on(page.get_by_role("button", name="下一步"))
        rows = await page.locator(".receipt li").all_text_contents()
        await thumb.on(page.get_by_role("button", name="抄好了"))
        asked = await page.locator("main p").first.text_content() or ""
        row = int(asked.split("第")[1].split("行")[0]) - 1
        await page.locator("input.digits").fill(rows[row])
        await page.locator(".sent").wait_for(timeout=60_000)
        await browser.close()
    assert thumb.taps <= MOST_TAPS
    await stage.door.flush()
    folder = stage.door.folder
    desk = Desk(
        keys=stage.door.keys, book_path=tmp_path / "hq.book", today=stage.house.clock.now().date()
    )
    opened = desk.open(folder / "door" / "out" / "sealed.bin", stage.door.recipients).book.cases
    assert [case.letters[0].text for case in opened] == [TEXT]
    await stage.house.answers.drain()
    kept = b"".join(path.read_bytes() for path in folder.glob("lianbot.db*"))
    for word in (TEXT, TEXT[:5], "".join(rows)):
        assert word.encode() not in kept
