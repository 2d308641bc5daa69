"""What a browser keeps of a half-written concern, with the page as it is and with one attribute taken away."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web
from nacl.signing import SigningKey
from playwright.async_api import async_playwright

from lianbot.door.app import Door, QuietRunner, make_app
from lianbot.door.clock import open_clock, school_day
from lianbot.door.keeper import Keeper, open_keeper
from lianbot.door.page import BUILT, Assets, Page, load_assets
from lianbot.officer.keyfile import new_keys
from lianbot.sealing.recipients import Recipients, write_recipients
from lianbot.sealing.weeks import epoch_of

CHROMIUM = Path("/usr/bin/chromium")
TEXT = "班组长每月从每人工资里扣两百"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
    pytest.mark.skipif(
        not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
    ),
]


@asynccontextmanager
async def door(folder: Path, assets: Assets) -> AsyncIterator[str]:
    """A door in this process with the given page."""
    page, keeper = prepared(folder, assets)
    runner = QuietRunner(make_app(Door(keeper=keeper, page=page)))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        page.origin = f"http://{host}:{port}"
        yield f"http://{host}:{port}/m/"
    finally:
        await runner.cleanup()


def prepared(folder: Path, assets: Assets) -> tuple[Page, Keeper]:
    """The folder with a signed list, the page and the keeper."""
    clock = open_clock("system")
    today: date = school_day(clock)
    keys = new_keys("hq", "后勤纪检委员", epoch_of(today))
    listed = Recipients(
        log="lianbot/0123456789abcdef", salt=bytes(16), serial=1, day=today, offices=(keys.public,)
    )
    folder.mkdir()
    (folder / "recipients.json").write_text(write_recipients(listed, SigningKey(bytes(32))))
    page = Page(assets=assets, folder=folder, origin="")
    return page, open_keeper(folder, clock, lambda: 0.0)


async def write_half_and_go(url: str, profile: Path) -> None:
    """Type a text, look at another page, close the browser: what a session restore would need is saved."""
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=str(CHROMIUM),
            headless=True,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await context.new_page()
        await page.goto(url)
        await page.get_by_role("button", name="写意见").click()
        await page.get_by_role("textbox", name="想说的话").type(TEXT)
        await page.wait_for_timeout(1500)
        await page.goto("about:blank")
        await page.wait_for_timeout(1500)
        await context.close()


def keeps_the_text(profile: Path) -> bool:
    forms = [TEXT.encode("utf-8"), TEXT.encode("utf-16-le")]
    files = (path for path in profile.rglob("*") if path.is_file())
    return any(form in path.read_bytes() for path in files for form in forms)


async def test_the_page_leaves_no_half_written_text_in_the_profile(tmp_path: Path) -> None:
    async with door(tmp_path / "door", load_assets()) as url:
        await write_half_and_go(url, tmp_path / "profile")
    assert not keeps_the_text(tmp_path / "profile")


async def test_without_autocomplete_off_the_browser_keeps_the_text(tmp_path: Path) -> None:
    sound = load_assets()
    script = sound.script.replace('autocomplete:"off"', 'autocomplete:"on"')
    assert script != sound.script
    # the page also empties itself when it is left; the broken build does not
    script = script.replace('"pagehide"', '"never"')
    async with door(tmp_path / "door", dataclasses.replace(sound, script=script)) as url:
        await write_half_and_go(url, tmp_path / "profile")
    assert keeps_the_text(tmp_path / "profile")
