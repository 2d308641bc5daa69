"""The text as typed or spoken → the plain form everything else compares."""

import re
import unicodedata
from collections.abc import Callable, Mapping

LONGEST = 160
"""Characters that are read; a question is shorter, and the rest would only cost time."""

_NOT_SAID = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Width folded, lower case, without punctuation, spaces and pictures."""
    return _NOT_SAID.sub("", unicodedata.normalize("NFKC", text[: LONGEST * 2]).lower())[:LONGEST]


def replacing(pairs: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces every key by its value, the longest key first, in one pass."""
    if not pairs:
        return lambda text: text
    longest_first = sorted(map(re.escape, pairs), key=len, reverse=True)
    pattern = re.compile("|".join(longest_first))
    return lambda text: pattern.sub(lambda found: pairs[found.group()], text)
