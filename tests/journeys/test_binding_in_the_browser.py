"""Binding at the phone wall: a slip is scanned into the chat, a page is filled in, two words and it is done."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from fakes.house import Person, Stage
from journeys.test_phones_in_the_browser import CHROMIUM, browser
from lianbot.bootstrap import bind_papers
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.storage.consents import ConsentStore
from lianbot.storage.tables import bindings, workers

__all__ = ["browser"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Debian chromium on this machine"),
]
LI = Person(account="li", name="李强", official=True)
NEW = Person(account="new", name="王小芳", phone="13900008866", wecom=False)


@pytest.fixture
async def stage(staged) -> AsyncIterator[Stage]:
    async with staged([LI, NEW]) as stage:
        stage.twin.add_people([{"id": "walk", "name": "王小芳", "client": "none"}])
        yield stage


async def ticket(stage: Stage) -> str:
    people = {one.number: one.id for one in await stage.house.people.workers()}
    (slip,) = await bind_papers(stage.house).slips([people["LB-new"]], by=None)
    start = slip.address.rpartition("/")[2]
    return next(one for one in stage.twin.world.tickets if one.startswith(start))


async def phone(stage: Stage, browser: Browser, account: str) -> Page:
    page = await browser.new_page(viewport={"width": 1100, "height": 900})
    await page.goto(f"{stage.twin.base_url}/twin/phone/{account}")
    return page


async def write(page: Page, text: str) -> None:
    await page.get_by_label("输入消息").fill(text)
    await page.get_by_role("button", name="发送").click()


async def test_scan_yes_when_and_consent_in_the_chat(stage: Stage, browser: Browser, tmp_path):
    page = await phone(stage, browser, "walk")
    chat = page.locator("#lines")
    await page.get_by_label("扫一扫").fill(await ticket(stage))
    await page.get_by_role("button", name="扫", exact=True).click()
    await expect(chat.get_by_text("您是王*芳，后厨班")).to_be_visible()
    await write(page, "是我")
    await expect(chat.get_by_text("什么时候看方便")).to_be_visible()
    await write(page, "午休")
    await expect(chat.get_by_text("记下了：午休")).to_be_visible()
    await write(page, "同意提醒")
    await expect(chat.get_by_text("记下了，谢谢您")).to_be_visible()
    await page.screenshot(path=tmp_path / "chat.png")
    async with stage.house.database.read() as connection:
        row = (
            await connection.execute(
                select(workers.c.id, workers.c.preferred, bindings.c.account)
                .join(bindings, bindings.c.worker_id == workers.c.id)
                .where(workers.c.number == "LB-new")
            )
        ).one()
    assert (row.preferred, row.account) == ("noon", "owalk")
    standing = await ConsentStore(stage.house.database).standing(
        ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE
    )
    assert standing == {row.id}


async def test_the_page_binds_with_three_fields_and_taps(stage: Stage, browser: Browser, tmp_path):
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    here = f"{stage.base}/m/bind"
    await page.goto(f"{stage.twin.base_url}/twin/phone/new/open?url={here}")
    await page.get_by_label("工号").fill("LB-new")
    await page.get_by_label("姓名").fill("王小芳")
    await page.get_by_label("手机后四位").fill("8866")
    await page.screenshot(path=tmp_path / "fields.png")
    await page.get_by_role("button", name="发送").click()
    await expect(page.get_by_text("您是王*芳，后厨班")).to_be_visible()
    await page.screenshot(path=tmp_path / "claim.png")
    await page.get_by_role("button", name="是我", exact=True).click()
    await page.get_by_role("button", name="下班后").click()
    await expect(page.get_by_text("记下了：下班后")).to_be_visible()
    await page.screenshot(path=tmp_path / "done.png")
