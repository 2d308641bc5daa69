"""From the XML of an Official Account push to an InboundMessage; wechatpy parses, we refuse what it stumbles over."""

from typing import Any, Final

from wechatpy.parser import parse_message

from lianbot.channels.fields import (
    STUMBLES,
    Fields,
    dropped,
    event_key,
    message_key,
    needed,
    sent_at,
    word,
)
from lianbot.channels.official.menuids import split_menu_id
from lianbot.channels.xml import require_tame
from lianbot.domain.messages import InboundKind, InboundMessage
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import MalformedCallError

_MESSAGES: Final = {
    "text": InboundKind.TEXT,
    "voice": InboundKind.VOICE,
    "image": InboundKind.PICTURE,
    "video": InboundKind.OTHER_MEDIA,
    "shortvideo": InboundKind.OTHER_MEDIA,
    "location": InboundKind.OTHER_MEDIA,
    "link": InboundKind.OTHER_MEDIA,
    "file": InboundKind.OTHER_MEDIA,
}
"""§A6. Voice has no recognised text any more [S11]."""

_EVENTS: Final = {
    "subscribe": InboundKind.SUBSCRIBE,
    "subscribe_scan": InboundKind.SUBSCRIBE,  # wechatpy's name for a subscribe with qrscene_
    "unsubscribe": InboundKind.UNSUBSCRIBE,
    "scan": InboundKind.SCAN,
    "click": InboundKind.MENU_CLICK,
    "scancode_push": InboundKind.MENU_CLICK,
    "scancode_waitmsg": InboundKind.MENU_CLICK,
    "templatesendjobfinish": InboundKind.SEND_RESULT,
}
"""§A7; events that are not here become OTHER with their name in `status`."""

_DROPPED: Final = frozenset({"view", "view_miniprogram", "location"})
"""VIEW carries the openid beside the address that was opened: forgotten before anything could keep it (P3)."""


def parse(text: str) -> InboundMessage:
    """Parse one verified push. Raises MalformedCallError."""
    require_tame(text)
    try:
        message: Any = parse_message(text)
    except STUMBLES as error:
        raise MalformedCallError("not an Official Account push") from error
    if message is None:
        raise MalformedCallError("empty push")
    data: Fields = message._data
    kind = needed(data, "MsgType").lower()
    return _event(data) if kind == "event" else _message(data, kind)


def _message(data: Fields, name: str) -> InboundMessage:
    """A message. The text that WeChat sends for a tapped msgmenu line is a tap, not typing [S9][S10]."""
    kind = _MESSAGES.get(name, InboundKind.OTHER)
    menu_id = word(data, "bizmsgmenuid") if kind is InboundKind.TEXT else ""
    task, key = split_menu_id(menu_id)
    if menu_id:
        kind = InboundKind.CARD_TAP
    return InboundMessage(
        channel=ChannelKind.OFFICIAL,
        kind=kind,
        account=needed(data, "FromUserName"),
        repeat_key=message_key(data),
        sent_at=sent_at(data),
        text=word(data, "Content") if kind is InboundKind.TEXT else "",
        key=key,
        task=task,
        status=name if kind is InboundKind.OTHER else "",
        receiver=word(data, "ToUserName"),
    )


def _event(data: Fields) -> InboundMessage:
    event = needed(data, "Event").lower()
    if event in _DROPPED:
        return dropped(ChannelKind.OFFICIAL)
    kind = _EVENTS.get(event, InboundKind.OTHER)
    is_result = kind is InboundKind.SEND_RESULT
    return InboundMessage(
        channel=ChannelKind.OFFICIAL,
        kind=kind,
        account=needed(data, "FromUserName"),
        repeat_key=event_key(event, data, "EventKey", "MsgID"),
        sent_at=sent_at(data),
        key=word(data, "MsgID") if is_result else word(data, "EventKey"),
        status=_status(data, event, kind),
        receiver=word(data, "ToUserName"),
    )


def _status(data: Fields, event: str, kind: InboundKind) -> str:
    """`success`, `failed:user block` or `failed:system failed`; older copies write a space after the colon [S15]."""
    if kind is InboundKind.SEND_RESULT:
        return word(data, "Status").lower().replace(": ", ":")
    return event if kind is InboundKind.OTHER else ""
