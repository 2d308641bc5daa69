"""Text → exactly one intent: commands, then danger, then the nearest topic."""

import math
from collections.abc import Iterable
from dataclasses import replace

from lianbot.domain.codes import Topic
from lianbot.understanding.commands import Commands
from lianbot.understanding.features import FeatureReader
from lianbot.understanding.intents import (
    ConcernWord,
    Intent,
    Question,
    Unclear,
    Urgent,
    UrgentKind,
    Why,
)
from lianbot.understanding.known import KnownWordings
from lianbot.understanding.library import Language
from lianbot.understanding.retrieval import Ranked, Ranking, TopicIndex
from lianbot.understanding.sounds import SoundRepair
from lianbot.understanding.text import bare, replacing
from lianbot.understanding.urgency import Urgency

# The three doors between answer, two buttons and refusal, chosen on the development wordings.
REFUSE_BELOW = 0.12
"""A best topic with less than this is no topic at all."""
REFUSE_UNDER = -0.1
"""Refused when the text belongs to the bot's business less than this (see belonging); a little
under the middle, for a question turned away is worse than two buttons for small talk."""
ANSWER_FROM = 0.35
"""With less than this the text is too unlike anything known for an answer at once."""
ANSWER_MARGIN = 0.64
"""The second topic must stay below this share of the first for an answer at once."""
RUNNER_UP_FROM = 0.4
"""From this share on, the second topic stands as one button under the answer."""
DANGER_FROM = 0.2
"""Danger has rules of its own; by likeness alone it must be this clear. Of known wordings left
out of the index 81 of 100 dangers are found so, and 3 of 1,000 other questions ring for nothing."""
DANGER_OUTSIDE = 0.25
"""As clear where the text is rather not the bot's business at all (刀, 电梯 and 药 in small talk)."""
BOTH_FIT = 0.6
"""From this score on the order of §8a decides alone: the first is answered, the second a button."""
DANGER_TIE = 0.8
"""From this share of the best score on danger comes first."""
NEAR_TIE = 0.95
"""From this share on, both fit and the order of §8a decides."""

_SHORT_FOLLOW_UP = 16
_CONCERN_FRAME = ("我要", "我想", "想要", "有人", "怎么", "要", "想", "我")
_FIRST = (Topic.URGENT, Topic.REPORT_PROTECT, Topic.BOSS_ORDER)
_LAST = (Topic.LEGAL_CONSEQUENCE, Topic.HOW_REPORT)


def precedence(topic: Topic) -> int:
    """urgent > report-protect > boss-order > the specific act > legal-consequence > how-report."""
    if topic in _FIRST:
        return _FIRST.index(topic)
    if topic in _LAST:
        return len(_FIRST) + 1 + _LAST.index(topic)
    return len(_FIRST)


