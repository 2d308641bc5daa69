"""From a decrypted WeCom push to an InboundMessage; wechatpy parses, we refuse what it stumbles over."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from xml.parsers.expat import ExpatError

from wechatpy.enterprise.parser import parse_message

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
_LATEST: Final = 253_402_300_799  # 9999-12-31, the last second datetime knows
_LONGEST_TIME: Final = 12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# TypeError: <xml></xml>; KeyError: another root; AttributeError: nested MsgType; ValueError: xmltodict's refusals
_STUMBLES: Final = (ExpatError, TypeError, KeyError, AttributeError, ValueError)


def parse(text: str) -> InboundMessage:
    """Parse one decrypted push. Raises MalformedCallError.

    wechatpy knows neither card nor contact events (UnknownMessage), and its field descriptors cost more
    than the look-up, so the fields are read from the parsed data of known and unknown kinds alike.
    """
    require_tame(text)
    try:
        message: Any = parse_message(text)
    except _STUMBLES as error:
        raise MalformedCallError("not a WeCom push") from error
    if message is None:
        raise MalformedCallError("empty push")
    data: Mapping[str, object] = message._data
    return _event(data) if _word(data, "MsgType").lower() == "event" else _message(data)


def _message(data: Mapping[str, object]) -> InboundMessage:
    kind = _MESSAGES.get(_word(data, "MsgType").lower(), InboundKind.OTHER)
    is_text = kind is InboundKind.TEXT
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        account=_needed(data, "FromUserName"),
        repeat_key=_repeat_key(data, _word(data, "MsgType")),
        sent_at=_sent_at(data),
        text=_word(data, "Content") if is_text else "",
        status=_word(data, "MsgType") if kind is InboundKind.OTHER else "",
    )


def _event(data: Mapping[str, object]) -> InboundMessage:
    event = _needed(data, "Event")
    name = event.lower()
    if name in _DROPPED:
        return InboundMessage(
            channel=ChannelKind.WECOM,
            kind=InboundKind.DROPPED,
            account="",
            repeat_key="",
            sent_at=_EPOCH,
        )
    if name == "change_contact":
        return _contact_change(data, event)
    kind = _EVENTS.get(name, InboundKind.OTHER)
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=kind,
        account=_needed(data, "FromUserName"),
        repeat_key=_repeat_key(data, event),
        sent_at=_sent_at(data),
        key=_word(data, "EventKey"),
        task=_word(data, "TaskId"),
        reply_code=_word(data, "ResponseCode"),
        status=name if kind is InboundKind.OTHER else "",
    )


def _contact_change(data: Mapping[str, object], event: str) -> InboundMessage:
    """The directory changed: `account` is the member, `key` the change, `status` the new id after a renaming."""
    change = _word(data, "ChangeType")
    is_member = change in _MEMBER_CHANGES
    subject = _word(data, "UserID") if is_member else _word(data, "Id")
    return InboundMessage(
        channel=ChannelKind.WECOM,
        kind=InboundKind.CONTACT_CHANGED if is_member else InboundKind.OTHER,
        account=subject if is_member else "",
        repeat_key="\n".join((_repeat_key(data, event), change, subject)),
        sent_at=_sent_at(data),
        key=change,
        status=_word(data, "NewUserID") if is_member else event,
    )


def _repeat_key(data: Mapping[str, object], event: str) -> str:
    """MsgId, or from + time + event + key + task: events have no MsgId and two taps can share a second [S68]."""
    msg_id = _word(data, "MsgId")
    if msg_id:
        return f"id\n{msg_id}"
    names = ("FromUserName", "CreateTime", "EventKey", "TaskId")
    return "\n".join((event, *(_word(data, name) for name in names)))


def _sent_at(data: Mapping[str, object]) -> datetime:
    seconds = _needed(data, "CreateTime")
    # the length comes first: int() of a very long digit string is slow, and above 4,300 digits an error
    plain = seconds.isascii() and seconds.isdigit() and len(seconds) <= _LONGEST_TIME
    if not plain or int(seconds) > _LATEST:
        raise MalformedCallError("CreateTime")
    return datetime.fromtimestamp(int(seconds), UTC)


def _word(data: Mapping[str, object], name: str) -> str:
    """A flat field, empty when absent; a repeated or nested one is not what the platform documents."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedCallError(name)
    return value


def _needed(data: Mapping[str, object], name: str) -> str:
    value = _word(data, name)
    if not value:
        raise MalformedCallError(f"no {name}")
    return value
