"""From a decrypted WeCom push to an InboundMessage; wechatpy parses, we refuse what it stumbles over."""

from typing import Any, Final

from wechatpy.enterprise.parser import parse_message

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
"""[S4]"""

_EVENTS: Final = {
    "subscribe": InboundKind.SUBSCRIBE,
    "unsubscribe": InboundKind.UNSUBSCRIBE,
    "click": InboundKind.MENU_CLICK,
    "scancode_push": InboundKind.MENU_CLICK,
    "scancode_waitmsg": InboundKind.MENU_CLICK,
    "template_card_event": InboundKind.CARD_TAP,
    "template_card_menu_event": InboundKind.CARD_TAP,
}
"""[S4][S68]; events that are not here become OTHER with their name in `status`."""

_DROPPED: Final = frozenset({"view", "view_miniprogram", "enter_agent", "location"})
"""They tell who opened what and when, so they are forgotten before anything could keep them (P3)."""

_MEMBER_CHANGES: Final = frozenset({"create_user", "update_user", "delete_user"})


def parse(text: str) -> InboundMessage:
    """Parse one decrypted push. Raises MalformedCallError.

    wechatpy knows neither card nor contact events (UnknownMessage), and its field descriptors cost more
    than the look-up, so the fields are read from the parsed data of known and unknown kinds alike.
    """
    require_tame(text)
    try:
        message: Any = parse_message(text)
    except STUMBLES as error:
        raise MalformedCallError("not a WeCom push") from error
    if message is None:
        raise MalformedCallError("empty push")
    data: Fields = message._data
    kind = needed(data, "MsgType").lower()
    return _event(data) if kind == "event" else _message(data, kind)


def _message(data: Fields, name: str) -> InboundMessage:
    kind = _MESSAGES.get(name, InboundKind.OTHER)
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        account=needed(data, "FromUserName"),
        repeat_key=message_key(data),
        sent_at=sent_at(data),
        text=word(data, "Content") if kind is InboundKind.TEXT else "",
        status=name if kind is InboundKind.OTHER else "",
        receiver=word(data, "ToUserName"),
    )


def _event(data: Fields) -> InboundMessage:
    event = needed(data, "Event").lower()
    if event in _DROPPED:
        return dropped(ChannelKind.WECOM)
    if event == "change_contact":
        return _contact_change(data, event)
    kind = _EVENTS.get(event, InboundKind.OTHER)
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        account=needed(data, "FromUserName"),
        repeat_key=event_key(event, data, "EventKey", "TaskId"),
        sent_at=sent_at(data),
        key=word(data, "EventKey"),
        task=word(data, "TaskId"),
        reply_code=word(data, "ResponseCode"),
        status=event if kind is InboundKind.OTHER else "",
        receiver=word(data, "ToUserName"),
    )


def _contact_change(data: Fields, event: str) -> InboundMessage:
    """The directory changed: `account` is the member, `key` the change, `status` the new id after a renaming."""
    change = word(data, "ChangeType")
    is_member = change in _MEMBER_CHANGES
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=InboundKind.CONTACT_CHANGED if is_member else InboundKind.OTHER,
        account=word(data, "UserID") if is_member else "",
        repeat_key=event_key(event, data, "ChangeType", "UserID", "Id", "TagId"),
        sent_at=sent_at(data),
        key=change,
        status=word(data, "NewUserID") if is_member else event,
        receiver=word(data, "ToUserName"),
    )
