"""Pictograms: the SVG source that people edit → the PNG that both platforms and every phone show."""

from pathlib import Path
from typing import Final

from lianbot.curriculum.media import unsafe_in
from lianbot.domain.errors import InvalidInputError

try:
    import resvg_py
except ImportError:  # the extra `media` is not installed; said in words where it is wanted
    resvg_py = None  # type: ignore[assignment]

WIDTH: Final = 960
"""Twice the drawn size: sharp on today's phones, some twenty kilobytes each."""


def draw(svg: bytes) -> bytes:
    """The same bytes for the same source; no font of the machine takes part.

    Raises InvalidInputError for a source that is unsafe or cannot be drawn.
    """
    if resvg_py is None:
        raise InvalidInputError(
            "图片", "这台机器没有装画图的库，请运行 pip install 'lianbot[media]'"
        )
    found = unsafe_in(svg)
    if found or b"<text" in svg:
        what = found or "文字（各台机器字体不同，画出来不一样）"
        raise InvalidInputError("图片", f"里面有{what}，请只用图形")
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg.decode("utf-8"), width=WIDTH, skip_system_fonts=True
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidInputError("图片", f"画不出来：{error}") from None
    return bytes(drawn)


def draw_all(root: Path) -> list[str]:
    """Every `media/*.svg` of a content folder as a PNG beside it; the names that changed."""
    changed = []
    for source in sorted((root / "media").glob("*.svg")):
        try:
            drawn = draw(source.read_bytes())
        except InvalidInputError as error:
            raise InvalidInputError(f"media/{source.name}", str(error)) from None
        target = source.with_suffix(".png")
        if not target.is_file() or target.read_bytes() != drawn:
            target.write_bytes(drawn)
            changed.append(target.name)
    return changed
