"""What the phones' owners do, over HTTP: `/twin/api/phones/{id}/…`; answers when the bot has."""

from __future__ import annotations

from aiohttp import web

from lianbot.twin.accounts import ConfigError
from lianbot.twin.acts import Acts
from lianbot.twin.api_json import (
    ApiHandler,
    as_json,
    channel_of,
    object_body,
    phone_named,
    string_of,
)
from lianbot.twin.browser import InAppBrowsers
from lianbot.twin.phones import Channel, Content, Phone, default_channel
from lianbot.twin.pushes import PushResult
from lianbot.twin.world import World


class ActsApi:
    """Handlers and their routes."""

    def __init__(self, world: World, acts: Acts, browsers: InAppBrowsers) -> None:
        self.world = world
        self.acts = acts
        self.browsers = browsers

    def add_routes(self, app: web.Application, prefix: str = "/twin/api") -> None:
        """Mount the acts."""
        one = "/phones/{id}"
        routes: list[tuple[str, str, ApiHandler]] = [
            ("POST", one + "/text", self.text),
            ("POST", one + "/send", self.send),
            ("POST", one + "/tap", self.tap),
            ("POST", one + "/enter", self.enter),
            ("POST", one + "/menu", self.menu),
            ("POST", one + "/subscribe", self.subscribe),
            ("POST", one + "/unsubscribe", self.unsubscribe),
            ("POST", one + "/notices", self.notices),
            ("POST", one + "/event", self.event),
            ("POST", one + "/open", self.open),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, prefix + path, as_json(handler))

    async def text(self, request: web.Request) -> Content:
        """`{"text": …}` typed; `menu_id` for an item of a msgmenu."""
        phone, body = self._phone(request), await object_body(request)
        text = string_of(body, "text")
        channel = self._channel_for(phone, body)
        menu_id = str(body.get("menu_id", ""))
        return self._done(phone, await self.acts.type_text(phone, text, channel, menu_id=menu_id))

    async def send(self, request: web.Request) -> Content:
        """`{"kind": "voice", "fields": {"MediaId": …}}`: other kinds of §A6."""
        phone, body = self._phone(request), await object_body(request)
        kind, fields = string_of(body, "kind"), body.get("fields", {})
        if kind not in {"image", "voice", "video", "shortvideo", "location", "link"}:
            raise ConfigError(f"kind: {kind!r} cannot be sent")
        if not isinstance(fields, dict):
            raise ConfigError("fields: an object is expected")
        channel = self._channel_for(phone, body)
        return self._done(phone, await self.acts.send_kind(phone, kind, fields, channel))

    async def tap(self, request: web.Request) -> Content:
        """`{"message": ID, "key": …}`: tap a button; `menu: true` for the card's action menu."""
        phone, body = self._phone(request), await object_body(request)
        number, key = body.get("message"), str(body.get("key", ""))
        if not isinstance(number, int):
            raise ConfigError("message: the number of a message is expected")
        if body.get("menu"):
            return self._done(phone, await self.acts.tap_card_menu(phone, number, key))
        selected = body.get("selected")
        if selected is not None and not _is_choice(selected):
            raise ConfigError("selected: an object from question to a list of options")
        return self._done(phone, await self.acts.tap(phone, number, key, selected))

    async def enter(self, request: web.Request) -> Content:
        """Open the app's chat."""
        phone = self._phone(request)
        return self._done(phone, await self.acts.enter(phone))

    async def menu(self, request: web.Request) -> Content:
        """`{"key": …}` a click item, `{"url": …}` a view item."""
        phone, body = self._phone(request), await object_body(request)
        channel = self._channel_for(phone, body)
        if "url" in body:
            url = string_of(body, "url")
            return self._done(phone, await self.acts.view_menu(phone, url, channel))
        key = string_of(body, "key")
        return self._done(phone, await self.acts.click_menu(phone, key, channel))

    async def subscribe(self, request: web.Request) -> Content:
        """Follow the Official Account; `scene` and `ticket` for a QR code."""
        phone, body = self._phone(request), await object_body(request)
        scene, ticket = str(body.get("scene", "")), str(body.get("ticket", ""))
        return self._done(phone, await self.acts.subscribe(phone, scene, ticket))

    async def unsubscribe(self, request: web.Request) -> Content:
        """Stop following."""
        phone = self._phone(request)
        return self._done(phone, await self.acts.unsubscribe(phone))

    async def notices(self, request: web.Request) -> Content:
        """`{"choices": {template: true|false}, "scene": 0}` in the popup, `{"drop": [template]}` later."""
        phone, body = self._phone(request), await object_body(request)
        dropped, choices = body.get("drop"), body.get("choices")
        if isinstance(dropped, list):
            names = [str(each) for each in dropped]
            return self._done(phone, await self.acts.drop_notices(phone, names))
        fits = isinstance(choices, dict) and all(isinstance(v, bool) for v in choices.values())
        if not isinstance(choices, dict) or not fits:
            raise ConfigError("choices: an object from template to true or false is expected")
        scene = body.get("scene", 0)
        if not isinstance(scene, int):
            raise ConfigError("scene: a number is expected")
        return self._done(phone, await self.acts.answer_notices(phone, choices, scene))

    async def event(self, request: web.Request) -> Content:
        """`{"event": …, "fields": {…}}`: any other event of §A7 and §C1, as the platform would."""
        phone, body = self._phone(request), await object_body(request)
        name, fields = string_of(body, "event"), body.get("fields", {})
        if not isinstance(fields, dict):
            raise ConfigError("fields: an object is expected")
        channel = self._channel_for(phone, body)
        return self._done(phone, await self.acts.other_event(phone, name, fields, channel))

    async def open(self, request: web.Request) -> Content:
        """`{"url": …, "method": "POST", "form": {…} | "json": …}` in the phone's own browser."""
        phone, body = self._phone(request), await object_body(request)
        url = string_of(body, "url")
        if not url.startswith(("http://", "https://")):
            raise ConfigError("url: http:// or https:// is expected")
        method = str(body.get("method", "GET")).upper()
        if method not in {"GET", "POST", "HEAD"}:
            raise ConfigError("method: GET, POST or HEAD is expected")
        visit = await self.browsers.visit(
            phone,
            url,
            method=method,
            form=_texts(body, "form"),
            json=body.get("json"),
            headers=_texts(body, "headers"),
            channel=channel_of(body["channel"]) if "channel" in body else None,
        )
        return visit.as_json()

    def _phone(self, request: web.Request) -> Phone:
        return phone_named(self.world, request.match_info["id"])

    def _channel_for(self, phone: Phone, body: Content) -> Channel:
        if "channel" in body:
            return channel_of(body["channel"])
        return default_channel(phone)

    def _done(self, phone: Phone, result: PushResult) -> Content:
        return {**result.as_json(), "last": phone.bubbles[-1].id if phone.bubbles else 0}


def _is_choice(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, list) for each in value.values())


def _texts(body: Content, name: str) -> dict[str, str] | None:
    """An object of texts; numbers are written out."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(v, str | int) for v in value.values()):
        raise ConfigError(f"{name}: an object of texts is expected")
    if any(mark in f"{k}{v}" for k, v in value.items() for mark in "\r\n") and name == "headers":
        raise ConfigError("headers: no line breaks")
    return {key: str(each) for key, each in value.items()}
