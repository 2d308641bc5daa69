"""Which words are near in meaning, so that a wording nobody has written yet still meets its like.

Every common word stands in the few classes of near words that it is nearest to (手镯 beside 镯子 and
项链), and every class in one wider group. The table is made once by bench/kin.py and ships with the code.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

EACH = 5
"""Classes a word stands in, the nearest first."""

_FADING = 0.75
SHARES = tuple(_FADING**place for place in range(EACH))
"""How much each of its classes says of a word, beside the nearest."""

_SPAN = 2
"""Words that far apart in a text still make a pair of groups."""

_SHORTEST_END = 2


def _shorts() -> "array[int]":
    return array("H")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """`names[c]` is a word typical of class c, `groups[c]` its group; the classes of a word are
    the EACH numbers from EACH × `rows[word]` on. `mark` names this very table."""

    names: tuple[str, ...] = ()
    groups: "array[int]" = field(default_factory=_shorts)
    rows: Mapping[str, int] = field(default_factory=dict)
    classes: "array[int]" = field(default_factory=_shorts)
    mark: str = ""

    def of(self, word: str) -> Sequence[int]:
        """The classes of a word, the nearest first; of a longer word that is not in the table,
        those of its end, which in Chinese says what kind of thing it is (旧铁管 is a 铁管)."""
        row = self.rows.get(word)
        if row is None and len(word) > _SHORTEST_END:
            row = self.rows.get(word[1:])
        return () if row is None else self.classes[EACH * row : EACH * (row + 1)]

    def pairs(self, words: Sequence[str]) -> list[tuple[int, int, str]]:
        """Groups that stand close together in a text, smaller number first, and the two words."""
        found: list[tuple[int, int, str]] = []
        known = [(self.groups[near[0]], word) for word in words if (near := self.of(word))]
        for at, (group, word) in enumerate(known):
            for other, other_word in known[at + 1 : at + 1 + _SPAN]:
                first, second = sorted((group, other))
                found.append((first, second, f"{word}+{other_word}"))
        return found
