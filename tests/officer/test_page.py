"""officer.html from disk: a proposal in own words leaves as a file that the console takes; the reporter's words do not."""

import dataclasses
import json
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from lianbot.flows.rectification import read_own_words
from lianbot.officer.book import Book, write_book
from lianbot.officer.casework import Case, Letter, State
from lianbot.officer.desk import make_key_files
from lianbot.officer.keyfile import new_keys

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WORDS = "kabo tilu semi pano ruka dezi"
PAGE = Path(__file__).parents[2] / "src" / "lianbot" / "officer" / "page" / "officer.html"
LETTER = Letter(number=0, kind="concern", day="2026-11-20", text="班长每次收货都少记两箱土豆")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium"),
    pytest.mark.skipif(not PAGE.exists(), reason="run `npm ci && node build.mjs` in frontend/"),
]


def three_alike() -> Book:
    case = Case(
        id="0badcafe",
        opened="2026-11-23",
        category="buying",
        place="库房",
        knowing="few",
        state=State.ACKED,
        rpk="",
        ko="",
        kb="",
        letters=(LETTER,),
    )
    return Book(cases=tuple(dataclasses.replace(case, id=f"{n:08x}") for n in range(3)))


async def test_own_words_leave_as_a_file_for_the_console_and_copied_ones_do_not(
    tmp_path: Path,
) -> None:
    keys = new_keys("hq", "后勤纪检委员", 28)
    make_key_files(keys, tmp_path / "hq.key", WORDS)
    (tmp_path / "hq.book").write_text(write_book(three_alike(), keys.book_key))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 1000})
        await page.goto(PAGE.as_uri())
        await page.locator("#key").set_input_files(str(tmp_path / "hq.key"))
        await page.get_by_label("口令").first.fill(WORDS)
        await page.get_by_role("button", name="打开").click()
        await page.locator("#files").set_input_files(str(tmp_path / "hq.book"), timeout=60_000)
        await page.locator(".list button").first.click(timeout=60_000)
        await page.get_by_text("提整改或课的建议").click()
        words = page.locator(".mending textarea")
        await words.fill("查一下：每次收货都少记两箱土豆")
        await page.get_by_role("button", name="做成文件").click()
        assert "原话" in (await page.locator(".mending [role=alert]").text_content() or "")
        await words.fill("收货一律两人过秤")
        await page.get_by_label("点名的单位（可以不写）").fill("北库")
        await page.get_by_role("button", name="做成文件").click()
        assert "5 个人" in (await page.locator(".mending [role=alert]").text_content() or "")
        await page.get_by_label("那个单位有多少人").fill("12")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="做成文件").click()
        await (await download.value).save_as(tmp_path / "proposal.json")
        assert await page.get_by_text("做好了：proposal.json").is_visible()
        await browser.close()
    raw = (tmp_path / "proposal.json").read_bytes()
    said = read_own_words(raw)
    assert (said.kind, said.text, said.unit, said.floor) == (
        "rectify",
        "收货一律两人过秤",
        "北库",
        "alike",
    )
    assert set(json.loads(raw)) == {"v", "kind", "text", "unit", "floor"}
