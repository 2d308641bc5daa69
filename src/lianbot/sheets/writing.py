"""Every spreadsheet that lianbot writes: text stays text, no cell is ever a formula, the file appears whole or not at all."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

Value = str | int | float | bool | date | datetime | None

_MAX_TEXT = 32_000
_MAX_ROWS = 1_048_575
# A program that opens the file takes a text that starts so for a formula (CSV), or shows it as one when it is
# edited (xlsx). Full-width signs count: Excel for East Asia folds them.
_FORMULA = re.compile(r"^[ \u3000]*[=+\-@＝＋－＠\t\r\n]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_BAD_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class Tone(StrEnum):
    """The colour of a cell; always beside words that say the same."""

    GOOD = "good"
    NEWS = "news"
    CARE = "care"
    BAD = "bad"


_COLOURS = {
    Tone.GOOD: ("#E2F0D9", "#245022"),
    Tone.NEWS: ("#DDEBF7", "#1F3F66"),
    Tone.CARE: ("#FFF2CC", "#6B4E00"),
    Tone.BAD: ("#F8D7DA", "#7A1420"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A value with a colour."""

    value: Value
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One sheet: an optional line above (what this is, and what it must not be used for), head and rows.

    `rows` may be a generator; it is read once. `widths` in characters, the rest get 14.
    """

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[Value | Painted]]
    caption: str = ""
    widths: Sequence[int] = field(default=())


def neutral(words: str) -> str:
    """The text without control characters, and with an apostrophe where a program would see a formula."""
    opens_formula = bool(_FORMULA.match(words))
    clean = _CONTROL.sub("", words)[:_MAX_TEXT]
    return f"'{clean}" if opens_formula or _FORMULA.match(clean) else clean


def write_table(path: Path, pages: Sequence[Page]) -> None:
    """Write the pages as xlsx. An existing file is replaced only when the new one is whole."""
    draft = path.with_name(f".{path.name}.part")
    try:
        # here, because no start of the program needs it and it takes a twentieth of one
        import xlsxwriter

        with xlsxwriter.Workbook(str(draft), _OPTIONS) as book:
            formats = _formats(book)
            taken: set[str] = set()
            for page in pages:
                _write_page(book.add_worksheet(_sheet_name(page.name, taken)), page, formats)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_csv(path: Path, page: Page) -> None:
    """Write one page as CSV that Excel opens in Chinese (UTF-8 with mark), formulas neutralised."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([neutral(label) for label in page.head])
            writer.writerows([_csv_value(value) for value in row] for row in page.rows)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _csv_value(value: Value | Painted) -> str:
    if isinstance(value, Painted):
        value = value.value
    if isinstance(value, str):
        return neutral(value)
    return "" if value is None else str(value)


def _formats(book: Any) -> dict[str, Any]:
    plain = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D0D0D0"}
    return {
        "head": book.add_format({**plain, "bold": True, "bg_color": "#EDEDED"}),
        "caption": book.add_format({"italic": True, "font_color": "#444444"}),
        # @ keeps a phone number text even after somebody edits the cell
        "text": book.add_format({**plain, "num_format": "@"}),
        "number": book.add_format(plain),
        "date": book.add_format({**plain, "num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({**plain, "num_format": "yyyy-mm-dd hh:mm"}),
        **{
            tone: book.add_format({**plain, "bg_color": back, "font_color": ink})
            for tone, (back, ink) in _COLOURS.items()
        },
    }


def _write_page(sheet: Any, page: Page, formats: dict[str, Any]) -> None:
    for column in range(len(page.head)):
        width = page.widths[column] if column < len(page.widths) else 14
        sheet.set_column(column, column, width)
    top = 0
    if page.caption:
        sheet.write_string(0, 0, neutral(page.caption), formats["caption"])
        top = 1
    for column, label in enumerate(page.head):
        sheet.write_string(top, column, neutral(label), formats["head"])
    sheet.freeze_panes(top + 1, 0)
    last = top
    for last, row in enumerate(page.rows, start=top + 1):
        if last > _MAX_ROWS:
            raise ValueError("a sheet holds 1,048,576 rows")
        for column, value in enumerate(row):
            _write_cell(sheet, last, column, value, formats)
    if page.head and last > top:
        sheet.autofilter(top, 0, last, len(page.head) - 1)


def _write_cell(
    sheet: Any, row: int, column: int, value: Value | Painted, formats: dict[str, Any]
) -> None:
    paint = formats[value.tone] if isinstance(value, Painted) else None
    if isinstance(value, Painted):
        value = value.value
    match value:
        case None:
            sheet.write_blank(row, column, None, paint or formats["text"])
        case str():
            sheet.write_string(row, column, neutral(value), paint or formats["text"])
        case bool():
            sheet.write_boolean(row, column, value, paint or formats["number"])
        case int() | float():
            sheet.write_number(row, column, value, paint or formats["number"])
        case datetime():
            moment = value.replace(tzinfo=None)  # Excel knows no zones; the caller gave local time
            sheet.write_datetime(row, column, moment, paint or formats["moment"])
        case date():
            sheet.write_datetime(row, column, value, paint or formats["date"])


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel accepts: at most 31 characters, some signs forbidden, different from the others."""
    base = _BAD_IN_NAME.sub("_", name).strip("' ")[:31] or "Sheet"
    chosen, number = base, 2
    while chosen.casefold() in taken or chosen.casefold() == "history":
        tail = f"({number})"
        chosen, number = base[: 31 - len(tail)] + tail, number + 1
    taken.add(chosen.casefold())
    return chosen
