"""What a text is compared by: its words, its concepts, pairs of concepts, and how it sounds."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import rjieba

from lianbot.understanding.sounds import blurred

_STOP = frozenset("的了吗呢吧啊呀么我你他她它们是这那就都也还要有在和跟个")
"""Characters too common to say anything."""

# Chosen on the development wordings (tests/answers): a concept carries most, because it is
# what a new wording shares with an old one; the sound helps where voice input slips.
_CONCEPT, _PAIR, _WORD, _LETTERS, _SOUND, _LETTER = 2.5, 1.2, 1.0, 0.6, 0.4, 0.35


@dataclass(frozen=True, slots=True)
class Features:
    """Weights by feature name, and for each feature the words of the text it came from."""

    weights: Mapping[str, float]
    said: Mapping[str, str]


class FeatureReader:
    """Reads the features of a normalised text."""

    def __init__(self, concepts: Mapping[str, tuple[str, ...]]) -> None:
        self._concept_of: dict[str, str] = {}
        for concept, sayings in concepts.items():
            for saying in sayings:
                self._concept_of.setdefault(saying, concept)
        longest_first = sorted(map(re.escape, self._concept_of), key=len, reverse=True)
        self._sayings = re.compile("|".join(longest_first)) if longest_first else None

    def concepts(self, text: str) -> dict[str, str]:
        """Concept → the words that named it, in the order of the text."""
        found: dict[str, str] = {}
        if self._sayings is not None:
            for match in self._sayings.finditer(text):
                found.setdefault(self._concept_of[match.group()], match.group())
        return found

    def __call__(self, text: str) -> Features:
        weights: defaultdict[str, float] = defaultdict(float)
        said: dict[str, str] = {}
        for name, words, weight in self._all(text):
            weights[name] += weight
            said.setdefault(name, words)
        return Features(weights, said)

    def _all(self, text: str) -> Iterator[tuple[str, str, float]]:
        concepts = list(self.concepts(text).items())
        for at, (concept, words) in enumerate(concepts):
            yield f"k:{concept}", words, _CONCEPT
            for other, other_words in concepts[at + 1 :]:
                pair = "+".join(sorted((concept, other)))
                yield f"kk:{pair}", f"{words}+{other_words}", _PAIR
        for word in rjieba.cut(text):
            if word not in _STOP:
                yield f"w:{word}", word, _WORD
        sounds = [blurred(character) for character in text]
        for at, (first, second) in enumerate(pairwise(text)):
            letters = first + second
            yield f"b:{letters}", letters, _LETTERS
            yield f"p:{sounds[at]}-{sounds[at + 1]}", letters, _SOUND
        for character in text:
            if character not in _STOP:
                yield f"c:{character}", character, _LETTER
