"""Whole messages with a fixed meaning, found by one look-up before any other work is done."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from lianbot.domain.codes import Topic
from lianbot.understanding.intents import (
    Acknowledge,
    AskSomeone,
    Cannot,
    Change,
    Disagree,
    Help,
    Intent,
    LeaveOrMove,
    NotUnderstood,
    Question,
    Unclear,
    Urgent,
    UrgentKind,
    Why,
)
from lianbot.understanding.library import Words
from lianbot.understanding.text import bare

_LONGEST = 16
"""Characters a command can have; anything longer is not even looked up."""


def _labelled(topic: Topic, label: str) -> Intent:
    """A button's label typed as text does what the tap does."""
    why = Why(matched=(label,), nearest=label, rule="label")
    if topic is Topic.URGENT:
        return Urgent(kind=UrgentKind.OTHER, why=why)
    if topic is Topic.FALLBACK:
        return Unclear(why=why)
    return Question(topic=topic, score=1.0, why=why)


def _changed(change: Change, word: str) -> Intent:
    return LeaveOrMove(word=word, change=change)


class Commands:
    """The closed lists as one dictionary. A word inside a sentence never counts."""

    def __init__(self, words: Words, labels: Mapping[Topic, str]) -> None:
        self._meaning: dict[str, Intent] = {}
        for topic, label in labels.items():
            self._add([label], partial(_labelled, topic))
        for change, said in words.change.items():
            self._add(said, partial(_changed, change))
        self._add(words.acknowledge, lambda word: Acknowledge(word=word))
        self._add(words.not_understood, lambda word: NotUnderstood(word=word))
        self._add(words.disagree, lambda word: Disagree(word=word))
        self._add(words.cannot, lambda word: Cannot(word=word))
        self._add(words.ask_someone, lambda word: AskSomeone(word=word))
        self._add(words.help, lambda word: Help(word=word))

    def _add(self, words: Iterable[str], meaning: Callable[[str], Intent]) -> None:
        for word in words:
            intent = meaning(word)
            self._meaning[word] = intent
            self._meaning[bare(word) or word] = intent

    def __call__(self, text: str) -> Intent | None:
        intent = self._meaning.get(text)
        if intent is not None or len(text) > _LONGEST:
            return intent
        return self._meaning.get(bare(text) or text.strip())
