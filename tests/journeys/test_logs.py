"""A day in the life of `serve`, with planted words: none of them is in its log."""

import sqlite3
from contextlib import closing

import aiohttp
import pytest

from fakes.house import (
    START,
    Person,
    Serve,
    approved_campaign,
    cast_of,
    copy_prepared,
    enrol,
    give_phones,
    page_in,
    settings_for,
    wecom_settings,
)
from fakes.pages import Page
from fakes.platform_calls import Caller
from lianbot.bootstrap import open_house
from lianbot.timetable.clocks import move_clock
from lianbot.twin import Twin

WORKER = Person(account="plantedaccount", name="计划名", phone="13912345678")
TYPED = "我偷偷告诉你一件事"


@pytest.fixture
async def log(tmp_path, small_content, prepared) -> str:
    """Everything that the process wrote."""
    move_clock(tmp_path / "clock", START)
    copy_prepared(prepared, tmp_path)
    async with Twin.start(port=0, clock=f"file:{tmp_path / 'clock'}") as twin:
        give_phones(twin, [WORKER])
        settings = settings_for(
            tmp_path, small_content, public_url="https://lj.example", **wecom_settings(twin)
        )
        async with open_house(settings) as house:
            cast = await cast_of(house)
            await enrol(house, [WORKER], cast.author)
            await approved_campaign(house, cast)
        serve = Serve(settings=settings, log=tmp_path / "serve.log")
        try:
            await serve.start()
            await _live(twin, serve)
        finally:
            await serve.stop()
        text = serve.log.read_text(encoding="utf-8")
        with closing(sqlite3.connect(tmp_path / "lianbot.db")) as database:
            ((token,),) = database.execute("SELECT value FROM platform_tokens").fetchall()
        assert token not in text
        for secret in ("secret_key", "wecom_secret", "wecom_token", "wecom_aes_key"):
            assert getattr(settings, secret).get_secret_value() not in text
        return text


async def _live(twin: Twin, serve: Serve) -> None:
    """Pushed, answered, asked, forged, and one platform fault: every line that serve can write."""
    twin.world.wecom.callback_url = f"{serve.base}/wechat/wecom"
    twin.faults.add("5xx", "*/message/send", count=1)
    await twin.wait_received(WORKER.account, 1, timeout=30)
    bubble = twin.received(WORKER.account)[0]
    url = page_in(bubble).replace("https://lj.example", serve.base) + "?code=planted-code&state=w2"
    page = await Page.open(twin, WORKER.account, url)
    await twin.type_text(WORKER.account, TYPED)
    await twin.type_text(WORKER.account, "懂了")
    caller = Caller(twin, serve.base)
    query, body = caller.sealed(caller.text(WORKER.account, TYPED))
    await caller.post(query | {"msg_signature": "planted-signature"}, body)
    await caller.post(query, b"<broken" + TYPED.encode())
    async with aiohttp.ClientSession() as client:
        await client.get(f"{serve.base}/m/i/planted-path?code=planted-code&state=w2")
    assert page.status == 200


PLANTED = (
    TYPED,
    WORKER.name,
    WORKER.phone,
    WORKER.account,
    "planted",
    "/m/i/",
    "空白单子",
    "127.0.0.1",
)


async def test_the_log_says_what_happened_and_nothing_about_anybody(log):
    assert "planned occurrence=" in log
    assert "handed over" in log
    assert [one for one in PLANTED if str(one) in log] == []
