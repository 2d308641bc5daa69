"""`lianbot campaign burden`, and what a forecast says of it: how much is asked of people."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from lianbot.bootstrap import House, open_house
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.domain.burden import Burden
from lianbot.domain.calendar import SHANGHAI
from lianbot.domain.campaigns import Campaign
from lianbot.domain.errors import NotFoundError
from lianbot.flows.forecast import Weight, weigh
from lianbot.flows.preview import AHEAD
from lianbot.flows.rhythms import Rules
from lianbot.settings import load_settings
from lianbot.storage.burden import BurdenStore
from lianbot.storage.rhythm import SqlRhythm

NOTHING = Weight(added=Burden(), over=())


async def weigh_campaign(house: House, campaign: Campaign) -> Weight:
    """At its next due moment; nothing when it is due no more, or on nobody's day."""
    now = house.clock.now()
    rules = Rules(
        book=house.plans,
        shelf=house.content,
        moments=house.moments,
        rhythm=SqlRhythm(house.database),
    )
    due = house.moments.due_between(campaign, now, now + AHEAD)
    rule = await rules.rule(campaign, due[0]) if due else None
    return await weigh(rule, house.plans, house.profiles, due[0]) if rule else NOTHING


def burden(
    month: Annotated[str, typer.Argument(help="哪个月，例如 2026-12")],
    worker: Annotated[str, typer.Option(help="只看一个工号")] = "",
    as_json: AsJson = False,
) -> None:
    """一个月里占了大家多少时间：条数和估计的秒数，估的是内容长短，不量人。"""
    start, end = _month(month)
    found = run(_burden(start, end, worker))
    if as_json:
        say_json(found)
        return
    say(f"收到的人\t{found['workers']}")
    say(f"条数\t{found['messages']}")
    say(f"估计秒数\t{found['seconds']}")
    say(f"一个人最多\t{found['most_messages']} 条，{found['most_seconds']} 秒")
    for messages, people in found["workers_by_messages"].items():
        say(f"收到 {messages} 条的\t{people} 人")


async def _burden(start: datetime, end: datetime, number: str) -> dict[str, Any]:
    async with open_house(load_settings()) as house:
        found = await BurdenStore(house.database).between(start, end)
        if number:
            mine = await _worker(house, number)
            found = {mine: found.get(mine, Burden())}
    return figures(found)


async def _worker(house: House, number: str) -> UUID:
    for one in await house.people.workers():
        if one.number == number:
            return one.id
    raise NotFoundError(f"名册里没有工号 {number} 的在册员工")


def figures(found: Mapping[UUID, Burden]) -> dict[str, Any]:
    """Sums and how they are spread; nobody is ranked."""
    total = sum(found.values(), Burden())
    spread = Counter(one.messages for one in found.values())
    return {
        "workers": len(found),
        "messages": total.messages,
        "seconds": total.seconds,
        "most_messages": max((one.messages for one in found.values()), default=0),
        "most_seconds": max((one.seconds for one in found.values()), default=0),
        "workers_by_messages": {str(count): spread[count] for count in sorted(spread)},
    }


def _month(text: str) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        fail(f"{text}：写成 2026-12", Exit.USAGE)
    following = (first + timedelta(days=31)).replace(day=1)
    return _midnight(first), _midnight(following)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=SHANGHAI).astimezone(UTC)
