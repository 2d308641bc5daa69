"""The rows of all tables → what each of them states, cell by cell, with every fault of the row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from lianbot.domain.codes import Level, Post
from lianbot.domain.people import Employment
from lianbot.domain.roster import Column, Fault, RosterSnapshot, RowRef, Table, TableRow
from lianbot.flows.enrolment_cells import (
    CellFaultError,
    Status,
    account_of,
    date_of,
    employment_of,
    key,
    level_of,
    name_of,
    number_of,
    phone_of,
    stated,
    status_of,
    tags_of,
)
from lianbot.flows.enrolment_posts import PostWords
from lianbot.phrases import roster as say

T = TypeVar("T")

_MAX_WORDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What one row states; None or "" = the row is silent on it. `contractor` is in the form of the roster."""

    ref: RowRef
    name: str = ""
    number: str | None = None
    phone: str | None = None
    contractor: str = ""
    team: str = ""
    site: str = ""
    posts: tuple[Post, ...] = ()
    open_words: tuple[str, ...] = ()
    level: Level | None = None
    employment: Employment | None = None
    shift: str = ""
    started: date | None = None
    ended: date | None = None
    status: Status | None = None
    wecom: str | None = None
    tags: tuple[str, ...] | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Companies:
    """How the names of contractors are read: known ones, and new ones only where the import names them."""

    known: Mapping[str, str]
    named: tuple[str, ...]

    @classmethod
    def of(cls, current: RosterSnapshot, named: Iterable[str]) -> "Companies":
        known = {key(c.name): c.name for c in current.contractors}
        chosen = []
        for name in named:
            known.setdefault(key(name), name.strip())
            chosen.append(known[key(name)])
        return cls(known, tuple(dict.fromkeys(chosen)))

    def read(self, cell: str, sheet: str) -> str:
        """The column decides, then a sheet named after a company, then the only company named for the file."""
        if cell:
            if key(cell) not in self.known:
                raise CellFaultError(Column.CONTRACTOR, say.contractor_unknown(cell[:_MAX_WORDS]))
            return self.known[key(cell)]
        if key(sheet) in self.known:
            return self.known[key(sheet)]
        if len(self.named) == 1:
            return self.named[0]
        raise CellFaultError(Column.CONTRACTOR, say.NO_CONTRACTOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the cells are read against. `teams`: (contractor, team) keys of the roster, for sheets named after a team."""

    companies: Companies
    words: PostWords
    teams: frozenset[tuple[str, str]]
    use_numbers: bool
    today: date


class _Row:
    """The cells of one row by meaning; collects faults, so that a person sees all of a row's at once."""

    def __init__(self, table: Table, row: TableRow) -> None:
        cells = zip(table.columns, row.values, strict=True)
        self._values = {column: stated(value) for column, value in cells if column}
        self.faults = [
            Fault(column=column, text=_private(column))
            for k in sorted(row.hidden)
            if (column := table.columns[k])
        ]

    def text(self, column: Column) -> str:
        return self._values.get(column, "")

    def has(self, column: Column) -> bool:
        return column in self._values

    def read(self, column: Column, parse: Callable[[str], T]) -> T | None:
        return self.attempt(lambda: parse(self.text(column)))

    def attempt(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except CellFaultError as error:
            if not any(fault.column is error.column for fault in self.faults):
                self.faults.append(Fault(column=error.column, text=error.text))
            return None


def _private(column: Column) -> str:
    return say.NUMBER_PRIVATE if column is Column.NUMBER else say.CELL_PRIVATE


def state(tables: Sequence[Table], reading: Reading) -> Iterator[Stated]:
    """Every row of every table, in file order."""
    for table in tables:
        for row in table.rows:
            yield _state_row(table, row, reading)


def _state_row(table: Table, raw: TableRow, reading: Reading) -> Stated:
    row = _Row(table, raw)
    name = row.read(Column.NAME, name_of) or ""
    contractor = row.attempt(
        lambda: reading.companies.read(row.text(Column.CONTRACTOR), table.sheet)
    )
    posts, open_words = reading.words.read(contractor or "", row.text(Column.POST))
    started = row.read(Column.STARTED, lambda words: date_of(Column.STARTED, words))
    ended = row.read(Column.ENDED, lambda words: date_of(Column.ENDED, words))
    if started and ended and ended < started:
        row.faults.append(Fault(column=Column.ENDED, text=say.DATES_CROSSED))
    team = row.text(Column.TEAM)
    if not row.has(Column.TEAM) and (key(contractor or ""), key(table.sheet)) in reading.teams:
        team = table.sheet
    status = row.read(Column.STATUS, status_of)
    if status is Status.HERE and ended and ended < reading.today:
        row.faults.append(Fault(column=Column.STATUS, text=say.STATUS_CROSSED))
    return Stated(
        ref=table.ref(raw),
        name=name,
        number=row.read(Column.NUMBER, number_of) if reading.use_numbers else None,
        phone=row.read(Column.PHONE, phone_of),
        contractor=contractor or "",
        team=team[:_MAX_WORDS],
        site=row.text(Column.SITE)[:_MAX_WORDS],
        posts=posts,
        open_words=open_words,
        level=row.read(Column.LEVEL, level_of),
        employment=row.read(Column.EMPLOYMENT, employment_of),
        shift=row.text(Column.SHIFT)[:_MAX_WORDS],
        started=started,
        ended=ended,
        status=status,
        wecom=row.read(Column.WECOM, account_of),
        tags=row.read(Column.TAGS, tags_of),
        faults=tuple(row.faults),
    )
