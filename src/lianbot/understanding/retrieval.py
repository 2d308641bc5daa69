"""Which topic a text is nearest to, and why: weighted neighbours plus the words' own leaning."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lianbot.domain.codes import Topic
from lianbot.understanding.belonging import Belonging
from lianbot.understanding.features import FeatureReader, Features

_NEIGHBOURS = (0.2, 0.1, 0.06, 0.04)
"""How much the nearest, second … known wording of a topic counts."""

_LEANING = 0.4
"""How much the words' own leaning counts beside the neighbours."""

_SMOOTHING = 0.5
# All of these were chosen by leaving out part of the known wordings and asking for it.

_RAREST = 8.0
"""Weight of a feature that no known wording has: it lowers the likeness to all of them."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One topic with its score (0 to about 1) and the nearest wording that is known for it."""

    topic: Topic
    score: float
    nearest: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Topics from best to worst, what the text was read as, and whether it is ours at all
    (`belonging` below zero: rather not)."""

    topics: Sequence[Ranked]
    features: Features
    belonging: float = 0.0

    def of(self, topic: Topic) -> float:
        return next((each.score for each in self.topics if each.topic is topic), 0.0)


class TopicIndex:
    """Known wordings, indexed once at the start; `rank` then reads only what it needs.

    FALLBACK is a topic like the others here: its wordings are what the bot must refuse.
    """

    def __init__(
        self, wordings: Iterable[tuple[Topic, str]], read_features: FeatureReader
    ) -> None:
        self._read = read_features
        pairs = list(wordings)
        self._topic = [topic for topic, _ in pairs]
        self._text = [text for _, text in pairs]
        self._topics = tuple(dict.fromkeys(self._topic))
        names: dict[str, str] = {}  # one string a feature: as many as wordings cost megabytes
        read = [
            {names.setdefault(name, name): value for name, value in weights.items()}
            for weights in (read_features(text).weights for text in self._text)
        ]
        _drop_lone_sounds(read)
        self._rarity = _rarity(read)
        for at, features in enumerate(read):  # in their place: twice all of them cost megabytes
            read[at] = _unit(features, self._rarity)
        self._index_neighbours(read)
        self._leaning = _leanings(self._topic, read)
        outside = [topic is Topic.FALLBACK for topic in self._topic]
        self._belonging = Belonging(
            [unit for unit, out in zip(read, outside, strict=True) if not out],
            [unit for unit, out in zip(read, outside, strict=True) if out],
        )

    def _index_neighbours(self, units: Sequence[Mapping[str, float]]) -> None:
        where: defaultdict[str, array[int]] = defaultdict(lambda: array("H"))
        weight: defaultdict[str, array[float]] = defaultdict(lambda: array("f"))
        for at, unit in enumerate(units):
            for name, value in unit.items():
                where[name].append(at)
                weight[name].append(value)
        self._where, self._weight = dict(where), dict(weight)

    def rank(self, text: str) -> Ranking:
        features = self._read(text)
        scaled = {
            name: value * self._rarity.get(name, _RAREST)
            for name, value in features.weights.items()
        }
        length = _length(scaled.values())
        likeness = self._likeness(scaled, length)
        leaning = self._lean(scaled, length)
        ranked = [
            Ranked(topic, score + _LEANING * leaning.get(topic, 0.0), self._text[nearest])
            for topic, (score, nearest) in self._by_topic(likeness).items()
        ]
        ranked.sort(key=lambda each: (-each.score, each.topic))
        return Ranking(ranked, features, self._belongs(text, features, ranked))

    def _belongs(self, text: str, features: Features, ranked: Sequence[Ranked]) -> float:
        own = next((each.score for each in ranked if each.topic is not Topic.FALLBACK), 0.0)
        other = next((each.score for each in ranked if each.topic is Topic.FALLBACK), 0.0)
        return self._belonging(text, features, own, other)

    def _likeness(self, scaled: Mapping[str, float], length: float) -> dict[int, float]:
        """Cosine to every known wording that shares anything with the text."""
        likeness: defaultdict[int, float] = defaultdict(float)
        for name, value in scaled.items():
            places = self._where.get(name)
            if places is None:
                continue
            share = value / length
            for at, weight in zip(places, self._weight[name], strict=True):
                likeness[at] += share * weight
        return likeness

    def _by_topic(self, likeness: Mapping[int, float]) -> dict[Topic, tuple[float, int]]:
        best: defaultdict[Topic, list[tuple[float, int]]] = defaultdict(list)
        for at, score in likeness.items():
            best[self._topic[at]].append((score, -at))
        found = {}
        for topic, scores in best.items():
            scores.sort(reverse=True)
            near = sum(w * s for w, (s, _) in zip(_NEIGHBOURS, scores, strict=False))
            found[topic] = (near, -scores[0][1])
        return found

    def _lean(self, scaled: Mapping[str, float], length: float) -> dict[Topic, float]:
        leaning: defaultdict[Topic, float] = defaultdict(float)
        for name, value in scaled.items():
            for topic, lean in self._leaning.get(name, {}).items():
                leaning[topic] += value * lean / length
        return leaning

    def grounds(self, features: Features, topic: Topic, most: int = 4) -> tuple[str, ...]:
        """The words of the text that speak most for a topic, strongest first."""
        strength: defaultdict[str, float] = defaultdict(float)
        for name, value in features.weights.items():
            kind, _, _ = name.partition(":")
            if kind in {"k", "w"}:
                lean = self._leaning.get(name, {}).get(topic, 0.0)
                words = features.said[name]
                strength[words] = max(strength[words], value * lean)
        told = [words for words in strength if strength[words] > 0]
        return tuple(sorted(told, key=lambda words: (-strength[words], words))[:most])


def _length(values: Iterable[float]) -> float:
    return math.hypot(*values) or 1.0


def _drop_lone_sounds(read: Sequence[dict[str, float]]) -> None:
    """A pair of sounds that one wording alone has ties nothing together; they are a sixth of all
    features, and leaving them out changed no figure of the development wordings."""
    seen = Counter(name for features in read for name in features)
    for features in read:
        for name in [each for each in features if seen[each] == 1 and each.startswith("p:")]:
            del features[name]


def _rarity(read: Sequence[Mapping[str, float]]) -> dict[str, float]:
    seen = Counter(name for features in read for name in features)
    return {name: math.log((len(read) + 1) / (times + 0.5)) for name, times in seen.items()}


def _unit(features: Mapping[str, float], rarity: Mapping[str, float]) -> dict[str, float]:
    """The weighted features of one wording, one long altogether."""
    scaled = {name: value * rarity[name] for name, value in features.items()}
    length = _length(scaled.values())
    return {name: value / length for name, value in scaled.items()}


def _leanings(
    topics: Sequence[Topic], units: Sequence[Mapping[str, float]]
) -> dict[str, dict[Topic, float]]:
    """For each feature, the topics it speaks for: how much of it the other topics lack
    (complement naive Bayes: what is said of one topic only speaks loudest)."""
    inside: defaultdict[str, defaultdict[Topic, float]] = defaultdict(lambda: defaultdict(float))
    for topic, unit in zip(topics, units, strict=True):
        for name, value in unit.items():
            inside[name][topic] += value
    return {
        name: {topic: _gain(sum(by_topic.values()), share) for topic, share in by_topic.items()}
        for name, by_topic in inside.items()
    }


def _gain(everywhere: float, inside: float) -> float:
    return math.log((everywhere + _SMOOTHING) / (everywhere - inside + _SMOOTHING))
