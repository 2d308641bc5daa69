"""`lianbot stats`: figures on the terminal, as JSON, or as a workbook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from lianbot.bootstrap import House, open_house
from lianbot.cli.acting import act_as
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json, say_table
from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Role
from lianbot.domain.suppression import Cell, suppress, suppress_within
from lianbot.phrases import figures as say_of
from lianbot.ports.desk import ANSWERS, PLAIN, Dimension, Figures
from lianbot.settings import load_settings
from lianbot.sheets.writing import Page, write_table

SEES_ANSWERS = frozenset({Role.REVIEWER, Role.AUDITOR})


class By(StrEnum):
    """Break-downs offered here."""

    TEAM = "team"
    CONTRACTOR = "contractor"
    POST = "post"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group's figures; None is a figure of too few people."""

    name: str
    values: Mapping[str, int | None]


def stats(
    campaign: Annotated[UUID | None, typer.Option(help="只看一份推送计划")] = None,
    by: Annotated[By, typer.Option(help="按什么分")] = By.TEAM,
    account: Annotated[
        str, typer.Option("--as", help="审核人或审计的账号：另外看每种回答各多少")
    ] = "",
    xlsx: Annotated[Path | None, typer.Option(help="另存为表格")] = None,
    as_json: AsJson = False,
) -> None:
    """送达和确认的数字。平台已接受不等于看过。"""
    if account and campaign is not None:
        fail(say_of.NOT_TOGETHER, Exit.USAGE)
    rows = run(_read(campaign, by, account))
    measures = (*PLAIN, *ANSWERS) if account else PLAIN
    head, cells = say_of.head(measures), [_cells(one, measures) for one in rows]
    if xlsx is not None:
        write_table(xlsx, [Page(name="统计", head=head, rows=cells, caption=say_of.CAPTION)])
        say(f"已存到 {xlsx}")
    if as_json:
        say_json([{"name": one.name, **one.values} for one in rows])
    elif xlsx is None:
        say_table(head, cells)


async def _read(campaign: UUID | None, by: By, account: str) -> list[Row]:
    async with open_house(load_settings()) as house:
        if account:
            await _admit(house, account)
        dimension = Dimension(by)
        found = await house.statistics.by(dimension, campaign_id=campaign, reminders=False)
        if not account:
            return [Row(name=one.name, values=one.plain()) for one in found]
        hidden = await _hidden(house, dimension, found)
        return [_with_answers(one, one.key in hidden) for one in found]


async def _admit(house: House, name: str) -> None:
    """不同意 and 做不到 reach the reviewer, never lead or contractor (P8)."""
    if not (await act_as(house, name)).roles & SEES_ANSWERS:
        raise NotAllowedError(say_of.NOT_YOURS)


async def _hidden(house: House, dimension: Dimension, found: Sequence[Figures]) -> frozenset[str]:
    """Groups whose answers would point at persons, and those that would give them away."""
    cells = _by_key(found)
    if dimension is not Dimension.TEAM:
        return suppress(cells)
    companies = await house.statistics.by(Dimension.CONTRACTOR, reminders=False)
    parent = {str(one.id): str(one.contractor_id) for one in await house.people.teams()}
    return suppress_within(cells, parent, _by_key(companies))


def _by_key(found: Sequence[Figures]) -> dict[str, Cell]:
    return {one.key: Cell(asked=one.answered, right=one["understood"]) for one in found}


def _with_answers(row: Figures, hidden: bool) -> Row:
    answers = {one: None if hidden else row[one] for one in ANSWERS}
    return Row(name=row.name, values={**row.plain(), **answers})


def _cells(row: Row, measures: Sequence[str]) -> tuple[str | int, ...]:
    values = (row.values[measure] for measure in measures)
    return (row.name, *(say_of.HIDDEN if value is None else value for value in values))
