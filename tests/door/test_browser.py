"""The whole path in a phone-sized Chromium at a quarter of its speed, and what stays on the phone."""

import asyncio
import io
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, Request, Route, async_playwright

from lianbot.door.clock import open_clock, school_day
from lianbot.door.keeper import ANSWER, EXCHANGE, PHOTOS, open_keeper
from lianbot.door.page import BUILT
from lianbot.officer.desk import make_key_files, make_recipients
from lianbot.officer.keyfile import OfficerKeys, new_keys
from lianbot.officer.opening import open_photos
from lianbot.sealing.recipients import read_recipients
from lianbot.sealing.weeks import epoch_of

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
]
WORDS = "kabo tilu semi pano ruka dezi"
TEXT = "收货时供货商塞烟给班长已经三个月了"
MORE = "结果和我看到的完全不一样请再查"
OFFICER = Path(__file__).parents[2] / "src" / "lianbot" / "officer" / "page" / "officer.html"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Debian's chromium"),
    pytest.mark.skipif(
        not (BUILT / "door.js").exists(), reason="run `npm ci && node build.mjs` in frontend/"
    ),
]


@dataclass
class Site:
    """A door in a process of its own and the keys of its two offices."""

    folder: Path
    url: str
    keys: list[OfficerKeys]

    def flush(self) -> None:
        keeper = open_keeper(self.folder, open_clock("system"), time.monotonic)
        keeper.flush()

    def out(self, *names: str) -> list[str]:
        return [str(self.folder / "out" / name) for name in names]


@dataclass
class Capture:
    """Every request of the page as the browser sent it."""

    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    waiting: list[asyncio.Task[None]] = field(default_factory=list)

    def watch(self, request: Request) -> None:
        self.waiting.append(asyncio.ensure_future(self._note(request)))

    async def _note(self, request: Request) -> None:
        if request.url.startswith("blob:"):
            return  # the preview of the own photo never leaves the page
        headers = await request.all_headers()
        self.seen.append((request.method, request.url, headers, request.post_data_buffer or b""))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    folder = tmp_path / "door"
    (folder / "in").mkdir(parents=True)
    today = school_day(open_clock("system"))
    keys = [
        new_keys("hq", "后勤纪检委员", epoch_of(today)),
        new_keys("jw", "校纪委", epoch_of(today), superior=True),
    ]
    for one in keys:
        make_key_files(one, tmp_path / f"{one.office}.key", WORDS)
    offices = tuple(one.public for one in keys)
    listed = make_recipients(keys[1], offices, "lianbot/0123456789abcdef", today, None)
    (folder / "recipients.json").write_text(listed)
    front = {
        "lessons": [{"title": "收货三看", "url": "/m/i/1"}],
        "faq": [{"q": "塞烟咋办", "a": "不收"}],
    }
    (folder / "in" / "front.json").write_text(json.dumps(front))
    env = {
        **os.environ,
        "LIANBOT_DOOR_DIR": str(folder),
        "LIANBOT_DOOR_PORT": "0",
        "LIANBOT_CLOCK": "system",
    }
    door = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from lianbot.cli.door import app; app()",
        "serve",
        "--json",
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    assert door.stdout is not None
    url = json.loads(await door.stdout.readline())["url"]
    yield Site(folder, url, keys)
    door.send_signal(signal.SIGTERM)
    await door.wait()


def photo() -> bytes:
    out = io.BytesIO()
    noise = Image.frombytes("RGB", (600, 450), os.urandom(600 * 450 * 3)).resize((2400, 1800))
    noise.save(
        out, "JPEG", quality=95, comment=b"taken by Zhang San", exif=b"Exif\x00\x00GPS-SECRET"
    )
    return out.getvalue()


async def phone(context: BrowserContext, url: str, capture: Capture) -> Page:
    page = await context.new_page()
    page.on("request", capture.watch)
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    await page.goto(url)
    return page


async def write(page: Page, picture: Path) -> list[str]:
    """Fill the form, copy the receipt, type one row back, wait until it is delivered."""
    await page.get_by_role("button", name="写意见").click()
    await page.get_by_role("radio", name="收礼、回扣、人情菜").click()
    await page.get_by_role("textbox", name="想说的话").fill(TEXT)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="加一张照片").click()
    await (await chooser.value).set_files(picture)
    await page.locator(".photo img").wait_for(timeout=60_000)
    await page.get_by_role("button", name="下一步").click()
    rows = await page.locator(".receipt li").all_text_contents()
    await page.get_by_role("button", name="抄好了").click()
    asked = await page.locator("main p").first.text_content() or ""
    await page.locator("input.digits").fill(rows[int(asked.split("第")[1].split("行")[0]) - 1])
    await page.locator(".sent").wait_for(timeout=60_000)
    return rows


async def read(page: Page, rows: list[str]) -> None:
    await page.get_by_role("button", name="看回音").click()
    for number, row in enumerate(rows):
        await page.locator("input.digits").nth(number).fill(row)
    await page.get_by_role("button", name="打开").click()
    await page.locator(".state, .reply, main > p").first.wait_for(timeout=60_000)


