"""The door as a process: hardening, listening, the daily flush and the cover in between."""

import asyncio
import contextlib
import ctypes
import resource
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from aiohttp import web

from lianbot.door.app import Door, QuietRunner, make_app, silence_libraries
from lianbot.door.clock import SCHOOL, Clock, open_clock, school_day
from lianbot.door.keeper import Keeper, open_keeper
from lianbot.door.page import Page, load_assets, origin_of
from lianbot.door.settings import DoorSettings

FLUSH_AT = clock_time(3, 10)
FLUSH_SPREAD = 20 * 60
COVER_MEAN = 300
LOOK_EVERY = 20
PR_SET_DUMPABLE = 4
M_PERTURB = -6


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A door that listens; `url` is the front page's address."""

    url: str
    keeper: Keeper


@contextlib.asynccontextmanager
async def running_door(settings: DoorSettings) -> AsyncIterator[Running]:
    """Open the files, listen, flush and cover until the block ends."""
    assets = load_assets()
    clock = open_clock(settings.clock)
    keeper = await asyncio.to_thread(
        open_keeper, settings.dir, clock, time.monotonic, script_hash=assets.script_hash
    )
    page = Page(assets=assets, folder=settings.dir, origin="", salt=keeper.recipients.salt)
    runner = QuietRunner(make_app(Door(keeper=keeper, page=page)))
    await runner.setup()
    try:
        listening = await _listen(runner, settings)
        url = settings.public_url or listening
        page.origin = origin_of(url)
        await asyncio.to_thread(page.answer, school_day(clock))
        async with _beside(flush_daily(keeper), cover_often(keeper)):
            yield Running(url=url, keeper=keeper)
    finally:
        await runner.cleanup()


async def serve(settings: DoorSettings, ready: Callable[[Running], None]) -> None:
    """Run until SIGTERM or SIGINT; nothing is logged."""
    harden()
    silence_libraries()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with running_door(settings) as door:
        ready(door)
        await stopped.wait()


def harden() -> None:
    """No core file, no reading by other processes of the same user, freed memory overwritten.

    Python gives a freed body back to the C library as it is; M_PERTURB makes that overwrite it.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.mallopt(M_PERTURB, 0xA5)


def flush_moment(day: date, spread: int) -> datetime:
    """03:10 at the school, moved by `spread` seconds."""
    return datetime.combine(day, FLUSH_AT, SCHOOL).astimezone(UTC) + timedelta(seconds=spread)


def flush_is_due(clock: Clock, last: date, spread: int) -> bool:
    """Once a day, also when the door was down at its time."""
    today = school_day(clock)
    return last < today and clock() >= flush_moment(today, spread)


def last_flush(folder: Path) -> date:
    """The day of the store's file time; nothing finer is kept."""
    seconds = (folder / "concern.db").stat().st_mtime
    return datetime.fromtimestamp(seconds, SCHOOL).date()


async def flush_daily(keeper: Keeper) -> None:
    """Look several times a minute; a failed flush is tried again at the next look."""
    spread = _new_spread()
    while True:
        with contextlib.suppress(Exception):
            if flush_is_due(keeper.clock, last_flush(keeper.folder), spread):
                await asyncio.to_thread(keeper.flush)
                spread = _new_spread()
        await asyncio.sleep(LOOK_EVERY)


async def cover_often(keeper: Keeper) -> None:
    """Rewrite the spools at random intervals of about five minutes."""
    while True:
        await asyncio.sleep(COVER_MEAN / 2 + secrets.randbelow(COVER_MEAN * 1000) / 1000)
        with contextlib.suppress(Exception):
            await asyncio.to_thread(keeper.cover)


def _new_spread() -> int:
    return secrets.randbelow(FLUSH_SPREAD) - FLUSH_SPREAD // 2


async def _listen(runner: web.AppRunner, settings: DoorSettings) -> str:
    if settings.socket is not None:
        await web.UnixSite(runner, str(settings.socket)).start()
        return settings.public_url
    await web.TCPSite(runner, settings.host, settings.port).start()
    host, port = runner.addresses[0][:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/m/"


@contextlib.asynccontextmanager
async def _beside(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
