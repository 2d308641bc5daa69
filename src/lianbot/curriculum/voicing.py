"""Where a recording is put: `voice/<item>.mp3` and `.amr`, named in the item's `variants`, so that both are part of the edition."""

import re
from pathlib import Path
from typing import Final

from lianbot.curriculum.recording import Recording
from lianbot.curriculum.records import Library
from lianbot.domain.errors import InvalidInputError

SYNTHETIC: Final = "-synthetic"
"""In the file's name: what is spoken by a machine says so wherever it is played."""
SLOW: Final = "-slow"
_VARIANT: Final = re.compile(r"^(variants: \{.*voice: )[^,}]+(,.*\})$", re.MULTILINE)


def keep_voice(
    root: Path, item: str, recording: Recording, *, slow: bool = False, mark: str = ""
) -> list[str]:
    """Writes both forms and names the voice in the item's file; the names below the content folder.

    A slow reading stands beside the usual one, which must be there first. Raises InvalidInputError.
    """
    path = _file_of(root, item)
    text = path.read_text(encoding="utf-8")
    if not _VARIANT.search(text):
        raise InvalidInputError(item, f"{path.name} 的 variants 要写成一行，里面有 voice")
    usual = root / "voice" / f"{item}.mp3"
    if slow and not usual.is_file():
        raise InvalidInputError(item, "先放平常速度的录音，再放慢速的")
    stem = f"{item}{SLOW if slow else mark}"
    (root / "voice").mkdir(exist_ok=True)
    (root / "voice" / f"{stem}.mp3").write_bytes(recording.mp3)
    (root / "voice" / f"{stem}.amr").write_bytes(recording.amr)
    if not slow:
        named = _VARIANT.sub(rf"\g<1>voice/{stem}.mp3\g<2>", text, count=1)
        path.write_text(named, encoding="utf-8")
    return [f"voice/{stem}.mp3", f"voice/{stem}.amr"]


def _file_of(root: Path, item: str) -> Path:
    if not re.fullmatch(r"[A-Z0-9-]{3,60}", item):
        raise InvalidInputError("内容编号", f"{item[:40]} 不是内容编号")
    found = sorted(root.glob(f"*/{item}.md"))
    if not found:
        raise InvalidInputError("内容编号", f"{item} 没有这个文件")
    return found[0]


def voice_script_of(library: Library, item: str) -> str:
    """Raises InvalidInputError when there is nothing to read out."""
    for one in library.items:
        if one.id == item and one.voice_script:
            return one.voice_script
    raise InvalidInputError(item, "没有这条内容，或者它没有语音稿")
