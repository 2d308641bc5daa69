"""Text as the rules look at it: full-width letters folded, spoken digits written, gaps between characters closed."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_SPOKEN: Final = str.maketrans(
    "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789"
)
_GAPS: Final = re.compile(r"(?<=[\u4e00-\u9fff])[ ·•・‧]+(?=[\u4e00-\u9fff])")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Not the unassigned ones: which those are depends on the Python that looks."""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """`text` without what stood between, and where each of its characters stood before."""

    text: str
    positions: tuple[int, ...]


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The same length: １３８ reads as 138, Ａ as A, ＠ as @; a number must not hide behind its width."""
    return text if text.isascii() else "".join(map(_narrow, text))


@lru_cache(maxsize=4096)
def _narrow(char: str) -> str:
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 else char


def spelled(text: str) -> str:
    """The same length: 一三八 and 壹叁捌 read as 138, for numbers that are said instead of written."""
    return folded(text).translate(_SPOKEN)


def squeezed(text: str) -> Squeezed:
    """Without blanks and dots between Han characters: 王 建国 and 王·建国 are the same name."""
    kept = [True] * len(text)
    for gap in _GAPS.finditer(text):
        kept[gap.start() : gap.end()] = [False] * (gap.end() - gap.start())
    positions = tuple(at for at, stays in enumerate(kept) if stays)
    return Squeezed("".join(text[at] for at in positions), positions)


def hidden_in(text: str) -> tuple[int, str] | None:
    """(position, code point) of the first character that no reader sees: tabs, NUL, zero width, text that turns round."""
    for at, char in enumerate(text):
        if char != "\n" and unicodedata.category(char) in _HIDDEN:
            return at, f"U+{ord(char):04X}"
    return None
