"""The people's API under `/twin/api/…`: accounts, phones, acts, faults, clock, banner, export."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from lianbot.twin.accounts import ConfigError, changed
from lianbot.twin.acts import ActError, Acts
from lianbot.twin.browser import InAppBrowsers
from lianbot.twin.clock import ClockError, jump_target
from lianbot.twin.phones import Channel, Client, Content, Phone
from lianbot.twin.pushes import Pushes, PushResult
from lianbot.twin.snapshot import (
    accounts_as_json,
    export,
    load_state,
    message_as_json,
    phone_as_json,
    save_state,
)
from lianbot.twin.world import World

ApiHandler = Callable[[web.Request], Awaitable[Any]]
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class UnknownPhoneError(LookupError):
    """No phone with this id."""


class PeopleApi:
    """Handlers and their routes. Errors are `{"error": text}` with 400, 404, 409 or 502."""

    def __init__(self, world: World, acts: Acts, pushes: Pushes, browsers: InAppBrowsers) -> None:
        self.world = world
        self.acts = acts
        self.pushes = pushes
        self.browsers = browsers

    def add_routes(self, app: web.Application, prefix: str = "/twin/api") -> None:
        """Mount the API."""
        one = "/phones/{id}"
        routes: list[tuple[str, str, ApiHandler]] = [
            ("GET", "/accounts", self.get_accounts),
            ("PUT", "/accounts", self.put_accounts),
            ("POST", "/verify", self.verify),
            ("POST", "/people", self.add_people),
            ("PATCH", "/people", self.change_people),
            ("GET", "/phones", self.list_phones),
            ("GET", one, self.get_phone),
            ("PATCH", one, self.change_phone),
            ("DELETE", one, self.remove_phone),
            ("GET", one + "/messages", self.messages),
            ("POST", one + "/read", self.read),
            ("POST", one + "/text", self.text),
            ("POST", one + "/send", self.send),
            ("POST", one + "/tap", self.tap),
            ("POST", one + "/enter", self.enter),
            ("POST", one + "/menu", self.menu),
            ("POST", one + "/subscribe", self.subscribe),
            ("POST", one + "/unsubscribe", self.unsubscribe),
            ("POST", one + "/event", self.event),
            ("POST", one + "/open", self.open),
            ("GET", "/faults", self.get_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("DELETE", "/faults/{rule}", self.remove_fault),
            ("GET", "/clock", self.get_clock),
            ("POST", "/clock", self.move_clock),
            ("GET", "/banner", self.get_banner),
            ("PUT", "/banner", self.put_banner),
            ("GET", "/stats", self.stats),
            ("GET", "/export", self.get_export),
            ("GET", "/state", self.get_state),
            ("PUT", "/state", self.put_state),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, prefix + path, _as_json(handler))

    # accounts ----------------------------------------------------------------------------

    async def get_accounts(self, _request: web.Request) -> Content:
        """Both accounts and the switches, secrets included: this is a stand-in."""
        return accounts_as_json(self.world)

    async def put_accounts(self, request: web.Request) -> Content:
        """Change fields of `wecom`, `official`, `switches`; all or nothing."""
        body = await _object(request)
        unknown = set(body) - {"wecom", "official", "switches"}
        if unknown:
            raise ConfigError(f"{min(unknown)}: known are wecom, official, switches")
        world = self.world
        wecom = changed(world.wecom, body.get("wecom", {}))
        official = changed(world.official, body.get("official", {}))
        switches = changed(world.switches, body.get("switches", {}))
        world.wecom, world.official, world.switches = wecom, official, switches
        return accounts_as_json(world)

    async def verify(self, request: web.Request) -> Content:
        """Ask the bot's callback the verification question of `channel`."""
        body = await _object(request)
        return await self.pushes.verify(_channel(body.get("channel", "wecom")))

    # people ------------------------------------------------------------------------------

    async def add_people(self, request: web.Request) -> Content:
        """`{"people": [...]}`: add phones, all or none."""
        people = (await _object(request)).get("people")
        if not isinstance(people, list):
            raise ConfigError("people: a list is expected")
        return {"added": [each.id for each in self.world.add_people(people)]}

    async def change_people(self, request: web.Request) -> Content:
        """`{"people": {id: {field: value}}}`: change many, e.g. reason and mend."""
        people = (await _object(request)).get("people")
        if not isinstance(people, dict):
            raise ConfigError("people: an object from id to fields is expected")
        phones = {phone_id: self._known(phone_id) for phone_id in people}
        for phone_id, changes in people.items():
            self.world.change_person(phones[phone_id], changes)
        return {"changed": list(people)}

    async def list_phones(self, _request: web.Request) -> Content:
        """All phones without their messages."""
        return {"phones": [phone_as_json(each) for each in self.world.phones.values()]}

    async def get_phone(self, request: web.Request) -> Content:
        """One phone with its messages."""
        phone = self._phone(request)
        lines = [message_as_json(each, phone) for each in phone.bubbles]
        return {**phone_as_json(phone), "messages": lines}

    async def change_phone(self, request: web.Request) -> Content:
        """Change fields of one person, e.g. client, followed, reason, mend."""
        phone = self._phone(request)
        self.world.change_person(phone, await _object(request))
        return phone_as_json(phone)

    async def remove_phone(self, request: web.Request) -> Content:
        """Forget a phone."""
        phone = self._phone(request)
        self.world.remove_person(phone)
        return {"removed": phone.id}

    async def messages(self, request: web.Request) -> Content:
        """The lines of a phone; `?after=ID` and `?channel=` narrow them."""
        phone = self._phone(request)
        after, channel = request.query.get("after", "0"), request.query.get("channel")
        if not after.isdigit():
            raise ConfigError("after: a message number is expected")
        lines = [
            message_as_json(each, phone)
            for each in phone.bubbles
            if each.id > int(after) and channel in (None, each.channel)
        ]
        return {"messages": lines}

    async def read(self, request: web.Request) -> Content:
        """The person looked at the chat: nothing is unread any more."""
        phone = self._phone(request)
        if phone.unread:
            phone.unread = 0
            self.world.touch(phone)
        return {"unread": 0}

    # acts --------------------------------------------------------------------------------

    async def text(self, request: web.Request) -> Content:
        """`{"text": …}` typed; `menu_id` for an item of a msgmenu."""
        phone, body = self._phone(request), await _object(request)
        text = _string(body, "text")
        channel = self._channel_for(phone, body)
        menu_id = str(body.get("menu_id", ""))
        return self._done(phone, await self.acts.type_text(phone, text, channel, menu_id=menu_id))

    async def send(self, request: web.Request) -> Content:
        """`{"kind": "voice", "fields": {"MediaId": …}}`: other kinds of §A6."""
        phone, body = self._phone(request), await _object(request)
        kind, fields = _string(body, "kind"), body.get("fields", {})
        if kind not in {"image", "voice", "video", "shortvideo", "location", "link"}:
            raise ConfigError(f"kind: {kind!r} cannot be sent")
        if not isinstance(fields, dict):
            raise ConfigError("fields: an object is expected")
        channel = self._channel_for(phone, body)
        return self._done(phone, await self.acts.send_kind(phone, kind, fields, channel))

    async def tap(self, request: web.Request) -> Content:
        """`{"message": ID, "key": …}`: tap a button; `menu: true` for the card's action menu."""
        phone, body = self._phone(request), await _object(request)
        number, key = body.get("message"), str(body.get("key", ""))
        if not isinstance(number, int):
            raise ConfigError("message: the number of a message is expected")
        if body.get("menu"):
            return self._done(phone, await self.acts.tap_card_menu(phone, number, key))
        selected = body.get("selected")
        return self._done(phone, await self.acts.tap(phone, number, key, selected))

    async def enter(self, request: web.Request) -> Content:
        """Open the app's chat."""
        phone = self._phone(request)
        return self._done(phone, await self.acts.enter(phone))

    async def menu(self, request: web.Request) -> Content:
        """`{"key": …}` a click item, `{"url": …}` a view item."""
        phone, body = self._phone(request), await _object(request)
        channel = self._channel_for(phone, body)
        if "url" in body:
            url = _string(body, "url")
            return self._done(phone, await self.acts.view_menu(phone, url, channel))
        key = _string(body, "key")
        return self._done(phone, await self.acts.click_menu(phone, key, channel))

    async def subscribe(self, request: web.Request) -> Content:
        """Follow the Official Account; `scene` and `ticket` for a QR code."""
        phone, body = self._phone(request), await _object(request)
        scene, ticket = str(body.get("scene", "")), str(body.get("ticket", ""))
        return self._done(phone, await self.acts.subscribe(phone, scene, ticket))

    async def unsubscribe(self, request: web.Request) -> Content:
        """Stop following."""
        phone = self._phone(request)
        return self._done(phone, await self.acts.unsubscribe(phone))

    async def event(self, request: web.Request) -> Content:
        """`{"event": …, "fields": {…}}`: any other event of §A7 and §C1, as the platform would."""
        phone, body = self._phone(request), await _object(request)
        name, fields = _string(body, "event"), body.get("fields", {})
        if not isinstance(fields, dict):
            raise ConfigError("fields: an object is expected")
        channel = self._channel_for(phone, body)
        return self._done(phone, await self.acts.other_event(phone, name, fields, channel))

    async def open(self, request: web.Request) -> Content:
        """`{"url": …, "method": "POST", "form": {…} | "json": …}` in the phone's own browser."""
        phone, body = self._phone(request), await _object(request)
        url = _string(body, "url")
        if not url.startswith(("http://", "https://")):
            raise ConfigError("url: http:// or https:// is expected")
        visit = await self.browsers.visit(
            phone,
            url,
            method=str(body.get("method", "GET")).upper(),
            form=body.get("form"),
            json=body.get("json"),
            headers=body.get("headers"),
            channel=_channel(body["channel"]) if "channel" in body else None,
        )
        return visit.as_json()

    # faults, clock, banner, state ----------------------------------------------------------

    async def get_faults(self, _request: web.Request) -> Content:
        """The rules with their counts."""
        return {"faults": self.world.faults.as_json()}

    async def add_fault(self, request: web.Request) -> Content:
        """One rule, or `{"faults": [...], "seed": N}`."""
        body = await _object(request)
        rules = body.get("faults", [body])
        if isinstance(body.get("seed"), int):
            self.world.faults.seed(body["seed"])
        ids = []
        for rule in rules:
            options = {k: v for k, v in rule.items() if k not in {"kind", "path", "seed"}}
            made = self.world.faults.add(
                str(rule.get("kind")), str(rule.get("path", "*")), **options
            )
            ids.append(made.id)
        return {"ids": ids}

    async def clear_faults(self, _request: web.Request) -> Content:
        """No faults any more."""
        self.world.faults.clear()
        return {"faults": []}

    async def remove_fault(self, request: web.Request) -> Content:
        """Take one rule away."""
        number = request.match_info["rule"]
        if not number.isdigit() or not self.world.faults.remove(int(number)):
            raise ConfigError(f"faults: no rule {number}")
        return {"removed": int(number)}

    async def get_clock(self, _request: web.Request) -> Content:
        """The twin's present."""
        clock = self.world.clock
        return {
            "now": clock.now(),
            "local": clock.local().isoformat(timespec="seconds"),
            "offset": clock.offset,
            "movable": clock.movable,
        }

    async def move_clock(self, request: web.Request) -> Content:
        """`{"jump": "hour|morning|day|mid_autumn|year"}`, `{"seconds": N}` or `{"offset": N}`."""
        body, clock = await _object(request), self.world.clock
        if not clock.movable:
            raise ClockError("the clock is `system`: start the twin with --clock file:PATH")
        if "jump" in body:
            clock.move_to(jump_target(str(body["jump"]), clock.local()))
        elif isinstance(body.get("seconds"), int | float):
            clock.move(float(body["seconds"]))
        elif isinstance(body.get("offset"), int | float):
            clock.set_offset(float(body["offset"]))
        else:
            raise ConfigError("jump, seconds or offset is expected")
        self.world.version += 1
        return await self.get_clock(request)

    async def get_banner(self, _request: web.Request) -> Content:
        """What stands above the wall."""
        return self.world.banner

    async def put_banner(self, request: web.Request) -> Content:
        """`{"figures": [{label, value}], "tour": [{title, text, link, action_url}]}`."""
        body = await _object(request)
        unknown = set(body) - {"figures", "tour", "title", "note", "clock"}
        if unknown:
            raise ConfigError(f"{min(unknown)}: no part of the banner")
        self.world.banner = {**self.world.banner, **body}
        self.world.version += 1
        return self.world.banner

    async def stats(self, _request: web.Request) -> Content:
        """Counters: pushes, refusals by errcode, silent drops, faults struck."""
        return {"counters": dict(self.world.counters), "phones": len(self.world.phones)}

    async def get_export(self, _request: web.Request) -> Content:
        """Every phone with everything it received and sent."""
        return export(self.world)

    async def get_state(self, _request: web.Request) -> Content:
        """The whole state, to be put back later."""
        return save_state(self.world)

    async def put_state(self, request: web.Request) -> Content:
        """Put a saved state back; replaces everything."""
        load_state(self.world, await _object(request))
        return {"phones": len(self.world.phones)}

    # details -----------------------------------------------------------------------------

    def _phone(self, request: web.Request) -> Phone:
        return self._known(request.match_info["id"])

    def _known(self, phone_id: str) -> Phone:
        phone = self.world.phones.get(phone_id)
        if phone is None:
            raise UnknownPhoneError(f"no phone {phone_id!r}")
        return phone

    def _channel_for(self, phone: Phone, body: Content) -> Channel:
        if "channel" in body:
            return _channel(body["channel"])
        return default_channel(phone)

    def _done(self, phone: Phone, result: PushResult) -> Content:
        return {**result.as_json(), "last": phone.bubbles[-1].id if phone.bubbles else 0}


