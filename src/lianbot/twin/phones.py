"""People and their phones: what each one received, did, and can see."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lianbot.twin.accounts import ConfigError

Content = dict[str, Any]


class Channel(StrEnum):
    """The two chats of a phone."""

    WECOM = "wecom"
    OFFICIAL = "official"


class Client(StrEnum):
    """How a member of the corp reads: decides what arrives and what is shown."""

    WECOM = "wecom"
    PLAIN = "plain"  # ordinary WeChat through the plugin
    INACTIVE = "inactive"  # in the directory, never activated
    UNLICENSED = "unlicensed"
    NONE = "none"  # not in the directory or outside the app's range


class Side(StrEnum):
    """Who a line of the chat is from."""

    APP = "app"
    PERSON = "person"
    SYSTEM = "system"


@dataclass(slots=True)
class Bubble:
    """One line of a chat. `content` is shared between recipients of one send: never change it."""

    id: int
    channel: Channel
    side: Side
    kind: str
    content: Content
    at: float
    msgid: str = ""
    recalled: bool = False
    replaced: str = ""  # text of the greyed button after an update
    by_api: bool = False  # came by a call of the bot, not inside the answer to a push
    plain_hides: bool = False  # ordinary WeChat shows a placeholder instead [S75][S76][S77][S78]

    def hidden_from(self, client: Client) -> bool:
        """Whether this client shows a placeholder instead."""
        return self.plain_hides and client is Client.PLAIN


@dataclass(slots=True)
class Grant:
    """A reply window of the Official Account: so many messages until then [S19]."""

    expires: float
    remaining: int
    opens: float = 0.0


@dataclass(slots=True, kw_only=True)
class Phone:
    """One person with at most one WeCom membership and one Official Account subscription."""

    id: str
    name: str
    post: str = ""
    team: str = ""
    note: str = ""
    client: Client = Client.WECOM
    userid: str = ""
    openid: str = ""
    unionid: str = ""
    followed: bool = False
    followed_at: float = 0.0
    qr_scene: str = ""
    template_off: bool = False  # the person refuses template messages: 43101
    messages_off: bool = False  # the person refuses messages of the account: 48002
    template_result: str = ""  # another outcome of templates, e.g. "failed: system failed"
    reason: str = ""  # why the bot cannot reach this person, set from outside
    mend: str = ""
    bubbles: list[Bubble] = field(default_factory=list)
    acts: list[Content] = field(default_factory=list)
    unread: int = 0
    version: int = 0
    sent_at: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    grants: list[Grant] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    masses: dict[str, int] = field(default_factory=dict)  # mass sends received, by month
    notices: dict[str, int] = field(default_factory=dict)  # 订阅通知 accepted and not used up

    def bubble(self, bubble_id: int) -> Bubble | None:
        """The line with this number."""
        return next((each for each in reversed(self.bubbles) if each.id == bubble_id), None)

    @property
    def received(self) -> list[Bubble]:
        """What the bot's side sent here, oldest first."""
        return [each for each in self.bubbles if each.side is Side.APP]


_TEXTS = [
    "id",
    "name",
    "post",
    "team",
    "note",
    "userid",
    "openid",
    "unionid",
    "reason",
    "mend",
    "qr_scene",
]
_FLAGS = ["followed", "template_off", "messages_off"]
_FIELDS: dict[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_FLAGS, bool)}


def phone_from(record: Content, place: str) -> Phone:
    """A phone from a JSON object; `place` names the row in the error."""
    if not isinstance(record, dict):
        raise ConfigError(f"{place}: an object is expected")
    if not record.get("id") or not isinstance(record["id"], str):
        raise ConfigError(f"{place}: `id` is missing")
    phone = Phone(id=record["id"], name=str(record.get("name") or record["id"]))
    apply_changes(phone, record, place)
    phone.userid = phone.userid or phone.id
    phone.openid = phone.openid or f"o{phone.id}"
    return phone


def checked_changes(record: Content, place: str) -> Content:
    """The values of a person's fields, or ConfigError naming row and field."""
    if not isinstance(record, dict):
        raise ConfigError(f"{place}: an object is expected")
    checked: Content = {}
    for name, value in record.items():
        if name == "client":
            checked[name] = _client(value, place)
        elif name not in _FIELDS:
            known = ", ".join((*_FIELDS, "client"))
            raise ConfigError(f"{place}: no field `{name}`; known: {known}")
        elif type(value) is not _FIELDS[name]:
            raise ConfigError(f"{place}: `{name}` has the wrong type")
        else:
            checked[name] = value
    return checked


def apply_changes(phone: Phone, record: Content, place: str) -> None:
    """Set the fields of `record`, all or none."""
    for name, value in checked_changes(record, place).items():
        setattr(phone, name, value)


def _client(value: object, place: str) -> Client:
    try:
        return Client(str(value))
    except ValueError:
        known = ", ".join(each.value for each in Client)
        raise ConfigError(f"{place}: `client` {value!r} is not one of {known}") from None


def default_channel(phone: Phone) -> Channel:
    """WeCom for members who use it, else the Official Account."""
    member = phone.client in {Client.WECOM, Client.PLAIN}
    return Channel.WECOM if member else Channel.OFFICIAL
