"""Fields of a parsed push: flat text or refused, and the platform's second as an aware datetime."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from xml.parsers.expat import ExpatError

from lianbot.domain.messages import InboundKind, InboundMessage
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import MalformedCallError

Fields = Mapping[str, object]

STUMBLES: Final = (ExpatError, TypeError, KeyError, AttributeError, ValueError)
"""What wechatpy's parser raises on `<xml></xml>`, another root, a nested MsgType, and xmltodict's own refusals."""

_LONGEST_TIME: Final = 12
_LATEST: Final = 253_402_300_799  # 9999-12-31, the last second datetime knows
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def word(data: Fields, name: str) -> str:
    """A flat field, empty when absent; a repeated or nested one is not what the platform documents."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedCallError(name)
    return value


def needed(data: Fields, name: str) -> str:
    """A flat field that every push of this kind has."""
    value = word(data, name)
    if not value:
        raise MalformedCallError(f"no {name}")
    return value


def sent_at(data: Fields) -> datetime:
    """CreateTime in UTC."""
    seconds = needed(data, "CreateTime")
    # the length comes first: int() of a very long digit string is slow, and above 4,300 digits an error
    plain = seconds.isascii() and seconds.isdigit() and len(seconds) <= _LONGEST_TIME
    if not plain or int(seconds) > _LATEST:
        raise MalformedCallError("CreateTime")
    return datetime.fromtimestamp(int(seconds), UTC)


def message_key(data: Fields) -> str:
    """What a repeated message has in common with the first: MsgId [S6], else what an event would have."""
    msg_id = word(data, "MsgId")
    return f"id\n{msg_id}" if msg_id else event_key(word(data, "MsgType"), data)


def event_key(event: str, data: Fields, *names: str) -> str:
    """What a repeated event has in common with the first: event + from + time + `names`.

    Events have no MsgId, and two taps can share a second [S7][S68].
    """
    parts = (word(data, name) for name in ("FromUserName", "CreateTime", *names))
    return "\n".join((event, *parts))


def dropped(channel: ChannelKind) -> InboundMessage:
    """An event that would tell who looked at what: nothing of it is kept, not even for recognising a repeat (P3)."""
    return InboundMessage(
        channel=channel, kind=InboundKind.DROPPED, account="", repeat_key="", sent_at=_EPOCH
    )
