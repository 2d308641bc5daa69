"""What a text is compared by: its words, its concepts, pairs of concepts, and how it sounds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import rjieba

from lianbot.understanding.kin import SHARES, Kin
from lianbot.understanding.sounds import blurred

_STOP = frozenset("的了吗呢吧啊呀么我你他她它们是这那就都也还要有在和跟个")
"""Characters too common to say anything."""

LIKE = "≈"
"""Stands between a word and the known word that it is taken for."""

_NO_KIN = Kin()

# Chosen on known wordings asked of an index of older ones: a concept carries most, because it is
# what a new wording shares with an old one; the sound helps where voice input slips. What words
# are near in meaning counts more than the word itself: it is what an unseen voice has in common.
_CONCEPT, _PAIR, _WORD, _LETTERS, _SOUND, _LETTER = 2.0, 0.95, 1.0, 0.85, 0.4, 0.35
_APART = 0.8
_KIN, _KIN_PAIR = 1.5, 1.0


_ANYTHING = "…"
"""Stands for one to four characters in a concept's saying (卖…的)."""
_AMOUNT = re.compile(
    r"[0-9一二两三四五六七八九十百千万半几]+"
    r"(?:(?P<weight>斤|公斤|吨|两重)|(?P<money>块|元|毛|分钱|百|千)"
    r"|(?P<number>个|米|遍|趟|袋|箱|桶|瓶|棵|盏|度|方|天|次|张|根|小时|份|车|套|件|卷|包|盒|条|层|人))"
)


@dataclass(frozen=True, slots=True)
class Features:
    """Weights by feature name, and for each feature the words of the text it came from."""

    weights: Mapping[str, float]
    said: Mapping[str, str]


class FeatureReader:
    """Reads the features of a normalised text."""

    def __init__(self, concepts: Mapping[str, tuple[str, ...]], kin: Kin = _NO_KIN) -> None:
        self._kin = kin
        self._concept_of: dict[str, str] = {}
        for concept, sayings in concepts.items():
            for saying in sayings:
                self._concept_of.setdefault(saying, concept)
        self._lengths = _lengths_by_first(self._concept_of)
        self._patterns = [
            (re.compile(re.escape(saying).replace(_ANYTHING, ".{1,4}?")), concept)
            for saying, concept in self._concept_of.items()
            if _ANYTHING in saying
        ]

    def concepts(self, text: str) -> dict[str, str]:
        """Concept → the words that named it, in the order of the text; then patterns, amounts."""
        found: dict[str, str] = {}
        at = 0
        while at < len(text):
            saying = self._saying_at(text, at)
            if saying:
                found.setdefault(self._concept_of[saying], saying)
            at += len(saying) or 1
        for pattern, concept in self._patterns:
            match = pattern.search(text)
            if match is not None:
                found.setdefault(concept, match.group())
        return found | _amounts(text)

    def _saying_at(self, text: str, at: int) -> str:
        """The longest saying that starts here, or nothing."""
        for length in self._lengths.get(text[at], ()):
            if text[at : at + length] in self._concept_of:
                return text[at : at + length]
        return ""

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
        telling = [word for word in rjieba.cut(text) if word not in _STOP]
        for word in telling:
            yield f"w:{word}", word, _WORD
        yield from self._near(telling)
        sounds = [blurred(character) for character in text]
        for at, (first, second) in enumerate(pairwise(text)):
            letters = first + second
            yield f"b:{letters}", letters, _LETTERS
            yield f"p:{sounds[at]}-{sounds[at + 1]}", letters, _SOUND
        for first, third in zip(text, text[2:], strict=False):
            yield f"s:{first}{third}", f"{first}…{third}", _APART
        for character in text:
            if character not in _STOP:
                yield f"c:{character}", character, _LETTER

    def _near(self, words: Sequence[str]) -> Iterator[tuple[str, str, float]]:
        """The classes of near words that each word stands in, and pairs of their groups."""
        for word in words:
            for near, share in zip(self._kin.of(word), SHARES, strict=False):
                yield f"m:{near}", f"{word}{LIKE}{self._kin.names[near]}", _KIN * share
        for first, second, said in self._kin.pairs(words):
            yield f"mm:{first}+{second}", said, _KIN_PAIR


def _lengths_by_first(sayings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """How long the sayings are that start with a character, the longest first."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for saying in sayings:
        found[saying[0]].add(len(saying))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def _amounts(text: str) -> dict[str, str]:
    """What kinds of amounts are named, and whether there are two to compare (三遍 … 六遍)."""
    found: dict[str, str] = {}
    amounts = list(_AMOUNT.finditer(text))
    for amount in amounts:
        found.setdefault(f"amount-{amount.lastgroup}", amount.group())
    if len(amounts) > 1:
        found["amount-twice"] = amounts[0].group()
    return found
