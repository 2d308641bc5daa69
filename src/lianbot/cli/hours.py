"""`lianbot hours …`: quiet days, and a team's own send windows."""

from datetime import date, time
from typing import Annotated

import typer

from lianbot.bootstrap import House, open_house
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.hours import Hours, TeamHours
from lianbot.domain.people import Account, Role
from lianbot.domain.posts import DayWindow
from lianbot.settings import load_settings

app = typer.Typer(help="静默日和班组自己的时段。", no_args_is_help=True)
Day = Annotated[str, typer.Argument(help="日子，例如 2026-12-13")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """现在定了哪些静默日，哪些班组有自己的时段。"""
    hours = run(_hours())
    if as_json:
        say_json(
            {
                "quiet": {day.isoformat(): note for day, note in sorted(hours.quiet.items())},
                "teams": {
                    str(team): {"send": _words(own.send), "never": _words(own.never)}
                    for team, own in sorted(hours.teams.items())
                },
            }
        )
        return
    for day, note in sorted(hours.quiet.items()):
        say(f"静默\t{day.isoformat()}\t{note}")
    for team, own in sorted(hours.teams.items()):
        say(f"班组 {team}\t发 {_words(own.send)}\t不发 {_words(own.never)}")


async def _hours() -> Hours:
    async with open_house(load_settings()) as house:
        return await house.hours.hours()


@app.command()
def quiet(
    day: Day,
    as_name: As,
    note: Annotated[str, typer.Option(help="为什么，例如 停电检修")] = "",
    drop: Annotated[bool, typer.Option("--drop", help="取消这个静默日")] = False,
) -> None:
    """这一天什么都不推（回复来问的人照旧）。"""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        fail(f"{day}：写成 2026-12-13", Exit.USAGE)
    run(_quiet(wanted, note, drop, as_name))
    say(f"{day} {'不再静默' if drop else '静默'}。")


async def _quiet(day: date, note: str, drop: bool, as_name: str) -> None:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        if drop:
            await house.hours.drop_quiet(day, account.id, house.clock.now())
        else:
            await house.hours.keep_quiet(day, note, account.id, house.clock.now())


@app.command()
def team(
    number: Annotated[int, typer.Argument(help="班组编号")],
    as_name: As,
    send: Annotated[
        str, typer.Option(help="可以发：20:10-21:30，几段用逗号隔开；空着用岗位的")
    ] = "",
    never: Annotated[str, typer.Option(help="不能发：00:00-07:00；空着用岗位的")] = "",
) -> None:
    """一个班组自己的时段，例如保安交接班后的头一个小时。"""
    run(_team(number, TeamHours(send=_spans(send), never=_spans(never)), as_name))
    say("已记下。")


async def _team(number: int, own: TeamHours, as_name: str) -> None:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        await house.hours.keep_team(number, own, account.id, house.clock.now())


async def _scheduler(house: House, as_name: str) -> Account:
    account = await act_as(house, as_name)
    if not account.may(Role.SCHEDULER):
        raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能改时段")
    return account


def _spans(text: str) -> tuple[DayWindow, ...]:
    try:
        pairs = [span.split("-") for span in text.split(",") if span.strip()]
        return tuple(
            DayWindow(start=time.fromisoformat(start.strip()), end=time.fromisoformat(end.strip()))
            for start, end in pairs
        )
    except ValueError:
        fail(f"{text}：写成 09:05-09:50,13:10-14:30", Exit.USAGE)


def _words(windows: tuple[DayWindow, ...]) -> str:
    return ",".join(f"{one.start:%H:%M}-{one.end:%H:%M}" for one in windows)
