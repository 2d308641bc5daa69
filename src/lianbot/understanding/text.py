"""The text as typed or spoken → the plain form everything else compares."""

import re
import unicodedata
from collections.abc import Callable, Mapping

LONGEST = 160
"""Characters that are read; a question is shorter, and the rest would only cost time."""

_NOT_SAID = re.compile(r"[\W_]+")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")


def bare(text: str) -> str:
    """Width folded, lower case, without punctuation, spaces and pictures, nothing drawn out."""
    said = _NOT_SAID.sub("", unicodedata.normalize("NFKC", text[: LONGEST * 2]).lower())
    return _DRAWN_OUT.sub(r"\1", said)[:LONGEST]


def replacing(pairs: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces every key by its value, the longest key first, in one pass."""
    if not pairs:
        return lambda text: text
    longest_first = sorted(map(re.escape, pairs), key=len, reverse=True)
    pattern = re.compile("|".join(longest_first))
    return lambda text: pattern.sub(lambda found: pairs[found.group()], text)
