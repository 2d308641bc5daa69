"""What the house says → the bytes that WeCom must get."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.channels.wecom import WeComChannel
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import CardButton, MessageForm, OutboundMessage
from lianbot.domain.people import ChannelKind

LESSON = OutboundMessage(
    channel=ChannelKind.WECOM,
    account="ZhangSan",
    form=MessageForm.BUTTON_CARD,
    task="d-17",
    title="空白单子，一笔都不签",
    text="收货前别在空白单子上签字。" * 4,
    lead="收货前别在空白单子上签字。",
    url="https://lianbot.example.edu.cn/m/i/abc",
    buttons=(CardButton(key="ack", label="看懂了"), CardButton(key="unclear", label="没看懂")),
    link_label="看全文",
    picture="https://lianbot.example.edu.cn/m/p/abc.jpg",
    media_id="MEDIA-1",
)
ENVELOPE = {
    "touser": "ZhangSan",
    "agentid": 218,
    "safe": 0,
    "enable_id_trans": 0,
    "enable_duplicate_check": 1,
    "duplicate_check_interval": 1800,
}


def rendered(channel: WeComChannel, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(channel.render(replace(LESSON, **changes)))
    return body


def test_a_text_carries_the_item_and_its_link(channel: WeComChannel) -> None:
    assert rendered(channel, form=MessageForm.TEXT) == {
        **ENVELOPE,
        "msgtype": "text",
        "text": {"content": f"{LESSON.text}\n{LESSON.url}"},
    }


def test_a_text_card_carries_title_lead_and_link(channel: WeComChannel) -> None:
    assert rendered(channel, form=MessageForm.TEXT_CARD) == {
        **ENVELOPE,
        "msgtype": "textcard",
        "textcard": {
            "title": LESSON.title,
            "description": LESSON.lead,
            "url": LESSON.url,
            "btntxt": "看全文",
        },
    }


def test_a_button_card_carries_buttons_and_leads_to_the_page(channel: WeComChannel) -> None:
    assert rendered(channel) == {
        **ENVELOPE,
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": LESSON.title},
            "sub_title_text": LESSON.lead,
            "task_id": "d-17",
            "button_list": [
                {"text": "看懂了", "style": 1, "key": "ack"},
                {"text": "没看懂", "style": 1, "key": "unclear"},
            ],
            "card_action": {"type": 1, "url": LESSON.url},
            "jump_list": [{"type": 1, "title": "看全文", "url": LESSON.url}],
        },
    }


def test_a_notice_card_has_no_buttons_and_its_face_leads_to_the_page(
    channel: WeComChannel,
) -> None:
    assert rendered(channel, form=MessageForm.NOTICE_CARD)["template_card"] == {
        "card_type": "text_notice",
        "main_title": {"title": LESSON.title},
        "sub_title_text": LESSON.lead,
        "card_action": {"type": 1, "url": LESSON.url},
        "jump_list": [{"type": 1, "title": "看全文", "url": LESSON.url}],
    }


def test_news_is_one_article_with_its_picture(channel: WeComChannel) -> None:
    article = {
        "title": LESSON.title,
        "description": LESSON.lead,
        "url": LESSON.url,
        "picurl": LESSON.picture,
    }
    body = rendered(channel, form=MessageForm.NEWS)
    assert (body["msgtype"], body["news"]) == ("news", {"articles": [article]})


@pytest.mark.parametrize("form", [MessageForm.IMAGE, MessageForm.VOICE])
def test_pictures_and_voices_go_by_their_media_id(
    channel: WeComChannel, form: MessageForm
) -> None:
    body = rendered(channel, form=form)
    assert (body["msgtype"], body[form.value]) == (form.value, {"media_id": "MEDIA-1"})


@pytest.mark.parametrize("form", list(MessageForm))
def test_the_same_message_is_the_same_bytes(channel: WeComChannel, form: MessageForm) -> None:
    message = replace(LESSON, form=form)
    assert channel.render(message) == channel.render(replace(message))


def test_chinese_goes_out_unescaped(channel: WeComChannel) -> None:
    assert LESSON.title.encode() in channel.render(LESSON)


def test_angle_brackets_in_a_text_card_stay_text(channel: WeComChannel) -> None:
    card = rendered(channel, form=MessageForm.TEXT_CARD, lead="<div>报销 > 500</div>")["textcard"]
    assert card["description"] == "＜div＞报销 ＞ 500＜/div＞"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    title=st.text(alphabet="汉a😀", min_size=1, max_size=200),
    text=st.text(alphabet="汉a😀", min_size=1, max_size=2500),
    label=st.text(alphabet="汉a", min_size=1, max_size=30),
)
def test_whatever_its_length_a_message_keeps_the_limits_and_the_link(
    channel: WeComChannel, title: str, text: str, label: str
) -> None:
    long = {"title": title, "text": text, "lead": text, "link_label": label}
    content = rendered(channel, **long, form=MessageForm.TEXT)["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith(LESSON.url)
    card = rendered(channel, **long, form=MessageForm.TEXT_CARD)["textcard"]
    assert len(card["title"].encode()) <= 128
    assert len(card["description"].encode()) <= 512
    assert len(card["btntxt"]) <= 4
    buttons = (CardButton(key="ack", label=label),)
    template = rendered(channel, **long, buttons=buttons)["template_card"]
    assert len(template["main_title"]["title"]) <= 36
    assert len(template["sub_title_text"]) <= 160
    assert len(template["button_list"][0]["text"]) <= 10
    assert len(template["jump_list"][0]["title"]) <= 18


# label: (what is wrong, the field that the error must name)
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "everybody at once": ({"account": "@all"}, "account"),
    "two accounts in one": ({"account": "a|b"}, "account"),
    "no account": ({"account": ""}, "account"),
    "endless link": ({"url": "https://x.example/" + "a" * 2048}, "url"),
    "text without text": ({"form": MessageForm.TEXT, "text": ""}, "text"),
    "card without link": ({"form": MessageForm.TEXT_CARD, "url": ""}, "url"),
    "card without title": ({"form": MessageForm.TEXT_CARD, "title": ""}, "title"),
    "task with a slash": ({"task": "a/b"}, "task"),
    "task too long": ({"task": "a" * 129}, "task"),
    "no task": ({"task": ""}, "task"),
    "no title": ({"title": ""}, "title"),
    "notice without link": ({"form": MessageForm.NOTICE_CARD, "url": ""}, "url"),
    "news without picture": ({"form": MessageForm.NEWS, "picture": ""}, "picture"),
    "voice that was never uploaded": ({"form": MessageForm.VOICE, "media_id": ""}, "media_id"),
    "no buttons": ({"buttons": ()}, "buttons"),
    "seven buttons": (
        {"buttons": tuple(CardButton(key=str(n), label="是") for n in range(7))},
        "buttons",
    ),
    "same key twice": ({"buttons": (CardButton(key="a", label="是"),) * 2}, "buttons"),
    "key too long": ({"buttons": (CardButton(key="a" * 1025, label="是"),)}, "buttons"),
    "empty key": ({"buttons": (CardButton(key="", label="是"),)}, "buttons"),
    "empty label": ({"buttons": (CardButton(key="a", label=""),)}, "buttons"),
}


@pytest.mark.parametrize("label", REFUSED)
def test_what_can_never_be_sent_is_refused_by_name(channel: WeComChannel, label: str) -> None:
    changes, field = REFUSED[label]
    with pytest.raises(InvalidInputError) as raised:
        channel.render(replace(LESSON, **changes))
    assert field in raised.value.place
