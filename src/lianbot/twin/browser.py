"""The in-app browser without a screen: one cookie jar a phone, known to the platforms' sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
from yarl import URL

from lianbot.twin.oauth import COOKIE, Browsing
from lianbot.twin.phones import Channel, Client, Content, Phone
from lianbot.twin.world import World

_AGENT = "Mozilla/5.0 (Linux; Android 13; M2101) AppleWebKit/537.36 Mobile MicroMessenger/8.0.49"
_LONGEST = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page after all redirects."""

    status: int
    url: str
    content_type: str
    text: str

    def as_json(self) -> Content:
        """For the people's API."""
        return asdict(self)


class InAppBrowsers:
    """Opens pages as the phones do."""

    def __init__(self, world: World, browsing: Browsing) -> None:
        self.world = world
        self.browsing = browsing
        self.own_address = URL("http://127.0.0.1/")
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """End every phone's HTTP client."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def visit(
        self,
        phone: Phone,
        url: str,
        *,
        method: str = "GET",
        form: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        channel: Channel | None = None,
    ) -> Visit:
        """Open or submit; redirects are followed, cookies stay with the phone."""
        inside = channel or (Channel.OFFICIAL if phone.client is Client.NONE else Channel.WECOM)
        agent = _AGENT
        says = self.world.switches.wxwork_in_agent
        if says and inside is Channel.WECOM and phone.client is Client.WECOM:
            agent = f"{_AGENT} wxwork/4.1.20"
        session = self._session(phone)
        async with session.request(
            method,
            url,
            data=form,
            json=json,
            headers={"User-Agent": agent, **(headers or {})},
            timeout=aiohttp.ClientTimeout(total=30),
        ) as got:
            raw = await got.content.read(_LONGEST)
            text = raw.decode(got.charset or "utf-8", "replace")
            shown = str(got.url)
            status, kind = got.status, got.content_type
        if method == "GET":
            # What a person submits on a page is between page and person; the platform sees links.
            opened = {"url": url, "shown": shown, "status": status}
            at = self.world.clock.now()
            phone.acts.append(
                {"at": at, "channel": inside.value, "kind": "page", "content": opened}
            )
        return Visit(status=status, url=shown, content_type=kind, text=text)

    def _session(self, phone: Phone) -> aiohttp.ClientSession:
        session = self._sessions.get(phone.id)
        if session is None:
            # unsafe: the demo's hosts are addresses, which the jar refuses by default
            jar = aiohttp.CookieJar(unsafe=True)
            session = aiohttp.ClientSession(cookie_jar=jar)
            self._sessions[phone.id] = session
        cookie = {COOKIE: self.browsing.cookie_for(phone)}
        session.cookie_jar.update_cookies(cookie, self.own_address)
        return session