async def desk(context: BrowserContext, site: Site, *files: str) -> Page:
    """The offline tool with the first office's key and the fetched files."""
    page = await context.new_page()
    await page.goto(OFFICER.as_uri())
    await page.locator("#key").set_input_files(str(site.folder.parent / "hq.key"))
    await page.get_by_label("口令").first.fill(WORDS)
    await page.get_by_role("button", name="打开").click()
    await page.locator("#files").set_input_files(list(files), timeout=60_000)
    await page.locator(".list button").first.click(timeout=60_000)
    return page


async def answer(page: Page, site: Site, text: str, state: str, button: str) -> None:
    await page.get_by_role("textbox", name="写回音").fill(text)
    await page.get_by_label("状态改为").select_option(state)
    if state == "closed":
        await page.locator("#second").set_input_files(str(site.folder.parent / "jw.key"))
        await page.get_by_label("另一个人的口令").fill(WORDS)
    await page.get_by_role("button", name="放进周包").click()
    await page.get_by_text("等下一个周包").last.wait_for(timeout=60_000)
    async with page.expect_download() as download:
        await page.get_by_role("button", name=button).first.click()
    await (await download.value).save_as(site.folder / "in" / "hq.pack")
    site.flush()


def check_traffic(capture: Capture, origin: str, planted: list[str]) -> None:
    """Same host, no cookie, no referrer, two sizes, nothing readable."""
    sizes = {"/c/x": EXCHANGE, "/c/m": PHOTOS}
    assert {url.startswith(origin) for _, url, _, _ in capture.seen} == {True}
    for method, url, headers, body in capture.seen:
        path = url.removeprefix(origin).partition("?")[0]
        assert path in {"/m/", "/c/b", "/c/x", "/c/m"}, path
        assert not {"cookie", "referer", "authorization"} & set(headers)
        if method == "POST":
            assert len(body) == sizes[path]
            assert "content-type" not in headers
            assert len(url.partition("?s=")[2]) == 32
        for word in planted:
            assert word.encode() not in body
            assert word not in url


def check_profile(profile: Path, origin: str, planted: list[str]) -> None:
    """The one URL, and not a sign of what was written, in whatever encoding."""
    address = re.compile(re.escape(origin.encode()) + rb"(/[a-z]/[a-z?=#]*)")
    urls: set[bytes] = set()
    for path in profile.rglob("*"):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        for word in planted:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
                assert word.encode(encoding) not in raw, f"{word} lies in {path.name}"
        urls |= {found.removesuffix(b"http") for found in address.findall(raw)}
    assert urls == {b"/m/"}


async def test_the_whole_path_from_phone_to_officer_and_back(site: Site, tmp_path: Path) -> None:
    picture = tmp_path / "IMG_0001.jpg"
    picture.write_bytes(photo())
    profile, capture = tmp_path / "profile", Capture()
    origin = site.url.removesuffix("/m/")
    async with async_playwright() as playwright:

        async def launch(folder: Path, width: int) -> BrowserContext:
            return await playwright.chromium.launch_persistent_context(
                str(folder),
                executable_path=CHROMIUM,
                args=FLAGS,
                headless=True,
                viewport={"width": width, "height": 844},
                accept_downloads=True,
            )

        context = await launch(profile, 390)
        page = await phone(context, site.url, capture)
        rows = await write(page, picture)
        site.flush()

        office = await launch(tmp_path / "office", 1440)
        sealed = site.out("recipients.json", "intake.json", "sealed.bin")
        media = [str(path) for path in (site.folder / "out").glob("media-*.bin")]
        tool = await desk(office, site, *sealed, *media)
        assert TEXT in (await tool.locator(".case").text_content() or "")
        await tool.wait_for_function("document.querySelector('.photos canvas').width > 300")
        assert await tool.evaluate("localStorage.length + sessionStorage.length") == 0
        await answer(tool, site, "查了，情况是这样", "investigating", "做本周的包")
        await answer(tool, site, "结果：已经处理", "feedback", "本周再做一个")

        await page.goto(site.url)
        await read(page, rows)
        assert await page.locator(".state").text_content() == "有结果"
        assert await page.get_by_text("公告里有给您的新回音").count() == 1
        assert await page.get_by_text("您的信在每日总账里").count() == 1
        await page.get_by_role("button", name="我不同意这个结果").click()
        await page.get_by_role("textbox", name="想说的话").fill(MORE)
        await page.get_by_role("radio", name="这几个办公室都送").click()
        await page.get_by_role("button", name="封好送出").click()
        await page.locator(".sent").wait_for(timeout=60_000)
        site.flush()

        await tool.locator("#files").set_input_files(site.out("intake.json", "sealed.bin"))
        await tool.locator(".case").get_by_text(MORE).wait_for(timeout=60_000)
        await answer(tool, site, "换了人再查，意见属实", "feedback", "本周再做一个")
        await answer(tool, site, "办完了，谢谢", "closed", "本周再做一个")
        async with tool.expect_download() as saved:
            await tool.get_by_role("button", name="导出台账").click()
        await (await saved.value).save_as(tmp_path / "hq.book")

        await page.goto(site.url)
        await read(page, rows)
        assert await page.locator(".state").text_content() == "办完"
        await asyncio.gather(*capture.waiting)
        await context.close()
        await office.close()
    planted = [TEXT, TEXT[2:8], MORE, MORE[3:9], "".join(rows), rows[1] + rows[2], " ".join(rows)]
    check_traffic(capture, origin, planted)
    check_profile(profile, origin, [*planted, "办完了，谢谢"])
    check_photo(site, tmp_path)
    check_book(site, tmp_path)


