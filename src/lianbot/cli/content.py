"""`lianbot content check|publish|list|adopt`."""

from pathlib import Path
from typing import Annotated

import typer

from lianbot.bootstrap import content_directory, drafts_of, open_house, publish_content
from lianbot.cli.acting import As, act_as
from lianbot.cli.content_media import draw, speak, voice
from lianbot.cli.courses import adopt_courses
from lianbot.cli.edge import AsJson, Exit, fail, guarded, run, say, say_json, say_table
from lianbot.curriculum import ContentError, Severity
from lianbot.curriculum import check as check_content
from lianbot.domain.calendar import local
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.items import EditionState
from lianbot.domain.people import Role
from lianbot.settings import load_settings
from lianbot.timetable.clocks import open_clock

app = typer.Typer(help="内容：检查、发布、审核。", no_args_is_help=True)
app.command("adopt-courses")(adopt_courses)
for each in (draw, voice, speak):
    app.command(each.__name__)(each)


@app.command()
def check(
    directory: Annotated[Path | None, typer.Argument(help="内容文件夹，不写就用设置里的")] = None,
    as_json: AsJson = False,
) -> None:
    """逐条检查内容文件：文件:行号、哪条规则、怎么改。"""
    settings = guarded(load_settings)
    today = guarded(lambda: local(open_clock(settings.clock).now()).date())
    if directory is not None and not directory.is_dir():
        fail(f"没有文件夹 {directory}", Exit.USAGE)
    findings = check_content(directory or content_directory(settings), today=today)
    if as_json:
        say_json(
            [
                {**{name: str(getattr(one, name)) for name in _FINDING}, "line": one.line}
                for one in findings
            ]
        )
    else:
        for one in findings:
            say(str(one))
    errors = sum(one.severity is Severity.ERROR for one in findings)
    if not as_json:
        say(f"{errors} 处错误，{len(findings) - errors} 处提醒")
    if errors:
        raise typer.Exit(Exit.PROBLEMS)


_FINDING = ("file", "rule", "message", "suggestion", "severity")


@app.command()
def publish(as_name: As, as_json: AsJson = False) -> None:
    """把写好的内容存成版本，都先待审，不管文件里写没写已批准；草稿（draft）不发布。"""
    fresh, drafts = run(_publish(as_name))
    if as_json:
        say_json({"published": fresh, "drafts": drafts})
        return
    say(f"新版本 {len(fresh)} 个，待审核。审核人请运行 lianbot content adopt")
    if drafts:
        say(f"草稿 {len(drafts)} 条没有发布，核实以后把 status 改成 review：{'、'.join(drafts)}")


async def _publish(as_name: str) -> tuple[list[str], list[str]]:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        if not account.may(Role.EDITOR):
            raise NotAllowedError(f"账号 {account.name} 没有编辑角色，不能发布内容")
        try:
            return await publish_content(house, account), drafts_of(house)
        except ContentError as error:
            for finding in error.findings:
                typer.echo(str(finding), err=True)
            fail("内容有错，一条也没有发布", Exit.PROBLEMS)


@app.command("list")
def list_items(as_json: AsJson = False) -> None:
    """列出内容和版本的状态。"""
    rows = run(_list())
    if as_json:
        say_json(rows)
        return
    say_table(
        ("编号", "状态", "在用", "题目", "版本"),
        [
            (
                one["item"],
                _STATES[one["state"]],
                "是" if one["current"] else "",
                one["title"],
                one["sha256"][:12],
            )
            for one in rows
        ],
    )


_STATES = {"awaiting": "待审", "approved": "已审", "retired": "停用", "returned": "退回"}


async def _list() -> list[dict[str, str]]:
    async with open_house(load_settings()) as house:
        return [
            {
                "item": one.edition.item,
                "type": one.edition.type.value,
                "title": one.edition.title,
                "state": one.edition.state.value,
                "current": "yes" if one.current else "",
                "sha256": one.edition.sha256,
            }
            for one in await house.content.all()
        ]


@app.command()
def adopt(
    items: Annotated[list[str] | None, typer.Argument(help="内容编号，可以写几个")] = None,
    as_name: As = "",
    everything: Annotated[
        bool, typer.Option("--all", help="待审的全部（每条仍记在这位审核人名下）")
    ] = False,
    note: Annotated[str, typer.Option(help="审核说明")] = "",
    legal: Annotated[
        str, typer.Option(help="引了法规的，由谁核对过条号和版本：写姓名（没引法规的不记）")
    ] = "",
) -> None:
    """由有名有姓的审核人批准内容；发布的人不能批自己发布的。"""
    if not items and not everything:
        fail("请写内容编号，或用 --all", Exit.USAGE)
    done = run(_adopt(items or [], as_name, everything, note, legal))
    say(f"批准了 {done[0]} 条" + (f"，其中 {done[1]} 条记了法律审核人。" if done[1] else "。"))


async def _adopt(
    items: list[str], as_name: str, everything: bool, note: str, legal: str
) -> tuple[int, int]:
    """How many were approved, and how many of them refer to a law."""
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        if not account.may(Role.REVIEWER):
            raise NotAllowedError(f"账号 {account.name} 没有审核角色，请换审核人来批")
        waiting = [
            one for one in await house.content.all() if one.edition.state is EditionState.AWAITING
        ]
        newest = {one.edition.item: one for one in reversed(waiting)}
        wanted = list(newest) if everything else items
        missing = [item for item in wanted if item not in newest]
        if missing:
            fail(f"{missing[0]} 没有待审的版本，用 lianbot content list 查看", Exit.USAGE)
        chosen = [newest[item] for item in dict.fromkeys(wanted)]
        hashes = [one.edition.sha256 for one in chosen]
        await house.content.adopt(hashes, account.id, house.clock.now(), note, legal)
        return len(hashes), sum(bool(one.legal) for one in chosen)
