"""`lianbot demo`: the twin, the bot and a seeded school on one machine."""

from pathlib import Path
from typing import Annotated

import typer

from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.demo.once import run_once
from lianbot.demo.show import run_show


def demo(
    once: Annotated[bool, typer.Option("--once", help="不开浏览器，自己跑完主线就退出")] = False,
    workers: Annotated[int, typer.Option(min=24, max=5000, help="多少名员工")] = 240,
    port: Annotated[int, typer.Option(min=0, max=65535, help="手机墙的端口，0 任选")] = 8090,
    seed: Annotated[int, typer.Option(help="随机种子：同样的种子跑出同样的学校")] = 7,
    keep: Annotated[
        Path | None, typer.Option(help="把数据库、证据和手机收到的都留在这个空文件夹")
    ] = None,
    real_clock: Annotated[bool, typer.Option("--real-clock", help="用真实时间")] = False,
    as_json: AsJson = False,
) -> None:
    """一台电脑上看全程：推送、确认、记账、统计。"""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            fail(f"{keep} 不是空文件夹，没有动它", Exit.USAGE)
    if not once:
        run(run_show(workers=workers, port=port, dice=seed, keep=keep, real_clock=real_clock))
        return
    result = run(run_once(workers=workers, dice=seed, keep=keep))
    if as_json:
        say_json(result)
    else:
        for name, value in result.items():
            say(f"{name}\t{value}")
    whole = sum(
        int(result[name]) for name in ("accepted", "refused", "unknown", "skipped", "deferred")
    )
    if whole != result["planned"] or not result["ledger"]["verified"]:
        raise typer.Exit(Exit.PROBLEMS)
