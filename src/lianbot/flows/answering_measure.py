"""How well a corpus of labelled wordings is understood: the figures of docs/answers.md."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lianbot.domain.codes import Topic
from lianbot.understanding.intents import (
    ConcernWord,
    Help,
    Intent,
    LeaveOrMove,
    Question,
    Unclear,
    Urgent,
)
from lianbot.understanding.text import bare

TOO_ALIKE: Final = 0.6
"""Share of letter pairs two wordings may have in common and still count as different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a screen comes to: the best guess, whether its answer stands there, the buttons."""

    topic: Topic
    sure: bool
    offered: tuple[Topic, ...] = ()
    score: float = 1.0

    def shows(self, topic: Topic) -> bool:
        return topic in self.offered or (self.sure and topic is self.topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A wording whose best guess was wrong."""

    text: str
    topic: Topic
    guess: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Shares from 0 to 1, and how many wordings each stands on. `slowest` is the time below
    which 99 of 100 readings stayed, in seconds."""

    questions: int
    right: float
    shown: float
    two_buttons: float
    off_topic: int
    refused: float
    urgent: int
    urgent_found: float
    slowest: float
    misses: tuple[Miss, ...]


def judged(intent: Intent) -> Judged:
    """An intent as topics. A word that is no question counts as refused."""
    match intent:
        case Question(topic=topic, sure=sure, offered=offered, score=score):
            return Judged(topic=topic, sure=sure, offered=offered, score=score)
        case Urgent():
            return Judged(topic=Topic.URGENT, sure=True)
        case ConcernWord(topic=topic):
            return Judged(topic=topic, sure=False, offered=(topic,))
        case LeaveOrMove():
            return Judged(topic=Topic.LEAVE_TRANSFER, sure=True)
        case Help():
            return Judged(topic=Topic.BOT_HOWTO, sure=True)
        case Unclear(score=score):
            return Judged(topic=Topic.FALLBACK, sure=True, score=score)
        case _:
            return Judged(topic=Topic.FALLBACK, sure=True, score=0.0)


def measure(
    read: Callable[[str], Intent],
    corpus: Mapping[Topic, Iterable[str]],
    timer: Callable[[], float],
) -> Measured:
    """Read every wording once. `timer` gives seconds, like time.perf_counter."""
    found: list[tuple[Topic, str, Judged]] = []
    spent: list[float] = []
    for topic, wordings in corpus.items():
        for text in wordings:
            start = timer()
            intent = read(text)
            spent.append(timer() - start)
            found.append((topic, text, judged(intent)))
    return _summed(found, sorted(spent))


def _summed(found: list[tuple[Topic, str, Judged]], spent: list[float]) -> Measured:
    asked = [each for each in found if each[0] is not Topic.FALLBACK]
    outside = [each for each in found if each[0] is Topic.FALLBACK]
    danger = [each for each in found if each[0] is Topic.URGENT]
    return Measured(
        questions=len(asked),
        right=_share(guess.topic is topic for topic, _, guess in asked),
        shown=_share(guess.shows(topic) for topic, _, guess in asked),
        two_buttons=_share(not guess.sure for _, _, guess in asked),
        off_topic=len(outside),
        refused=_share(guess.topic is Topic.FALLBACK for _, _, guess in outside),
        urgent=len(danger),
        urgent_found=_share(guess.topic is Topic.URGENT for _, _, guess in danger),
        slowest=spent[len(spent) * 99 // 100] if spent else 0.0,
        misses=tuple(
            Miss(text=text, topic=topic, guess=guess.topic)
            for topic, text, guess in found
            if guess.topic is not topic
        ),
    )


def _share(hits: Iterable[bool]) -> float:
    each = list(hits)
    return sum(each) / len(each) if each else 1.0


class KnownWordings:
    """Finds the known wording of which another one is only a trivial edit."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)
        self._sizes: list[int] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._texts):
            pairs = _pairs(text)
            self._sizes.append(len(pairs))
            for pair in pairs:
                self._holders[pair].append(number)

    def too_alike(self, wording: str) -> str | None:
        """The first of them that shares too many letter pairs with this one, or None."""
        pairs = _pairs(wording)
        shared = Counter(number for pair in pairs for number in self._holders.get(pair, ()))
        alike = (
            number
            for number, both in shared.items()
            if both >= TOO_ALIKE * (len(pairs) + self._sizes[number] - both)
        )
        first = min(alike, default=None)
        return None if first is None else self._texts[first]


def _pairs(text: str) -> frozenset[str]:
    plain = bare(text)
    return frozenset(a + b for a, b in pairwise(plain)) or frozenset({plain})
