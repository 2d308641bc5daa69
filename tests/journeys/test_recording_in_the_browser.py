"""An editor records on the page itself: record, stop, listen, again, hand in; without a microphone the file field stands."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from fakes.house import Person, Stage
from journeys.test_phones_in_the_browser import CHROMIUM, FLAGS
from lianbot.curriculum.voice import seconds_of
from lianbot.domain.items import EditionState
from lianbot.phrases import voices as say
from lianbot.ports.desk import StoredEdition

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Debian chromium on this machine"),
]
BIAN, ITEM = Person(account="bian", name="编辑"), "LSN-COOK-001"
BEEPS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SOME_SOUND = """
const start = MediaRecorder.prototype.start;
MediaRecorder.prototype.start = function (slice) {
  this.addEventListener("dataavailable", () => { document.body.dataset.some = "sound"; });
  return start.call(this, slice);
};
"""
NO_RECORDER = "delete window.MediaRecorder"
NO_ANSWER = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {})"


@pytest.fixture
async def stage(staged) -> AsyncIterator[Stage]:
    async with staged([BIAN]) as stage:
        await stage.house.accounts.name_person(
            stage.cast.author.id, "LB-bian", stage.cast.reviewer.id, stage.house.clock.now()
        )
        yield stage


async def _chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*FLAGS, *flags]
        )
        yield chromium
        await chromium.close()


@pytest.fixture
async def beeping() -> AsyncIterator[Browser]:
    """Chromium's own fake microphone, which beeps, and its question answered with yes."""
    async for one in _chromium(*BEEPS):
        yield one


@pytest.fixture
async def silent() -> AsyncIterator[Browser]:
    """No microphone and nobody who says yes."""
    async for one in _chromium():
        yield one


async def opened(stage: Stage, browser: Browser, *, before: str = "") -> Page:
    sha = (await stage.house.content.current([ITEM]))[ITEM].sha256
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    if before:
        await page.add_init_script(before)
    await page.goto(f"{stage.twin.base_url}/twin/phone/bian/open?url={stage.base}/m/voice/{sha}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


async def waiting(stage: Stage) -> list[StoredEdition]:
    everything = await stage.house.content.all()
    return [one for one in everything if one.edition.state is EditionState.AWAITING]


async def test_record_stop_listen_again_and_hand_in(stage: Stage, beeping: Browser, tmp_path):
    page = await opened(stage, beeping)
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    await expect(page.get_by_text(say.FILE)).to_be_hidden()
    await page.screenshot(path=tmp_path / "idle.png", full_page=True)
    await button(page, say.RECORD).click()
    await expect(page.get_by_role("timer")).to_have_text("0:01 / 1:00")
    await page.screenshot(path=tmp_path / "recording.png", full_page=True)
    await button(page, say.STOP).click()
    await button(page, say.LISTEN).click()
    await expect(button(page, say.QUIET)).to_be_visible()
    await page.screenshot(path=tmp_path / "recorded.png", full_page=True)
    assert await waiting(stage) == []
    await button(page, say.AGAIN).click()
    await expect(page.get_by_role("timer")).to_have_text("0:01 / 1:00")
    await expect(page.get_by_text(say.RECORDING)).to_be_visible()
    await expect(page.get_by_role("timer")).to_have_text("0:02 / 1:00")
    await button(page, say.STOP).click()
    await button(page, say.HAND_IN).click()
    await expect(page.get_by_text("收到了，2 秒")).to_be_visible()
    await expect(button(page, say.RECORD)).to_be_visible()
    await page.screenshot(path=tmp_path / "kept.png", full_page=True)
    (made,) = await waiting(stage)
    files = await stage.house.content.media_of(made.edition.sha256)
    assert [name.rpartition(".")[2] for _, name in files if name.startswith("voice/")] == [
        "mp3",
        "amr",
    ]
    kept = await stage.house.content.media_body(made.edition.voice)
    assert kept is not None
    assert 1 < (seconds_of(kept[1]) or 0) < 4
    assert refused == []


async def test_after_a_minute_it_stops_and_a_lost_signal_loses_nothing(
    stage: Stage, beeping: Browser
):
    page = await opened(stage, beeping, before=SOME_SOUND)
    await page.clock.install()
    await button(page, say.RECORD).click()
    await expect(page.locator("body[data-some=sound]")).to_be_attached()
    await page.clock.run_for(59_600)
    await expect(page.get_by_role("timer")).to_have_text("1:00 / 1:00")
    await expect(button(page, say.STOP)).to_be_hidden()
    posts = 0

    async def lost(route: Route) -> None:
        nonlocal posts
        posts += 1
        await (route.abort() if posts == 1 else route.continue_())

    await page.route("**/m/voice/*", lost)
    await button(page, say.HAND_IN).click()
    await expect(page.get_by_text(say.NOT_SENT)).to_be_visible()
    assert await waiting(stage) == []
    await button(page, say.HAND_IN).click()
    await expect(page.get_by_text("收到了")).to_be_visible()
    assert len(await waiting(stage)) == 1


async def test_where_the_browser_cannot_record_the_file_field_stands(
    stage: Stage, silent: Browser
):
    page = await opened(stage, silent, before=NO_RECORDER)
    await expect(page.get_by_label(say.FILE)).to_be_visible()
    await expect(button(page, say.RECORD)).to_be_hidden()


async def test_a_no_and_no_answer_at_all_lead_to_the_file_field(
    stage: Stage, silent: Browser, tmp_path
):
    page = await opened(stage, silent)
    await button(page, say.RECORD).click()
    await expect(page.get_by_text(say.REFUSED)).to_be_visible()
    await expect(page.get_by_label(say.FILE)).to_be_visible()
    await page.screenshot(path=tmp_path / "refused.png", full_page=True)
    page = await opened(stage, silent, before=NO_ANSWER)
    await page.clock.install()
    await button(page, say.RECORD).click()
    await expect(page.get_by_text(say.ASKING)).to_be_visible()
    await page.clock.run_for(13_000)
    await expect(page.get_by_text(say.REFUSED)).to_be_visible()
    await expect(page.get_by_label(say.FILE)).to_be_visible()
