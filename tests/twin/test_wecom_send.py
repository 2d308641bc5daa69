"""message/send: recipients, limits, the duplicate check, contents, recall."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from lianbot.twin import Twin

SEND = "/cgi-bin/message/send"


async def test_a_text_arrives_and_the_msgid_is_on_the_phone(
    twin: Twin, wecom: Any, text: Any
) -> None:
    sent = await wecom.post(SEND, text("wang"))
    assert twin.received("Wang")[0].msgid == sent["msgid"]


async def test_partial_failure_is_errcode_0_with_lower_cased_ids(wecom: Any, text: Any) -> None:
    sent = await wecom.post(SEND, text("Wang|ZHAO|Qian|NoBody|Sun"))
    assert (sent["errcode"], sent["invaliduser"], sent["unlicenseduser"]) == (
        0,
        "zhao|nobody|sun",
        "qian",
    )


async def test_nobody_valid_is_81013(wecom: Any, text: Any) -> None:
    assert (await wecom.post(SEND, text("nobody|sun")))["errcode"] == 81013


async def test_an_inactive_member_can_be_a_silent_loss(twin: Twin, wecom: Any, text: Any) -> None:
    twin.world.switches.inactive_member = "silent"
    sent = await wecom.post(SEND, text("zhao"))
    assert (sent["errcode"], twin.received("zhao")) == (0, [])


async def test_all_reaches_every_active_member(twin: Twin, wecom: Any, text: Any) -> None:
    await wecom.post(SEND, text("@all"))
    assert [each.id for each in twin.world.phones.values() if each.received] == ["Wang", "li"]


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"touser": ["wang"]}, 40035),
        ({"touser": ""}, 40063),
        ({"touser": "|".join(f"u{i}" for i in range(1001))}, 40032),
        ({"toparty": "|".join(map(str, range(101)))}, 82002),
        ({"totag": "|".join(map(str, range(101)))}, 82003),
        ({"agentid": None}, 41011),
        ({"agentid": "x"}, 40056),
        ({"agentid": 7}, 301002),
        ({"msgtype": "poem"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": None}, 40063),
        ({"msgtype": "textcard", "textcard": {"description": "d", "url": "http://a"}}, 41016),
        ({"msgtype": "textcard", "textcard": {"title": "t", "url": "http://a"}}, 41033),
        ({"msgtype": "textcard", "textcard": {"title": "t", "description": "d"}}, 40058),
        ({"msgtype": "news", "news": {"articles": [{"title": "t"}] * 9}}, 45008),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 700}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
    ],
)
async def test_a_wrong_body_has_its_code(
    wecom: Any, text: Any, changed: dict[str, Any], errcode: int
) -> None:
    assert (await wecom.post(SEND, text(**changed)))["errcode"] == errcode


async def test_a_body_that_is_no_json_is_refused(wecom: Any) -> None:
    assert (await wecom.post(SEND, b"touser=wang"))["errcode"] == 40063


async def test_a_long_text_is_cut_between_characters(twin: Twin, wecom: Any, text: Any) -> None:
    await wecom.post(SEND, text(content="字" * 683))
    assert twin.received("Wang")[0].content["text"]["content"] == "字" * 682


async def test_a_duplicate_answers_0_and_shows_nothing_again(
    twin: Twin, wecom: Any, text: Any
) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=600)
    first, second = await wecom.post(SEND, body), await wecom.post(SEND, body)
    assert (second, len(twin.received("Wang"))) == (first, 1)


async def test_after_the_interval_it_is_no_duplicate(twin: Twin, wecom: Any, text: Any) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=600)
    await wecom.post(SEND, body)
    twin.clock.move(601)
    await wecom.post(SEND, body)
    assert len(twin.received("Wang")) == 2


async def test_the_interval_is_four_hours_at_most(twin: Twin, wecom: Any, text: Any) -> None:
    body = text(enable_duplicate_check=1, duplicate_check_interval=86_400)
    await wecom.post(SEND, body)
    for hours in (3, 2):
        twin.clock.move(hours * 3600)
        wecom.token = twin.world.wecom_tokens.issue(twin.clock.now())
        await wecom.post(SEND, body)
    assert len(twin.received("Wang")) == 2


async def test_without_the_switch_the_same_body_comes_twice(
    twin: Twin, wecom: Any, text: Any
) -> None:
    for _ in range(2):
        await wecom.post(SEND, text())
    assert len(twin.received("Wang")) == 2


@pytest.mark.parametrize(("reading", "shown"), [("bytes", 2), ("json", 1)])
async def test_identical_means_bytes_or_json_by_switch(
    twin: Twin, wecom: Any, text: Any, reading: str, shown: int
) -> None:
    twin.world.switches.duplicate_by = reading
    body = text(enable_duplicate_check=1)
    await wecom.post(SEND, json.dumps(body).encode())
    await wecom.post(SEND, json.dumps(body, indent=1).encode())
    assert len(twin.received("Wang")) == shown


async def test_a_refused_message_is_not_remembered_as_sent(
    twin: Twin, wecom: Any, text: Any
) -> None:
    body = text("new", enable_duplicate_check=1)
    await wecom.post(SEND, body)
    twin.add_people([{"id": "new"}])
    assert (await wecom.post(SEND, body))["errcode"] == 0


async def test_the_thirty_first_in_a_minute_is_dropped_without_a_word(
    twin: Twin, wecom: Any, text: Any
) -> None:
    codes = [(await wecom.post(SEND, text(content=str(i))))["errcode"] for i in range(31)]
    assert (set(codes), len(twin.received("Wang"))) == ({0}, 30)


async def test_a_minute_later_messages_arrive_again(twin: Twin, wecom: Any, text: Any) -> None:
    for i in range(31):
        await wecom.post(SEND, text(content=str(i)))
    twin.clock.move(61)
    await wecom.post(SEND, text(content="later"))
    assert twin.received("Wang")[-1].content["text"]["content"] == "later"


async def test_above_a_thousand_an_hour_is_dropped(twin: Twin, wecom: Any, text: Any) -> None:
    now = twin.clock.now()
    twin.phone("Wang").sent_at.extend(now - 3000 + i for i in range(1000))
    await wecom.post(SEND, text())
    assert twin.received("Wang") == []


async def test_the_daily_cap_counts_person_times(twin: Twin, wecom: Any, text: Any) -> None:
    twin.world.wecom.account_cap = 0
    assert (await wecom.post(SEND, text()))["errcode"] == 45009


async def test_ordinary_wechat_hides_markdown(twin: Twin, wecom: Any, text: Any) -> None:
    await wecom.post(SEND, text("li", msgtype="markdown", markdown={"content": "**好**"}))
    assert twin.export()["phones"][1]["received"][0]["visible"] is False


async def test_the_home_page_setting_leaves_twenty_bytes(
    twin: Twin, wecom: Any, text: Any
) -> None:
    twin.world.switches.plain_home_page_only = True
    await wecom.post(SEND, text("li", content="验收要两个人在场"))
    assert twin.received("li")[0].content["text"]["content"] == "验收要两个人"


async def test_a_recalled_message_is_gone_in_wecom_and_stays_in_ordinary_wechat(
    twin: Twin, wecom: Any, text: Any
) -> None:
    sent = await wecom.post(SEND, text("wang|li"))
    await wecom.post("/cgi-bin/message/recall", {"msgid": sent["msgid"]})
    assert (twin.received("Wang")[0].recalled, twin.received("li")[0].recalled) == (True, False)


async def test_after_a_day_nothing_can_be_recalled(twin: Twin, wecom: Any, text: Any) -> None:
    sent = await wecom.post(SEND, text())
    twin.clock.move(25 * 3600)
    wecom.token = twin.world.wecom_tokens.issue(twin.clock.now())
    answer = await wecom.post("/cgi-bin/message/recall", {"msgid": sent["msgid"]})
    assert answer["errcode"] == 40058


async def test_an_uploaded_picture_can_be_sent_for_three_days(
    twin: Twin, wecom: Any, text: Any, http: Any
) -> None:
    url = f"{twin.wecom_base}/cgi-bin/media/upload?type=image&access_token={wecom.token}"
    async with http.post(url, data={"media": io.BytesIO(b"\x89PNG picture")}) as got:
        media_id = (await got.json())["media_id"]
    body = text(msgtype="image", image={"media_id": media_id})
    assert (await wecom.post(SEND, body))["errcode"] == 0
    twin.clock.move(3 * 86_400 + 1)
    wecom.token = twin.world.wecom_tokens.issue(twin.clock.now())
    assert (await wecom.post(SEND, body))["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        ("poem", b"123456", 40004),
        ("image", b"", 44001),
        ("image", b"123", 40006),
        ("voice", b"ID3 this is mp3", 301017),
        ("voice", b"#!AMR" + bytes(2 * 1024 * 1024), 45001),
    ],
)
async def test_a_wrong_upload_has_its_code(
    twin: Twin, wecom: Any, http: Any, kind: str, data: bytes, errcode: int
) -> None:
    url = f"{twin.wecom_base}/cgi-bin/media/upload?type={kind}&access_token={wecom.token}"
    async with http.post(url, data={"media": io.BytesIO(data)}) as got:
        assert (await got.json())["errcode"] == errcode
