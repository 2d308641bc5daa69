"""Pictures and voice files that items name: where they lie, whether they are safe to show, their hashes."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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


def check_media(item: ItemFile, root: Path | None) -> Iterator[Finding]:
    """Form of the paths and the text twin always, the files themselves where a directory is at hand."""
    line = item.line_of("variants")
    picture, voice = item.variants.picture, item.variants.voice
    if picture is not None and not item.text_twin:
        yield advise("picture-twin", item.file, line)
    for name, form in ((picture, _PICTURE), (voice, _VOICE)):
        if name is None:
            continue
        if not form.fullmatch(name):
            yield advise("media-place", item.file, line, value=name)
        elif root is not None and not (root / name).is_file():
            yield advise("media-missing", item.file, line, value=name)
        elif root is not None:
            yield from _content(item, name, (root / name).read_bytes())


def _content(item: ItemFile, name: str, data: bytes) -> Iterator[Finding]:
    line = item.line_of("variants")
    if name.endswith(".svg"):
        for pattern, what in _UNSAFE:
            if pattern.search(data):
                yield advise("picture-unsafe", item.file, line, value=what)
    elif name.startswith("voice/"):
        fault = fault_of(data)
        if fault:
            yield advise("voice-file", item.file, line, detail=fault)


def media_of(item: ItemFile, root: Path) -> tuple[MediaFile, ...]:
    """The item's files with their hashes, in the order picture, voice."""
    names = [name for name in (item.variants.picture, item.variants.voice) if name is not None]
    files = [(name, (root / name).read_bytes()) for name in names]
    return tuple(
        MediaFile(name=name, sha256=hashlib.sha256(data).hexdigest(), data=data)
        for name, data in files
    )
