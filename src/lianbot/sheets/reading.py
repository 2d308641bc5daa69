"""Roster files as people have them → tables: titles above the head, merged cells, several sheets, remarks below."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.roster import Column, Note, Table, TableRow
from lianbot.phrases import roster as say
from lianbot.sheets.archive import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, repack
from lianbot.sheets.cells import Cell, plain, private, text
from lianbot.sheets.columns import known
from lianbot.sheets.heads import LOOK_AHEAD, Head, Layout, find_head, head_at, layout

MAX_BYTES = 50 * 2**20

Grid = list[list[Cell]]
Merge = tuple[tuple[int, int], tuple[int, int]]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WORKBOOKS = (".xlsx", ".xlsm")
_TEXTS = (".csv", ".tsv", ".txt")
_REMARK = re.compile(
    r"^(?:合计|总计|小计|共计|总人数|备注|说明|填表|制表|审核|审批|填报|注\s*[:：]|注意|以上|负责人|联系人|日期\s*[:：]"
    r"|单位\s*(?:负责|盖章)|共\s*\d+\s*人)"
)


def read_file(path: Path) -> tuple[Table, ...]:
    """Every table of the file, in the order of its sheets.

    Raises InvalidInputError, naming file, sheet and row, for a file that is missing, empty, too large, broken,
    locked by a password, of another kind than its name says, or without any head row.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InvalidInputError(path.name, say.file_too_large(MAX_BYTES // 2**20))
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInputError(path.name, say.FILE_MISSING) from error
    return read_bytes(path.name, data)


def read_bytes(name: str, data: bytes) -> tuple[Table, ...]:
    """The same for an uploaded file; `name` is its file name, whose extension must fit the content."""
    if len(data) > MAX_BYTES:
        raise InvalidInputError(name, say.file_too_large(MAX_BYTES // 2**20))
    if not data.strip():
        raise InvalidInputError(name, say.FILE_EMPTY)
    extension = Path(name).suffix.lower()
    if extension not in (*_WORKBOOKS, ".xls", *_TEXTS):
        raise InvalidInputError(name, say.unknown_extension(extension))
    _check_kind(name, extension, data)
    if extension in _TEXTS:
        found = _tables(name, Path(name).stem, _csv_grid(name, data), ())
        notes: tuple[Note, ...] = ()
    else:
        found, notes = _workbook(name, repack(data, name) if extension in _WORKBOOKS else data)
    if not found:
        raise InvalidInputError(name, say.NO_HEAD)
    if sum(len(table.rows) for table in found) > MAX_ROWS:
        raise InvalidInputError(name, say.too_many_rows(MAX_ROWS))
    return (_with_notes(found[0], notes), *found[1:])


def _check_kind(name: str, extension: str, data: bytes) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise InvalidInputError(name, say.FILE_IS_HTML)
    really = _kind(data)
    if really == "xls" and "EncryptedPackage".encode("utf-16-le") in data:
        raise InvalidInputError(name, say.FILE_LOCKED)
    expected = "xlsx" if extension in _WORKBOOKS else "xls" if extension == ".xls" else "csv"
    if really == "csv" and _looks_binary(data):
        raise InvalidInputError(name, say.FILE_BROKEN)
    if really != expected:
        raise InvalidInputError(name, say.wrong_extension(extension, really))


def _kind(data: bytes) -> str:
    if data.startswith(_ZIP):
        return "xlsx"
    return "xls" if data.startswith(_OLE) else "csv"


def _looks_binary(data: bytes) -> bool:
    return b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


# ---- workbooks ------------------------------------------------------------------------------------------------


def _workbook(name: str, data: bytes) -> tuple[list[Table], tuple[Note, ...]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return _sheets(name, book)
    except PasswordError as error:
        raise InvalidInputError(name, say.FILE_LOCKED) from error
    except (CalamineError, ValueError, OverflowError) as error:
        raise InvalidInputError(name, say.FILE_BROKEN) from error
    except BaseException as error:
        # A panic inside the Rust reader is not an Exception; a broken file must not end the process.
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise InvalidInputError(name, say.FILE_BROKEN) from None


def _sheets(name: str, book: CalamineWorkbook) -> tuple[list[Table], tuple[Note, ...]]:
    found: list[Table] = []
    notes: list[Note] = []
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue
        if meta.visible is not SheetVisibleEnum.Visible:
            notes.append(Note(sheet=meta.name, row=None, text=say.HIDDEN_SHEET))
            continue
        sheet = book.get_sheet_by_name(meta.name)
        merges = _merges(name, sheet)
        tables = _tables(name, meta.name, _grid(name, sheet), merges)
        if not tables and sheet.height:
            notes.append(Note(sheet=meta.name, row=None, text=say.SHEET_WITHOUT_HEAD))
        found += tables
    return found, tuple(notes)


def _grid(name: str, sheet: CalamineSheet) -> Grid:
    rows, columns = (n + 1 for n in sheet.end) if sheet.end else (0, 0)
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise InvalidInputError(
            say.place(name, sheet.name), say.sheet_too_far(MAX_ROWS, MAX_COLUMNS)
        )
    return [list(row) for row in sheet.to_python(skip_empty_area=False)]


def _merges(name: str, sheet: CalamineSheet) -> tuple[Merge, ...]:
    """Merged ranges within the sheet. Ranges that overlap (no program writes them) could multiply the work."""
    if sheet.end is None:
        return ()
    bottom, right = sheet.end
    ranges = tuple(
        (start, (min(end[0], bottom), min(end[1], right)))
        for start, end in sheet.merged_cell_ranges or ()
    )
    covered = sum(max(0, b - t + 1) * max(0, r - le + 1) for (t, le), (b, r) in ranges)
    if covered > (bottom + 1) * (right + 1):
        raise InvalidInputError(say.place(name, sheet.name), say.FILE_BROKEN)
    return ranges


# ---- csv ------------------------------------------------------------------------------------------------------


def _csv_grid(name: str, data: bytes) -> Grid:
    words = _decode(name, data)
    start = words[:20_000]
    delimiter = max(",\t;", key=start.count)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter, strict=True)
    grid: Grid = []
    try:
        for row in reader:
            if len(grid) >= MAX_ROWS:
                raise InvalidInputError(name, say.too_many_rows(MAX_ROWS))
            grid.append(list(row[:MAX_COLUMNS]))
    except csv.Error as error:
        raise InvalidInputError(name, say.csv_fault(reader.line_num)) from error
    return grid


def _decode(name: str, data: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 with mark, or what Chinese Windows writes (a superset of GBK)."""
    codecs = (
        ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    )
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(name, say.FILE_UNREADABLE_TEXT)


# ---- tables in a grid -----------------------------------------------------------------------------------------


def _tables(file: str, sheet: str, grid: Grid, merges: Sequence[Merge]) -> list[Table]:
    top = [[_label(cell) for cell in row] for row in _filled_top(grid, merges)]
    head = find_head(top, 0, LOOK_AHEAD)
    tables: list[Table] = []
    while head:
        end, following = _end(grid, head)
        tables.append(_table(file, sheet, grid, merges, head, end))
        head = following
    return tables


def _label(cell: Cell) -> str:
    words = text(cell) if isinstance(cell, str) else ""
    return words if len(words) <= 60 else ""


def _filled_top(grid: Grid, merges: Sequence[Merge]) -> Grid:
    """The first rows with every merged range filled in both directions, as a head needs it."""
    top = [list(row) for row in grid[: LOOK_AHEAD + 2]]
    for (first, left), (last, right) in merges:
        if first >= len(top) or left >= len(top[first]):
            continue
        value = top[first][left]
        for row in top[first : last + 1]:
            stop = min(right + 1, len(row))
            row[left:stop] = [value] * max(0, stop - left)
    return top


def _end(grid: Grid, head: Head) -> tuple[int, Head | None]:
    """Where the table's rows end (exclusive): at the next head in the same sheet, or at the end of the grid."""
    for i in range(head.last + 1, len(grid)):
        if not any(isinstance(cell, str) and _is_name(cell) for cell in grid[i]):
            continue
        rows = [[_label(c) for c in r] for r in grid[i : i + 2]]
        if again := head_at(rows, 0):
            return i, Head(first=i, last=i + again.last, labels=again.labels)
    return len(grid), None


def _is_name(words: str) -> bool:
    if "名" not in words or len(words) > 20:  # cheap: this is asked of every cell
        return False
    hit = known(text(words))
    return hit is not None and hit[0] is Column.NAME


def _table(
    file: str, sheet: str, grid: Grid, merges: Sequence[Merge], head: Head, end: int
) -> Table:
    shape = layout(head.labels, file, sheet, head.last + 1)
    carried, banners = _body_merges(grid, merges, shape, head.last + 1, end)
    notes = list(shape.notes)
    rows: list[TableRow] = []
    hidden: set[int] = set()
    for i in range(head.last + 1, end):
        raw = grid[i]
        own = [raw[p] if p < len(raw) else None for p in shape.positions]
        if all(cell is None or cell == "" for cell in own):
            continue
        extra = carried.get(i)
        cells = own if extra is None else [extra.get(k, cell) for k, cell in enumerate(own)]
        values = [_value(cell, column) for cell, column in zip(cells, shape.columns, strict=True)]
        if not any(values):
            continue
        if remark := _not_a_person(values, shape, i in banners):
            notes.append(Note(sheet=sheet, row=i + 1, text=remark))
            continue
        secret = frozenset(k for k, value in enumerate(values) if private(value))
        for k in secret:
            values[k] = ""
        hidden |= secret
        rows.append(TableRow(row=i + 1, values=tuple(values), hidden=secret))
    notes += [
        Note(sheet=sheet, row=None, text=say.private_value(shape.head[k])) for k in sorted(hidden)
    ]
    return Table(
        file=file,
        sheet=sheet,
        head_row=head.last + 1,
        head=shape.head,
        columns=shape.columns,
        rows=tuple(rows),
        dropped=shape.dropped,
        notes=tuple(notes),
    )


def _body_merges(
    grid: Grid, merges: Sequence[Merge], shape: Layout, start: int, end: int
) -> tuple[dict[int, dict[int, Cell]], set[int]]:
    """Cells merged downwards, by row and kept column, and the rows whose merged cells cover the name sideways."""
    carried: dict[int, dict[int, Cell]] = {}
    banners: set[int] = set()
    where = {position: k for k, position in enumerate(shape.positions)}
    name_at = shape.positions[shape.columns.index(Column.NAME)]
    for (first, left), (last, right) in merges:
        if first < start or first >= end:
            continue
        if left <= name_at <= right and right > left:
            banners.update(range(first, last + 1))
        elif left in where:
            value = grid[first][left]
            for i in range(first + 1, min(last + 1, end)):
                carried.setdefault(i, {})[where[left]] = value
    return carried, banners


def _value(cell: Cell, column: Column | None) -> str:
    words = text(cell)
    if column in (Column.NUMBER, Column.PHONE, Column.WECOM):
        return plain(words).strip()
    return words


def _not_a_person(values: Sequence[str], shape: Layout, banner: bool) -> str | None:
    """Why the row is not taken for a person, None when it is one."""
    cells = dict(zip(shape.columns, values, strict=True))
    name = cells[Column.NAME]
    first = next(value for value in values if value)
    nameless = name == first or not any(letter.isalpha() for letter in name)
    if banner or (nameless and _REMARK.match(first)):
        return say.REMARK_ROW
    if name or cells.get(Column.NUMBER) or cells.get(Column.PHONE):
        return None
    return say.NOBODY_ROW


def _with_notes(table: Table, notes: Sequence[Note]) -> Table:
    return replace(table, notes=(*notes, *table.notes)) if notes else table
