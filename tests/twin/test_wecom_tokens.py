"""WeCom tokens: life, wrong secrets, trusted addresses."""

from __future__ import annotations

from typing import Any

import pytest

from lianbot.twin import Twin


@pytest.fixture
def gettoken(twin: Twin, wecom: Any) -> Any:
    async def call(**changed: str) -> Any:
        account = twin.world.wecom
        asked = {"corpid": account.corp_id, "corpsecret": account.secret, **changed}
        return await wecom.get("/cgi-bin/gettoken", **asked)

    return call


async def test_the_same_token_comes_back_while_it_is_valid(gettoken: Any) -> None:
    assert (await gettoken())["access_token"] == (await gettoken())["access_token"]


async def test_after_two_hours_there_is_another(twin: Twin, gettoken: Any) -> None:
    first = (await gettoken())["access_token"]
    twin.clock.move(7201)
    assert (await gettoken())["access_token"] != first


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"corpsecret": "wrong"}, 40001),
        ({"corpid": "wrong"}, 40013),
        ({"corpid": ""}, 41002),
        ({"corpsecret": ""}, 41004),
    ],
)
async def test_wrong_credentials_have_their_code(
    gettoken: Any, changed: dict[str, str], errcode: int
) -> None:
    assert (await gettoken(**changed))["errcode"] == errcode


async def test_many_wrong_secrets_ban_the_address_for_an_hour(twin: Twin, gettoken: Any) -> None:
    for _ in range(twin.world.switches.wrong_secret_ban_after):
        await gettoken(corpsecret="wrong")
    assert (await gettoken())["errcode"] == 45009
    twin.clock.move(3601)
    assert (await gettoken())["errcode"] == 0


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("unknown", 40014)])
async def test_a_missing_and_an_unknown_token_differ(
    wecom: Any, text: Any, token: str, errcode: int
) -> None:
    assert (await wecom.post("/cgi-bin/message/send", text(), token=token))["errcode"] == errcode


async def test_an_expired_token_says_so(twin: Twin, wecom: Any, text: Any) -> None:
    twin.clock.move(7201)
    assert (await wecom.post("/cgi-bin/message/send", text()))["errcode"] == 42001


async def test_an_address_outside_the_trusted_ones_is_60020(
    twin: Twin, wecom: Any, text: Any
) -> None:
    twin.world.wecom.trusted_ips = ["203.0.113.7"]
    assert (await wecom.post("/cgi-bin/message/send", text()))["errcode"] == 60020


async def test_too_many_calls_a_minute_are_45009_but_sends_are_not_counted(
    twin: Twin, wecom: Any, text: Any, gettoken: Any
) -> None:
    twin.world.switches.calls_per_minute = 2
    codes = [(await gettoken())["errcode"] for _ in range(3)]
    sends = [(await wecom.post("/cgi-bin/message/send", text()))["errcode"] for _ in range(3)]
    assert (codes[-1], sends) == (45009, [0, 0, 0])
    twin.clock.move(61)
    assert (await gettoken())["errcode"] == 0


async def test_a_wrong_path_is_404_with_an_empty_body(twin: Twin, http: Any) -> None:
    async with http.get(twin.wecom_base + "/cgi-bin/message/sned") as got:
        assert (got.status, await got.read()) == (404, b"")
