"""A question → one screen: the vetted answer, two buttons, or a polite hand-over."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from lianbot.domain.codes import Post, Topic
from lianbot.domain.posts import PostProfile
from lianbot.domain.screens import Button, Screen
from lianbot.flows.answering_memory import TopicMemory
from lianbot.understanding.intents import (
    Acknowledge,
    AskSomeone,
    Cannot,
    ConcernWord,
    Disagree,
    Help,
    Intent,
    LeaveOrMove,
    NotUnderstood,
    Question,
    Unclear,
    Urgent,
)
from lianbot.understanding.library import Citation, FaqAnswer, Library
from lianbot.understanding.reader import Understanding

TOPIC_KEY: Final = "topic:"
ASK_SOMEONE_KEY: Final = "ask:someone"
HELP_KEY: Final = "help"
BUTTONS: Final = 6
_WHOLE_LAW: Final = "全文"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What to show, and the topic to count (None: nothing was asked)."""

    screen: Screen
    topic: Topic | None = None


def every_answer(_: Topic) -> bool:
    """For `lianbot ask` and tests: shows what nobody has approved yet, too."""
    return True


class Answering:
    """Answers questions from the library; keeps the topic of ten minutes and nothing typed.

    `may_show` says whether the school has approved a topic's answer (P5); the emergency numbers
    and the hand-over are shown in any case. `door_url` is the front page's address, or None
    while there is no door: then the paper box and the hotlines stand in its place. `ask_url` is the page
    on which a worker hands a question over, empty where there is none.
    """

    def __init__(
        self,
        *,
        library: Library,
        understanding: Understanding,
        posts: Mapping[Post, PostProfile],
        door_url: str | None,
        may_show: Callable[[Topic], bool] = every_answer,
        ask_url: str = "",
    ) -> None:
        self._answers = library.answers
        self._texts = library.texts
        self._labels = library.labels
        self._understanding = understanding
        self._posts = posts
        self._door = door_url
        self._may_show = may_show
        self._ask = ask_url
        self._memory = TopicMemory()
        self._help = {post: self._render_help(post) for post in (None, *Post)}

    def read(self, text: str, *, asker: Hashable, now: datetime) -> Intent:
        """What a text means, with the asker's topic of the last ten minutes in mind."""
        command = self._understanding.command(text)
        if command is not None:
            return command
        return self._understanding.read(text, self._memory.before(asker, now))

    def screen(
        self, intent: Intent, *, asker: Hashable, post: Post | None, now: datetime
    ) -> Answered:
        """The one screen for an intent. Words that answer an open item belong to other flows;
        without such an item they get a neutral line here."""
        match intent:
            case Urgent():
                return Answered(screen=self._urgent(intent), topic=Topic.URGENT)
            case ConcernWord(topic=topic):
                # no question, and one more among few would say that somebody was about to write (P3)
                return Answered(screen=self._concern(topic))
            case Question():
                return self._question(intent, asker, now)
            case Unclear():
                return Answered(screen=self._fallback(post), topic=Topic.FALLBACK)
            case LeaveOrMove():
                return self._one_answer(Topic.LEAVE_TRANSFER, asker, now)
            case Help():
                return Answered(screen=self.help_screen(post))
            case AskSomeone():
                return Answered(screen=Screen(text=self._texts.ask_someone))
            case Acknowledge() | NotUnderstood() | Disagree() | Cannot():
                return Answered(screen=Screen(text=self._texts.nothing_open))
        assert_never(intent)

    def tapped(
        self, key: str, *, asker: Hashable, post: Post | None, now: datetime
    ) -> Answered | None:
        """The screen behind one of our buttons; None when the key is not ours."""
        if key == HELP_KEY:
            return Answered(screen=self.help_screen(post))
        if key == ASK_SOMEONE_KEY:
            return Answered(screen=Screen(text=self._texts.ask_someone))
        if not key.startswith(TOPIC_KEY) or key[len(TOPIC_KEY) :] not in self._answers:
            return None
        return self._one_answer(Topic(key[len(TOPIC_KEY) :]), asker, now)

    def before_handing_over(self, text: str) -> str:
        """What to say before a question is kept: of danger the numbers, of a concern the sealed way. Else empty.

        A question handed over is read by the editors; a concern written there would have met them (P3).
        """
        match self._understanding.read(text):
            case Urgent() as urgent:
                return self._urgent(urgent).text
            case ConcernWord(topic=topic):
                return self._concern(topic).text
            case Question(topic=topic, concern=True):
                return self._concern(topic).text
            case Unclear(concern=True):
                return self._concern(Topic.HOW_REPORT).text
            case _:
                return ""

    def help_screen(self, post: Post | None) -> Screen:
        """Prepared at the start: what the hot path shows for 帮助."""
        return self._help[post]

    def not_text(self, post: Post | None) -> Answered:
        """For a voice message, picture or sticker: six buttons, the way to text, a person."""
        ask = Button(key=ASK_SOMEONE_KEY, label=self._texts.ask_someone_label)
        buttons = (*self._topic_buttons(self._topics_of(post)), ask)
        return Answered(screen=Screen(text=self._texts.not_text, buttons=buttons))

    def _question(self, question: Question, asker: Hashable, now: datetime) -> Answered:
        if question.sure:
            return self._one_answer(
                question.topic, asker, now, concern=question.concern, beside=question.offered
            )
        self._memory.keep(asker, question.topic, now)
        buttons = self._topic_buttons(question.offered)
        labels = "、".join(button.label for button in buttons)
        text = f"{self._texts.choose}\n{self._texts.choose_reply.format(labels=labels)}"
        if question.concern:
            text = _lines(text, self._concern_line())
        return Answered(screen=Screen(text=text, buttons=buttons), topic=question.topic)

    def _one_answer(
        self,
        topic: Topic,
        asker: Hashable,
        now: datetime,
        *,
        concern: bool = False,
        beside: tuple[Topic, ...] = (),
    ) -> Answered:
        self._memory.keep(asker, topic, now)
        answer = self._answers[topic]
        if topic is not Topic.URGENT and not self._may_show(topic):
            return Answered(screen=self._not_approved(answer), topic=topic)
        text = _lines(
            answer.text,
            self._clause(answer),
            self._last_line(topic, concern),
            self._not_this(beside),
        )
        return Answered(screen=Screen(text=text, buttons=self._topic_buttons(beside)), topic=topic)

    def _not_this(self, beside: tuple[Topic, ...]) -> str:
        labels = "、".join(self._labels[topic] for topic in beside)
        return self._texts.not_this.format(labels=labels) if labels else ""

    def _last_line(self, topic: Topic, concern: bool) -> str:
        """At most one line about who sees what was typed."""
        if topic in self._texts.visible_topics:
            if self._door is None:
                return self._texts.visible_line_without_door
            return self._texts.visible_line.format(door=self._door)
        return self._concern_line() if concern else ""

    def _concern_line(self) -> str:
        if self._door is None:
            return self._texts.visible_line_without_door
        return self._texts.concern_line.format(door=self._door)

    def _concern(self, topic: Topic) -> Screen:
        """One neutral sentence; the answer of the nearest topic stays one tap away."""
        texts = self._texts
        # somebody unpaid is helped fastest by the labour hotline, so its number stands first
        told = texts.concern_wage if topic is Topic.WAGE_RIGHTS else texts.concern
        if self._door is None:
            told = texts.concern_without_door
        return Screen(text=told.format(door=self._door), buttons=self._topic_buttons((topic,)))

    def _clause(self, answer: FaqAnswer) -> str:
        if not answer.citations:
            return ""
        clauses = "；".join(_cited(citation) for citation in answer.citations)
        return self._texts.clause.format(clauses=clauses, version=answer.version)

    def _urgent(self, urgent: Urgent) -> Screen:
        return Screen(
            text=_lines(self._texts.urgent_first[urgent.kind], self._answers[Topic.URGENT].text)
        )

    def _not_approved(self, answer: FaqAnswer) -> Screen:
        return Screen(text=self._texts.not_approved.format(handoff=answer.handoff))

    def _fallback(self, post: Post | None) -> Screen:
        answer = self._answers[Topic.FALLBACK]
        hand_over = self._texts.hand_over.format(ask=self._ask) if self._ask else ""
        if post is None:
            return Screen(text=_lines(answer.text, hand_over))
        examples = self._texts.fallback_examples.format(examples=self._examples(post))
        return Screen(text=_lines(answer.text, examples, hand_over))

    def _render_help(self, post: Post | None) -> Screen:
        text = self._texts.help.format(examples=self._examples(post))
        return Screen(text=text, buttons=self._topic_buttons(self._topics_of(post)))

    def _examples(self, post: Post | None) -> str:
        said = self._texts.examples.get(post or "", self._texts.examples["ALL"])
        return "；".join(said)

    def _topics_of(self, post: Post | None) -> tuple[Topic, ...]:
        profile = self._posts.get(post) if post is not None else None
        own = profile.topics if profile is not None else ()
        return tuple(dict.fromkeys((*own, *self._texts.usual_topics)))[:BUTTONS]

    def _topic_buttons(self, topics: Iterable[Topic]) -> tuple[Button, ...]:
        return tuple(
            Button(key=f"{TOPIC_KEY}{topic}", label=self._labels[topic]) for topic in topics
        )


def _cited(citation: Citation) -> str:
    place = "" if citation.article == _WHOLE_LAW else _article(citation.article)
    return f"{citation.law}{place}（{citation.edition}版）"


def _article(article: str) -> str:
    """163 → 第163条, 163-2 → 第163条第2款, 253之一 → 第253条之一."""
    number, _, paragraph = article.partition("-")
    main, _, insert = number.partition("之")
    found = f"第{main}条" + (f"之{insert}" if insert else "")
    return f"{found}第{paragraph}款" if paragraph else found


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
