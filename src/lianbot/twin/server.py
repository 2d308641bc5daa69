"""The twin as one HTTP server: both platforms, the people's API and the phones' pages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from yarl import URL

from lianbot.twin.acts import Acts
from lianbot.twin.acts_api import ActsApi
from lianbot.twin.browser import InAppBrowsers, Visit
from lianbot.twin.clock import TwinClock
from lianbot.twin.faults import Faults
from lianbot.twin.memory import MassJob
from lianbot.twin.oauth import Browsing, OauthPages
from lianbot.twin.official_api import OfficialApi
from lianbot.twin.official_notice import sent_event
from lianbot.twin.pages import Pages
from lianbot.twin.people_api import PeopleApi
from lianbot.twin.phones import Bubble, Channel, Content, Phone, default_channel
from lianbot.twin.pushes import Pushes, PushResult
from lianbot.twin.snapshot import export
from lianbot.twin.strikes import guarded
from lianbot.twin.wecom_api import WecomApi
from lianbot.twin.windows import Windows
from lianbot.twin.world import World


class Twin:
    """A running twin. Use `async with Twin.start() as twin`; see `world` for its state."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.windows = Windows(world)
        self.pushes = Pushes(world)
        self.browsing = Browsing(world)
        self.browsers = InAppBrowsers(world, self.browsing)
        self.acts = Acts(world, self.pushes, self.windows)
        self.official_api = OfficialApi(
            world, self.windows, self._announce, self._notice_sent, self._mass_done
        )
        self.host = "127.0.0.1"
        self.port = 0
        self._later: set[asyncio.Task[None]] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: str | TwinClock = "system",
        seed: int | None = None,
    ) -> AsyncIterator[Twin]:
        """Serve on `host:port` (0: any free one) until the block ends."""
        own_clock = TwinClock(clock) if isinstance(clock, str) else clock
        twin = cls(World(own_clock, seed))
        runner = web.AppRunner(
            twin.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0
        )
        await runner.setup()
        await twin.pushes.open()
        try:
            site = web.TCPSite(runner, host, port, backlog=1024)
            await site.start()
            twin._listen_on(runner)
            yield twin
        finally:
            await runner.cleanup()
            await twin._stop_later()
            await twin.browsers.close()
            await twin.pushes.close()

    def application(self) -> web.Application:
        """The aiohttp application with every route."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        WecomApi(self.world).add_routes(app)
        self.official_api.add_routes(app)
        pages = OauthPages(self.world, self.browsing)
        authorize = "/connect/oauth2/authorize"
        app.router.add_get("/wecom" + authorize, guarded(self.world, pages.wecom))
        app.router.add_get("/official" + authorize, guarded(self.world, pages.official))
        PeopleApi(self.world, self.pushes, self.official_api.mass).add_routes(app)
        ActsApi(self.world, self.acts, self.browsers).add_routes(app)
        Pages(self.world, self.browsing, self.pushes).add_routes(app)
        # A wrong path is 404 with an empty body [S95].
        app.router.add_route("*", "/{anything:.*}", _not_found)
        return app

    def _listen_on(self, runner: web.AppRunner) -> None:
        self.host, self.port = runner.addresses[0][:2]
        self.browsers.own_address = URL(self.base_url)

    def _announce(self, phone: Phone, msgid: int, status: str) -> None:
        """The result of a template message comes a while later [S14]."""
        fields = {"MsgID": str(msgid), "Status": status}
        push = self.acts.system_event
        self._soon(
            self.world.switches.template_result_delay,
            lambda: push(phone, "TEMPLATESENDJOBFINISH", fields),
        )

    def _notice_sent(self, phone: Phone, name: str, msgid: int) -> None:
        """So does that of a 订阅通知 [S18]."""
        fields, push = sent_event(name, msgid), self.acts.system_event
        self._soon(
            self.world.switches.template_result_delay,
            lambda: push(phone, "subscribe_msg_sent_event", fields),
        )

    def _mass_done(self, job: MassJob) -> None:
        """And that of a mass send, with its counts [S16]."""
        fields = job.as_event(self.world.switches.mass_fail_status)
        self._soon(
            self.world.switches.mass_result_delay,
            lambda: self.acts.account_event("MASSSENDJOBFINISH", fields),
        )

    def _soon(self, seconds: float, push: Callable[[], Awaitable[PushResult]]) -> None:
        """A push in a while; none where nobody listens."""
        if not self.world.official.callback_url:
            return
        task = asyncio.create_task(self._after(seconds, push))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _after(self, seconds: float, push: Callable[[], Awaitable[PushResult]]) -> None:
        await asyncio.sleep(seconds)
        await push()

    async def _stop_later(self) -> None:
        for task in list(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    # addresses ---------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def wecom_base(self) -> str:
        """The bot's LIANBOT_WECOM_API_BASE."""
        return f"{self.base_url}/wecom"

    @property
    def official_base(self) -> str:
        """The bot's LIANBOT_OFFICIAL_API_BASE."""
        return f"{self.base_url}/official"

    # state -------------------------------------------------------------------------------

    @property
    def clock(self) -> TwinClock:
        """The twin's clock."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """The fault rules."""
        return self.world.faults

    def add_people(self, records: list[Content]) -> list[Phone]:
        """Add phones, all or none."""
        return self.world.add_people(records)

    def phone(self, phone_id: str) -> Phone:
        """The phone with this id."""
        return self.world.phones[phone_id]

    def received(self, phone_id: str, channel: Channel | str | None = None) -> list[Bubble]:
        """What the bot's side sent to this phone."""
        lines = self.phone(phone_id).received
        return lines if channel is None else [each for each in lines if each.channel == channel]

    def export(self) -> Content:
        """Every phone with everything it received and sent."""
        return export(self.world)

    async def wait_received(self, phone_id: str, count: int, timeout: float = 5.0) -> list[Bubble]:
        """Return once this phone has received `count` messages; TimeoutError otherwise."""
        await self.world.wait_until(lambda: len(self.received(phone_id)) >= count, timeout)
        return self.received(phone_id)

    # acts --------------------------------------------------------------------------------

    async def type_text(
        self, phone_id: str, text: str, channel: Channel | str | None = None, menu_id: str = ""
    ) -> PushResult:
        """The person writes."""
        phone = self.phone(phone_id)
        return await self.acts.type_text(phone, text, _channel(phone, channel), menu_id=menu_id)

    async def tap(
        self,
        phone_id: str,
        message: int,
        key: str = "",
        selected: dict[str, list[str]] | None = None,
    ) -> PushResult:
        """The person taps a button of a template card."""
        return await self.acts.tap(self.phone(phone_id), message, key, selected)

    async def enter(self, phone_id: str) -> PushResult:
        """The person opens the WeCom app's chat."""
        return await self.acts.enter(self.phone(phone_id))

    async def click_menu(
        self, phone_id: str, key: str, channel: Channel | str | None = None
    ) -> PushResult:
        """The person taps a click item of the menu."""
        phone = self.phone(phone_id)
        return await self.acts.click_menu(phone, key, _channel(phone, channel))

    async def view_menu(
        self, phone_id: str, url: str, channel: Channel | str | None = None
    ) -> PushResult:
        """The person taps a view item of the menu (the event only; see `open`)."""
        phone = self.phone(phone_id)
        return await self.acts.view_menu(phone, url, _channel(phone, channel))

    async def subscribe(self, phone_id: str, scene: str = "", ticket: str = "") -> PushResult:
        """The person follows, or scans as a follower."""
        return await self.acts.subscribe(self.phone(phone_id), scene, ticket)

    async def unsubscribe(self, phone_id: str) -> PushResult:
        """The person stops following."""
        return await self.acts.unsubscribe(self.phone(phone_id))

    async def open(self, phone_id: str, url: str, **options: Any) -> Visit:
        """The person opens a link in the in-app browser; options as `InAppBrowsers.visit`."""
        return await self.browsers.visit(self.phone(phone_id), url, **options)

    async def submit(self, phone_id: str, url: str, form: Mapping[str, Any]) -> Visit:
        """The person sends a form."""
        return await self.browsers.visit(self.phone(phone_id), url, method="POST", form=form)


def _channel(phone: Phone, channel: Channel | str | None) -> Channel:
    return default_channel(phone) if channel is None else Channel(channel)


async def _not_found(_request: web.Request) -> web.Response:
    return web.Response(status=404)
