"""Template cards: what may be sent, taps, updates, codes that work once."""

from __future__ import annotations

from typing import Any

import pytest

from lianbot.twin import Twin
from lianbot.twin.acts import ActError

SEND = "/cgi-bin/message/send"
UPDATE = "/cgi-bin/message/update_template_card"


async def test_a_card_without_a_callback_address_is_refused(wecom: Any, card: Any) -> None:
    assert (await wecom.post(SEND, card()))["errcode"] == 40058


@pytest.mark.parametrize(
    "more",
    [
        {"card_type": "poem"},
        {"task_id": "空格 不行"},
        {"task_id": "x" * 129},
        {"main_title": {}},
        {"button_list": []},
        {"button_list": [{"text": "a", "key": str(i)} for i in range(7)]},
        {"button_list": [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}]},
        {"button_list": [{"text": "a", "key": "k" * 1025}]},
        {"button_list": [{"text": "a", "type": 1}]},
        {"horizontal_content_list": [{"keyname": "a"}] * 7},
        {"jump_list": [{"title": "a"}] * 4},
        {"card_type": "text_notice", "card_action": {}},
        {"card_type": "vote_interaction"},
    ],
)
async def test_a_card_beyond_the_limits_is_refused(
    bot: Any, wecom: Any, card: Any, more: dict[str, Any]
) -> None:
    assert (await wecom.post(SEND, card(**more)))["errcode"] == 40058


async def test_a_task_id_works_once(bot: Any, wecom: Any, card: Any) -> None:
    first, second = await wecom.post(SEND, card()), await wecom.post(SEND, card())
    assert (first["errcode"], second["errcode"]) == (0, 40058)


async def test_a_refused_recipient_does_not_use_the_task_id_up(
    bot: Any, wecom: Any, card: Any
) -> None:
    await wecom.post(SEND, card(touser="nobody"))
    assert (await wecom.post(SEND, card()))["errcode"] == 0


