"""The known wordings and all that is counted over them once: flat data that can be kept and read again."""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from lianbot.domain.codes import Topic
from lianbot.understanding.features import FeatureReader
from lianbot.understanding.postings import Postings

_SMOOTHING = 0.5
"""Chosen by leaving out part of the known wordings and asking for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWordings:
    """Wording n means `topics[n]` and reads `texts[n]`, normalised.

    `lean_start[f]` to `lean_start[f + 1]` is the stretch of `lean_topic` (places in `order`) and
    `lean_gain` that says for which topics feature f speaks; `odds[f]` is how much commoner it is
    in what is ours than in what is not, as a logarithm.
    """

    topics: tuple[Topic, ...]
    texts: tuple[str, ...]
    postings: Postings
    lean_start: "array[int]"
    lean_topic: "array[int]"
    lean_gain: "array[float]"
    odds: "array[float]"

    @classmethod
    def count(cls, wordings: Iterable[tuple[Topic, str]], read_features: FeatureReader) -> Self:
        """FALLBACK is a topic like the others here: its wordings are what the bot must refuse."""
        pairs = list(wordings)
        topics = tuple(topic for topic, _ in pairs)
        texts = tuple(text for _, text in pairs)
        postings = Postings.count(read_features(text).weights for text in texts)
        start, place, gain = _leanings(topics, postings)
        return cls(
            topics=topics,
            texts=texts,
            postings=postings,
            lean_start=start,
            lean_topic=place,
            lean_gain=gain,
            odds=_odds(topics, postings),
        )

    @property
    def order(self) -> tuple[Topic, ...]:
        """The topics as they were first met."""
        return tuple(dict.fromkeys(self.topics))


def _leanings(
    topics: Sequence[Topic], postings: Postings
) -> tuple["array[int]", "array[int]", "array[float]"]:
    """For each feature, the topics it speaks for: how much of it the other topics lack
    (complement naive Bayes: what is said of one topic only speaks loudest)."""
    place = {topic: at for at, topic in enumerate(dict.fromkeys(topics))}
    topic_at = [place[topic] for topic in topics]
    start, leans, gains = array("I", [0]), array("B"), array("f")
    for feature in range(len(postings)):
        inside: dict[int, float] = {}
        for at, value in postings.of(feature):
            inside[topic_at[at]] = inside.get(topic_at[at], 0.0) + value
        everywhere = sum(inside.values())
        leans.extend(inside)
        gains.extend(_gain(everywhere, share) for share in inside.values())
        start.append(len(leans))
    return start, leans, gains


def _gain(everywhere: float, inside: float) -> float:
    return math.log((everywhere + _SMOOTHING) / (everywhere - inside + _SMOOTHING))


def _odds(topics: Sequence[Topic], postings: Postings) -> "array[float]":
    outside = [topic is Topic.FALLBACK for topic in topics]
    without_all = sum(outside)
    within_all = len(outside) - without_all
    odds = array("f")
    for feature in range(len(postings)):
        without = sum(outside[at] for at, _ in postings.of(feature))
        within = postings.times(feature) - without
        more = math.log((within + 0.5) / (within_all + 1))
        odds.append(more - math.log((without + 0.5) / (without_all + 1)))
    return odds