class Understanding:
    """Built once from the language data; every call is pure and keeps nothing.

    `known`: what `Understanding(language).known` was, to save counting the wordings again.
    """

    def __init__(self, language: Language, known: KnownWordings | None = None) -> None:
        self._commands = Commands(language.words, language.labels)
        self._mend = replacing(language.mishearings)
        self._in_plain_words = replacing(language.dialect)
        self._repair = SoundRepair(language.sounds)
        self._urgency = Urgency(language.urgent)
        self._concern = language.concern
        self._openers = language.openers
        self._follow_ups = language.follow_ups
        read_features = FeatureReader(language.concepts, language.kin)
        self.known = known or KnownWordings.count(
            ((topic, self.normalise(text)) for topic, text in language.wordings()), read_features
        )
        self._meaning = _unambiguous(zip(self.known.topics, self.known.texts, strict=True))
        self._index = TopicIndex(self.known, read_features)

    def normalise(self, text: str) -> str:
        """The form in which texts are compared: width, mishearings, sounds, dialect evened out."""
        return self._in_plain_words(self._repair(self._mend(bare(text))))

    def command(self, text: str) -> Intent | None:
        """A whole message with a fixed meaning, or None. One look-up: the hot path's question."""
        return self._commands(text)

    def read(self, text: str, before: Topic | None = None) -> Intent:
        """What `text` means; `before` is the topic of the last few minutes, for follow-ups."""
        command = self._commands(text)
        if command is not None:
            return command
        plain = self.normalise(text)
        if not plain:
            return Unclear()
        return self._urgency(plain) or self._read_question(plain, before)

    def _read_question(self, plain: str, before: Topic | None) -> Intent:
        bare_word = self._bare_concern(plain)
        if bare_word is not None:
            return bare_word
        concern = next((word for word in self._concern if word in plain), None)
        intent = self._nearest(plain, concern is not None)
        if before is not None:
            intent = self._continued(plain, intent, before)
        if isinstance(intent, Unclear) and concern is not None:
            return ConcernWord(word=concern, topic=self._concern[concern])
        return intent

    def _bare_concern(self, plain: str) -> ConcernWord | None:
        word = plain
        for frame in _CONCERN_FRAME:
            word = word.removeprefix(frame)
        topic = self._concern.get(word) or self._concern.get(plain)
        return None if topic is None else ConcernWord(word=word, topic=topic)

    def _nearest(self, plain: str, concern: bool) -> Question | Unclear | Urgent:
        if plain in self._meaning:
            return self._word_for_word(plain, concern)
        ranking = self._index.rank(plain)
        danger_from = DANGER_OUTSIDE if ranking.belonging < REFUSE_UNDER else DANGER_FROM
        if self._urgency.denied(plain):
            danger_from = math.inf
        known = _without_faint_danger(
            [each for each in ranking.topics if each.topic is not Topic.FALLBACK], danger_from
        )
        if not known:
            return Unclear(concern=concern)
        first, second = _in_order(known)
        why = self._why(ranking, first, second)
        if first.topic is Topic.URGENT:  # before the refusal: a false alarm costs a line
            return Urgent(kind=UrgentKind.OTHER, why=why)
        best = max(each.score for each in known)
        if best < REFUSE_BELOW or ranking.belonging < REFUSE_UNDER:
            return Unclear(score=round(best, 3), concern=concern, why=why)
        return Question(
            topic=first.topic,
            score=round(min(first.score, 1.0), 3),
            sure=_is_clear(first, second),
            offered=_buttons(first, second),
            concern=concern,
            why=why,
        )

    def _word_for_word(self, plain: str, concern: bool) -> Question | Unclear | Urgent:
        """A wording that stands in the language data means what it stands under."""
        topic = self._meaning[plain]
        why = Why(matched=(plain,), nearest=plain, rule="known")
        if topic is Topic.FALLBACK:
            return Unclear(concern=concern, why=why)
        if topic is Topic.URGENT:
            return Urgent(kind=UrgentKind.OTHER, why=why)
        ranking = self._index.rank(plain)
        others = (each for each in ranking.topics if each.topic not in {topic, Topic.FALLBACK})
        second = next(others, None)
        if second is not None:
            score = round(second.score, 3)
            why = replace(why, runner_up=second.topic, runner_up_score=score)
        matched = self._index.grounds(ranking.features, topic)
        return Question(topic=topic, score=1.0, concern=concern, why=replace(why, matched=matched))

    def _why(self, ranking: Ranking, first: Ranked, second: Ranked) -> Why:
        return Why(
            matched=self._index.grounds(ranking.features, first.topic),
            nearest=first.nearest,
            runner_up=second.topic,
            runner_up_score=round(second.score, 3),
            rule="nearest",
        )

    def _continued(
        self, plain: str, intent: Question | Unclear | Urgent, before: Topic
    ) -> Question | Unclear | Urgent:
        """The same question gone on (那要是已经收了呢): the topic of before, or where it leads."""
        if len(plain) > _SHORT_FOLLOW_UP or isinstance(intent, Urgent):
            return intent
        for step in self._follow_ups:
            if step.before is before and any(word in plain for word in step.words):
                return _follow(intent, step.topic)
        sure = isinstance(intent, Question) and intent.sure
        if sure or not self._opens_follow_up(plain):
            return intent
        return _follow(intent, before)

    def _opens_follow_up(self, plain: str) -> bool:
        return plain.startswith(self._openers) or plain.endswith("呢")


def _unambiguous(wordings: Iterable[tuple[Topic, str]]) -> dict[str, Topic]:
    """The wordings that stand under one topic only."""
    found: dict[str, Topic] = {}
    several: set[str] = set()
    for topic, text in wordings:
        if found.setdefault(text, topic) is not topic:
            several.add(text)
    return {text: topic for text, topic in found.items() if text not in several}


def _without_faint_danger(known: list[Ranked], danger_from: float) -> list[Ranked]:
    return [each for each in known if each.topic is not Topic.URGENT or each.score >= danger_from]


def _in_order(known: list[Ranked]) -> tuple[Ranked, Ranked]:
    """Best and second; of two that fit equally well, the order of §8a puts one first."""
    first = known[0]
    danger = next((each for each in known if each.topic is Topic.URGENT), first)
    if danger.score >= DANGER_TIE * first.score and danger is not first:
        return danger, first
    second = known[1] if len(known) > 1 else replace(first, score=0.0)
    tied = second.score >= NEAR_TIE * first.score
    if tied and precedence(second.topic) < precedence(first.topic):
        return second, first
    return first, second


def _is_clear(first: Ranked, second: Ranked) -> bool:
    if second.topic is Topic.URGENT or first.topic is second.topic:
        return True  # danger has its own rules; it is never one of two buttons
    if first.score >= BOTH_FIT and precedence(first.topic) < precedence(second.topic):
        return True
    return first.score >= ANSWER_FROM and second.score <= ANSWER_MARGIN * first.score


def _buttons(first: Ranked, second: Ranked) -> tuple[Topic, ...]:
    if not _is_clear(first, second):
        return (first.topic, second.topic)
    close = second.score >= RUNNER_UP_FROM * first.score
    return (second.topic,) if close and second.topic is not Topic.URGENT else ()


def _follow(intent: Question | Unclear, topic: Topic) -> Question:
    why = replace(intent.why, rule="follow-up")
    return Question(topic=topic, score=intent.score, concern=intent.concern, why=why)
