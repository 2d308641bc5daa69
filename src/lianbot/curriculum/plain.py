"""Counting and the plain-language measure, offline and the same everywhere (domain reference §5b)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lianbot.curriculum.words import JARGON, PLAIN_ENOUGH

AVERAGE_SENTENCE: Final = 13
LONGEST_SENTENCE: Final = 22
COMMON_SHARE: Final = 0.99
CHARACTERS_A_MINUTE: Final = 150

_BREAKS: Final = re.compile(r"[。！？；!?;\n]")
_LIST_NUMBER: Final = re.compile(r"^\s*\d+[.、]\s*", re.MULTILINE)
_SPACE: Final = re.compile(r"\s")
_LEVEL_ONE: Final = range(0xB0, 0xD8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """Average and longest sentence in letters, digits and Han characters; share of common Han characters."""

    average: float
    longest: int
    common: float


def characters(text: str) -> int:
    """Length as the limits count it: everything but white space."""
    return len(_SPACE.sub("", text))


def spoken_seconds(text: str) -> int:
    """How long a slow reader aloud needs, at 150 characters a minute, rounded up."""
    return -(-characters(text) * 60 // CHARACTERS_A_MINUTE)


def sentences(text: str) -> Iterator[tuple[int, str, int]]:
    """(line from 0, sentence, length): commas do not part, line ends do; punctuation is not counted."""
    for number, line in enumerate(_LIST_NUMBER.sub("", text).split("\n")):
        for sentence in _BREAKS.split(line):
            length = sum(unicodedata.category(char)[0] in "LN" for char in sentence)
            if length:
                yield number, sentence.strip(), length


def is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char >= "\U00020000"


def is_common(char: str) -> bool:
    """Whether a Han character stands in GB2312 level 1, the 3,755 that everybody learns."""
    try:
        return char.encode("gb2312")[0] in _LEVEL_ONE
    except UnicodeEncodeError:
        return False


def rare_characters(text: str) -> list[str]:
    """Han characters outside the common set, each once, in order."""
    return list(dict.fromkeys(char for char in text if is_han(char) and not is_common(char)))


def measure(text: str) -> Readability:
    lengths = [length for _, _, length in sentences(text)]
    han = [char for char in text if is_han(char)]
    return Readability(
        average=round(sum(lengths) / len(lengths), 1) if lengths else 0.0,
        longest=max(lengths, default=0),
        common=round(sum(map(is_common, han)) / len(han), 3) if han else 1.0,
    )


def jargon(text: str) -> tuple[str, ...]:
    """Jargon terms that stand in the text, longest first, none inside another."""
    found: list[str] = []
    rest = text
    for term in sorted(JARGON, key=len, reverse=True):
        if term in rest:
            found.append(term)
            rest = rest.replace(term, "\n")
    return tuple(found)


def counted_jargon(terms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(term for term in terms if term not in PLAIN_ENOUGH)


def replacements(terms: tuple[str, ...]) -> str:
    return "；".join(f"“{term}”换成“{JARGON[term]}”" for term in terms)


def lead_of(text: str, most: int = 170, most_bytes: int = 512) -> str:
    """The opening of a text for a card: whole sentences where possible, within characters and bytes."""
    if len(text) <= most and len(text.encode()) <= most_bytes:
        return text
    room = most - 1
    while len(text[:room].encode()) + 3 > most_bytes:
        room -= 1
    cut = max(text.rfind(mark, 0, room) for mark in "。！？\n")
    return text[: cut + 1].rstrip() if cut >= room // 2 else text[:room].rstrip() + "…"
