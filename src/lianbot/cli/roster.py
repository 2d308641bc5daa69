"""`lianbot roster import|export`."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lianbot.bootstrap import House, open_house
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Role
from lianbot.domain.roster import RosterDiff, Table, Verdict
from lianbot.flows.enrolment import (
    ImportRequest,
    ImportResult,
    dry_run,
    import_roster,
    remember_posts,
)
from lianbot.flows.enrolment_export import export_roster
from lianbot.phrases import roster as say_of
from lianbot.settings import load_settings
from lianbot.sheets.reading import read_file
from lianbot.sheets.result import write_result
from lianbot.sheets.writing import Page, write_table

app = typer.Typer(help="名册：导入、导出。", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="xlsx、xls 或 csv")],
    as_name: As = "",
    contractor: Annotated[
        list[str] | None,
        typer.Option(help="这份表包含哪家公司的全部人员（只在这些公司里推断离职）"),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="只比对，不写")] = False,
    result: Annotated[Path | None, typer.Option(help="把处理结果另存为表格")] = None,
    post: Annotated[
        list[str] | None, typer.Option(help="岗位说法的答案：公司/说法=COOK（几个岗位用 + 连）")
    ] = None,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="有错的行先放一边，只导好的")
    ] = False,
    yes: Annotated[bool, typer.Option("--second-yes", help="离职超过 15% 也确认")] = False,
    as_json: AsJson = False,
) -> None:
    """比对名册：新来、离开、调动、有错，一行一行说清；确认后一次写入。"""
    request = ImportRequest(
        named_contractors=tuple(contractor or ()),
        post_answers=_answers(post or []),
        set_aside_faulty=set_aside,
        second_yes=yes,
    )
    tables = run(asyncio.to_thread(read_file, file))
    diff, refused = run(_import(tables, request, as_name, dry))
    if result is not None:
        write_result(result, tables, diff)
    _report(diff, refused, dry, as_json)
    if refused or (diff.faulty and not set_aside):
        raise typer.Exit(Exit.PROBLEMS)


def _answers(given: list[str]) -> dict[str, dict[str, tuple[Post, ...]]]:
    found: dict[str, dict[str, tuple[Post, ...]]] = {}
    for text in given:
        left, _, codes = text.partition("=")
        contractor, _, word = left.partition("/")
        try:
            posts = tuple(Post(code) for code in codes.split("+"))
        except ValueError:
            fail(f"--post {text}：岗位代码不对，要写成 公司/说法=COOK", Exit.USAGE)
        if not contractor or not word:
            fail(f"--post {text}：要写成 公司/说法=COOK", Exit.USAGE)
        found.setdefault(contractor, {})[word] = posts
    return found


async def _import(
    tables: tuple[Table, ...], request: ImportRequest, as_name: str, dry: bool
) -> tuple[RosterDiff, str | None]:
    async with open_house(load_settings()) as house:
        if dry:
            return await _compare(house, tables, request), None
        account = await act_as(house, as_name)
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能导入名册")
        await remember_posts(house.roster, request.post_answers, account.id)
        done: ImportResult = await import_roster(
            tables,
            house.roster,
            request=request,
            profiles=tuple(house.profiles.values()),
            today=local(house.clock.now()).date(),
            by=account.id,
        )
        return done.diff, done.refused


async def _compare(house: House, tables: tuple[Table, ...], request: ImportRequest) -> RosterDiff:
    return await dry_run(
        tables,
        house.roster,
        request=replace(request),
        profiles=tuple(house.profiles.values()),
        today=local(house.clock.now()).date(),
    )


def _report(diff: RosterDiff, refused: str | None, dry: bool, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "counts": {one.value: diff.count(one) for one in Verdict},
                "rows": [
                    {
                        "sheet": one.ref.sheet,
                        "row": one.ref.row,
                        "verdict": one.verdict.value,
                        "text": one.text,
                    }
                    for one in diff.outcomes
                ],
                "dropped": list(diff.dropped),
                "written": not dry and refused is None,
                "refused": refused,
            }
        )
        return
    for one in diff.outcomes:
        if one.verdict is not Verdict.UNCHANGED:
            say(
                f"{one.ref.sheet} 第 {one.ref.row} 行\t{say_of.VERDICT_NAMES[one.verdict]}\t{one.text}"
            )
    for note in diff.notes:
        say(note.text)
    for question in diff.post_questions:
        say(say_of.post_question(question))
    say(say_of.summary(diff))
    if refused:
        say(refused)
    elif dry:
        say("这是比对，什么也没有写。")


@app.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help="存成哪个 xlsx")],
    as_name: As = "",
    with_employment: Annotated[bool, typer.Option(help="带上用工形式")] = False,
) -> None:
    """导出名册，改完可以原样再导入。"""
    count = run(_export(file, as_name, with_employment))
    say(f"已存 {count} 人到 {file}")


async def _export(file: Path, as_name: str, with_employment: bool) -> int:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        if not account.may(Role.SCHEDULER, Role.AUDITOR):
            raise NotAllowedError(f"账号 {account.name} 不能导出名册")
        sheet = export_roster(
            await house.roster.snapshot(),
            profiles=tuple(house.profiles.values()),
            with_employment=with_employment,
        )
    write_table(file, [Page(name=say_of.ROSTER_SHEET, head=sheet.head, rows=sheet.rows)])
    return len(sheet.rows)
