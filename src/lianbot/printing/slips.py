"""Personal binding slips, ten a page to cut apart, and a team's poster, a page each."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lianbot.printing.fonts import PLACES, chinese_font

COLUMNS: Final = 2
ROWS: Final = 5
_WIDTH: Final = A4[0] / COLUMNS
_HEIGHT: Final = A4[1] / ROWS
_MARGIN: Final = 7 * mm
_CODE: Final = 40 * mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One slip: who it is handed to, what the code carries, and the same for typing."""

    name: str
    place: str
    address: str
    code: str
    last_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipWords:
    """What stands on every slip; the words come from the one place for texts."""

    title: str
    how: Sequence[str]
    typed: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One team's poster."""

    team: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WallWords:
    title: str
    how: Sequence[str]
    note: str


def slip_sheet(
    slips: Sequence[Slip], words: SlipWords, *, fonts: tuple[Path, ...] = PLACES
) -> bytes:
    """The PDF, in the order given. Raises FontMissingError naming the package."""
    font = chinese_font(fonts)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(words.title)
    for index, slip in enumerate(slips):
        place = index % (COLUMNS * ROWS)
        if index and place == 0:
            canvas.showPage()
        left = (place % COLUMNS) * _WIDTH
        bottom = A4[1] - (place // COLUMNS + 1) * _HEIGHT
        _slip(canvas, font, slip, words, left, bottom)
    canvas.save()
    return out.getvalue()


def _slip(
    canvas: Canvas, font: str, slip: Slip, words: SlipWords, left: float, bottom: float
) -> None:
    canvas.setDash(2, 3)
    canvas.setStrokeGray(0.6)
    canvas.rect(left, bottom, _WIDTH, _HEIGHT)
    canvas.setDash()
    _code(canvas, slip.address, left + _MARGIN - 2 * mm, bottom + _HEIGHT - _MARGIN - _CODE, _CODE)
    text = left + _MARGIN + _CODE
    top = bottom + _HEIGHT - _MARGIN - 5 * mm
    wide = left + _WIDTH - text - 3 * mm
    lines = [(14, slip.name), (10, slip.place), *((9, line) for line in words.how)]
    for size, line in lines:
        for part in _wrapped(canvas, line, font, size, wide):
            canvas.setFont(font, size)
            canvas.drawString(text, top, part)
            top -= size * 1.35
    canvas.setFont(font, 10)
    canvas.drawString(left + _MARGIN, bottom + 6.5 * mm, f"{words.typed}{slip.code}")
    canvas.setFont(font, 8)
    canvas.drawRightString(
        left + _WIDTH - 3 * mm, bottom + 2.5 * mm, f"{words.until}{slip.last_day}"
    )


def posters(walls: Sequence[Wall], words: WallWords, *, fonts: tuple[Path, ...] = PLACES) -> bytes:
    """The PDF, a page a team. Raises FontMissingError naming the package."""
    font = chinese_font(fonts)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(words.title)
    middle, size = A4[0] / 2, 110 * mm
    for wall in walls:
        canvas.setFont(font, _fitting(canvas, wall.team, font, 40))
        canvas.drawCentredString(middle, A4[1] - 40 * mm, wall.team)
        canvas.setFont(font, 28)
        canvas.drawCentredString(middle, A4[1] - 58 * mm, words.title)
        _code(canvas, wall.address, middle - size / 2, A4[1] - 72 * mm - size, size)
        top = A4[1] - 86 * mm - size
        for line in words.how:
            canvas.setFont(font, 19)
            canvas.drawCentredString(middle, top, line)
            top -= 12 * mm
        canvas.setFont(font, 13)
        canvas.drawCentredString(middle, 18 * mm, words.note)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _code(canvas: Canvas, address: str, left: float, bottom: float, size: float) -> None:
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=8, border=2)
    picture.seek(0)
    canvas.drawImage(ImageReader(picture), left, bottom, width=size, height=size)


def _wrapped(canvas: Canvas, line: str, font: str, size: float, wide: float) -> list[str]:
    """Chinese breaks anywhere; a name from the roster may be long."""
    parts, current = [], ""
    for letter in line:
        if canvas.stringWidth(current + letter, font, size) > wide and current:
            parts.append(current)
            current = ""
        current += letter
    return [*parts, current]


def _fitting(canvas: Canvas, line: str, font: str, size: float) -> float:
    room = A4[0] - 30 * mm
    width = canvas.stringWidth(line, font, size)
    return size if width <= room else size * room / width
