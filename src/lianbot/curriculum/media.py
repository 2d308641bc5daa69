"""Pictures and voice files that items name: where they lie, whether they are safe to show, their hashes."""

import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from lianbot.curriculum import plain
from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.records import ItemFile, MediaFile
from lianbot.curriculum.voice import fault_of

_PICTURE: Final = re.compile(r"media/[a-z0-9][a-z0-9-]*\.(svg|png|jpg)")
_VOICE: Final = re.compile(r"voice/[A-Za-z0-9][A-Za-z0-9-]*\.(amr|mp3)")
_UNSAFE: Final = (
    (re.compile(rb"<script", re.IGNORECASE), "脚本"),
    (re.compile(rb"\son[a-z]+\s*=", re.IGNORECASE), "事件脚本"),
    (re.compile(rb"javascript:", re.IGNORECASE), "脚本链接"),
    (re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE), "实体声明"),
    (re.compile(rb"<(foreignObject|image|iframe|use|style)\b", re.IGNORECASE), "外部内容"),
    (re.compile(rb"(href|src)\s*=", re.IGNORECASE), "链接"),
    (re.compile(rb"url\(|@import", re.IGNORECASE), "外部引用"),
)


MOST_PIXELS: Final = 1080
MOST_PICTURE_BYTES: Final = 300 * 1024
"""A village phone on the last megabytes of the month; the platforms would take far more."""


TWIN_LEAST: Final = 6
"""A word is no twin: somebody who does not see the picture has to hear what it says."""
_FORMATS: Final = {"png": "PNG", "jpg": "JPEG"}


def unsafe_in(svg: bytes) -> str:
    """What must not stand in a picture, in words; empty when it is safe."""
    return next((what for pattern, what in _UNSAFE if pattern.search(svg)), "")


def check_media(item: ItemFile, root: Path | None) -> Iterator[Finding]:
    """Form of the paths and the text twin always, the files themselves where a directory is at hand."""
    line = item.line_of("variants")
    picture, voice = item.variants.picture, item.variants.voice
    if picture is not None and plain.characters(item.text_twin) < TWIN_LEAST:
        yield advise("picture-twin", item.file, line)
    for name, form in ((picture, _PICTURE), (voice, _VOICE)):
        if name is None:
            continue
        if not form.fullmatch(name):
            yield advise("media-place", item.file, line, value=name)
        elif root is not None and not (root / name).is_file():
            yield advise("media-missing", item.file, line, value=name)
        elif root is not None:
            for beside in _with_companions(root, name):
                yield from _content(item, beside, (root / beside).read_bytes())


def _content(item: ItemFile, name: str, data: bytes) -> Iterator[Finding]:
    line = item.line_of("variants")
    if name.endswith(".svg"):
        for pattern, what in _UNSAFE:
            if pattern.search(data):
                yield advise("picture-unsafe", item.file, line, value=what)
    elif name.startswith("media/"):
        fault = _picture_fault(data, name.rpartition(".")[2])
        if fault:
            yield advise("picture-file", item.file, line, detail=fault)
    elif name.startswith("voice/"):
        fault = fault_of(data)
        if fault:
            yield advise("voice-file", item.file, line, detail=fault)


def _picture_fault(data: bytes, suffix: str) -> str:
    """The form that its name says, whole to the last byte: what a phone shows half of says half."""
    if len(data) > MOST_PICTURE_BYTES:
        return f"{len(data) // 1024} KB"
    try:
        with Image.open(io.BytesIO(data)) as picture:
            wide, high = picture.size
            if picture.format != _FORMATS[suffix]:
                return f"里面是 {picture.format}，名字写的是 .{suffix}"
            if max(wide, high) > MOST_PIXELS:
                return f"{wide}×{high}"
            picture.load()
    except UnidentifiedImageError:
        return "不是 PNG 或 JPG"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return "打不开，可能没传完"
    return ""


def _with_companions(root: Path, name: str) -> list[str]:
    """The file and what belongs to it: a drawing's source, a voice's other form and its slow reading."""
    path = Path(name)
    beside = (
        [path.with_suffix(".svg")]
        if path.parts[0] == "media"
        else [
            path.with_name(f"{stem}{suffix}")
            for stem in (path.stem, f"{path.stem}-slow")
            for suffix in (".mp3", ".amr")
        ]
    )
    return [name, *(str(one) for one in beside if one != path and (root / one).is_file())]


def media_of(item: ItemFile, root: Path) -> tuple[MediaFile, ...]:
    """The item's files with their hashes: the picture, then the voice with its other form and slow reading.

    The source of a drawing is nothing that is shown, and no part of the edition.
    """
    names = [item.variants.picture] if item.variants.picture is not None else []
    if item.variants.voice is not None:
        names += _with_companions(root, item.variants.voice)
    files = [(name, (root / name).read_bytes()) for name in names]
    return tuple(
        MediaFile(name=name, sha256=hashlib.sha256(data).hexdigest(), data=data)
        for name, data in files
    )
