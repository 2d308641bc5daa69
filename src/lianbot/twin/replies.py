"""The bot's answer inside a callback: opened, verified and turned into what the phone shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lianbot.twin.envelope import Envelope, EnvelopeError, same_signature
from lianbot.twin.phones import Channel, Content
from lianbot.twin.world import as_object, bytes_cut
from lianbot.twin.xmlbody import Fields, XmlError, as_list, parse


class ReplyError(ValueError):
    """An answer the platform cannot use: the person sees that the service is unavailable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One usable passive reply."""

    kind: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a reply must fit: whose it is, in which mode, to whom."""

    channel: Channel
    envelope: Envelope
    app_id: str  # ToUserName of the push
    person_id: str
    nonce: str
    sealed: bool  # the reply must be encrypted
    plain_allowed: bool
    nonce_must_echo: bool
    news_limit: int


def read_reply(body: bytes, expected: Expected) -> Reply | None:
    """None where nothing is to be shown: empty body or `success` [S7][S4]."""
    stripped = body.strip()
    if not stripped or stripped == b"success":
        return None
    try:
        fields = parse(stripped)
        if "Encrypt" in fields:
            fields = parse(_opened(fields, expected))
        elif not expected.plain_allowed:
            raise ReplyError("the reply must be encrypted in this mode")
    except (XmlError, EnvelopeError) as error:
        raise ReplyError(str(error)) from error
    _check_parties(fields, expected)
    return _reply(fields, expected)


def _opened(fields: Fields, expected: Expected) -> bytes:
    if not expected.sealed and expected.plain_allowed:
        raise ReplyError("an encrypted reply in plain mode")
    parts = [str(fields.get(name, "")) for name in ("TimeStamp", "Nonce", "Encrypt")]
    given = str(fields.get("MsgSignature", ""))
    if not same_signature(expected.envelope.sign(*parts), given):
        raise ReplyError("MsgSignature does not fit TimeStamp, Nonce and Encrypt")
    if expected.nonce_must_echo and parts[1] != expected.nonce:
        raise ReplyError("Nonce is not the one that was received")
    return expected.envelope.open(parts[2])


def _check_parties(fields: Fields, expected: Expected) -> None:
    if str(fields.get("ToUserName", "")).lower() != expected.person_id.lower():
        raise ReplyError("ToUserName is not the person who wrote")
    if fields.get("FromUserName") != expected.app_id:
        raise ReplyError("FromUserName is not the account")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise ReplyError("CreateTime is no number")


def _reply(fields: Fields, expected: Expected) -> Reply | None:
    channel = expected.channel
    kind = str(fields.get("MsgType", ""))
    match kind:
        case "text":
            return _text(fields)
        case "image" | "voice" | "video":
            return _media(kind, fields)
        case "news":
            return _news(fields, expected.news_limit)
        case "music" if channel is Channel.OFFICIAL:
            return Reply(kind=kind, content={"msgtype": kind, "music": fields.get("Music")})
        case "transfer_customer_service" if channel is Channel.OFFICIAL:
            return None
        case "update_button" if channel is Channel.WECOM:
            return _update_button(fields)
        case "update_template_card" if channel is Channel.WECOM:
            return _update_card(fields)
    raise ReplyError(f"MsgType {kind!r} cannot be a reply")


def _text(fields: Fields) -> Reply:
    text = str(fields.get("Content", ""))
    if not text:
        raise ReplyError("Content of the text is empty")
    content = bytes_cut(text, 2048)  # WeCom cuts at 2048 bytes [S4]
    return Reply(kind="text", content={"msgtype": "text", "text": {"content": content}})


def _media(kind: str, fields: Fields) -> Reply:
    part = as_object(fields.get(kind.capitalize()))
    if not part.get("MediaId"):
        raise ReplyError(f"{kind.capitalize()}/MediaId is missing")
    return Reply(kind=kind, content={"msgtype": kind, kind: {"media_id": part["MediaId"]}})


def _news(fields: Fields, limit: int) -> Reply:
    items = [as_object(each) for each in as_list(as_object(fields.get("Articles")).get("item"))]
    if not items or str(fields.get("ArticleCount", "")) != str(len(items)):
        raise ReplyError("ArticleCount does not fit Articles")
    if len(items) > limit:
        raise ReplyError(f"more than {limit} articles")
    articles = [
        {
            "title": each.get("Title", ""),
            "description": each.get("Description", ""),
            "url": each.get("Url", ""),
            "picurl": each.get("PicUrl", ""),
        }
        for each in items
    ]
    return Reply(kind="news", content={"msgtype": "news", "news": {"articles": articles}})


def _update_button(fields: Fields) -> Reply:
    name = as_object(fields.get("Button")).get("ReplaceName")
    if not name:
        raise ReplyError("Button/ReplaceName is missing")
    return Reply(kind="update_button", content={"replace_name": name})


def _update_card(fields: Fields) -> Reply:
    card = snake_card(as_object(fields.get("TemplateCard")))
    if not card.get("card_type"):
        raise ReplyError("TemplateCard/CardType is missing")
    return Reply(kind="update_template_card", content={"template_card": card})


# The XML of a card repeats these elements where the JSON has lists [S67][S68].
_CARD_LISTS = frozenset(
    {
        "HorizontalContentList",
        "VerticalContentList",
        "JumpList",
        "ButtonList",
        "SelectList",
        "OptionList",
        "ActionList",
    }
)
_CARD_NUMBERS = frozenset({"Type", "Style", "DescColor", "Mode"})
_CARD_NAMES = {"KeyName": "keyname", "AppId": "appid", "PagePath": "pagepath", "UserId": "userid"}


def snake_card(part: Fields) -> Content:
    """A card from CamelCase XML to the JSON names of message/send."""
    return {_card_name(name): _card_value(name, value) for name, value in part.items()}


def _card_name(name: str) -> str:
    return _CARD_NAMES.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _card_value(name: str, value: Any) -> Any:
    if name in _CARD_LISTS:
        return [snake_card(each) for each in as_list(value) if isinstance(each, dict)]
    if isinstance(value, dict):
        return snake_card(value)
    if name in _CARD_NUMBERS and str(value).isdigit():
        return int(value)
    return value
