"""`lianbot stats`: figures on the terminal, as JSON, or as a workbook."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from lianbot.bootstrap import open_house
from lianbot.cli.edge import AsJson, run, say, say_json, say_table
from lianbot.phrases import figures as say_of
from lianbot.settings import load_settings
from lianbot.sheets.writing import Page, write_table
from lianbot.storage.statistics import Dimension, Figures


class By(StrEnum):
    """Break-downs offered here."""

    TEAM = "team"
    CONTRACTOR = "contractor"
    POST = "post"
    TOPIC = "topic"


def stats(
    campaign: Annotated[UUID | None, typer.Option(help="只看一份推送计划")] = None,
    by: Annotated[By, typer.Option(help="按什么分")] = By.TEAM,
    xlsx: Annotated[Path | None, typer.Option(help="另存为表格")] = None,
    as_json: AsJson = False,
) -> None:
    """送达和确认的数字。平台已接受不等于看过。"""
    rows = run(_read(campaign, by))
    if xlsx is not None:
        write_table(
            xlsx,
            [
                Page(
                    name="统计",
                    head=say_of.HEAD,
                    rows=[_cells(one) for one in rows],
                    caption=say_of.CAPTION,
                )
            ],
        )
        say(f"已存到 {xlsx}")
    if as_json:
        say_json([{"name": one.name, **one.values} for one in rows])
    elif xlsx is None:
        say_table(say_of.HEAD, [_cells(one) for one in rows])


async def _read(campaign: UUID | None, by: By) -> list[Figures]:
    async with open_house(load_settings()) as house:
        return await house.statistics.by(Dimension(by), campaign_id=campaign, reminders=False)


def _cells(row: Figures) -> tuple[str | int, ...]:
    return (row.name, *(row[measure] for measure in say_of.MEASURES))
