"""The demo in the browser: phone wall, bot and console on one machine, with a short tour."""

import asyncio
import signal
import sys
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from lianbot.bootstrap import House, NotReadyError
from lianbot.demo import phones
from lianbot.demo.opening import open_school
from lianbot.demo.school import DemoSchool
from lianbot.demo.seeding import CAST, START, Cast, first_campaign
from lianbot.demo.stage import listening_socket
from lianbot.demo.tour import Tour
from lianbot.phrases import demo as say
from lianbot.settings import Settings, environment, variables
from lianbot.timetable.clocks import move_clock
from lianbot.twin import Twin

READY_WITHIN = 90.0
LOOK_EVERY = 1.0
FIRST_DUE = timedelta(seconds=3)


@dataclass(slots=True)
class Bot:
    """`lianbot serve` as a process of its own, so that its plug can be pulled."""

    settings: Settings
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Raises NotReadyError with the process's last words when it does not come up."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lianbot",
                "serve",
                env=environment() | variables(self.settings),
                stdout=log,
                stderr=log,
            )
        await self._ready()

    async def _ready(self) -> None:
        url = f"http://127.0.0.1:{self.settings.http_port}/healthz"
        async with aiohttp.ClientSession() as client:
            async with asyncio.timeout(READY_WITHIN):
                while not await _answers(client, url):
                    if self.process is not None and self.process.returncode is not None:
                        words = self.log.read_text(encoding="utf-8", errors="replace")[-600:]
                        raise NotReadyError(f"机器人没有启动：{words}")
                    await asyncio.sleep(0.1)

    async def pull_the_plug(self) -> None:
        """SIGKILL: no last words, no clean-up."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(15):
                    await self.process.wait()
                    return
            await self.pull_the_plug()


async def _answers(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(url) as got:
            return got.status == 200
    except aiohttp.ClientError:
        return False


@dataclass(slots=True)
class Show:
    """Everything of a running demo."""

    house: House
    twin: Twin
    bot: Bot
    school: DemoSchool
    cast: Cast
    tour: Tour
    stop: asyncio.Event = field(default_factory=asyncio.Event)


async def run_show(
    *, workers: int, port: int, dice: int, keep: Path | None, real_clock: bool
) -> None:
    """Runs until Ctrl-C; prints the addresses when the first phone has its lesson."""
    async with AsyncExitStack() as stack:
        folder = keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="lianbot-demo-"))
        )
        show = await _open(stack, folder, workers, port, dice, real_clock=real_clock)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, show.stop.set)
        console = f"{show.bot.settings.public_url}/console/"
        print(  # noqa: T201 - this command's output is this text
            say.welcome(
                wall=f"{show.twin.base_url}/twin/",
                front=show.tour.door.url,
                console=console,
                accounts=[(name, display) for name, display, _ in CAST],
                folder=str(folder),
            ),
            flush=True,
        )
        await _watch(show, console)
        await show.bot.stop()


async def _open(
    stack: AsyncExitStack, folder: Path, workers: int, port: int, dice: int, *, real_clock: bool
) -> Show:
    clock = "system"
    if not real_clock:
        move_clock(folder / "clock", START)
        clock = f"file:{folder / 'clock'}"
    twin = await _open_twin(stack, port, clock, dice)
    opened = await open_school(
        stack,
        twin,
        folder=folder,
        port=_free_port(),
        workers=workers,
        dice=dice,
        clock=clock,
        frame=True,
    )
    house, school, cast, door = opened.house, opened.school, opened.cast, opened.door
    await first_campaign(house, cast, after=FIRST_DUE)
    bot = Bot(settings=house.settings, log=folder / "lianbot.log")
    stack.push_async_callback(bot.stop)
    await bot.start()
    tour = Tour(
        house=house, twin=twin, bot=bot, school=school, cast=cast, folder=folder, door=door
    )
    tour_address = await _open_tour(stack, tour)
    tour.address = tour_address
    return Show(house=house, twin=twin, bot=bot, school=school, cast=cast, tour=tour)


async def _open_twin(stack: AsyncExitStack, port: int, clock: str, dice: int) -> Twin:
    try:
        return await stack.enter_async_context(Twin.start(port=port, clock=clock, seed=dice))
    except OSError as error:
        raise NotReadyError(
            f"--port：端口 {port} 用不了（{error.strerror}），换一个，或写 0 任选"
        ) from error


def _free_port() -> int:
    with listening_socket() as bound:
        number: int = bound.getsockname()[1]
        return number


async def _open_tour(stack: AsyncExitStack, tour: Tour) -> str:
    runner = web.AppRunner(tour.application(), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _watch(show: Show, console: str) -> None:
    """Keeps the figures above the wall equal to the console's."""
    while not show.stop.is_set():
        show.twin.world.banner = {
            "title": say.TITLE,
            "note": say.note(console),
            "figures": await phones.figures(show.house),
            "tour": show.tour.steps(console),
        }
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await show.stop.wait()
