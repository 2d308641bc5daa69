"""`lianbot db upgrade|check|seed`."""

from typing import Annotated

import typer

from lianbot.bootstrap import NotReadyError, open_house
from lianbot.cli.edge import Exit, fail, run, say
from lianbot.settings import load_settings
from lianbot.storage.database import open_database
from lianbot.storage.schema import behind
from lianbot.storage.schema import upgrade as upgrade_schema
from lianbot.storage.trial import seed_events

app = typer.Typer(help="数据库：升级、检查、试验数据。", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """把数据库升到最新。"""
    run(_upgrade())
    say("数据库已是最新。")


async def _upgrade() -> None:
    database = open_database(load_settings().database_url)
    try:
        await upgrade_schema(database)
    except OSError as error:
        raise NotReadyError(f"LIANBOT_DATABASE_URL：连不上（{error}）") from error
    finally:
        await database.close()


@app.command()
def check() -> None:
    """版本和表结构对不对，计数和明细合不合。"""
    problems = run(_check())
    for problem in problems:
        say(problem)
    if problems:
        raise typer.Exit(Exit.PROBLEMS)
    say("数据库没有问题。")


async def _check() -> list[str]:
    settings = load_settings()
    database = open_database(settings.database_url)
    try:
        problems = await behind(database)
    finally:
        await database.close()
    if problems:
        return problems
    async with open_house(settings) as house:
        stored, rows = await house.statistics.stored(), await house.statistics.recompute()
        sums = await house.statistics.wrong_sums()
    return [
        f"计数与明细不一致：推送 {key[0]} 班组 {key[1]}"
        for key in sorted(rows.keys() | stored.keys(), key=str)
        if rows.get(key, {}) != stored.get(key, {})
    ] + [f"旧推送的合计与计数不一致：{key}" for key in sums]


@app.command()
def seed(
    events: Annotated[int, typer.Option(min=1, max=20_000_000, help="要多少条送达记录")],
) -> None:
    """往一个空库里放试验数据，看统计快慢用。"""
    made = run(_seed(events))
    say(f"放了 {made} 条送达记录。")


async def _seed(events: int) -> int:
    async with open_house(load_settings()) as house:
        if await house.people.count():
            fail("库里已有人员：试验数据只放进空库", Exit.USAGE)
        return await seed_events(house.database, events, house.clock.now())
