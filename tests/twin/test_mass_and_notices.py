"""Mass sends and 订阅通知: what is skipped, what is refused, and the events that tell the outcome."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lianbot.twin import Twin

ALL = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "本周一课"}}
NOTICE = {"touser": "oWang", "template_id": "n1", "page": "http://a/", "data": {}}


def tagged(tag: int, **more: Any) -> dict[str, Any]:
    return {**ALL, "filter": {"is_to_all": False, "tag_id": tag}, **more}


async def event_of(bot: Any, name: str, count: int = 1) -> dict[str, Any]:
    """The last of `count` events of that name that reached the bot."""
    for _ in range(500):
        found = [each for each in bot.got if each.get("Event") == name]
        if len(found) >= count:
            return dict(found[-1])
        await asyncio.sleep(0.01)
    raise AssertionError(f"no {name} in {bot.got}")


@pytest.fixture(autouse=True)
def quick(twin: Twin) -> None:
    twin.world.switches.mass_result_delay = 0.0
    twin.world.official.notices = {
        "n1": "学习提醒\n课程：{{thing1.DATA}}",
        "n2": "整改提醒\n事项：{{thing1.DATA}}",
        "n3": "长期提醒\n事项：{{thing1.DATA}}",
    }
    twin.world.official.lasting_notices = ["n3"]
    NOTICE["data"] = {"thing1": {"value": "验收要两个人"}}


@pytest.fixture
async def tag(official: Any) -> int:
    made = await official.post("/cgi-bin/tags/create", {"tag": {"name": "东区食堂"}})
    number: int = made["tag"]["id"]
    body = {"openid_list": ["oWang", "osun"], "tagid": number}
    assert (await official.post("/cgi-bin/tags/members/batchtagging", body))["errcode"] == 0
    return number


async def test_a_mass_send_reaches_every_follower_and_its_figures_come_later(
    twin: Twin, bot: Any, official: Any
) -> None:
    taken = await official.post("/cgi-bin/message/mass/sendall", ALL)
    told = await event_of(bot, "MASSSENDJOBFINISH")
    assert (told["MsgID"], told["Status"]) == (str(taken["msg_id"]), "send success")
    figures = [told[name] for name in ("TotalCount", "FilterCount", "SentCount", "ErrorCount")]
    assert figures == ["2", "2", "2", "0"]
    assert [len(twin.received(each, "official")) for each in ("Wang", "sun", "li")] == [1, 1, 0]


async def test_the_fifth_in_a_month_is_skipped_for_the_user_and_no_error(
    twin: Twin, bot: Any, official: Any, tag: int
) -> None:
    for _ in range(4):
        assert (await official.post("/cgi-bin/message/mass/sendall", tagged(tag)))["errcode"] == 0
    twin.phone("sun").masses.clear()
    assert (await official.post("/cgi-bin/message/mass/sendall", tagged(tag)))["errcode"] == 0
    told = await event_of(bot, "MASSSENDJOBFINISH", 5)
    assert (told["TotalCount"], told["FilterCount"], told["SentCount"]) == ("2", "1", "1")
    assert len(twin.received("Wang", "official")) == 4


async def test_who_refuses_messages_is_an_error_of_the_job_not_of_the_call(
    twin: Twin, bot: Any, official: Any
) -> None:
    twin.phone("Wang").messages_off = True
    assert (await official.post("/cgi-bin/message/mass/sendall", ALL))["errcode"] == 0
    told = await event_of(bot, "MASSSENDJOBFINISH")
    assert (told["SentCount"], told["ErrorCount"]) == ("1", "1")


async def test_a_guarded_send_waits_for_the_administrator_and_fails_after_half_an_hour(
    twin: Twin, bot: Any, official: Any, people: Any
) -> None:
    twin.world.switches.mass_guard = True
    first = (await official.post("/cgi-bin/message/mass/sendall", ALL))["msg_id"]
    assert twin.received("Wang", "official") == []
    _, job = await people("POST", f"/mass/{first}/confirm")
    assert (job["status"], len(twin.received("Wang", "official"))) == ("SEND_SUCCESS", 1)
    second = (await official.post("/cgi-bin/message/mass/sendall", ALL))["msg_id"]
    twin.clock.move(1801)
    got = await official.post("/cgi-bin/message/mass/get", {"msg_id": second})
    assert got["msg_status"] == "SEND_FAIL"
    told = await event_of(bot, "MASSSENDJOBFINISH", 2)
    assert (told["Status"], told["SentCount"]) == ("send fail", "0")
    assert (await people("POST", f"/mass/{second}/confirm"))[0] == 400


async def test_one_person_may_look_first_without_quota(twin: Twin, official: Any) -> None:
    body = {"touser": "oWang", "msgtype": "text", "text": {"content": "看看"}}
    assert (await official.post("/cgi-bin/message/mass/preview", body))["errcode"] == 0
    assert (len(twin.received("Wang")), twin.phone("Wang").masses) == (1, {})


async def test_one_acceptance_is_one_message(twin: Twin, bot: Any, official: Any) -> None:
    path = "/cgi-bin/message/subscribe/bizsend"
    assert (await official.post(path, NOTICE))["errcode"] == 43101
    await twin.acts.answer_notices(twin.phone("Wang"), {"n1": True})
    sent = await official.post(path, NOTICE)
    assert (await official.post(path, NOTICE))["errcode"] == 43101
    told = (await event_of(bot, "subscribe_msg_sent_event"))["SubscribeMsgSentEvent"]["List"]
    assert (told["TemplateId"], told["MsgID"], told["ErrorStatus"]) == (
        "n1",
        str(sent["msgid"]),
        "success",
    )
    assert twin.received("Wang", "official")[-1].content["rows"][0]["value"] == "验收要两个人"


async def test_a_long_term_acceptance_stays(twin: Twin, bot: Any, official: Any) -> None:
    await twin.acts.answer_notices(twin.phone("Wang"), {"n3": True})
    for _ in range(3):
        body = {**NOTICE, "template_id": "n3"}
        got = await official.post("/cgi-bin/message/subscribe/bizsend", body)
        assert got["errcode"] == 0


@pytest.mark.parametrize(
    ("choices", "shape"), [({"n1": True}, dict), ({"n1": True, "n2": False}, list)]
)
async def test_the_popup_tells_one_as_an_object_and_several_as_a_list(
    twin: Twin, bot: Any, people: Any, choices: dict[str, bool], shape: type
) -> None:
    status, _ = await people("POST", "/phones/Wang/notices", {"choices": choices, "scene": 2})
    told = (await event_of(bot, "subscribe_msg_popup_event"))["SubscribeMsgPopupEvent"]["List"]
    entries = [told] if isinstance(told, dict) else told
    assert (status, type(told)) == (200, shape)
    assert {each["TemplateId"]: each["SubscribeStatusString"] for each in entries} == {
        name: "accept" if taken else "reject" for name, taken in choices.items()
    }


async def test_consent_taken_back_is_an_event_and_43101(
    twin: Twin, bot: Any, official: Any, people: Any
) -> None:
    await twin.acts.answer_notices(twin.phone("Wang"), {"n1": True})
    await people("POST", "/phones/Wang/notices", {"drop": ["n1"]})
    told = await event_of(bot, "subscribe_msg_change_event")
    assert told["SubscribeMsgChangeEvent"]["List"]["SubscribeStatusString"] == "reject"
    got = await official.post("/cgi-bin/message/subscribe/bizsend", NOTICE)
    assert got["errcode"] == 43101


async def test_mass_jobs_duplicates_quotas_codes_faults_and_counts_survive_saving(
    twin: Twin, bot: Any, official: Any, wecom: Any, people: Any, text: Any
) -> None:
    await official.post("/cgi-bin/message/mass/sendall", {**ALL, "clientmsgid": "w49"})
    body = text(enable_duplicate_check=1)
    first = await wecom.post("/cgi-bin/message/send", body)
    twin.faults.add("5xx", "*/nothing", count=3)
    _, saved = await people("GET", "/state")
    async with Twin.start(seed=2) as other:
        address = f"{other.base_url}/twin/api/state"
        async with wecom.session.put(address, json=saved) as got:
            assert got.status == 200
        assert other.world.mass.jobs.keys() == twin.world.mass.jobs.keys()
        assert other.world.quotas == twin.world.quotas
        assert [rule.path for rule in other.faults.rules] == ["*/nothing"]
        assert other.world.counters == twin.world.counters
        wecom.base, official.base = other.wecom_base, other.official_base
        again = await wecom.post("/cgi-bin/message/send", body)
        assert (again["msgid"], len(other.received("Wang", "wecom"))) == (first["msgid"], 1)
        repeat = {**ALL, "clientmsgid": "w49"}
        got = await official.post("/cgi-bin/message/mass/sendall", repeat)
        assert got["errcode"] == 45066
