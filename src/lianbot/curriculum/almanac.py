"""The calendar table: nodes of the year, their days, days off and make-up working days."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from lianbot.curriculum.fields import Fields
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.records import Calendar, CalendarNode, NodeDay, YearArrangement
from lianbot.curriculum.tables import Table
from lianbot.domain.codes import Post
from lianbot.domain.festivals import Almanac

_NODE_ID: Final = re.compile(r"[a-z]+(-[a-z]+)*")


def read_calendar(directory: Path) -> tuple[Calendar, list[Finding]]:
    table = Table(directory / "calendar.yaml", "calendar.yaml")
    nodes = tuple(_node(table, fields) for fields in table.rows("nodes"))
    local = {node.id: node.local for node in nodes}
    days = tuple(
        day for year, fields in table.each("days") for day in _days(table, year, fields, local)
    )
    years = tuple(_year(table, year, fields) for year, fields in table.each("years"))
    return Calendar(nodes=nodes, days=days, years=years), table.finish()


def almanac_of(calendar: Calendar) -> Almanac:
    """The table as the schedules read it."""
    days: dict[str, list[date]] = {node.id: [] for node in calendar.nodes}
    for one in calendar.days:
        days.setdefault(one.node, []).append(one.day)
    return Almanac(
        days={node: tuple(sorted(found)) for node, found in days.items()},
        names={node.id: node.name for node in calendar.nodes},
        until={(one.node, one.day): one.until for one in calendar.days},
        off=frozenset(day for year in calendar.years for day in year.days_off),
        make_up=frozenset(day for year in calendar.years for day in year.make_up),
    )


def _node(table: Table, fields: Fields) -> CalendarNode:
    node = CalendarNode(
        id=fields.text("id"),
        name=fields.text("name"),
        audience=fields.codes("audience", Post),
        offsets=tuple(_whole(table, fields, one) for one in fields.texts("offsets")),
        lunar=fields.flag("lunar", needed=False),
        local=fields.flag("local", needed=False),
    )
    if node.id and not _NODE_ID.fullmatch(node.id):
        table.report(fields.line(""), f"节点 {node.id}", "小写英文，用 - 连接")
    table.done(fields)
    return node


def _whole(table: Table, fields: Fields, text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,2}", text):
        return int(text)
    table.report(fields.line("offsets"), f"{text} 不是天数", '写成 "-10" 或 "+2"')
    return 0


def _days(table: Table, year: str, fields: Fields, local: Mapping[str, bool]) -> list[NodeDay]:
    """Each node of a year: one day as `YYYY-MM-DD`, a season as `YYYY-MM-DD/YYYY-MM-DD`."""
    found = []
    for node, is_local in local.items():
        text = fields.text(node)
        days = [_day(one) for one in text.split("/")]
        known = [day for day in days if day is not None and str(day.year) == year]
        if len(known) != len(days) or len(days) > 2 or known != sorted(known):
            table.report(
                fields.line(""), f"{year} 年 {node}：{text}", f'写成 "{year}-09-15" 或 "起/止"'
            )
            continue
        found.append(NodeDay(node=node, day=known[0], until=known[-1], provisional=is_local))
    table.done(fields)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _year(table: Table, year: str, fields: Fields) -> YearArrangement:
    arrangement = YearArrangement(
        year=int(year) if year.isdigit() else 0,
        provisional=fields.flag("provisional"),
        notice=fields.text("notice"),
        days_off=_dates(table, year, fields, "rest"),
        make_up=_dates(table, year, fields, "work"),
    )
    if set(arrangement.days_off) & set(arrangement.make_up):
        table.report(fields.line(""), f"{year} 年有一天又放假又上班", "只留一处")
    table.done(fields)
    return arrangement


def _dates(table: Table, year: str, fields: Fields, name: str) -> tuple[date, ...]:
    found = []
    for text in fields.texts(name):
        day = _day(f"{year}-{text}")
        if day is None:
            table.report(fields.line(name), f"{year} 年 {text} 不是日子", '写成 "10-01"')
        else:
            found.append(day)
    return tuple(sorted(found))
