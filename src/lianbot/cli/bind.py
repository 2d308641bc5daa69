"""`lianbot bind …`: slips and posters to print, newcomers to decide on, bindings to end."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from lianbot.bootstrap import House, bind_papers, open_house, posters_pdf, slips_pdf
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json, say_table
from lianbot.domain.binding import BindOutcome, Newcomer
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, ChannelKind, Role, Team, Worker
from lianbot.phrases import binding as words
from lianbot.phrases.console import CHANNELS
from lianbot.ports.binding import BoundAccount
from lianbot.settings import load_settings

app = typer.Typer(help="绑定：印绑定条和海报，确认新来的，解开绑定。", no_args_is_help=True)
Out = Annotated[Path, typer.Option(help="存成哪个 PDF 文件")]
Teams = Annotated[
    list[str] | None, typer.Option("--team", help="班组名，可以写几次；不写就是全部")
]


@app.command()
def slips(
    out: Out,
    as_name: As,
    team: Teams = None,
    contractor: Annotated[str, typer.Option(help="外包公司名")] = "",
    number: Annotated[list[str] | None, typer.Option(help="工号，可以写几次")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="绑过的也印（换微信用）；不写只印没绑过的")
    ] = False,
) -> None:
    """印绑定条：一页 10 张，按公司和班组排，每张只能用一次，30 天有效；同一个人以前没用的条作废。"""

    def wanted(one: Worker, teams: dict[int, Team], companies: dict[int, str]) -> bool:
        return (
            (not team or teams[one.team_id].name in team)
            and (not contractor or companies[one.contractor_id] == contractor)
            and (not number or one.number in number)
        )

    _writable(out)
    count, pdf = run(_slips(as_name, wanted, again))
    out.write_bytes(pdf)
    say(f"印好 {count} 张，存在 {out}。条上有码，发完就别留底。")


Wanted = Callable[[Worker, dict[int, Team], dict[int, str]], bool]


async def _slips(as_name: str, wanted: Wanted, again: bool) -> tuple[int, bytes]:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        papers = bind_papers(house)
        teams = {one.id: one for one in await house.people.teams()}
        companies = {one.id: one.name for one in await house.people.contractors()}
        bound = await house.people.bound()
        people = [
            one.id
            for one in await house.people.workers()
            if wanted(one, teams, companies)
            and (again or papers.channel not in bound.get(one.id, ()))
        ]
        made = await papers.slips(people, by=account.id)
        return len(made), slips_pdf(made, house.profiles)


@app.command()
def posters(out: Out, as_name: As, team: Teams = None) -> None:
    """印班组海报，一个班组一页：新来的扫码、点岗位、报姓名，等人确认。再印还是同一个码。"""
    _writable(out)
    count, pdf = run(_posters(as_name, team or []))
    out.write_bytes(pdf)
    say(f"印好 {count} 张，存在 {out}。")


async def _posters(as_name: str, names: Sequence[str]) -> tuple[int, bytes]:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        teams = [one for one in await house.people.teams() if not names or one.name in names]
        missing = set(names) - {one.name for one in teams}
        if missing:
            raise InvalidInputError("--team", f"没有班组 {'、'.join(sorted(missing))}")
        made = await bind_papers(house).posters(teams, by=account.id)
        return len(made), posters_pdf(made)


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """谁绑了哪个渠道；不列账号。"""
    rows = run(_listed())
    if as_json:
        say_json([_row(one) for one in rows])
        return
    say_table(
        ("工号", "姓名", "班组", "渠道", "哪天绑的", "备注"),
        [
            (
                one.worker.number,
                one.worker.name,
                one.worker.team,
                CHANNELS[one.channel],
                one.bound_on or "",
                words.note_of(shared=one.shared, broken=one.broken),
            )
            for one in rows
        ],
    )


def _row(one: BoundAccount) -> dict[str, object]:
    return {
        "number": one.worker.number,
        "name": one.worker.name,
        "team": one.worker.team,
        "channel": one.channel,
        "bound_on": one.bound_on,
        "shared": one.shared,
        "broken": one.broken,
    }


async def _listed() -> Sequence[BoundAccount]:
    async with open_house(load_settings()) as house:
        return await house.bind_desk.bound_accounts()


@app.command()
def newcomers(as_json: AsJson = False) -> None:
    """待确认：扫了海报、还没人核对的。"""
    rows = run(_newcomers())
    if as_json:
        say_json(
            [
                {"id": one.id, "name": one.name, "team": one.team, "post": one.post}
                | {"channel": one.channel, "since": one.opened_on}
                for one in rows
            ]
        )
        return
    say_table(
        ("编号", "姓名", "班组", "岗位", "渠道", "哪天来的"),
        [
            (one.id, one.name, one.team, one.post, CHANNELS[one.channel], one.opened_on)
            for one in rows
        ],
    )


async def _newcomers() -> Sequence[Newcomer]:
    async with open_house(load_settings()) as house:
        return await house.bind_desk.newcomers()


Id = Annotated[UUID, typer.Argument(help="bind newcomers 里的编号")]
Number = Annotated[str, typer.Argument(help="名册上的工号")]


@app.command()
def accept(newcomer: Id, number: Number, as_name: As) -> None:
    """确认一个新来的就是名册上的这个人；名册上还没有的，先 roster import。"""
    outcome = run(_accept(newcomer, number, as_name))
    if outcome not in (BindOutcome.BOUND, BindOutcome.ALREADY):
        fail(words.NOT_ACCEPTED[outcome], Exit.PROBLEMS)
    say("确认好了，从现在起能收到。")


async def _accept(newcomer: UUID, number: str, as_name: str) -> BindOutcome:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        worker = await _worker(house, number)
        return await house.bind_desk.accept(
            newcomer, worker.id, by=account.id, now=house.clock.now()
        )


@app.command()
def refuse(newcomer: Id, as_name: As) -> None:
    """不认得的，拒绝：姓名和账号一起删掉。"""
    run(_refuse(newcomer, as_name))
    say("拒绝了，姓名和账号都删了。")


async def _refuse(newcomer: UUID, as_name: str) -> None:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        await house.bind_desk.refuse(newcomer, by=account.id, now=house.clock.now())


@app.command()
def end(
    number: Number,
    as_name: As,
    channel: Annotated[ChannelKind | None, typer.Option(help="只解这个渠道；不写就全解")] = None,
) -> None:
    """解开一个人的绑定（丢了手机、绑错了人）。"""
    say(f"解开了 {run(_end(number, channel, as_name))} 个。")


async def _end(number: str, channel: ChannelKind | None, as_name: str) -> int:
    async with open_house(load_settings()) as house:
        account = await _scheduler(house, as_name)
        worker = await _worker(house, number)
        mine = [
            one
            for one in await house.bind_desk.bound_accounts()
            if one.worker.worker_id == worker.id and channel in (None, one.channel)
        ]
        for one in mine:
            await house.bind_desk.unbind_row(one.binding_id, by=account.id, now=house.clock.now())
        return len(mine)


async def _worker(house: House, number: str) -> Worker:
    found = next((one for one in await house.people.workers() if one.number == number), None)
    if found is None:
        raise InvalidInputError("工号", f"名册上没有 {number}：看 lianbot roster export")
    return found


async def _scheduler(house: House, as_name: str) -> Account:
    account = await act_as(house, as_name)
    if not account.may(Role.SCHEDULER):
        raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能管绑定")
    return account


def _writable(out: Path) -> None:
    """Before anything is changed: slips that were made but not printed would be lost."""
    try:
        with out.open("ab"):
            pass
    except OSError as error:
        fail(f"--out：写不了 {out}：{error.strerror}", Exit.CANNOT_RUN)
