"""The shipped table of words near in meaning → Kin."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from lianbot.domain.errors import LianbotError
from lianbot.understanding.kin import EACH, Kin

FILE: Final = "kin.txt"
_CLASSES, _WORDS = "[classes]", "[words]"


class KinError(LianbotError):
    """The table is damaged; the message names the line."""


@cache
def load_kin() -> Kin:
    """The table that ships with the code. Raises KinError with the line."""
    return read_kin(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def read_kin(text: str) -> Kin:
    """Under [classes] a typical word and the group of each class, numbered as they come; under
    [words] each word and the numbers of its classes, the nearest first."""
    lines = iter(enumerate(text.splitlines(), start=1))
    names, groups = _rows(_until(lines, _CLASSES, _WORDS), 1)
    words, classes = _rows(lines, EACH)
    if max(classes, default=0) >= max(len(names), 1):
        raise KinError(f"{FILE}: 有的词写了没有的类号，用 bench/kin.py 重做一份")
    return Kin(
        names=names,
        groups=groups,
        rows={word: row for row, word in enumerate(words)},
        classes=classes,
        mark=hashlib.sha256(text.encode()).hexdigest(),
    )


def _until(lines: Iterator[tuple[int, str]], start: str, end: str) -> Iterator[tuple[int, str]]:
    """The lines between two headings; what stands before the first are remarks."""
    for _, line in lines:
        if line == start:
            break
    for number, line in lines:
        if line == end:
            return
        yield number, line
    raise KinError(f"{FILE}: 缺 {start} 或 {end} 一段")


def _rows(lines: Iterable[tuple[int, str]], numbers: int) -> tuple[tuple[str, ...], "array[int]"]:
    """Each line is a word and as many numbers."""
    words: list[str] = []
    values = array("H")
    for number, line in lines:
        word, *said = line.split(" ")
        try:
            values.extend(map(int, said))
        except (ValueError, OverflowError):
            said = []
        if len(said) != numbers:
            raise KinError(f"{FILE}:{number}: 要的是一个词和 {numbers} 个类号")
        words.append(word)
    return tuple(words), values
