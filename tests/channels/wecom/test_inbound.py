"""What comes in from WeCom → what the house hears."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lianbot.channels.wecom.inbound import parse
from lianbot.domain.messages import InboundKind, InboundMessage

AT = "1796105220"
HEAD = (
    "<ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>"
    f"<FromUserName><![CDATA[ZhangSan]]></FromUserName><CreateTime>{AT}</CreateTime>"
)
AGENT = "<AgentID>218</AgentID>"


def message(kind: str, inner: str = "", msg_id: str = "77") -> str:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{inner}"
        f"<MsgId>{msg_id}</MsgId>{AGENT}</xml>"
    )


def event(name: str, inner: str = "") -> str:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[{name}]]></Event>{inner}{AGENT}</xml>"
    )


TAP = (
    "<EventKey><![CDATA[ack]]></EventKey><TaskId><![CDATA[d-17]]></TaskId>"
    "<CardType><![CDATA[button_interaction]]></CardType>"
    "<ResponseCode><![CDATA[RC]]></ResponseCode>"
    "<SelectedItems><SelectedItem><QuestionKey>q</QuestionKey>"
    "<OptionIds><OptionId>o1</OptionId><OptionId>o2</OptionId></OptionIds>"
    "</SelectedItem></SelectedItems>"
)
KEY = "<EventKey><![CDATA[mine]]></EventKey>"
SCAN = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult></ScanCodeInfo>"


def contact(change: str, inner: str) -> str:
    body = event("change_contact", f"<ChangeType>{change}</ChangeType>{inner}")
    return body.replace("ZhangSan", "sys")


# label: (push, what must be heard)
HEARD: dict[str, tuple[str, dict[str, Any]]] = {
    "text": (
        message("text", "<Content><![CDATA[供货商塞了两条烟]]></Content>"),
        {"kind": InboundKind.TEXT, "text": "供货商塞了两条烟", "repeat_key": "id\n77"},
    ),
    "text without an id": (
        message("text", "<Content>x</Content>", msg_id=""),
        {"kind": InboundKind.TEXT, "repeat_key": f"text\nZhangSan\n{AT}"},
    ),
    "empty text": (message("text", "<Content/>"), {"kind": InboundKind.TEXT, "text": ""}),
    "text with a bracket": (
        message("text", "<Content><![CDATA[a]]]]><![CDATA[>b]]></Content>"),
        {"kind": InboundKind.TEXT, "text": "a]]>b"},
    ),
    "voice": (
        message("voice", "<MediaId>m</MediaId><Format>amr</Format><Recognition/>"),
        {"kind": InboundKind.VOICE, "text": ""},
    ),
    "picture": (message("image", "<PicUrl>p</PicUrl>"), {"kind": InboundKind.PICTURE}),
    "video": (message("video"), {"kind": InboundKind.OTHER_MEDIA}),
    "place": (
        message("location", "<Location_X>1</Location_X><Label>食堂</Label>"),
        {"kind": InboundKind.OTHER_MEDIA, "text": ""},
    ),
    "link": (message("link", "<Title>t</Title>"), {"kind": InboundKind.OTHER_MEDIA}),
    "file": (message("file"), {"kind": InboundKind.OTHER_MEDIA}),
    "new kind of message": (
        message("hologram"),
        {"kind": InboundKind.OTHER, "status": "hologram"},
    ),
    "subscribe": (event("subscribe"), {"kind": InboundKind.SUBSCRIBE}),
    "unsubscribe": (event("unsubscribe"), {"kind": InboundKind.UNSUBSCRIBE}),
    "menu": (
        event("click", KEY),
        {
            "kind": InboundKind.MENU_CLICK,
            "key": "mine",
            "repeat_key": f"click\nZhangSan\n{AT}\nmine\n",
        },
    ),
    "menu scan": (
        event("scancode_waitmsg", KEY + SCAN),
        {"kind": InboundKind.MENU_CLICK, "key": "mine"},
    ),
    "card": (
        event("template_card_event", TAP),
        {
            "kind": InboundKind.CARD_TAP,
            "key": "ack",
            "task": "d-17",
            "reply_code": "RC",
            "repeat_key": f"template_card_event\nZhangSan\n{AT}\nack\nd-17",
        },
    ),
    "card menu": (
        event("template_card_menu_event", TAP),
        {"kind": InboundKind.CARD_TAP, "key": "ack", "task": "d-17", "reply_code": "RC"},
    ),
    "joined": (
        contact("create_user", "<UserID>LiSi</UserID><Mobile>13800000000</Mobile>"),
        {"kind": InboundKind.CONTACT_CHANGED, "account": "LiSi", "key": "create_user"},
    ),
    "renamed": (
        contact("update_user", "<UserID>LiSi</UserID><NewUserID>LiSi2</NewUserID>"),
        {
            "kind": InboundKind.CONTACT_CHANGED,
            "account": "LiSi",
            "key": "update_user",
            "status": "LiSi2",
        },
    ),
    "left": (
        contact("delete_user", "<UserID>LiSi</UserID>"),
        {"kind": InboundKind.CONTACT_CHANGED, "account": "LiSi", "key": "delete_user"},
    ),
    "department": (
        contact("create_party", "<Id>2</Id><Name>二食堂</Name>"),
        {"kind": InboundKind.OTHER, "account": "", "key": "create_party"},
    ),
    "app about to be suspended": (
        event("inactive_alert"),
        {"kind": InboundKind.OTHER, "status": "inactive_alert"},
    ),
    "photo from the menu": (
        event("pic_sysphoto", KEY + "<SendPicsInfo><Count>1</Count></SendPicsInfo>"),
        {"kind": InboundKind.OTHER, "status": "pic_sysphoto"},
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


@pytest.mark.parametrize(
    "push",
    [
        event("view", "<EventKey><![CDATA[https://door.example/c/]]></EventKey>"),
        event("VIEW", "<EventKey><![CDATA[https://door.example/c/]]></EventKey>"),
        event("enter_agent", "<EventKey/>"),
        event("LOCATION", "<Latitude>23.1</Latitude><Longitude>113.3</Longitude>"),
        event("view_miniprogram", "<EventKey>pages/x</EventKey>"),
    ],
    ids=["view", "VIEW", "enter_agent", "LOCATION", "view_miniprogram"],
)
def test_an_event_that_tells_who_looked_at_what_leaves_nothing(push: str) -> None:
    heard = parse(push)
    assert heard == InboundMessage(
        channel=heard.channel,
        kind=InboundKind.DROPPED,
        account="",
        repeat_key="",
        sent_at=datetime(1970, 1, 1, tzinfo=UTC),
    )


def test_two_taps_in_one_second_are_two() -> None:
    first = parse(event("template_card_event", TAP))
    other = parse(event("template_card_event", TAP.replace("[ack]", "[unclear]")))
    assert first.repeat_key != other.repeat_key


def test_two_changes_of_the_directory_in_one_second_are_two() -> None:
    first = parse(contact("create_user", "<UserID>LiSi</UserID>"))
    other = parse(contact("create_user", "<UserID>WangWu</UserID>"))
    assert first.repeat_key != other.repeat_key


def test_a_repeated_tap_with_a_fresh_response_code_is_the_same_tap() -> None:
    first = parse(event("template_card_event", TAP))
    again = parse(event("template_card_event", TAP.replace("[RC]", "[RC2]")))
    assert first.repeat_key == again.repeat_key
