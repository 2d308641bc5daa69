"""An xlsx archive unpacked under limits and packed anew, so that the reader meets only what was measured here.

A workbook of a few kilobytes can claim cells at XFD1048576, or repeat one long text a million times, and the
reader would ask for more memory than the machine has. Sizes written in the archive's directory can lie, so
every part is read with a limit of its own.
"""

import io
import re
import zipfile
import zlib

from lianbot.domain.errors import InvalidInputError
from lianbot.phrases import roster as say

MAX_UNPACKED = 300 * 2**20
MAX_MEMBERS = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 256
MAX_CELLS = 10_000_000
MAX_TEXT = 10**9
"""Bytes: filled cells × the longest shared text, the most that the reader could be made to copy."""

_UNUSED = (
    "xl/media/", "xl/drawings/", "xl/charts/", "xl/theme/", "xl/pivotCache/", "xl/externalLinks/",
    "xl/printerSettings/", "xl/activeX/", "xl/embeddings/", "customXml/", "docProps/",
)  # fmt: skip

# A styled cell without a value costs nothing in the reader; every other reference counts.
_REFERENCE = re.compile(
    rb"""<c r="[A-Z]{1,3}\d{1,7}"(?: s="\d+")?/>|\br\s*=\s*["']([A-Za-z]*)(\d+)["']"""
)
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c\b")
_TEXT_START = re.compile(rb"<(?:\w+:)?si\b")
_TEXT_END = re.compile(rb"(</(?:\w+:)?si>)")


def repack(data: bytes, place: str) -> bytes:
    """The parts of the workbook that hold sheets, unpacked and checked, in a fresh archive without compression.

    Raises InvalidInputError for a broken archive, a password, a part that unpacks too far, or cells too far out.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _parts(archive, place)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise InvalidInputError(place, say.FILE_BROKEN) from error
    if not any(name.lower().endswith("workbook.xml") for name in parts):
        raise InvalidInputError(place, say.FILE_BROKEN)
    _measure(parts, place)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as fresh:
        for name, body in parts.items():
            fresh.writestr(name, body)
    return out.getvalue()


def _parts(archive: zipfile.ZipFile, place: str) -> dict[str, bytes]:
    members = [m for m in archive.infolist() if _wanted(m.filename)]
    if len(members) > MAX_MEMBERS:
        raise InvalidInputError(place, say.FILE_BOMB)
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for member in members:
        if member.flag_bits & 0x1:
            raise InvalidInputError(place, say.FILE_LOCKED)
        with archive.open(member) as stream:
            body = stream.read(left + 1)
        left -= len(body)
        if left < 0:
            raise InvalidInputError(place, say.FILE_BOMB)
        parts[member.filename] = body
    return parts


def _wanted(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels")) and not name.startswith(_UNUSED)


def _measure(parts: dict[str, bytes], place: str) -> None:
    cells = 0
    for name, body in parts.items():
        if "sheets/" in name.lower().replace("\\", "/"):
            cells += _cells(body, place)
    for name, body in parts.items():
        if name.lower().endswith("sharedstrings.xml"):
            parts[name] = _texts(body, cells, place)


def _cells(body: bytes, place: str) -> int:
    """How many cells with a value the sheet has. Raises InvalidInputError when they lie too far out."""
    cells = last_row = last_column = 0
    letters: set[bytes] = set()
    for match in _REFERENCE.finditer(body):
        if match[2] is None:
            continue
        cells += 1
        letters.add(match[1])
        last_row = max(last_row, int(match[2][:9]))
    last_column = max((_column_number(word) for word in letters), default=0)
    # Rows and cells may come without a reference and then follow one another.
    last_row = max(last_row, sum(1 for _ in _ROW.finditer(body)))
    every_cell = sum(1 for _ in _CELL.finditer(body))
    if every_cell > cells:
        cells = every_cell
        widest = max((len(_CELL.findall(row)) for row in _ROW.split(body)), default=0)
        last_column = max(last_column, widest)
    if last_row > MAX_ROWS or last_column > MAX_COLUMNS or last_row * last_column > MAX_CELLS:
        raise InvalidInputError(place, say.sheet_too_far(MAX_ROWS, MAX_COLUMNS))
    return cells


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:9]:
        number = number * 26 + letter - 64
    return number


def _texts(body: bytes, cells: int, place: str) -> bytes:
    """The shared texts; overlong ones are emptied when cells repeating them could fill the memory."""
    if (
        b"<!" in body
    ):  # CDATA or a comment could hide where a text ends; no program that people use writes them
        raise InvalidInputError(place, say.FILE_BOMB)
    pieces = _TEXT_END.split(body)
    if cells * max(map(len, pieces)) <= MAX_TEXT:
        return body
    room = MAX_TEXT // cells
    return b"".join(_shortened(piece, room) for piece in pieces)


def _shortened(piece: bytes, room: int) -> bytes:
    start = _TEXT_START.search(piece)
    if len(piece) <= room or start is None:
        return piece
    return piece[: start.end()] + b">"
