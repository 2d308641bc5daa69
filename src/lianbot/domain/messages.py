"""What comes in from a channel and what goes out, in words that know no platform."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lianbot.domain.people import ChannelKind


class InboundKind(StrEnum):
    """What a platform's push is, once parsed."""

    TEXT = "text"
    VOICE = "voice"
    PICTURE = "picture"
    OTHER_MEDIA = "other_media"
    CARD_TAP = "card_tap"
    MENU_CLICK = "menu_click"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    SEND_RESULT = "send_result"
    CONTACT_CHANGED = "contact_changed"
    DROPPED = "dropped"
    """`view`, `enter_agent`, LOCATION …: answered and forgotten before logs, repeats and metrics (P3)."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One push from a platform, verified and parsed.

    `repeat_key` is what the platform repeats identically: MsgId, or from + time + event + key
    (and task) [S6][S68]. `text` is what was typed: it is never stored. `key` is the button's or
    menu's key, `task` the card's task id, `reply_code` the code that lets the card be updated.
    `receiver` is our own id in the push (corp id, gh_ id): a passive reply has to name it.
    """

    channel: ChannelKind
    kind: InboundKind
    account: str
    repeat_key: str
    sent_at: datetime
    text: str = ""
    key: str = ""
    task: str = ""
    reply_code: str = ""
    status: str = ""
    receiver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReply:
    """A passive reply of plain text (≤ 2,048 bytes on WeCom)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardUpdate:
    """Greys the tapped card's buttons and puts `label` in their place."""

    label: str


Reply = TextReply | CardUpdate | None
"""What the callback's own answer carries; None is the platform's no-op."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardButton:
    """A button of a card: `key` comes back in the tap, `label` ≤ 10 characters [S73]."""

    key: str
    label: str


class MessageForm(StrEnum):
    """How an item is dressed for the channel."""

    TEXT = "text"
    TEXT_CARD = "text_card"
    BUTTON_CARD = "button_card"
    NOTICE_CARD = "notice_card"
    """A card without buttons: its whole face leads to the phone page."""
    NEWS = "news"
    """A picture, a title, a lead and the way to the phone page."""
    IMAGE = "image"
    VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One message to one account.

    `task` is unique a message (`[0-9A-Za-z_@-]`, ≤ 128 bytes) and comes back in a card tap.
    `url` is the phone page; `lead` the short form for cards (≤ 170 characters); `text` the whole item.
    `link_label` is written on the card's way to the phone page (≤ 4 characters on a text card, ≤ 18 on a
    button card [S73]); empty leaves it to the platform. `picture` is the address of a JPG or PNG (news),
    `media_id` what the platform gave for an upload (image, voice).
    """

    channel: ChannelKind
    account: str
    form: MessageForm
    task: str
    title: str
    text: str
    lead: str
    url: str
    buttons: tuple[CardButton, ...] = ()
    link_label: str = ""
    picture: str = ""
    media_id: str = ""


class SendAction(StrEnum):
    """The retry policy's actions: exactly those of the error table, and two for a lost answer."""

    OK = "ok"
    DUPLICATE_OK = "duplicate_ok"
    RETRY = "retry"
    RETRY_LATER = "retry_later"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - an action, not a secret
    WINDOW_CLOSED = "window_closed"
    QUOTA = "quota"
    UNSUBSCRIBED = "unsubscribed"
    OPTED_OUT = "opted_out"
    RECIPIENT = "recipient"
    VISIBILITY = "visibility"
    LICENSE = "license"
    CONFIG = "config"
    PAYLOAD = "payload"
    OAUTH_RESTART = "oauth_restart"
    UNLISTED = "unlisted"
    """The code is not in the table: final, with an alert, never a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The platform said errcode 0 for this worker. `reply_code` allows one later update of the card [S79]."""

    platform_id: str
    reply_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The platform answered with an error for this worker. `detail` keeps errmsg with its rid, no token.

    `no_right`: the account may not use this way at all; the other ways of the channel are not touched by it.
    """

    errcode: int
    action: SendAction
    detail: str
    no_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """Nothing readable came back, or -1: the message may or may not have gone out."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Certainly not sent: the connection was never made, or no token could be had. Safe to plan again."""

    detail: str


SendOutcome = Accepted | Refused | NoAnswer | NotSent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCall:
    """An HTTP call from the platform as it reached us, before any trust."""

    method: str
    query: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """What goes back over HTTP: status, content type, body bytes."""

    status: int
    content_type: str
    body: bytes