def check_photo(site: Site, tmp_path: Path) -> None:
    """The photo arrived small, and without one segment that could tell of phone, place or time."""
    salt = read_recipients((site.folder / "recipients.json").read_text()).salt
    raw = b"".join(path.read_bytes() for path in (site.folder / "out").glob("media-*.bin"))
    photos = list(open_photos(raw, keys=site.keys[1].opening, salt=salt).values())
    assert len(photos) == 1
    assert len(photos[0]) <= 262_000
    at = 2
    while photos[0][at + 1] != 0xDA:
        assert not (0xE1 <= photos[0][at + 1] <= 0xEF or photos[0][at + 1] == 0xFE)
        at += 2 + int.from_bytes(photos[0][at + 2 : at + 4], "big")


def check_book(site: Site, tmp_path: Path) -> None:
    """The book that the browser wrote is the command line's book too."""
    from lianbot.officer.book import read_book

    book = read_book((tmp_path / "hq.book").read_text(), site.keys[0].book_key)
    case = book.cases[0]
    assert [letter.kind for letter in case.letters] == ["concern", "object"]
    assert (case.state.value, case.steps[-1].second) == ("closed", "jw")


async def test_idle_writing_is_wiped_by_the_wall_clock(site: Site, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.clock.install()
        await page.goto(site.url)
        await page.get_by_role("button", name="写意见").click()
        await page.clock.run_for(200)
        await page.get_by_role("textbox", name="想说的话").fill(TEXT)
        await page.clock.run_for(9 * 60_000 + 10_000)
        assert await page.get_by_text("还在吗？点一下继续").count() == 1
        await page.clock.run_for(61_000)
        assert await page.get_by_role("button", name="写意见").count() == 1
        assert await page.locator("textarea").count() == 0
        await browser.close()


async def test_leaving_at_once_goes_to_a_lesson(site: Site) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(site.url)
        await page.get_by_role("button", name="写意见").click()
        await page.get_by_role("button", name="立即离开").click()
        await page.wait_for_url("**/m/i/1")
        await page.go_back()
        assert await page.locator("textarea").count() == 0
        await browser.close()


async def test_a_door_that_keeps_nothing_ends_at_the_other_ways(site: Site) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        headers = {"Access-Control-Allow-Origin": "null"}

        async def refuse(route: Route) -> None:
            await route.fulfill(body=os.urandom(ANSWER), headers=headers)

        await page.route("**/c/x*", refuse)
        await page.goto(site.url)
        await page.get_by_role("button", name="写意见").click()
        await page.get_by_role("radio", name="欠薪、工时、扣钱").click()
        assert await page.get_by_text("先打劳动保障电话更快").is_visible()
        await page.get_by_role("textbox", name="想说的话").fill(TEXT)
        await page.get_by_role("button", name="下一步").click()
        rows = await page.locator(".receipt li").all_text_contents()
        await page.get_by_role("button", name="抄好了").click()
        asked = await page.locator("main p").first.text_content() or ""
        await page.locator("input.digits").fill(rows[int(asked.split("第")[1].split("行")[0]) - 1])
        for _ in range(2):
            await page.get_by_role("button", name="再试一次").click(timeout=60_000)
        await page.get_by_text("现在送不进去").wait_for(timeout=60_000)
        assert await page.get_by_text("12388").count() == 1
        await browser.close()


async def test_a_wrong_digit_is_told_before_anything_is_derived(site: Site) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(site.url)
        await page.get_by_role("button", name="看回音").click()
        for number, row in enumerate(["３１４１", "5926", "5358", "9793", "2318"]):
            await page.locator("input.digits").nth(number).fill(row)
        await page.get_by_role("button", name="打开").click()
        assert await page.get_by_text("号码有一位不对").is_visible()
        await browser.close()


async def test_without_webassembly_the_other_ways_are_shown(site: Site) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.add_init_script("delete window.WebAssembly")
        await page.goto(site.url)
        await page.get_by_role("button", name="写意见").click()
        await page.get_by_text("这部手机封不了信").wait_for()
        assert await page.locator("textarea").count() == 0
        await browser.close()


async def test_a_planted_request_to_another_origin_would_be_noticed() -> None:
    capture = Capture(seen=[("GET", "http://evil.test/x", {}, b"")])
    with pytest.raises(AssertionError):
        check_traffic(capture, "http://door.test", [])


def test_a_profile_that_kept_the_text_would_be_noticed(tmp_path: Any) -> None:
    (tmp_path / "Session").write_bytes(b"..." + TEXT.encode("utf-16-le"))
    with pytest.raises(AssertionError, match="Session"):
        check_profile(tmp_path, "http://door.test", [TEXT])
