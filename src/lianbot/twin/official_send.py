"""Official Account `message/custom/send`: kinds, sizes, windows."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from lianbot.twin.accounts import AccountKind
from lianbot.twin.answers import RefusedError, done, json_body
from lianbot.twin.media import voice_seconds
from lianbot.twin.phones import Channel, Content, Phone, Side
from lianbot.twin.windows import Windows
from lianbot.twin.world import World, as_object


class CustomSend:
    """Customer messages inside the windows a person's acts open [S19][S20]."""

    def __init__(self, world: World, windows: Windows) -> None:
        self.world = world
        self.windows = windows

    async def handle(self, request: web.Request) -> web.Response:
        """POST /cgi-bin/message/custom/send."""
        body = await self._body(request)
        phone = self._recipient(body)
        kind = str(body.get("msgtype", ""))
        content = {"msgtype": kind, kind: checked_part(kind, body, self.world)}
        if phone.messages_off:
            raise RefusedError(48002, "user refuse to accept the msg")
        self.windows.spend(phone)
        self.world.show(phone, Channel.OFFICIAL, Side.APP, kind, content, by_api=True)
        return done()

    async def typing(self, request: web.Request) -> web.Response:
        """The "typing" mark: needs an open window too, costs nothing."""
        body = await self._body(request)
        phone = self._recipient(body)
        if body.get("command") not in ("Typing", "CancelTyping"):
            raise RefusedError(40035, "invalid command")
        if not phone.followed or not self.windows.left(phone):
            raise RefusedError(45015, "response out of time limit or subscription is canceled")
        return done()

    async def _body(self, request: web.Request) -> Content:
        refused = self.world.switches.official_refuses_escapes
        return await json_body(request, 47001, escapes_refused=refused)

    def _recipient(self, body: Content) -> Phone:
        phone = self.world.by_openid.get(str(body.get("touser", "")))
        if phone is None:
            raise RefusedError(40003, "invalid openid")
        return phone


def checked_part(kind: str, body: Content, world: World) -> Content:
    """The part of the body named after its kind, as it will be shown, or the errcode that refuses it."""
    check = _CHECKS.get(kind)
    if check is None:
        raise RefusedError(40008, "invalid message type")
    return check(as_object(body.get(kind)), world)


def _text(part: Content, _world: World) -> Content:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise RefusedError(44004, "empty content")
    if len(content.encode()) > 2048:
        raise RefusedError(45002, "content size out of limit")
    return {"content": content}


def _media(part: Content, world: World) -> Content:
    media_id = part.get("media_id")
    media = world.media.get(f"official:{media_id}")
    if media is None or media.expires <= world.clock.now():
        raise RefusedError(40007, "invalid media_id")
    shown = {**part, "name": media.name}
    return {**shown, "seconds": voice_seconds(media.body)} if media.kind == "voice" else shown


def _news(part: Content, _world: World) -> Content:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise RefusedError(44003, "empty news data")
    if len(articles) > 1:
        raise RefusedError(45008, "article size out of limit")  # one since 2018 [S19]
    return {"articles": [as_object(each) for each in articles]}


def _msgmenu(part: Content, world: World) -> Content:
    if world.official.kind is not AccountKind.SERVICE_VERIFIED:
        raise RefusedError(40200, "invalid account type")  # [S28][S29]
    items = part.get("list")
    if not isinstance(items, list) or not items:
        raise RefusedError(40035, "msgmenu.list missing")
    if len(items) > world.switches.msgmenu_limit:
        raise RefusedError(45098, "msgmenu list size is out of limit")  # [S30]
    if not all(as_object(each).get("id") and as_object(each).get("content") for each in items):
        raise RefusedError(40035, "msgmenu.list: id and content are needed")
    return part


def _page(part: Content, _world: World) -> Content:
    if not part.get("pagepath"):
        raise RefusedError(40035, "miniprogrampage.pagepath missing")
    return part


_CHECKS: dict[str, Callable[[Content, World], Content]] = {
    "text": _text,
    "image": _media,
    "voice": _media,
    "video": _media,
    "news": _news,
    "msgmenu": _msgmenu,
    "miniprogrampage": _page,
}
