"""Faults by rule: each kind on a call of the bot, and on pushes to it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from lianbot.twin import Twin
from lianbot.twin.accounts import ConfigError
from lianbot.twin.faults import Faults

SEND = "/cgi-bin/message/send"


@pytest.fixture
def raw_send(twin: Twin, wecom: Any, http: aiohttp.ClientSession, text: Any) -> Any:
    async def call() -> tuple[int, str]:
        url = f"{twin.wecom_base}{SEND}?access_token={wecom.token}"
        async with http.post(url, json=text()) as got:
            return got.status, await got.text()

    return call


async def test_a_5xx_is_html_and_nothing_was_sent(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("5xx", "*/message/send", status=502)
    status, body = await raw_send()
    assert (status, "<html>" in body, twin.received("Wang")) == (502, True, [])


async def test_html_with_200_is_no_json(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("html200", "*/message/send")
    status, body = await raw_send()
    assert (status, body.startswith("<html>")) == (200, True)


async def test_an_empty_answer_is_empty(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("empty", "*/message/send")
    assert await raw_send() == (200, "")


@pytest.mark.parametrize(
    ("kind", "received"), [("drop_after_accept", 1), ("drop_before", 0), ("reset", 0)]
)
async def test_a_cut_connection_may_or_may_not_have_sent(
    twin: Twin, raw_send: Any, kind: str, received: int
) -> None:
    twin.faults.add(kind, "*/message/send")
    with pytest.raises(aiohttp.ClientError):
        await raw_send()
    assert len(twin.received("Wang")) == received


@pytest.mark.parametrize("kind", ["5xx", "html200", "empty"])
async def test_accepted_makes_a_broken_answer_follow_a_real_send(
    twin: Twin, raw_send: Any, kind: str
) -> None:
    twin.faults.add(kind, "*/message/send", accepted=True)
    await raw_send()
    assert len(twin.received("Wang")) == 1


async def test_an_errcode_is_answered_as_given(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("errcode", "*/message/send", errcode=45033, errmsg="too many")
    assert '"errcode":45033' in (await raw_send())[1]


async def test_latency_delays_and_lets_through(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("latency", "*/message/send", seconds=0.1)
    started = time.monotonic()
    await raw_send()
    assert (time.monotonic() - started >= 0.1, len(twin.received("Wang"))) == (True, 1)


async def test_token_expiry_strikes_in_the_middle_of_a_call(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("token_expiry", "*/message/send", count=1)
    assert '"errcode":42001' in (await raw_send())[1]


async def test_other_paths_are_not_struck(twin: Twin, raw_send: Any) -> None:
    twin.faults.add("5xx", "*/gettoken")
    assert (await raw_send())[0] == 200


async def test_a_push_can_come_twice_with_one_msgid(twin: Twin, bot: Any) -> None:
    twin.faults.add("duplicate_callback", "/callback/wecom")
    await twin.type_text("Wang", "好")
    assert [each["MsgId"] for each in bot.got] == [bot.got[0]["MsgId"]] * 2


async def test_a_held_push_is_overtaken_by_the_next(twin: Twin, bot: Any) -> None:
    twin.faults.add("out_of_order", "/callback/wecom", count=1, seconds=5)
    held = asyncio.create_task(twin.type_text("Wang", "first"))
    await twin.world.wait_until(lambda: bool(twin.phone("Wang").bubbles))
    await twin.type_text("Wang", "second")
    await held
    assert [each["Content"] for each in bot.got] == ["second", "first"]


def test_every_nth_strikes_after_the_first_ones() -> None:
    faults = Faults(1)
    faults.add("5xx", "/a", every=3, after=2, count=2)
    hits = [bool(faults.strikes("/a")) for _ in range(14)]
    assert [i for i, hit in enumerate(hits) if hit] == [4, 7]


def test_a_seed_repeats_the_dice() -> None:
    def run() -> list[bool]:
        faults = Faults(42)
        faults.add("5xx", "/a", probability=0.3)
        return [bool(faults.strikes("/a")) for _ in range(200)]

    assert run() == run()
    assert 30 < sum(run()) < 90


@pytest.mark.parametrize(
    ("kind", "options"),
    [("meteor", {}), ("5xx", {"probability": 2}), ("5xx", {"status": 200}), ("5xx", {"x": 1})],
)
def test_a_wrong_rule_is_refused(kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Faults(1).add(kind, "*", **options)


async def test_rules_come_and_go_over_http(twin: Twin, people: Any, raw_send: Any) -> None:
    rule = {"kind": "5xx", "path": "*/message/send"}
    _, made = await people("POST", "/faults", {"faults": [rule], "seed": 3})
    await raw_send()
    _, shown = await people("GET", "/faults")
    assert shown["faults"][0]["struck"] == 1
    await people("DELETE", f"/faults/{made['ids'][0]}")
    assert (await raw_send())[0] == 200
