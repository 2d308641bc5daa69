"""Whether a text is the bot's business at all: known wordings against what the bot does not do."""

from collections.abc import Callable, Mapping
from typing import Final

from lianbot.understanding.features import Features

WEIGHTS: Final = {
    "start": -1.26,
    "own": 3.39,
    "other": -1.95,
    "concepts": 0.029,
    "pairs": 0.209,
    "words": 0.162,
    "near": 0.06,
    "near pairs": 0.325,
    "characters": 0.455,
    "letters": 1.364,
    "unknown": -0.285,
    "number": 0.108,
    "length": 1.226,
}
"""How much each sign counts: fitted by bench/belonging.py on the known wordings, each judged by
an index that had not seen it nor what was written with it."""

_LONG = 16
"""Who asks tells what happened, small talk is short; but from here on length says nothing more."""


def belonging(signs: Mapping[str, float]) -> float:
    """Above zero: rather ours. Beside those of `signs_of` it wants `own` and `other`, the scores
    of the best topic and of what is refused."""
    return WEIGHTS["start"] + sum(WEIGHTS[name] * value for name, value in signs.items())


def signs_of(
    text: str, features: Features, odds: Callable[[str], float | None]
) -> dict[str, float]:
    """What speaks for or against, by kind; the names are those of the weights.

    `odds` says how much commoner a feature is in known questions than in what is refused, as a
    logarithm; None of a feature that neither has.
    """
    by_kind: dict[str, list[float]] = {}
    unknown = 0
    for name in features.weights:
        kind = name.partition(":")[0]
        found = odds(name)
        by_kind.setdefault(kind, []).append(found or 0.0)
        unknown += kind == "w" and found is None
    length = len(text) or 1
    words = len(by_kind.get("w", ())) or 1
    return {
        "concepts": sum(by_kind.get("k", ())),
        "pairs": sum(by_kind.get("kk", ())),
        "words": sum(by_kind.get("w", ())),
        "near": sum(by_kind.get("m", ())) / words,
        "near pairs": sum(by_kind.get("mm", ())) / words,
        "characters": sum(by_kind.get("c", ())) / length,
        "letters": sum(by_kind.get("b", ())) / length,
        "unknown": unknown / words,
        "number": float(len(by_kind.get("k", ()))),
        "length": min(len(text), _LONG) / _LONG,
    }
