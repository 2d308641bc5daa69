"""Which topic a text is nearest to, and why: weighted neighbours plus the words' own leaning."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lianbot.domain.codes import Topic
from lianbot.understanding.belonging import belonging, signs_of
from lianbot.understanding.features import LIKE, FeatureReader, Features
from lianbot.understanding.known import KnownWordings

_NEIGHBOURS = (0.2, 0.1, 0.06, 0.04)
"""How much the nearest, second … known wording of a topic counts."""

_LEANING = 0.4
"""How much the words' own leaning counts beside the neighbours."""
# All of these were chosen by leaving out part of the known wordings and asking for it.


@dataclass(frozen=True, slots=True)
class Ranked:
    """One topic with its score (0 to about 1) and the nearest wording that is known for it."""

    topic: Topic
    score: float
    nearest: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Topics from best to worst, what the text was read as, and whether it is ours at all
    (`belonging` below zero: rather not), by which signs."""

    topics: Sequence[Ranked]
    features: Features
    signs: Mapping[str, float]

    @property
    def belonging(self) -> float:
        return belonging(self.signs)

    def of(self, topic: Topic) -> float:
        return next((each.score for each in self.topics if each.topic is topic), 0.0)


class TopicIndex:
    """Ranks a text against the known wordings; `rank` reads only what it needs."""

    def __init__(self, known: KnownWordings, read_features: FeatureReader) -> None:
        self._read = read_features
        self._topic = known.topics
        self._text = known.texts
        self._known = known.postings
        self._topics = known.order
        self._lean_start = known.lean_start
        self._lean_topic, self._lean_gain = known.lean_topic, known.lean_gain
        self._odds = known.odds

    def _odds_of(self, name: str) -> float | None:
        feature = self._known.find(name)
        return None if feature is None else self._odds[feature]

    def rank(self, text: str) -> Ranking:
        features = self._read(text)
        scaled = {
            name: value * self._known.rarity_of(name) for name, value in features.weights.items()
        }
        length = math.hypot(*scaled.values()) or 1.0
        likeness = self._likeness(scaled, length)
        leaning = self._lean(scaled, length)
        ranked = [
            Ranked(topic, score + _LEANING * leaning.get(topic, 0.0), self._text[nearest])
            for topic, (score, nearest) in self._by_topic(likeness).items()
        ]
        ranked.sort(key=lambda each: (-each.score, each.topic))
        own = next((each.score for each in ranked if each.topic is not Topic.FALLBACK), 0.0)
        other = next((each.score for each in ranked if each.topic is Topic.FALLBACK), 0.0)
        signs = signs_of(text, features, self._odds_of) | {"own": own, "other": other}
        return Ranking(ranked, features, signs)

    def _likeness(self, scaled: Mapping[str, float], length: float) -> dict[int, float]:
        """Cosine to every known wording that shares anything with the text."""
        likeness: defaultdict[int, float] = defaultdict(float)
        for name, value in scaled.items():
            feature = self._known.find(name)
            if feature is None:
                continue
            share = value / length
            for at, weight in self._known.of(feature):
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
            for topic, lean in self._leaning(name):
                leaning[topic] += value * lean / length
        return leaning

    def _leaning(self, name: str) -> Iterator[tuple[Topic, float]]:
        feature = self._known.find(name)
        if feature is None:
            return
        for at in range(self._lean_start[feature], self._lean_start[feature + 1]):
            yield self._topics[self._lean_topic[at]], self._lean_gain[at]

    def grounds(self, features: Features, topic: Topic, most: int = 4) -> tuple[str, ...]:
        """The words of the text that speak most for a topic, strongest first; a word that no known
        wording has, with the word that it was taken for."""
        strength: defaultdict[str, float] = defaultdict(float)
        for name, value in features.weights.items():
            kind, _, _ = name.partition(":")
            words = features.said[name]
            stranger = kind == "m" and self._known.find(f"w:{words.partition(LIKE)[0]}") is None
            if kind in {"k", "w"} or stranger:
                lean = dict(self._leaning(name)).get(topic, 0.0)
                strength[words] = max(strength[words], value * lean)
        told = [words for words in strength if strength[words] > 0]
        told.sort(key=lambda words: (-strength[words], words))
        once = {words.partition(LIKE)[0]: words for words in reversed(told)}
        return tuple([words for words in told if words in once.values()][:most])
