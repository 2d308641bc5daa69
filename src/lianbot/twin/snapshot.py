"""The state as JSON: what people and tests read, and what is saved and loaded."""

from __future__ import annotations

import base64
import re
from collections import deque
from dataclasses import asdict
from datetime import datetime
from typing import Any

from lianbot.twin.accounts import ConfigError, changed
from lianbot.twin.cardbook import CardBook, UpdateCode
from lianbot.twin.clock import SHANGHAI
from lianbot.twin.phones import Bubble, Channel, Client, Content, Grant, Phone, Side
from lianbot.twin.remembered import SavedMemory, saved_memory
from lianbot.twin.wording import HIDDEN_KIND, RECALLED
from lianbot.twin.world import Media, QrTicket, SentMessage, World, as_object

FORMAT = 1
STATE_FORMAT = 2
_TAG = re.compile(r"</?a\b[^>]*>")


def accounts_as_json(world: World) -> Content:
    """Both accounts and the switches."""
    return {
        "wecom": asdict(world.wecom),
        "official": asdict(world.official),
        "switches": asdict(world.switches),
    }


def phone_as_json(phone: Phone) -> Content:
    """A phone without its messages."""
    return {
        "id": phone.id,
        "name": phone.name,
        "post": phone.post,
        "team": phone.team,
        "note": phone.note,
        "client": phone.client.value,
        "userid": phone.userid,
        "openid": phone.openid,
        "unionid": phone.unionid,
        "followed": phone.followed,
        "template_off": phone.template_off,
        "messages_off": phone.messages_off,
        "reason": phone.reason,
        "mend": phone.mend,
        "unread": phone.unread,
        "count": len(phone.bubbles),
        "version": phone.version,
    }


def message_as_json(bubble: Bubble, phone: Phone) -> Content:
    """One line as the API gives it; `visible` is false where this client hides it."""
    return {
        "id": bubble.id,
        "channel": bubble.channel.value,
        "side": bubble.side.value,
        "kind": bubble.kind,
        "content": bubble.content,
        "at": bubble.at,
        "time": local_time(bubble.at),
        "msgid": bubble.msgid,
        "recalled": bubble.recalled,
        "replaced": bubble.replaced,
        "visible": not bubble.hidden_from(phone.client),
        "summary": summary(bubble, phone.client),
    }


def local_time(at: float) -> str:
    """ISO time in Asia/Shanghai."""
    return datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")


def summary(bubble: Bubble, client: Client = Client.WECOM) -> str:
    """The one line a chat list shows."""
    if bubble.recalled:
        return RECALLED
    if bubble.hidden_from(client):
        return HIDDEN_KIND
    if bubble.kind == "notice":
        return str(bubble.content.get("text", ""))
    part = as_object(bubble.content.get(bubble.kind))
    match bubble.kind:
        case "text" | "markdown":
            return _TAG.sub("", str(part.get("content", "")))[:60]
        case "textcard":
            return str(part.get("title", ""))
        case "template_card":
            title = as_object(part.get("main_title")).get("title") or part.get("sub_title_text")
            return f"[卡片] {title}"
        case "news":
            articles = part.get("articles") or [{}]
            return f"[图文] {as_object(articles[0]).get('title', '')}"
        case "msgmenu":
            return str(part.get("head_content", ""))[:60]
        case "template":
            return f"[服务通知] {bubble.content.get('title', '')}"
        case _:
            pass
    names = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]"}
    return names.get(bubble.kind, f"[{bubble.kind}]")


def export(world: World) -> Content:
    """Every phone with everything it received and sent."""
    phones = [
        {
            **phone_as_json(phone),
            "received": [message_as_json(each, phone) for each in phone.received],
            "sent": list(phone.acts),
            "notices": [
                message_as_json(each, phone) for each in phone.bubbles if each.side is Side.SYSTEM
            ],
        }
        for phone in world.phones.values()
    ]
    return {"format": FORMAT, "at": local_time(world.clock.now()), "phones": phones}


# save and load ---------------------------------------------------------------------------


