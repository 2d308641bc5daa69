"""The counted wordings kept in a file between starts: counting them takes longer than all the rest of a start."""

import hashlib
import json
import os
import secrets
import sys
import unicodedata
from array import array
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from lianbot.understanding import packing
from lianbot.understanding.library import Language
from lianbot.understanding.reader import Understanding

FILE: Final = "known-wordings.bin"
LARGEST: Final = 64 << 20
"""Twelve times what the shipped content needs; anything larger is not ours."""
_CODE: Final = Path(packing.__file__).parent

_made: dict[bytes, Understanding] = {}
"""The one made last in this process: it never changes, so a second house over the same content shares it."""


def open_understanding(language: Language, folder: Path | None) -> Understanding:
    """Like `Understanding(language)`; what it counts is read from `folder`, or left there for the next start.

    The file is never believed: it counts only for exactly these words, this code and this interpreter, and whole.
    A folder that cannot be read or written costs the time of counting and nothing else.
    """
    key = _key(language)
    found = _made.get(key)
    if found is None:
        known = None if folder is None else packing.unpack(_read(folder / FILE), key)
        found = Understanding(language, known)
        if known is None and folder is not None:
            _write(folder, packing.pack(found.known, key))
        _made.clear()
        _made[key] = found
    return found


def own_folder(caches: Path) -> Path | None:
    """A folder of ours where a person's programs keep what they can make again; None when there can be none."""
    try:
        folder = caches.expanduser() / "lianbot"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or one that cannot be written to
        return None
    return folder


def _key(language: Language) -> bytes:
    """Everything that the counting depends on, as a hash."""
    words = {
        "wordings": list(language.wordings()),
        "concepts": dict(language.concepts),
        "mishearings": dict(language.mishearings),
        "dialect": dict(language.dialect),
        "sounds": language.sounds,
        "kin": language.kin.mark,
    }
    machine = {
        "python": sys.version,
        "byteorder": sys.byteorder,
        "sizes": [array(kind).itemsize for kind in "fIHB"],
        "unicode": unicodedata.unidata_version,
        "rjieba": version("rjieba"),
    }
    digest = hashlib.sha256(json.dumps([machine, words], ensure_ascii=False).encode())
    for path in sorted(_CODE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def _read(path: Path) -> bytes:
    with suppress(OSError), path.open("rb") as file:
        found = file.read(LARGEST + 1)
        return found if len(found) <= LARGEST else b""
    return b""


def _write(folder: Path, data: bytes) -> None:
    """Whole or not at all, for the owner only: the wordings are the school's own."""
    part = folder / f".{FILE}.{secrets.token_hex(4)}"
    with suppress(OSError):
        try:
            with open(part, "xb", opener=_private) as file:
                file.write(data)
            part.replace(folder / FILE)
        finally:
            part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
