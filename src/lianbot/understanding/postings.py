"""Which known wordings have a feature, and how much of it: flat arrays, a quarter of the memory
that a dictionary for each wording and each feature costs."""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_RAREST = 8.0
"""Weight of a feature that no known wording has: it lowers the likeness to all of them. A loose
pair does not, for one that a single wording has is not kept either."""

_LOOSE = ("p:", "s:")
"""Pairs of sounds, and of letters with one between: many, and most of them met once."""

_Row = tuple["array[int]", "array[float]"]
"""The features of one wording by number, and their weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """Wordings are numbered as they come, features as they are first met. The features of a
    wording are weighted by their rarity and made one long altogether.

    `start[n]` to `start[n + 1]` is the stretch of `where` and `weight` that belongs to feature n.
    """

    number: Mapping[str, int]
    rarity: "array[float]"
    start: "array[int]"
    where: "array[int]"
    weight: "array[float]"

    @classmethod
    def count(cls, wordings: Iterable[Mapping[str, float]]) -> Self:
        met: dict[str, int] = {}
        rows: list[_Row] = []
        for weights in wordings:
            ids = array("I", [met.setdefault(name, len(met)) for name in weights])
            rows.append((ids, array("f", weights.values())))
        number = _keep_what_ties(met, rows)
        seen = _times_seen(len(number), rows)
        rarity = array("f", [math.log((len(rows) + 1) / (n + 0.5)) for n in seen])
        start = array("I", [0])
        for times in seen:
            start.append(start[-1] + times)
        where = array("H", bytes(2 * start[-1]))
        weight = array("f", bytes(4 * start[-1]))
        free = start[:]
        for at, (ids, values) in enumerate(rows):
            for feature, value in zip(ids, _unit(rarity, ids, values), strict=True):
                where[free[feature]], weight[free[feature]] = at, value
                free[feature] += 1
        return cls(number=number, rarity=rarity, start=start, where=where, weight=weight)

    def __len__(self) -> int:
        return len(self.number)

    def find(self, name: str) -> int | None:
        """The number of a feature; None when no known wording has it."""
        return self.number.get(name)

    def of(self, feature: int) -> Iterator[tuple[int, float]]:
        """The wordings that have a feature, and how much of each it is."""
        start, end = self.start[feature], self.start[feature + 1]
        return zip(self.where[start:end], self.weight[start:end], strict=True)

    def times(self, feature: int) -> int:
        return self.start[feature + 1] - self.start[feature]

    def rarity_of(self, name: str) -> float:
        feature = self.number.get(name)
        if feature is not None:
            return self.rarity[feature]
        return 0.0 if name.startswith(_LOOSE) else _RAREST


def _unit(rarity: Sequence[float], ids: Sequence[int], values: Sequence[float]) -> list[float]:
    """The weighted features of one wording, one long altogether."""
    scaled = [value * rarity[feature] for feature, value in zip(ids, values, strict=True)]
    length = math.hypot(*scaled) or 1.0
    return [value / length for value in scaled]


def _times_seen(features: int, rows: Iterable[_Row]) -> "array[int]":
    seen = array("I", bytes(4 * features))
    for ids, _ in rows:
        for feature in ids:
            seen[feature] += 1
    return seen


def _keep_what_ties(number: Mapping[str, int], rows: list[_Row]) -> dict[str, int]:
    """Leaves out, in `rows` too, the loose pairs that one wording alone has: they tie nothing
    together, are a third of all features, and no figure of the development wordings changed."""
    seen = _times_seen(len(number), rows)
    kept: dict[str, int] = {}
    renumbered: list[int | None] = []
    for name, old in number.items():  # in the order of their numbers
        alone = seen[old] == 1 and name.startswith(_LOOSE)
        renumbered.append(None if alone else kept.setdefault(name, len(kept)))
    for at, (ids, values) in enumerate(rows):
        pairs = [
            (new, value)
            for old, value in zip(ids, values, strict=True)
            if (new := renumbered[old]) is not None
        ]
        rows[at] = (array("I", [i for i, _ in pairs]), array("f", [v for _, v in pairs]))
    return kept
