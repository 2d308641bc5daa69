"""`lianbot campaign burden`: how much was asked of people in a month."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import typer

from lianbot.bootstrap import House, open_house
from lianbot.bootstrap.terms import burden_of_month
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.domain.burden import Burden, Spread, spread_of
from lianbot.domain.errors import NotFoundError
from lianbot.settings import load_settings


def burden(
    month: Annotated[str, typer.Argument(help="哪个月，例如 2026-12")],
    worker: Annotated[str, typer.Option(help="只看一个工号")] = "",
    as_json: AsJson = False,
) -> None:
    """一个月里占了大家多少时间：条数和估计的秒数，估的是内容长短，不量人。"""
    found = run(_burden(_month(month), worker))
    if as_json:
        say_json(found)
        return
    say(f"收到的人\t{found['workers']}")
    say(f"条数\t{found['messages']}")
    say(f"估计秒数\t{found['seconds']}")
    say(f"一个人最多\t{found['most_messages']} 条，{found['most_seconds']} 秒")
    for messages, people in found["workers_by_messages"].items():
        say(f"收到 {messages} 条的\t{people} 人")


async def _burden(first: date, number: str) -> dict[str, Any]:
    async with open_house(load_settings()) as house:
        found = await burden_of_month(house, first)
        if number:
            mine = await _worker(house, number)
            found = {mine: found.get(mine, Burden())}
    return _figures(spread_of(found.values()))


async def _worker(house: House, number: str) -> UUID:
    for one in await house.people.workers():
        if one.number == number:
            return one.id
    raise NotFoundError(f"名册里没有工号 {number} 的在册员工")


def _figures(found: Spread) -> dict[str, Any]:
    return {
        "workers": found.workers,
        "messages": found.total.messages,
        "seconds": found.total.seconds,
        "most_messages": found.most.messages,
        "most_seconds": found.most.seconds,
        "workers_by_messages": {str(n): people for n, people in found.workers_by_messages.items()},
    }


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        fail(f"{text}：写成 2026-12", Exit.USAGE)
