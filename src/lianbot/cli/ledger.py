"""`lianbot ledger checkpoint|export|verify`: evidence; `verify` needs no database."""

from pathlib import Path
from typing import Annotated

import typer

from lianbot.bootstrap import open_house
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.verify_bundle import BundleError, Report
from lianbot.evidence.verify_bundle import verify as verify_bundle
from lianbot.settings import load_settings

app = typer.Typer(help="确认账：签点、导出、核对。", no_args_is_help=True)


@app.command()
def checkpoint() -> None:
    """现在就签一个点；没有新条目就不签。"""
    made = run(_checkpoint())
    say(made or "没有新条目，不用签。")


async def _checkpoint() -> str:
    async with open_house(load_settings()) as house:
        made = await house.ledgering.checkpoint()
        return f"已签：{made.size} 条，根 {made.root}" if made else ""


@app.command()
def export(
    directory: Annotated[Path, typer.Argument(help="放到哪个文件夹（要是空的或还没有）")],
    as_json: AsJson = False,
) -> None:
    """导出整本账，给审计离线核对；先签一个点。"""
    try:
        report = run(_export(directory))
    except (EvidenceError, BundleError) as error:
        fail(str(error), Exit.PROBLEMS)
    say_json(report.as_dict()) if as_json else say(report.line())


async def _export(directory: Path) -> Report:
    async with open_house(load_settings()) as house:
        return await house.ledgering.export(directory)


@app.command()
def verify(
    directory: Annotated[Path, typer.Argument(help="导出的文件夹")],
    strict: Annotated[bool, typer.Option("--strict", help="最后一个签点之后不许有条目")] = False,
    anchor: Annotated[str | None, typer.Option(help="SIZE:ROOT，抄下来的签点")] = None,
    as_json: AsJson = False,
) -> None:
    """核对导出的账：没问题退出码 0；被改过就说出哪一个签点之前被改过；和员工手里的回执一对，就知道是哪一条。"""
    try:
        report = verify_bundle(directory, strict=strict, anchor=anchor)
    except BundleError as error:
        fail(str(error), Exit.PROBLEMS)
    say_json(report.as_dict()) if as_json else say(report.line())
