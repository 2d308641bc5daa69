"""The phones in the browser: the wall, one phone in full, and what their scripts ask for."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import jinja2
from aiohttp import web

from lianbot.twin.oauth import COOKIE, COOKIE_SECONDS, Browsing
from lianbot.twin.phones import Client, Content, Phone
from lianbot.twin.pushes import Pushes
from lianbot.twin.snapshot import message_as_json, phone_as_json, summary
from lianbot.twin.wording import UNREACHED
from lianbot.twin.world import World

_HERE = Path(__file__).parent
_STATIC = {
    each.name: (each.read_bytes(), mimetypes.guess_type(each.name)[0] or "text/plain")
    for each in (_HERE / "static").iterdir()
}
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# Own scripts and styles only; pictures and the in-app page may come from the bot.
_POLICY = (
    "default-src 'self'; img-src 'self' http: https: data:; frame-src http: https:;"
    " media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class Pages:
    """Handlers and routes of `/twin/…` outside the API."""

    def __init__(self, world: World, browsing: Browsing, pushes: Pushes) -> None:
        self.world = world
        self.browsing = browsing
        self.pushes = pushes
        loader = jinja2.FileSystemLoader(_HERE / "templates")
        self._templates = jinja2.Environment(loader=loader, autoescape=True)

    def add_routes(self, app: web.Application) -> None:
        """Mount the pages."""
        add = app.router.add_get
        add("/", self.to_wall)
        add("/twin", self.to_wall)
        add("/twin/", self.wall)
        add("/twin/phone/{id}", self.phone)
        add("/twin/phone/{id}/open", self.open)
        add("/twin/media/{channel}/{media}", self.media)
        add("/twin/static/{name}", self.static)
        add("/twin/api/wall", self.wall_data)
        add("/twin/api/phones/{id}/live", self.phone_data)
        app.router.add_post("/twin/api/banner/act/{index}", self.act)

    async def to_wall(self, _request: web.Request) -> web.StreamResponse:
        """The wall is the front page."""
        return web.Response(status=302, headers={"Location": "/twin/"})

    async def wall(self, _request: web.Request) -> web.StreamResponse:
        """All phones as tiles."""
        return self._page("wall.html")

    async def phone(self, request: web.Request) -> web.StreamResponse:
        """One phone in full."""
        phone = self._phone(request)
        return self._page("phone.html", phone=phone, world=self.world)

    async def open(self, request: web.Request) -> web.StreamResponse:
        """A link tapped on this phone: the browser is this phone's for the next minutes."""
        phone = self._phone(request)
        url = request.query.get("url", "")
        if urlsplit(url).scheme not in {"http", "https"}:
            raise web.HTTPBadRequest(text="url: http:// or https:// is expected")
        response = web.Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})
        cookie = self.browsing.cookie_for(phone)
        response.set_cookie(
            COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", path="/"
        )
        act = {"url": url, "method": "GET"}
        moment = self.world.clock.now()
        phone.acts.append({"at": moment, "channel": "browser", "kind": "page", "content": act})
        return response

    async def media(self, request: web.Request) -> web.StreamResponse:
        """A picture or voice that a message shows."""
        name = f"{request.match_info['channel']}:{request.match_info['media']}"
        media = self.world.media.get(name)
        if media is None:
            raise web.HTTPNotFound
        # Never as a page: the bytes are the bot's.
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=media.body, content_type=media.content_type, headers=headers)

    async def static(self, request: web.Request) -> web.StreamResponse:
        """The twin's own scripts and styles, nothing else."""
        found = _STATIC.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        body, kind = found
        headers = {"Cache-Control": "no-cache"}
        return web.Response(body=body, content_type=kind, headers=headers)

    # data --------------------------------------------------------------------------------

    async def wall_data(self, request: web.Request) -> web.StreamResponse:
        """Tiles changed after `?since=`; all of them for another roster."""
        world, query = self.world, request.query
        same = query.get("roster") == str(world.roster)
        since = int(query["since"]) if same and query.get("since", "").isdigit() else -1
        return _json(
            {
                "version": world.version,
                "roster": world.roster,
                "all": since < 0,
                "banner": world.banner,
                "clock": _clock(world),
                "tiles": [tile(each) for each in world.phones.values() if each.version > since],
            }
        )

    async def phone_data(self, request: web.Request) -> web.StreamResponse:
        """One phone with its messages, or only the clock when nothing changed."""
        phone = self._phone(request)
        payload: Content = {"version": phone.version, "clock": _clock(self.world)}
        if request.query.get("since") != str(phone.version):
            payload |= {
                "phone": {**phone_as_json(phone), **_reach(phone)},
                "menus": {
                    "wecom": self.world.wecom.menu.get("button", []),
                    "official": self.world.official.menu.get("button", []),
                },
                "messages": [message_as_json(each, phone) for each in phone.bubbles[-300:]],
            }
        return _json(payload)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Press the button of a tour step: the twin calls the address the demo gave."""
        index = request.match_info["index"]
        tour = self.world.banner.get("tour", [])
        if (
            not index.isdigit()
            or int(index) >= len(tour)
            or not tour[int(index)].get("action_url")
        ):
            raise web.HTTPNotFound
        try:
            text = await self.pushes.call(str(tour[int(index)]["action_url"]))
        except (aiohttp.ClientError, TimeoutError) as error:
            return _json({"ok": False, "message": f"{type(error).__name__}: {error}"})
        return _json({"ok": True, "message": text[:500]})

    # details -----------------------------------------------------------------------------

    def _phone(self, request: web.Request) -> Phone:
        phone = self.world.phones.get(request.match_info["id"])
        if phone is None:
            raise web.HTTPNotFound(text="没有这部手机")
        return phone

    def _page(self, name: str, **values: object) -> web.Response:
        text = self._templates.get_template(name).render(**values)
        return web.Response(text=text, content_type="text/html", headers=_PAGE_HEADERS)


def _json(payload: Content) -> web.Response:
    return web.Response(
        text=_dumps(payload),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _clock(world: World) -> Content:
    local = world.clock.local()
    return {"local": local.strftime("%Y-%m-%d %H:%M:%S"), "movable": world.clock.movable}


def tile(phone: Phone) -> Content:
    """What the wall shows of one phone."""
    last = phone.bubbles[-1] if phone.bubbles else None
    return {
        "id": phone.id,
        "name": phone.name,
        "post": phone.post,
        "team": phone.team,
        "note": phone.note,
        "client": phone.client.value,
        "followed": phone.followed,
        "unread": phone.unread,
        "last": summary(last, phone.client) if last else "",
        "side": last.side.value if last else "",
        "at": last.at if last else 0,
        **_reach(phone),
    }


def _reach(phone: Phone) -> Content:
    """Why this phone is grey; empty texts where it is reachable."""
    if phone.reason:
        return {"reason": phone.reason, "mend": phone.mend}
    if phone.client in {Client.WECOM, Client.PLAIN} or phone.followed:
        return {"reason": "", "mend": ""}
    reason, mend = UNREACHED[phone.client]
    return {"reason": reason, "mend": mend}
