"""The people's API under `/twin/api/…`: accounts, phones, faults, clock, banner, export."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from lianbot.twin.accounts import ConfigError, changed
from lianbot.twin.api_json import ApiHandler, as_json, channel_of, object_body, phone_named
from lianbot.twin.clock import ClockError, jump_target
from lianbot.twin.official_mass import MassSend
from lianbot.twin.phones import Content, Phone
from lianbot.twin.pushes import Pushes
from lianbot.twin.snapshot import (
    accounts_as_json,
    export,
    load_state,
    message_as_json,
    phone_as_json,
    save_state,
)
from lianbot.twin.world import World


class PeopleApi:
    """Handlers and their routes. Errors are `{"error": text}` with 400, 404, 409 or 502."""

    def __init__(self, world: World, pushes: Pushes, mass: MassSend) -> None:
        self.world = world
        self.pushes = pushes
        self.mass = mass

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
            ("GET", "/faults", self.get_faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("DELETE", "/faults/{rule}", self.remove_fault),
            ("GET", "/clock", self.get_clock),
            ("POST", "/clock", self.move_clock),
            ("GET", "/banner", self.get_banner),
            ("PUT", "/banner", self.put_banner),
            ("GET", "/mass", self.list_masses),
            ("POST", "/mass/{job}/confirm", self.confirm_mass),
            ("GET", "/stats", self.stats),
            ("GET", "/export", self.get_export),
            ("GET", "/state", self.get_state),
            ("PUT", "/state", self.put_state),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, prefix + path, as_json(handler))

    # accounts ----------------------------------------------------------------------------

    async def get_accounts(self, _request: web.Request) -> Content:
        """Both accounts and the switches, secrets included: this is a stand-in."""
        return accounts_as_json(self.world)

    async def put_accounts(self, request: web.Request) -> Content:
        """Change fields of `wecom`, `official`, `switches`; all or nothing."""
        body = await object_body(request)
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
        body = await object_body(request)
        return await self.pushes.verify(channel_of(body.get("channel", "wecom")))

    # people ------------------------------------------------------------------------------

    async def add_people(self, request: web.Request) -> Content:
        """`{"people": [...]}`: add phones, all or none."""
        people = (await object_body(request)).get("people")
        if not isinstance(people, list):
            raise ConfigError("people: a list is expected")
        return {"added": [each.id for each in self.world.add_people(people)]}

    async def change_people(self, request: web.Request) -> Content:
        """`{"people": {id: {field: value}}}`: change many, e.g. reason and mend."""
        people = (await object_body(request)).get("people")
        if not isinstance(people, dict):
            raise ConfigError("people: an object from id to fields is expected")
        self.world.change_people(
            [(phone_named(self.world, name), fields) for name, fields in people.items()]
        )
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
        self.world.change_people([(phone, await object_body(request))])
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

    # faults, clock, banner, state ----------------------------------------------------------

    async def get_faults(self, _request: web.Request) -> Content:
        """The rules with their counts."""
        return {"faults": self.world.faults.as_json()}

    async def add_fault(self, request: web.Request) -> Content:
        """One rule, or `{"faults": [...], "seed": N}`."""
        body = await object_body(request)
        rules = body.get("faults", [body])
        if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
            raise ConfigError("faults: a list of rules is expected")
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
        body, clock = await object_body(request), self.world.clock
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
        body = await object_body(request)
        unknown = set(body) - {"figures", "tour", "title", "note", "clock"}
        if unknown:
            raise ConfigError(f"{min(unknown)}: no part of the banner")
        for name in ("figures", "tour"):
            rows = body.get(name, [])
            if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
                raise ConfigError(f"{name}: a list of objects is expected")
        self.world.banner = {**self.world.banner, **body}
        self.world.version += 1
        return self.world.banner

    async def list_masses(self, _request: web.Request) -> Content:
        """Mass sends with their figures; those that wait for an administrator too."""
        return {"jobs": [asdict(each) for each in self.world.mass.jobs.values()]}

    async def confirm_mass(self, request: web.Request) -> Content:
        """The administrator's tap on a guarded mass send [S48]."""
        number = request.match_info["job"]
        try:
            return asdict(self.mass.confirm(int(number) if number.isdecimal() else 0))
        except LookupError as error:
            raise ConfigError(str(error)) from None

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
        load_state(self.world, await object_body(request))
        return {"phones": len(self.world.phones)}

    def _phone(self, request: web.Request) -> Phone:
        return phone_named(self.world, request.match_info["id"])
