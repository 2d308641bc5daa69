"""The people's API: accounts, phones, acts by HTTP, clock, banner, export, state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lianbot.twin import Twin


async def test_accounts_change_in_part(twin: Twin, people: Any) -> None:
    status, body = await people("PUT", "/accounts", {"wecom": {"corp_id": "wwnew"}})
    assert (status, body["wecom"]["corp_id"], twin.world.wecom.agent_id) == (200, "wwnew", 1000002)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"wecom": {"colour": "red"}}, "colour"),
        ({"wecom": {"agent_id": "x"}}, "agent_id"),
        ({"wecom": {"aes_key": "short"}}, "aes_key"),
        ({"official": {"mode": "loud"}}, "mode"),
        ({"switches": {"duplicate_by": "smell"}}, "duplicate_by"),
        ({"tencent": {}}, "tencent"),
    ],
)
async def test_a_wrong_setting_is_named_and_nothing_changes(
    twin: Twin, people: Any, change: dict[str, Any], named: str
) -> None:
    whole = {"official": {"appid": "wxnew"}, **change}
    if "official" in change:
        whole["wecom"] = {"corp_id": "wwnew"}
    status, body = await people("PUT", "/accounts", whole)
    assert (status, named in body["error"]) == (400, True)
    assert (twin.world.official.appid, twin.world.wecom.corp_id) == (
        "wx0123456789abcdef",
        "ww0123456789abcdef",
    )


@pytest.mark.parametrize(
    ("second", "named"),
    [
        ({"id": "Wang"}, "exists"),
        ({"id": "WANG"}, "userid"),
        ({"id": "x", "client": "fax"}, "client"),
        ({"id": "x", "followed": "yes"}, "followed"),
        ({"name": "nobody"}, "id"),
        ({"id": "x", "shoe": "42"}, "shoe"),
    ],
)
async def test_people_are_added_all_or_none(
    twin: Twin, people: Any, second: dict[str, Any], named: str
) -> None:
    status, body = await people("POST", "/people", {"people": [{"id": "new"}, second]})
    assert (status, named in body["error"], "new" in twin.world.phones) == (400, True, False)


async def test_reasons_are_set_for_many_at_once(twin: Twin, people: Any) -> None:
    changes = {"Wang": {"reason": "没绑定", "mend": "扫码"}, "li": {"reason": "离职"}}
    await people("PATCH", "/people", {"people": changes})
    assert (twin.phone("Wang").mend, twin.phone("li").reason) == ("扫码", "离职")


async def test_one_wrong_change_of_many_changes_nobody(twin: Twin, people: Any) -> None:
    changes = {"Wang": {"reason": "没绑定"}, "li": {"shoe": "42"}}
    status, _ = await people("PATCH", "/people", {"people": changes})
    assert (status, twin.phone("Wang").reason) == (400, "")


async def test_an_unknown_phone_is_404(people: Any) -> None:
    assert (await people("GET", "/phones/nobody"))[0] == 404


async def test_an_impossible_act_is_409_with_the_reason(bot: Any, people: Any) -> None:
    status, body = await people("POST", "/phones/zhao/enter", {})
    assert (status, "inactive" in body["error"]) == (409, True)


async def test_typing_returns_what_came_back(bot: Any, people: Any, replies: Any) -> None:
    bot.answer = replies["text"]("收到")
    _, body = await people("POST", "/phones/Wang/text", {"text": "好"})
    assert (body["ok"], body["attempts"], body["reply"]["content"]["text"]["content"]) == (
        True,
        1,
        "收到",
    )


async def test_other_kinds_and_events_reach_the_bot(bot: Any, people: Any) -> None:
    voice = {"kind": "voice", "fields": {"MediaId": "m", "Format": "amr"}}
    await people("POST", "/phones/Wang/send", voice)
    await people("POST", "/phones/Wang/event", {"event": "LOCATION", "fields": {"Latitude": 23.1}})
    assert [each["MsgType"] for each in bot.got] == ["voice", "event"]


async def test_a_form_of_a_foreign_page_does_nothing(twin: Twin, http: Any) -> None:
    url = f"{twin.base_url}/twin/api/phones/Wang/text"
    async with http.post(url, data={"text": "x"}) as got:
        assert (got.status, twin.phone("Wang").bubbles) == (400, [])


async def test_a_fixed_clock_cannot_be_moved_by_http(people: Any) -> None:
    assert (await people("POST", "/clock", {"jump": "day"}))[0] == 400


async def test_the_clock_file_moves_by_http(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    path = tmp_path / "offset"
    async with Twin.start(clock=f"file:{path}") as twin:
        url = f"{twin.base_url}/twin/api/clock"
        async with http.post(url, json={"seconds": 7200}) as got:
            assert got.status == 200
    assert float(path.read_text()) == pytest.approx(7200)


async def test_the_export_holds_what_was_received_and_sent(
    twin: Twin, bot: Any, wecom: Any, text: Any, people: Any
) -> None:
    await wecom.post("/cgi-bin/message/send", text(content="课"))
    await twin.type_text("Wang", "好")
    _, body = await people("GET", "/export")
    phone = body["phones"][0]
    assert (phone["received"][0]["summary"], phone["sent"][0]["kind"]) == ("课", "text")


async def test_a_saved_state_comes_back_in_another_twin(
    twin: Twin, bot: Any, wecom: Any, official: Any, text: Any, people: Any
) -> None:
    await wecom.post("/cgi-bin/message/send", text())
    await twin.type_text("Wang", "好", "official")
    _, state = await people("GET", "/state")
    async with Twin.start() as other, aiohttp.ClientSession() as session:
        url = f"{other.base_url}/twin/api/state"
        async with session.put(url, json=state) as got:
            assert got.status == 200
        assert other.export()["phones"] == twin.export()["phones"]
        asked = f"{other.wecom_base}/cgi-bin/message/send?access_token={wecom.token}"
        async with session.post(asked, json=text()) as got:
            assert (await got.json())["errcode"] == 0
        assert len({each.id for each in other.phone("Wang").bubbles}) == 3


async def test_a_loaded_state_still_knows_codes_tickets_and_task_ids(
    twin: Twin, bot: Any, wecom: Any, official: Any, card: Any, people: Any
) -> None:
    sent = await wecom.post("/cgi-bin/message/send", card())
    info = {"scene": {"scene_str": "x"}}
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": info}
    ticket = (await official.post("/cgi-bin/qrcode/create", body))["ticket"]
    _, state = await people("GET", "/state")
    assert (await people("PUT", "/state", state))[0] == 200
    assert (await wecom.post("/cgi-bin/message/send", card()))["errcode"] == 40058
    update = {
        "atall": 1,
        "agentid": 1000002,
        "response_code": sent["response_code"],
        "button": {"replace_name": "好"},
    }
    await wecom.post("/cgi-bin/message/update_template_card", update)
    assert (twin.received("Wang")[0].replaced, twin.world.tickets[ticket].scene) == ("好", "x")


@pytest.mark.parametrize("state", [{}, {"format": 2}, {"format": 2, "accounts": {}, "phones": 3}])
async def test_a_broken_state_changes_nothing(
    twin: Twin, people: Any, state: dict[str, Any]
) -> None:
    status, _ = await people("PUT", "/state", state)
    assert (status, len(twin.world.phones)) == (400, 5)


async def test_waiting_ends_when_the_message_arrives(twin: Twin, wecom: Any, text: Any) -> None:
    await wecom.post("/cgi-bin/message/send", text())
    assert len(await twin.wait_received("Wang", 1)) == 1
    with pytest.raises(TimeoutError):
        await twin.wait_received("Wang", 2, timeout=0.01)