def save_state(world: World) -> Content:
    """Everything the twin knows: accounts, switches, people, messages, media, tokens, cards, and its memory.

    The clock's offset is not among it: that lies in a file of its own.
    """
    return {
        "format": STATE_FORMAT,
        "accounts": accounts_as_json(world),
        "phones": [_saved_phone(each) for each in world.phones.values()],
        "media": {name: _saved_media(each) for name, each in world.media.items()},
        "tokens": {
            "wecom": _saved_tokens(world, "wecom_tokens"),
            "official": _saved_tokens(world, "official_tokens"),
            "stable": _saved_tokens(world, "stable_tokens"),
        },
        "cards": _saved_cards(world),
        "tickets": {name: [each.scene, each.expires] for name, each in world.tickets.items()},
        "marks": list(world.marks()),
        "banner": world.banner,
        "memory": saved_memory(world),
    }


def load_state(world: World, state: Content) -> None:
    """Replace the world's people, messages and accounts; ConfigError leaves it as it was."""
    if state.get("format") != STATE_FORMAT:
        raise ConfigError(f"format: {state.get('format')!r} is not {STATE_FORMAT}")
    try:
        accounts = state["accounts"]
        wecom = changed(world.wecom, accounts["wecom"])
        official = changed(world.official, accounts["official"])
        switches = changed(world.switches, accounts["switches"])
        phones = [_loaded_phone(each) for each in state["phones"]]
        media = {name: _loaded_media(each) for name, each in state["media"].items()}
        marks = (int(state["marks"][0]), int(state["marks"][1]))
        tokens = dict(state["tokens"])
        tickets = {name: QrTicket(str(a), float(b)) for name, (a, b) in state["tickets"].items()}
        cards = _loaded_cards(state["cards"], phones)
        memory = SavedMemory(state["memory"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ConfigError(f"state: {type(error).__name__} {error}") from None
    world.wecom, world.official, world.switches = wecom, official, switches
    world.media, world.tickets, world.cards = media, tickets, cards
    memory.put(world)
    world.replace_people(phones)
    world.set_marks(marks)
    world.banner = as_object(state.get("banner"))
    for name, book in (
        ("wecom", world.wecom_tokens),
        ("official", world.official_tokens),
        ("stable", world.stable_tokens),
    ):
        book.current = str(tokens[name]["current"])
        book.current_dies = float(tokens[name]["current_dies"])
        book.dies = {str(k): float(v) for k, v in tokens[name]["dies"].items()}
    _tie_sends(world)


def _tie_sends(world: World) -> None:
    world.sent.clear()
    for phone in world.phones.values():
        for bubble in phone.bubbles:
            if bubble.msgid and bubble.channel is Channel.WECOM:
                sent = world.sent.setdefault(bubble.msgid, SentMessage(bubble.msgid, bubble.at))
                sent.lines.append((phone, bubble))


def _saved_cards(world: World) -> Content:
    codes = [
        {
            "code": code,
            "expires": each.expires,
            "used": each.used,
            "lines": [bubble.id for _, bubble in each.lines],
        }
        for code, each in world.cards.codes.items()
    ]
    return {"task_ids": sorted(world.cards.task_ids), "codes": codes}


def _loaded_cards(saved: Content, phones: list[Phone]) -> CardBook:
    lines = {bubble.id: (phone, bubble) for phone in phones for bubble in phone.bubbles}
    book = CardBook(set(saved["task_ids"]))
    for each in saved["codes"]:
        known = [lines[number] for number in each["lines"] if number in lines]
        book.codes[each["code"]] = UpdateCode(known, float(each["expires"]), bool(each["used"]))
    return book


def _saved_tokens(world: World, name: str) -> Content:
    book = getattr(world, name)
    return {"current": book.current, "current_dies": book.current_dies, "dies": dict(book.dies)}


def _saved_phone(phone: Phone) -> Content:
    saved = asdict(phone)
    saved["sent_at"] = list(phone.sent_at)
    return saved


def _loaded_phone(saved: Content) -> Phone:
    values: dict[str, Any] = dict(saved)
    values["client"] = Client(values["client"])
    values["bubbles"] = [_loaded_bubble(each) for each in values["bubbles"]]
    values["grants"] = [Grant(**each) for each in values["grants"]]
    values["sent_at"] = deque(values["sent_at"], maxlen=1000)
    return Phone(**values)


def _loaded_bubble(saved: Content) -> Bubble:
    values: dict[str, Any] = dict(saved)
    values["channel"] = Channel(values["channel"])
    values["side"] = Side(values["side"])
    return Bubble(**values)


def _saved_media(media: Media) -> Content:
    saved = asdict(media)
    saved["body"] = base64.b64encode(media.body).decode()
    return saved


def _loaded_media(saved: Content) -> Media:
    return Media(**{**saved, "body": base64.b64decode(saved["body"])})
