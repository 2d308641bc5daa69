"""The binding page: the platform says whose phone it is, buttons do what words do in the chat."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from fakes.house import Person, text_of
from fakes.pages import Page
from lianbot.domain.people import ChannelKind
from lianbot.phrases import binding as say
from lianbot.storage.tables import bindings, ledger_entries, workers
from lianbot.web.signing import LIFETIME, SignedIn, TokenMaker, Visitor

WANG = Person(account="wang", name="王小芳", phone="13900008866", wecom=False)
LI = Person(account="li", name="李强", official=True)
CODE = "482199350217"


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI]) as stage:
        yield stage


async def worker_id(stage, account: str):
    async with stage.house.database.read() as connection:
        found = await connection.execute(
            select(workers.c.id).where(workers.c.number == f"LB-{account}")
        )
        return found.scalar_one()


async def slip(stage, account: str) -> None:
    hashed = stage.house.binding.code_hash(CODE)
    await stage.house.bind_desk.add_slips(
        [(await worker_id(stage, account), hashed)], by=None, now=stage.house.clock.now()
    )


async def accounts(stage, account: str) -> list[tuple[str, str]]:
    who = await worker_id(stage, account)
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(bindings.c.channel, bindings.c.account).where(bindings.c.worker_id == who)
        )
        return [tuple(row) for row in rows]


async def open_page(stage, account: str, scene: str = "") -> Page:
    public = stage.house.settings.public_url
    return await Page.open(stage.twin, account, f"{public}/m/bind{scene}")


async def test_a_slip_scanned_into_the_page_binds_by_taps_alone(stage):
    await slip(stage, "wang")
    page = await open_page(stage, "wang", f"/b{CODE}")
    assert "您是王*芳，后厨班" in page.text and "王小芳" not in page.text
    page = Page(**{**_fields(page), "url": page.url.rpartition("/")[0]})
    bound = await page.press("", say=say.YES)
    assert "绑好了" in bound.text and "午休" in bound.text
    assert await accounts(stage, "wang") == [("wecom", "wang")]
    after = await page.press("", say="午休")
    assert say.time_kept("午休") in after.text


def _fields(page: Page) -> dict:
    return {name: getattr(page, name) for name in ("twin", "account", "url", "status", "text")}


async def test_three_fields_do_the_same(stage):
    page = await open_page(stage, "wang")
    claimed = await page.press("", number="LB-wang", name="王小芳", tail="8866")
    assert "您是王*芳" in claimed.text
    assert "绑好了" in (await page.press("", say=say.YES)).text
    assert len(await accounts(stage, "wang")) == 1


async def test_wrong_facts_bind_nothing_and_ask_again(stage):
    page = await open_page(stage, "wang")
    again = await page.press("", number="LB-wang", name="王小方", tail="8866")
    assert say.NO_MATCH in again.text and 'name="tail"' in again.text
    assert await accounts(stage, "wang") == []


async def test_a_bound_phone_is_told_so_and_changes_the_time_by_a_tap(stage):
    page = await open_page(stage, "li")
    assert say.ALREADY in page.text
    assert say.PAPER in (await page.press("", say="不想收")).text
    async with stage.house.database.read() as connection:
        found = await connection.execute(
            select(workers.c.preferred).where(workers.c.number == "LB-li")
        )
        assert found.scalar_one() == "paper_only"


async def test_another_browser_is_told_where_to_open_it(stage, monkeypatch):
    url = f"{stage.house.settings.public_url}/m/bind"
    async with ClientSession() as client, client.get(url, allow_redirects=False) as got:
        assert got.status == 302
    async with ClientSession() as client, client.get(f"{url}?code=x&state=w2") as got:
        assert say.OPEN_IN_APP in await got.text()


@pytest.mark.parametrize("token", ["", "x", "AAAA", "ñ", "A" * 400])
async def test_a_made_up_token_is_refused(stage, token):
    url = f"{stage.house.settings.public_url}/m/bind"
    form = {"t": token, "say": say.YES}
    async with ClientSession() as client, client.post(url, data=form) as got:
        assert got.status == 403


def test_tokens_of_two_kinds_do_not_open_each_other(clock):
    maker, now = TokenMaker(b"k" * 32), clock.now()
    me = SignedIn(channel=ChannelKind.OFFICIAL, account="oABC-_x")
    token = maker.seal_account(me, now)
    assert maker.open_account(token, now) == me
    assert maker.open(token, now) is None
    assert maker.open_account(token, now + LIFETIME + timedelta(seconds=1)) is None
    visitor = maker.seal(Visitor(worker_id=UUID(int=1), occurrence_id=UUID(int=2)), now)
    assert maker.open_account(visitor, now) is None


async def test_the_chat_of_the_official_account_binds_by_scan_and_word(stage):
    """A parametric code of the twin, scanned by a phone that did not follow yet."""
    await slip(stage, "wang")
    token = (await _twin_token(stage))["access_token"]
    body = {
        "expire_seconds": 600,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": f"b{CODE}"}},
    }
    async with ClientSession() as client:
        url = f"{stage.twin.official_base}/cgi-bin/qrcode/create?access_token={token}"
        async with client.post(url, json=body) as got:
            ticket = (await got.json(content_type=None))["ticket"]
    result = await stage.twin.subscribe("wang", ticket=ticket)
    assert "您是王*芳" in text_of(result.reply)
    assert "绑好了" in text_of((await stage.twin.type_text("wang", "是我", "official")).reply)
    assert await accounts(stage, "wang") == [("official", "owang")]
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(ledger_entries.c.type).order_by(ledger_entries.c.seq.desc())
        )
        assert rows.scalars().first() == "bind"
    assert re.search(
        "午休", text_of((await stage.twin.type_text("wang", "午休", "official")).reply)
    )


async def _twin_token(stage) -> dict:
    account = stage.twin.world.official
    body = {
        "grant_type": "client_credential",
        "appid": account.appid,
        "secret": account.secret,
    }
    async with ClientSession() as client:
        url = f"{stage.twin.official_base}/cgi-bin/stable_token"
        async with client.post(url, json=body) as got:
            return await got.json(content_type=None)
