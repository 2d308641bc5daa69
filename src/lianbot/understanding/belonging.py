"""Whether a text is the bot's business at all: known wordings against what the bot does not do."""

from collections.abc import Callable
from typing import Final

from lianbot.understanding.features import Features

_WEIGHTS: Final = {
    "start": -1.65,
    "own": 3.18,
    "other": -1.14,
    "concepts": 0.161,
    "pairs": 0.256,
    "words": 0.293,
    "characters": 0.982,
    "letters": 1.63,
    "unknown": -0.148,
    "number": 0.299,
}
"""How much each sign counts: fitted by logistic regression on the known wordings, each judged
by an index that had not seen it."""


class Belonging:
    """`odds` says how much commoner a feature is in known questions than in what is refused,
    as a logarithm; None of a feature that neither has."""

    def __init__(self, odds: Callable[[str], float | None]) -> None:
        self._odds = odds

    def __call__(self, text: str, features: Features, own: float, other: float) -> float:
        """Above zero: rather ours. `own` and `other` are the scores of the best topic and of
        what is refused."""
        signs = self.signs(text, features) | {"own": own, "other": other, "start": 1.0}
        return sum(_WEIGHTS[name] * value for name, value in signs.items())

    def signs(self, text: str, features: Features) -> dict[str, float]:
        """What speaks for or against, by kind; the names are those of the weights."""
        by_kind: dict[str, list[float]] = {}
        unknown = 0
        for name in features.weights:
            kind = name.partition(":")[0]
            odds = self._odds(name)
            by_kind.setdefault(kind, []).append(odds or 0.0)
            unknown += kind == "w" and odds is None
        length = len(text) or 1
        return {
            "concepts": sum(by_kind.get("k", ())),
            "pairs": sum(by_kind.get("kk", ())),
            "words": sum(by_kind.get("w", ())),
            "characters": sum(by_kind.get("c", ())) / length,
            "letters": sum(by_kind.get("b", ())) / length,
            "unknown": unknown / (len(by_kind.get("w", ())) or 1),
            "number": float(len(by_kind.get("k", ()))),
        }
