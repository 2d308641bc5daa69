"""What comes in from the Official Account → what the house hears."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lianbot.channels.official.inbound import parse
from lianbot.domain.messages import InboundKind, InboundMessage

AT = "1796105220"
HEAD = (
    "<ToUserName><![CDATA[gh_1]]></ToUserName>"
    f"<FromUserName><![CDATA[oA]]></FromUserName><CreateTime>{AT}</CreateTime>"
)


def message(kind: str, inner: str = "") -> str:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{inner}"
        "<MsgId>77</MsgId><MsgDataId>x</MsgDataId><Idx>1</Idx></xml>"
    )


def event(name: str, inner: str = "") -> str:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event>{inner}</xml>"
    )


def key(value: str) -> str:
    return f"<EventKey><![CDATA[{value}]]></EventKey>"


def finished(status: str) -> str:
    return event(
        "TEMPLATESENDJOBFINISH", f"<MsgID>200</MsgID><Status><![CDATA[{status}]]></Status>"
    )


# label: (push, what must be heard)
HEARD: dict[str, tuple[str, dict[str, Any]]] = {
    "text": (
        message("text", "<Content><![CDATA[供货商塞了两条烟]]></Content>"),
        {
            "kind": InboundKind.TEXT,
            "account": "oA",
            "text": "供货商塞了两条烟",
            "repeat_key": "id\n77",
            "receiver": "gh_1",
        },
    ),
    "tapped line of a msgmenu": (
        message("text", "<Content>看懂了</Content><bizmsgmenuid>d-17:ack</bizmsgmenuid>"),
        {"kind": InboundKind.CARD_TAP, "task": "d-17", "key": "ack", "text": ""},
    ),
    "tapped line with colons in its key": (
        message("text", "<Content>烟酒</Content><bizmsgmenuid>d-17:topic:gift</bizmsgmenuid>"),
        {"kind": InboundKind.CARD_TAP, "task": "d-17", "key": "topic:gift"},
    ),
    "tapped line of somebody else's msgmenu": (
        message("text", "<Content>1</Content><bizmsgmenuid>101</bizmsgmenuid>"),
        {"kind": InboundKind.CARD_TAP, "task": "", "key": "101"},
    ),
    "voice": (
        message("voice", "<MediaId>m</MediaId><Recognition><![CDATA[]]></Recognition>"),
        {"kind": InboundKind.VOICE, "text": ""},
    ),
    "picture": (message("image", "<PicUrl>p</PicUrl>"), {"kind": InboundKind.PICTURE}),
    "short video": (message("shortvideo"), {"kind": InboundKind.OTHER_MEDIA}),
    "place": (message("location", "<Label>食堂</Label>"), {"kind": InboundKind.OTHER_MEDIA}),
    "new kind of message": (
        message("hologram"),
        {"kind": InboundKind.OTHER, "status": "hologram"},
    ),
    "follow": (event("subscribe", key("")), {"kind": InboundKind.SUBSCRIBE, "key": ""}),
    "follow by a slip": (
        event("subscribe", key("qrscene_slip-9") + "<Ticket>T</Ticket>"),
        {"kind": InboundKind.SUBSCRIBE, "key": "slip-9"},
    ),
    "follower scans a slip": (
        event("SCAN", key("slip-9") + "<Ticket>T</Ticket>"),
        {
            "kind": InboundKind.SCAN,
            "key": "slip-9",
            "repeat_key": f"scan\noA\n{AT}\nslip-9\n",
        },
    ),
    "unfollow": (event("unsubscribe", key("")), {"kind": InboundKind.UNSUBSCRIBE}),
    "menu": (event("CLICK", key("mine")), {"kind": InboundKind.MENU_CLICK, "key": "mine"}),
    "template shown": (
        finished("success"),
        {"kind": InboundKind.SEND_RESULT, "key": "200", "status": "success"},
    ),
    "template blocked": (
        finished("failed:user block"),
        {"kind": InboundKind.SEND_RESULT, "key": "200", "status": "failed:user block"},
    ),
    "template failed, in the older spelling": (
        finished("failed: system failed"),
        {"kind": InboundKind.SEND_RESULT, "key": "200", "status": "failed:system failed"},
    ),
    "consent popup with a list": (
        event(
            "subscribe_msg_popup_event",
            "<SubscribeMsgPopupEvent><List><TemplateId>1</TemplateId></List>"
            "<List><TemplateId>2</TemplateId></List></SubscribeMsgPopupEvent>",
        ),
        {"kind": InboundKind.OTHER, "status": "subscribe_msg_popup_event"},
    ),
}


@pytest.mark.parametrize("label", HEARD)
def test_a_push_is_heard_as_what_it_is(label: str) -> None:
    push, expected = HEARD[label]
    heard = parse(push)
    assert {name: getattr(heard, name) for name in expected} == expected


@pytest.mark.parametrize("label", HEARD)
def test_a_push_keeps_the_platforms_time(label: str) -> None:
    assert parse(HEARD[label][0]).sent_at == datetime.fromtimestamp(int(AT), UTC)


@pytest.mark.parametrize("name", ["VIEW", "view_miniprogram", "LOCATION"])
def test_an_event_that_tells_who_looked_at_what_leaves_nothing(name: str) -> None:
    heard = parse(event(name, key("https://door.example/c/") + "<MenuId>1</MenuId>"))
    assert heard == InboundMessage(
        channel=heard.channel,
        kind=InboundKind.DROPPED,
        account="",
        repeat_key="",
        sent_at=datetime(1970, 1, 1, tzinfo=UTC),
    )


def test_results_of_two_messages_in_one_second_are_two() -> None:
    first, other = finished("success"), finished("success").replace("200", "201")
    assert parse(first).repeat_key != parse(other).repeat_key
