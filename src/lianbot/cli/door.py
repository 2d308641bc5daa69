"""`lianbot door serve|flush|status`: the process that takes concerns; it touches nothing else."""

import asyncio
import json
import time
from typing import Annotated, NoReturn

import typer

from lianbot.door.clock import ClockError, open_clock
from lianbot.door.keeper import open_keeper
from lianbot.door.page import PageError, load_assets
from lianbot.door.process import Running, serve
from lianbot.door.settings import DoorSettings, DoorSettingsError, read_settings
from lianbot.door.status import look
from lianbot.sealing.recipients import RecipientsError

app = typer.Typer(help="意见箱：单独的进程，单独的文件。", no_args_is_help=True)

CANNOT_RUN = 3
WRONG_USAGE = 2
AsJson = Annotated[bool, typer.Option("--json", help="输出一行 JSON")]


@app.command("serve")
def serve_command(as_json: AsJson = False) -> None:
    """启动意见箱，直到收到停止信号；不写任何日志。"""

    def ready(door: Running) -> None:
        typer.echo(json.dumps({"url": door.url}) if as_json else f"意见箱已打开：{door.url}")

    settings = _settings()
    try:
        asyncio.run(serve(settings, ready))
    except (RecipientsError, PageError, ClockError, OSError) as cannot:
        _stop(cannot, CANNOT_RUN)


@app.command("flush")
def flush_command(as_json: AsJson = False) -> None:
    """现在就把当天的信混进信库，重写 out/ 里的文件。"""
    settings = _settings()
    try:
        script = load_assets().script_hash
        keeper = open_keeper(
            settings.dir, open_clock(settings.clock), time.monotonic, script_hash=script
        )
        keeper.flush()
    except (RecipientsError, PageError, ClockError, OSError, ValueError) as cannot:
        _stop(cannot, CANNOT_RUN)
    _report(settings, as_json)


@app.command("status")
def status_command(as_json: AsJson = False) -> None:
    """查看意见箱是否正常；有问题时退出码为 1。"""
    _report(_settings(), as_json)


def _report(settings: DoorSettings, as_json: bool) -> None:
    try:
        status = look(settings.dir, open_clock(settings.clock))
    except (RecipientsError, ClockError, OSError, ValueError) as cannot:
        _stop(cannot, CANNOT_RUN)
    if as_json:
        typer.echo(json.dumps(status.record(), ensure_ascii=False))
    else:
        for line in status.lines():
            typer.echo(line)
    if status.problems:
        raise typer.Exit(1)


def _settings() -> DoorSettings:
    try:
        return read_settings()
    except DoorSettingsError as wrong:
        _stop(wrong, WRONG_USAGE)


def _stop(error: Exception, code: int) -> NoReturn:
    typer.echo(f"错误：{error}", err=True)
    raise typer.Exit(code)
