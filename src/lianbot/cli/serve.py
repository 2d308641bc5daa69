"""`lianbot serve`: callbacks, phone pages, console and the tick in one process, or one of the two."""

import asyncio
import gc
import signal
from contextlib import AsyncExitStack
from enum import StrEnum
from typing import Annotated

import typer
from aiohttp import web

from lianbot.bootstrap import (
    House,
    NotReadyError,
    hold_alone,
    make_ticker,
    make_watch,
    make_web,
    open_house,
)
from lianbot.cli.edge import Exit, fail, run, say
from lianbot.logs import set_up_logs
from lianbot.settings import Settings, load_settings

DRAIN_SECONDS = 10.0


class Only(StrEnum):
    """Which entrance this process is."""

    WEB = "web"
    RUNNER = "runner"


def serve(
    only: Annotated[
        Only | None, typer.Option(help="只开网页（web）或只跑定时（runner）；要 PostgreSQL")
    ] = None,
) -> None:
    """启动机器人：回调、手机页面、控制台和定时推送。"""
    run(_serve(only))


async def _serve(only: Only | None) -> None:
    settings = load_settings()
    set_up_logs(secrets_of(settings))
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(settings))
        if only is not None and house.database.is_sqlite:
            fail("--only 要用 PostgreSQL（needs PostgreSQL）：SQLite 只能一个进程全开", Exit.USAGE)
        held = hold_alone(house.database)
        if held is not None:
            stack.callback(held.close)
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        # what was opened lives as long as the process: the collector need not walk over it again and again
        gc.collect()
        gc.freeze()
        if only is not Only.RUNNER:
            address = await _open_web(house, stack)
            say(f"已启动：{address}")
        if only is Only.WEB:
            watch = make_watch(house).schedule()
            watch.start()
            stack.callback(watch.shutdown, wait=False)
        else:
            await _open_runner(house, stack)
        await stop.wait()


async def _open_web(house: House, stack: AsyncExitStack) -> str:
    settings = house.settings
    runner = web.AppRunner(make_web(house), access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, settings.http_host, settings.http_port)
    try:
        await site.start()
    except OSError as error:
        raise NotReadyError(
            f"LIANBOT_HTTP_PORT：{settings.http_host}:{settings.http_port} 用不了（{error.strerror}），换一个端口或停掉占用它的程序"
        ) from error
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/console/"


async def _open_runner(house: House, stack: AsyncExitStack) -> None:
    ticker = make_ticker(house, alone=house.database.is_sqlite)
    await ticker.start_up()
    scheduler = ticker.schedule()
    scheduler.start()
    # the round ends before the scheduler does: that one cuts off what still runs, in the middle of a call
    stack.callback(scheduler.shutdown, wait=False)
    stack.push_async_callback(ticker.stop)


def secrets_of(settings: Settings) -> list[str]:
    """Values the redactor must take out of every line."""
    return [
        one.get_secret_value()
        for one in (
            settings.secret_key,
            settings.wecom_secret,
            settings.wecom_token,
            settings.wecom_aes_key,
            settings.official_secret,
            settings.official_token,
            settings.official_aes_key,
        )
        if one.get_secret_value()
    ]
