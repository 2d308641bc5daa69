"""Estimates the numbers of understanding/belonging.py, and shows what the answers are worth in a voice never heard.

    .venv/bin/python -m bench.belonging

The known wordings grew batch by batch, each written by somebody else or in another mood; so they are cut
into five stretches of the file, topic by topic, and each stretch is judged by an index of the other four.
What comes out is nearer to a new school than any random fifth would be. Nothing of tests/answers is read.
Two minutes of one core.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import typer

from lianbot.curriculum.faq import load_library
from lianbot.domain.codes import Topic
from lianbot.understanding.belonging import WEIGHTS, belonging
from lianbot.understanding.features import FeatureReader
from lianbot.understanding.known import KnownWordings
from lianbot.understanding.library import Language
from lianbot.understanding.reader import (
    ANSWER_FROM,
    ANSWER_MARGIN,
    DANGER_FROM,
    DANGER_OUTSIDE,
    DANGER_TIE,
    REFUSE_UNDER,
    Understanding,
)
from lianbot.understanding.retrieval import Ranked, Ranking, TopicIndex

ROOT = Path(__file__).parents[1]
STRETCHES = 5
_ROUNDS = 30
_PULL = 1e-3
"""A slight pull of every weight towards nothing, so that the fit is determined."""

Wording = tuple[Topic, str]
Judged = tuple[Topic, Ranking]


def stretches(language: Language, understanding: Understanding) -> list[list[Wording]]:
    """Every topic's wordings cut into as many runs of neighbouring lines, and joined by run."""
    cut: list[list[Wording]] = [[] for _ in range(STRETCHES)]
    by_topic: dict[Topic, list[str]] = {}
    for topic, text in language.wordings():
        by_topic.setdefault(topic, []).append(understanding.normalise(text))
    for topic, texts in by_topic.items():
        for at, text in enumerate(texts):
            cut[at * STRETCHES // len(texts)].append((topic, text))
    return cut


def judged(cut: Sequence[Sequence[Wording]], read: FeatureReader) -> Iterator[Judged]:
    for left_out, exam in enumerate(cut):
        others = (each for at, run in enumerate(cut) if at != left_out for each in run)
        index = TopicIndex(KnownWordings.count(others, read), read)
        for topic, text in exam:
            yield topic, index.rank(text)


def fitted(signs: Sequence[Mapping[str, float]], ours: Sequence[bool]) -> dict[str, float]:
    """Logistic regression by Newton's method, both sides of equal weight."""
    names = ["start", *signs[0]]
    rows = [[1.0, *each.values()] for each in signs]
    share = {True: 0.5 / sum(ours), False: 0.5 / (len(ours) - sum(ours))}
    weights = [0.0] * len(names)
    for _ in range(_ROUNDS):
        slope = [-_PULL * weight for weight in weights]
        bend = [[_PULL * (i == j) for j in range(len(names))] for i in range(len(names))]
        for row, is_ours in zip(rows, ours, strict=True):
            chance = 1 / (1 + math.exp(-sum(w * v for w, v in zip(weights, row, strict=True))))
            for i, value in enumerate(row):
                slope[i] += share[is_ours] * (is_ours - chance) * value
                scaled = share[is_ours] * chance * (1 - chance) * value
                for j, other in enumerate(row):
                    bend[i][j] += scaled * other
        weights = [w + step for w, step in zip(weights, solved(bend, slope), strict=True)]
    return dict(zip(names, weights, strict=True))


def solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a small system of equations, by elimination."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda one: abs(rows[one][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for one in range(len(rows)):
            if one != at:
                factor = rows[one][at] / rows[at][at]
                rows[one] = [a - factor * b for a, b in zip(rows[one], rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]


def percent(hits: Iterable[bool]) -> str:
    each = list(hits)
    return f"{100 * sum(each) / len(each):.1f} %"


def show(found: Sequence[Judged]) -> None:
    own = [
        (topic, [each for each in ranking.topics if each.topic is not Topic.FALLBACK])
        for topic, ranking in found
        if topic is not Topic.FALLBACK
    ]
    first = [(topic is ranks[0].topic, clear(ranks)) for topic, ranks in own]
    either = percent(topic in {each.topic for each in ranks[:2]} for topic, ranks in own)
    typer.echo(f"first is right {percent(right for right, _ in first)}, of two {either}")
    typer.echo(
        f"answered at once {percent(at_once for _, at_once in first)},"
        f" of these right {percent(right for right, at_once in first if at_once)}"
    )


def clear(ranks: Sequence[Ranked]) -> bool:
    best, second = ranks[0].score, ranks[1].score
    return best >= ANSWER_FROM and second <= ANSWER_MARGIN * best


def main() -> None:
    language = load_library(ROOT / "content").language
    understanding = Understanding(language)
    cut = stretches(language, understanding)
    found = list(judged(cut, FeatureReader(language.concepts, language.kin)))
    show(found)
    signs = [ranking.signs for _, ranking in found]
    ours = [topic is not Topic.FALLBACK for topic, _ in found]
    before = dict(WEIGHTS)
    for name, weights in (("as they are", before), ("fitted anew", fitted(signs, ours))):
        WEIGHTS.update(weights)
        typer.echo(f"weights {name}: { {sign: round(w, 3) for sign, w in weights.items()} }")
        for under in (-0.4, -0.2, 0.0, 0.2):
            kept = [belonging(each) >= under for each in signs]
            taken = percent(keep for keep, own in zip(kept, ours, strict=True) if own)
            refused = percent(not keep for keep, own in zip(kept, ours, strict=True) if not own)
            typer.echo(f"  refused under {under}: ours taken {taken}, others refused {refused}")
    WEIGHTS.update(before)
    show_danger(found)


def show_danger(found: Sequence[Judged]) -> None:
    """How often likeness alone rings, where it should and where it should not."""
    for least in (0.15, 0.2, 0.25, 0.3):
        rings = [(topic, rang(ranking, least)) for topic, ranking in found]
        typer.echo(
            f"danger from {least}: found {percent(r for t, r in rings if t is Topic.URGENT)},"
            f" false {percent(r for t, r in rings if t not in {Topic.URGENT, Topic.FALLBACK})},"
            f" in small talk {percent(r for t, r in rings if t is Topic.FALLBACK)}"
        )


def rang(ranking: Ranking, least: float) -> bool:
    best = max(each.score for each in ranking.topics if each.topic is not Topic.FALLBACK)
    danger = ranking.of(Topic.URGENT)
    far = DANGER_OUTSIDE - DANGER_FROM if ranking.belonging < REFUSE_UNDER else 0.0
    return danger >= least + far and danger >= DANGER_TIE * best


if __name__ == "__main__":
    main()
