"""Messy workbooks, made on the spot."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

Sheets = dict[str, Sequence[Sequence[Any]]]


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write sheets of plain rows; `merges` maps a sheet to ranges ("A1:F1", value), `hidden` names hidden sheets."""

    def make(
        sheets: Sheets,
        *,
        name: str = "花名册.xlsx",
        merges: dict[str, Sequence[tuple[str, Any]]] | None = None,
        hidden: Sequence[str] = (),
    ) -> Path:
        path = tmp_path / name
        book = xlsxwriter.Workbook(str(path))
        day = book.add_format({"num_format": "yyyy/m/d"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(r, c, value, day)
                    elif value is not None:
                        sheet.write(r, c, value)
            for area, value in (merges or {}).get(title, ()):
                sheet.merge_range(area, value)
            if title in hidden:
                sheet.hide()
        book.close()
        return path

    return make