async def test_a_repeat_of_a_card_with_the_duplicate_check_is_answered_as_before(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    body = {**card(), "enable_duplicate_check": 1}
    first, second = await wecom.post(SEND, body), await wecom.post(SEND, body)
    assert (first, len(twin.received("Wang"))) == (second, 1)


async def test_a_tap_pushes_task_key_and_a_fresh_code(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    sent = await wecom.post(SEND, card())
    await twin.tap("Wang", twin.received("Wang")[0].id, "看懂了")
    got = bot.got[0]
    assert (got["Event"], got["TaskId"], got["EventKey"], got["FromUserName"]) == (
        "template_card_event",
        "t1",
        "ok",
        "Wang",
    )
    assert got["ResponseCode"] not in (None, sent["response_code"])


async def test_update_button_as_the_answer_greys_the_card(
    twin: Twin, bot: Any, wecom: Any, card: Any, replies: Any
) -> None:
    bot.answer = replies["button"]("已确认")
    await wecom.post(SEND, card())
    await twin.tap("Wang", twin.received("Wang")[0].id, "ok")
    assert twin.received("Wang")[0].replaced == "已确认"


async def test_a_greyed_card_cannot_be_tapped(
    twin: Twin, bot: Any, wecom: Any, card: Any, replies: Any
) -> None:
    bot.answer = replies["button"]("已确认")
    await wecom.post(SEND, card())
    message = twin.received("Wang")[0].id
    await twin.tap("Wang", message, "ok")
    with pytest.raises(ActError, match="any more"):
        await twin.tap("Wang", message, "ok")


@pytest.mark.parametrize(("allowed", "shown"), [(False, 1), (True, 2)])
async def test_a_text_answer_to_a_tap_is_shown_by_switch_only(
    twin: Twin, bot: Any, wecom: Any, card: Any, replies: Any, allowed: bool, shown: int
) -> None:
    twin.world.switches.card_event_text_reply = allowed
    bot.answer = replies["text"]("谢谢")
    await wecom.post(SEND, card())
    result = await twin.tap("Wang", twin.received("Wang")[0].id, "ok")
    assert (len(twin.received("Wang")), bool(result.note)) == (shown, not allowed)


async def test_a_whole_card_can_be_put_in_place_by_the_answer(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    await wecom.post(SEND, card())
    bot.answer = lambda f: (
        f"<xml><ToUserName>{f['FromUserName']}</ToUserName><FromUserName>{f['ToUserName']}"
        "</FromUserName><CreateTime>1</CreateTime><MsgType>update_template_card</MsgType>"
        "<TemplateCard><CardType>button_interaction</CardType><MainTitle><Title>再想想</Title>"
        "</MainTitle><ButtonList><Text>A</Text><Key>a</Key><Style>1</Style></ButtonList>"
        "<ButtonList><Text>B</Text><Key>b</Key></ButtonList></TemplateCard></xml>"
    )
    await twin.tap("Wang", twin.received("Wang")[0].id, "ok")
    shown = twin.received("Wang")[0].content["template_card"]
    assert [each["text"] for each in shown["button_list"]] == ["A", "B"]


async def test_the_code_of_a_tap_updates_that_phone_only(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    twin.add_people([{"id": "wu"}])
    await wecom.post(SEND, card(touser="wang|wu"))
    await twin.tap("Wang", twin.received("Wang")[0].id, "ok")
    body = {
        "userids": ["wang"],
        "agentid": 1000002,
        "response_code": bot.got[0]["ResponseCode"],
        "button": {"replace_name": "好"},
    }
    assert (await wecom.post(UPDATE, body))["errcode"] == 0
    assert (twin.received("Wang")[0].replaced, twin.received("wu")[0].replaced) == ("好", "")


async def test_the_code_of_the_send_updates_the_batch(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    twin.add_people([{"id": "wu"}])
    sent = await wecom.post(SEND, card(touser="wang|wu"))
    body = {
        "atall": 1,
        "agentid": 1000002,
        "response_code": sent["response_code"],
        "button": {"replace_name": "已截止"},
    }
    await wecom.post(UPDATE, body)
    assert {twin.received(each)[0].replaced for each in ("Wang", "wu")} == {"已截止"}


@pytest.mark.parametrize(("hours", "errcode"), [(71, 0), (73, 40058)])
async def test_a_code_lives_72_hours(
    twin: Twin, bot: Any, wecom: Any, card: Any, hours: int, errcode: int
) -> None:
    sent = await wecom.post(SEND, card())
    twin.clock.move(hours * 3600)
    wecom.token = twin.world.wecom_tokens.issue(twin.clock.now())
    body = {
        "userids": ["wang"],
        "agentid": 1000002,
        "response_code": sent["response_code"],
        "button": {"replace_name": "好"},
    }
    assert (await wecom.post(UPDATE, body))["errcode"] == errcode


async def test_a_code_works_once(bot: Any, wecom: Any, card: Any) -> None:
    sent = await wecom.post(SEND, card())
    body = {
        "userids": ["wang"],
        "agentid": 1000002,
        "response_code": sent["response_code"],
        "button": {"replace_name": "好"},
    }
    assert [(await wecom.post(UPDATE, body))["errcode"] for _ in range(2)] == [0, 40058]


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [({"userids": "wang"}, 40035), ({"userids": ["nobody"]}, 40003), ({"button": {}}, 40058)],
)
async def test_a_wrong_update_has_its_code_and_uses_nothing_up(
    bot: Any, wecom: Any, card: Any, changed: dict[str, Any], errcode: int
) -> None:
    sent = await wecom.post(SEND, card())
    body = {
        "userids": ["wang"],
        "agentid": 1000002,
        "response_code": sent["response_code"],
        "button": {"replace_name": "好"},
    }
    assert (await wecom.post(UPDATE, {**body, **changed}))["errcode"] == errcode
    assert (await wecom.post(UPDATE, body))["errcode"] == 0


async def test_a_reader_in_ordinary_wechat_sees_no_card_and_cannot_tap(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    await wecom.post(SEND, card(touser="li"))
    with pytest.raises(ActError, match="not shown"):
        await twin.tap("li", twin.received("li")[0].id, "ok")


async def test_a_vote_carries_the_chosen_options(
    twin: Twin, bot: Any, wecom: Any, card: Any
) -> None:
    options = [{"id": "a", "text": "收下"}, {"id": "b", "text": "退回"}]
    vote = {
        "card_type": "vote_interaction",
        "checkbox": {"question_key": "q1", "option_list": options},
        "submit_button": {"text": "提交", "key": "send"},
        "button_list": [],
    }
    await wecom.post(SEND, card(**vote))
    await twin.tap("Wang", twin.received("Wang")[0].id, "send", {"q1": ["b"]})
    item = bot.got[0]["SelectedItems"]["SelectedItem"]
    assert (item["QuestionKey"], item["OptionIds"]["OptionId"]) == ("q1", "b")


async def test_an_entry_of_the_cards_menu_has_its_own_event(
    twin: Twin, bot: Any, wecom: Any, card: Any, people: Any
) -> None:
    menu = {"desc": "更多", "action_list": [{"text": "不再提醒", "key": "mute"}]}
    await wecom.post(SEND, card(action_menu=menu))
    body = {"message": twin.received("Wang")[0].id, "key": "mute", "menu": True}
    await people("POST", "/phones/Wang/tap", body)
    assert (bot.got[0]["Event"], bot.got[0]["EventKey"]) == ("template_card_menu_event", "mute")
