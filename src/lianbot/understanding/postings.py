"""Which known wordings have a feature, and how much of it: flat arrays, a quarter of the memory
that a dictionary for each wording and each feature costs."""

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

_RAREST = 8.0
"""Weight of a feature that no known wording has: it lowers the likeness to all of them."""

_Row = tuple["array[int]", "array[float]"]
"""The features of one wording by number, and their weights."""


class Postings:
    """Wordings are numbered as they come, features as they are first met. The features of a
    wording are weighted by their rarity and made one long altogether."""

    def __init__(self, wordings: Iterable[Mapping[str, float]]) -> None:
        number: dict[str, int] = {}
        rows: list[_Row] = []
        for weights in wordings:
            ids = array("I", [number.setdefault(name, len(number)) for name in weights])
            rows.append((ids, array("f", weights.values())))
        self._number = _keep_what_ties(number, rows)
        seen = _times_seen(len(self._number), rows)
        self._rarity = array("f", [math.log((len(rows) + 1) / (n + 0.5)) for n in seen])
        self._start = array("I", [0])
        for times in seen:
            self._start.append(self._start[-1] + times)
        self._where = array("H", bytes(2 * self._start[-1]))
        self._weight = array("f", bytes(4 * self._start[-1]))
        free = self._start[:]
        for at, (ids, values) in enumerate(rows):
            for feature, value in zip(ids, self._unit(ids, values), strict=True):
                self._where[free[feature]], self._weight[free[feature]] = at, value
                free[feature] += 1

    def __len__(self) -> int:
        return len(self._number)

    def find(self, name: str) -> int | None:
        """The number of a feature; None when no known wording has it."""
        return self._number.get(name)

    def of(self, feature: int) -> Iterator[tuple[int, float]]:
        """The wordings that have a feature, and how much of each it is."""
        start, end = self._start[feature], self._start[feature + 1]
        return zip(self._where[start:end], self._weight[start:end], strict=True)

    def times(self, feature: int) -> int:
        return self._start[feature + 1] - self._start[feature]

    def rarity_of(self, name: str) -> float:
        feature = self._number.get(name)
        return _RAREST if feature is None else self._rarity[feature]

    def _unit(self, ids: Sequence[int], values: Sequence[float]) -> list[float]:
        """The weighted features of one wording, one long altogether."""
        scaled = [
            value * self._rarity[feature] for feature, value in zip(ids, values, strict=True)
        ]
        length = math.hypot(*scaled) or 1.0
        return [value / length for value in scaled]


def _times_seen(features: int, rows: Iterable[_Row]) -> "array[int]":
    seen = array("I", bytes(4 * features))
    for ids, _ in rows:
        for feature in ids:
            seen[feature] += 1
    return seen


def _keep_what_ties(number: Mapping[str, int], rows: list[_Row]) -> dict[str, int]:
    """Leaves out, in `rows` too, the pairs of sounds that one wording alone has: they tie nothing
    together, are a sixth of all features, and no figure of the development wordings changed."""
    seen = _times_seen(len(number), rows)
    kept: dict[str, int] = {}
    renumbered: list[int | None] = []
    for name, old in number.items():  # in the order of their numbers
        alone = seen[old] == 1 and name.startswith("p:")
        renumbered.append(None if alone else kept.setdefault(name, len(kept)))
    for at, (ids, values) in enumerate(rows):
        pairs = [
            (new, value)
            for old, value in zip(ids, values, strict=True)
            if (new := renumbered[old]) is not None
        ]
        rows[at] = (array("I", [i for i, _ in pairs]), array("f", [v for _, v in pairs]))
    return kept
