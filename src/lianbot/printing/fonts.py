"""The one font of printed sheets, embedded so that a copy shop prints what we saw."""

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

NAME = "wqy-microhei"
PLACES = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
)


class FontMissingError(RuntimeError):
    """No sheet can be printed; the message names the package."""


def chinese_font(places: tuple[Path, ...] = PLACES) -> str:
    """The registered font's name; FontMissingError says which Debian package brings it."""
    if NAME in pdfmetrics.getRegisteredFontNames():
        return NAME
    for path in places:
        if path.exists():
            try:
                pdfmetrics.registerFont(TTFont(NAME, str(path), subfontIndex=0))
            except TTFError as bad:
                raise FontMissingError(f"{path}: 字体文件坏了；请重装 fonts-wqy-microhei") from bad
            return NAME
    raise FontMissingError(f"找不到字体 {places[0]}；请安装 Debian 软件包 fonts-wqy-microhei")