def default_channel(phone: Phone) -> Channel:
    """WeCom for members, else the Official Account."""
    member = phone.client in {Client.WECOM, Client.PLAIN}
    return Channel.WECOM if member else Channel.OFFICIAL


def _channel(value: object) -> Channel:
    try:
        return Channel(str(value))
    except ValueError:
        raise ConfigError(f"channel: {value!r} is not wecom or official") from None


def _string(body: Content, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{name}: a text is expected")
    return value


async def _object(request: web.Request) -> Content:
    raw = await request.read()
    if not raw:
        return {}
    # A foreign web page can post forms without asking, but not JSON.
    if request.content_type != "application/json":
        raise ConfigError("Content-Type: application/json is expected")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ConfigError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise ConfigError("the body must be a JSON object")
    return body


def _as_json(handler: ApiHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def run(request: web.Request) -> web.Response:
        status = 200
        try:
            payload = await handler(request)
        except UnknownPhoneError as error:
            status, payload = 404, {"error": str(error)}
        except ActError as error:
            status, payload = 409, {"error": str(error)}
        except (ConfigError, ClockError) as error:
            status, payload = 400, {"error": str(error)}
        except (aiohttp.ClientError, TimeoutError) as error:
            status, payload = 502, {"error": f"{type(error).__name__}: {error}"}
        return web.Response(status=status, text=_dumps(payload), content_type="application/json")

    return run
