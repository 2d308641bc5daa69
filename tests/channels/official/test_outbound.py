"""What the house says → the bytes that the Official Account must get; and its passive answers."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.channels.lengths import cut_chars
from lianbot.channels.official import OfficialChannel, TemplateShape
from lianbot.channels.official.template_fields import KINDS, fit
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    CardButton,
    CardUpdate,
    InboundKind,
    InboundMessage,
    MessageForm,
    OutboundMessage,
    PlatformCall,
    TextReply,
)
from lianbot.domain.people import ChannelKind

LESSON = OutboundMessage(
    channel=ChannelKind.OFFICIAL,
    account="oA-1_b",
    form=MessageForm.TEXT,
    task="d-17",
    title="空白单子，一笔都不签",
    text="收货前别在空白单子上签字。" * 4,
    lead="收货前别在空白单子上签字。",
    url="https://lianbot.example.edu.cn/m/i/abc",
    buttons=(CardButton(key="ack", label="看懂了"), CardButton(key="unclear", label="没看懂")),
    picture="https://lianbot.example.edu.cn/m/p/abc.jpg",
    media_id="MEDIA-1",
)


def rendered(channel: OfficialChannel, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(channel.render(replace(LESSON, **changes)))
    return body


def test_a_text_carries_the_item_and_its_link(channel: OfficialChannel) -> None:
    assert rendered(channel) == {
        "touser": "oA-1_b",
        "msgtype": "text",
        "text": {"content": f"{LESSON.text}\n{LESSON.url}"},
    }


def test_a_notice_is_the_text_with_its_link(channel: OfficialChannel) -> None:
    body = channel.render(replace(LESSON, form=MessageForm.NOTICE_CARD))
    assert body == channel.render(LESSON)


def test_news_is_one_article_with_its_picture(channel: OfficialChannel) -> None:
    picture = "https://lianbot.example.edu.cn/m/p/abc.jpg"
    article = {
        "title": LESSON.title,
        "description": LESSON.lead,
        "url": LESSON.url,
        "picurl": picture,
    }
    body = rendered(channel, form=MessageForm.NEWS, picture=picture)
    assert (body["msgtype"], body["news"]) == ("news", {"articles": [article]})


@pytest.mark.parametrize("form", [MessageForm.IMAGE, MessageForm.VOICE])
def test_pictures_and_voices_go_by_their_media_id(
    channel: OfficialChannel, form: MessageForm
) -> None:
    body = rendered(channel, form=form, media_id="MEDIA-1")
    assert (body["msgtype"], body[form.value]) == (form.value, {"media_id": "MEDIA-1"})


def test_buttons_become_lines_of_a_menu(channel: OfficialChannel) -> None:
    assert rendered(channel, form=MessageForm.BUTTON_CARD) == {
        "touser": "oA-1_b",
        "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": f"{LESSON.title}\n{LESSON.lead}",
            "list": [
                {"id": "d-17:ack", "content": "看懂了"},
                {"id": "d-17:unclear", "content": "没看懂"},
            ],
            "tail_content": LESSON.url,
        },
    }


def test_a_card_is_a_template_with_title_and_link(channel: OfficialChannel) -> None:
    assert rendered(channel, form=MessageForm.TEXT_CARD) == {
        "touser": "oA-1_b",
        "template_id": "tpl-1",
        "url": LESSON.url,
        "data": {
            "thing1": {"value": "空白单子，一笔都不签"},
            "thing2": {"value": "收货前别在空白单子上签字。"},
            "phrase3": {"value": "待阅读"},
        },
        "client_msg_id": "d-17",
    }


@pytest.mark.parametrize("form", list(MessageForm))
def test_the_same_message_is_the_same_bytes(channel: OfficialChannel, form: MessageForm) -> None:
    message = replace(LESSON, form=form)
    assert channel.render(message) == channel.render(replace(message))


def test_chinese_goes_out_unescaped(channel: OfficialChannel) -> None:
    assert LESSON.text.encode() in channel.render(LESSON)


def test_a_long_task_makes_a_short_id_of_its_own(channel: OfficialChannel) -> None:
    ids = {
        rendered(channel, form=MessageForm.TEXT_CARD, task="d" * 100 + end)["client_msg_id"]
        for end in "abc"
    }
    assert {len(each) for each in ids} == {32}
    assert len(ids) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(alphabet="汉a😀\n", min_size=1, max_size=2500).filter(str.strip))
def test_whatever_its_length_a_message_keeps_the_limits(
    channel: OfficialChannel, text: str
) -> None:
    long = {"title": text, "text": text, "lead": text}
    content = rendered(channel, **long)["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith(LESSON.url)
    menu = rendered(channel, **long, form=MessageForm.BUTTON_CARD)["msgmenu"]
    assert len(menu["head_content"].encode()) <= 2048
    values = rendered(channel, **long, form=MessageForm.TEXT_CARD)["data"]
    assert len(values["thing1"]["value"]) <= 20
    assert "\n" not in values["thing1"]["value"]


# label: (what is wrong, the place that the error must name)
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no openid": ({"account": ""}, "account"),
    "two openids": ({"account": "a|b"}, "account"),
    "endless link": ({"url": "https://x.example/" + "a" * 1024}, "url"),
    "text without text": ({"text": ""}, "text"),
    "no buttons": ({"form": MessageForm.BUTTON_CARD, "buttons": ()}, "buttons"),
    "nine buttons": (
        {
            "form": MessageForm.BUTTON_CARD,
            "buttons": tuple(CardButton(key=str(n), label="是") for n in range(9)),
        },
        "buttons",
    ),
    "same key twice": (
        {"form": MessageForm.BUTTON_CARD, "buttons": (CardButton(key="a", label="是"),) * 2},
        "buttons",
    ),
    "task with a colon": ({"form": MessageForm.BUTTON_CARD, "task": "a:b"}, "task"),
    "template without link": ({"form": MessageForm.TEXT_CARD, "url": ""}, "url"),
    "template without task": ({"form": MessageForm.TEXT_CARD, "task": ""}, "task"),
}


@pytest.mark.parametrize("label", REFUSED)
def test_what_can_never_be_sent_is_refused_by_name(channel: OfficialChannel, label: str) -> None:
    changes, place = REFUSED[label]
    with pytest.raises(InvalidInputError) as raised:
        channel.render(replace(LESSON, **changes))
    assert place in raised.value.place


async def test_without_a_template_a_card_is_refused_by_the_settings_name(
    session: Any, shelf: Any, clock: Any, make_account: Any
) -> None:
    account = make_account("http://x", template=None)
    channel = OfficialChannel(account, session=session, shelf=shelf, clock=clock)
    with pytest.raises(InvalidInputError, match="LIANBOT_OFFICIAL_TEMPLATE"):
        channel.render(replace(LESSON, form=MessageForm.TEXT_CARD))


# --- template fields --------------------------------------------------------------------------

FITS = [
    ("thing1", "廉" * 30, "廉" * 19 + "…"),
    ("thing1", "两行\n并成一行", "两行 并成一行"),
    ("short_thing2", "短" * 12, "短" * 9 + "…"),
    ("number3", "42.5", "42.5"),
    ("letter4", "COOK", "COOK"),
    ("character_string5", "No.2026-12-01", "No.2026-12-01"),
    ("time6", "2026年12月1日 14:07", "2026年12月1日 14:07"),
    ("time6", "14:07", "14:07"),
    ("date7", "2026-12-01", "2026-12-01"),
    ("phrase8", "待阅读", "待阅读"),
    ("phone_number9", "+86-020-1234 5678", "+86-020-1234 5678"),
    ("name10", "王芳", "王芳"),
    ("name10", "Wang Fang", "Wang Fang"),
    ("amount11", "￥100.50", "￥100.50"),
    ("car_number12", "粤A12345", "粤A12345"),
    ("symbol13", "★★★", "★★★"),
]


@pytest.mark.parametrize(("key", "value", "fitted"), FITS)
def test_a_value_is_made_to_fit_its_field(key: str, value: str, fitted: str) -> None:
    assert fit(key, value, cut_chars) == fitted


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "  \n "),
        ("number3", "四十二"),
        ("number3", "1" * 33),
        ("letter4", "COOK1"),
        ("character_string5", "编号1"),
        ("character_string5", "a" * 33),
        ("time6", "明天下午"),
        ("phrase8", "请尽快阅读"[:5] + "吧"),
        ("phrase8", "read"),
        ("phone_number9", "打给老王"),
        ("name10", "某" * 11),
        ("name10", "王芳3"),
        ("amount11", "一百"),
        ("car_number12", "粤A·12345"),
        ("symbol13", "一二"),
        ("whatever1", "x"),
        ("", "x"),
    ],
)
def test_a_value_that_wechat_would_refuse_is_refused_here(key: str, value: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        fit(key, value, cut_chars)
    assert key in raised.value.place


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=80))
def test_no_fitted_value_is_longer_than_its_field(kind: str, value: str) -> None:
    try:
        fitted = fit(f"{kind}1", value, cut_chars)
    except InvalidInputError:
        return
    assert 0 < len(fitted) <= KINDS[kind].longest


async def test_a_template_with_an_unknown_field_stops_the_start(
    session: Any, shelf: Any, clock: Any, make_account: Any
) -> None:
    shape = TemplateShape(template_id="t", fields=(("first", "{title}"),))
    with pytest.raises(InvalidInputError) as raised:
        account = make_account("http://x", template=shape)
        OfficialChannel(account, session=session, shelf=shelf, clock=clock)
    assert "first" in raised.value.place


# --- passive answers --------------------------------------------------------------------------

CALL = PlatformCall(method="POST", query={"nonce": "77"}, body=b"")
HEARD = InboundMessage(
    channel=ChannelKind.OFFICIAL,
    kind=InboundKind.TEXT,
    account="oA",
    repeat_key="id\n1",
    sent_at=datetime(2026, 12, 1, tzinfo=UTC),
    receiver="gh_1",
)


def leaves(xml: str) -> dict[str, str]:
    return {leaf.tag: leaf.text or "" for leaf in ElementTree.fromstring(xml)}  # noqa: S314


def test_an_answer_in_safe_mode_is_sealed(
    channel: OfficialChannel, envelope: Any, clock: Any
) -> None:
    answer = channel.answer(CALL, TextReply(text="收到 ]]> <1>"), HEARD)
    assert leaves(envelope.open(answer.body)) == {
        "ToUserName": "oA",
        "FromUserName": "gh_1",
        "CreateTime": str(int(clock.now().timestamp())),
        "MsgType": "text",
        "Content": "收到 ]]> <1>",
    }


def test_an_answer_in_plain_mode_is_plain(plain: OfficialChannel) -> None:
    answer = plain.answer(CALL, CardUpdate(label="已确认"), HEARD)
    assert (answer.status, answer.content_type) == (200, "application/xml")
    assert leaves(answer.body.decode())["Content"] == "已确认"


@pytest.mark.parametrize("reply", [None, TextReply(text=""), CardUpdate(label=" ")])
def test_no_answer_is_the_word_success(channel: OfficialChannel, reply: Any) -> None:
    answer = channel.answer(CALL, reply, HEARD)
    assert (answer.status, answer.body) == (200, b"success")
