"""The callback's own answer: signed, encrypted, and whatever a text holds."""

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianbot.channels.wecom import WeComChannel
from lianbot.domain.messages import (
    CardUpdate,
    InboundKind,
    InboundMessage,
    PlatformCall,
    Reply,
    TextReply,
)
from lianbot.domain.people import ChannelKind

CALL = PlatformCall(method="POST", query={"nonce": "1372623149"}, body=b"")


def heard(kind: InboundKind = InboundKind.TEXT, account: str = "ZhangSan") -> InboundMessage:
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        account=account,
        repeat_key="id\n1",
        sent_at=datetime(2026, 12, 1, tzinfo=UTC),
    )


def answered(channel: WeComChannel, envelope: Any, reply: Reply, inbound: InboundMessage) -> Any:
    answer = channel.answer(CALL, reply, inbound)
    assert (answer.status, answer.content_type) == (200, "application/xml")
    return ElementTree.fromstring(envelope.open(answer.body))  # noqa: S314 - our own answer


def test_no_reply_is_an_empty_200(channel: WeComChannel) -> None:
    answer = channel.answer(CALL, None, heard())
    assert (answer.status, answer.body) == (200, b"")


def test_a_text_goes_back_to_who_wrote(channel: WeComChannel, envelope: Any, clock: Any) -> None:
    xml = answered(channel, envelope, TextReply(text="收到"), heard())
    assert {leaf.tag: leaf.text for leaf in xml} == {
        "ToUserName": "ZhangSan",
        "FromUserName": "wx5823bf96d3bd56c7",
        "CreateTime": str(int(clock.now().timestamp())),
        "MsgType": "text",
        "Content": "收到",
        "AgentID": "218",
    }


def test_a_tapped_card_gets_its_button_greyed(
    channel: WeComChannel, envelope: Any, clock: Any
) -> None:
    reply = CardUpdate(label="已确认 ]]> ✓")
    xml = answered(channel, envelope, reply, heard(InboundKind.CARD_TAP))
    assert {leaf.tag: leaf.text for leaf in xml.iter() if leaf.text} == {
        "ToUserName": "ZhangSan",
        "FromUserName": "wx5823bf96d3bd56c7",
        "CreateTime": str(int(clock.now().timestamp())),
        "MsgType": "update_button",
        "ReplaceName": "已确认 ]]> ✓",
    }


def test_a_card_label_without_a_card_goes_out_as_text(
    channel: WeComChannel, envelope: Any
) -> None:
    xml = answered(channel, envelope, CardUpdate(label="已确认"), heard(InboundKind.TEXT))
    assert (xml.findtext("MsgType"), xml.findtext("Content")) == ("text", "已确认")


def test_a_dropped_event_is_never_answered(channel: WeComChannel) -> None:
    inbound = heard(InboundKind.DROPPED, account="")
    assert channel.answer(CALL, TextReply(text="hi"), inbound).body == b""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.sampled_from("]>[<&;汉a\n😀"), max_size=80).map("答{}".format))
def test_any_text_survives_the_round_trip(channel: WeComChannel, envelope: Any, text: str) -> None:
    xml = answered(channel, envelope, TextReply(text=text), heard())
    assert (xml.findtext("Content") or "") == text


@pytest.mark.parametrize("control", ["\x00", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_a_character_that_xml_forbids_does_not_break_the_answer(
    channel: WeComChannel, envelope: Any, control: str
) -> None:
    xml = answered(channel, envelope, TextReply(text=f"收{control}到"), heard())
    assert xml.findtext("Content") == "收到"


def test_a_long_text_is_cut_to_2048_bytes(channel: WeComChannel, envelope: Any) -> None:
    xml = answered(channel, envelope, TextReply(text="廉" * 1000), heard())
    content = xml.findtext("Content") or ""
    assert len(content.encode()) <= 2048
    assert content.endswith("廉…")


@pytest.mark.parametrize("words", ["", " \n", "\x00"])
def test_an_answer_that_says_nothing_is_none(channel: WeComChannel, words: str) -> None:
    assert channel.answer(CALL, TextReply(text=words), heard()).body == b""
    tapped = heard(InboundKind.CARD_TAP)
    assert channel.answer(CALL, CardUpdate(label=words), tapped).body == b""
