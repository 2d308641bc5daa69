"""The data that answering works with, read elsewhere and handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lianbot.domain.codes import Topic
from lianbot.understanding.intents import Change, UrgentKind
from lianbot.understanding.kin import Kin


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentRule:
    """A danger is meant when one of `any_of` stands in the text, one of `together` too (if there
    are any), and none of `unless`."""

    kind: UrgentKind
    any_of: tuple[str, ...]
    together: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The closed lists: a whole message that is one of these is a command, never a question."""

    acknowledge: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    disagree: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    ask_someone: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    change: Mapping[Change, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """After `before`, a short text with one of `words` is about `topic`."""

    before: Topic
    words: tuple[str, ...]
    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How workers put things.

    `questions` are known wordings by topic, `off_topic` those that belong to none, `concepts`
    the different words for one thing, `mishearings` and `dialect` what is replaced before
    anything is compared, `sounds` the words that are recognised by their sound alone,
    `concern` the words that make the door's neutral line due, `openers` how a follow-up starts,
    `kin` which words are near in meaning.
    """

    questions: Mapping[Topic, tuple[str, ...]]
    off_topic: tuple[str, ...] = ()
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mishearings: Mapping[str, str] = field(default_factory=dict)
    dialect: Mapping[str, str] = field(default_factory=dict)
    sounds: tuple[str, ...] = ()
    urgent: tuple[UrgentRule, ...] = ()
    words: Words = Words()
    labels: Mapping[Topic, str] = field(default_factory=dict)
    concern: Mapping[str, Topic] = field(default_factory=dict)
    openers: tuple[str, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    kin: Kin = field(default_factory=Kin)

    def wordings(self) -> Iterator[tuple[Topic, str]]:
        """Every known wording with its topic; what belongs to none last, as FALLBACK."""
        for topic, texts in self.questions.items():
            yield from ((topic, text) for text in texts)
        yield from ((Topic.FALLBACK, text) for text in self.off_topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """One clause behind an answer: law, article, edition (both as people write them)."""

    law: str
    article: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqAnswer:
    """One vetted answer. `edition` is the content version a worker can name."""

    topic: Topic
    title: str
    text: str
    handoff: str
    status: str
    version: int
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenTexts:
    """The sentences around the answers (content/understanding/screens.yaml).

    `examples` are three questions by post code, and under `ALL`; `visible_topics` are those
    whose answer reminds the worker who can see what was typed; `usual_topics` are the six
    buttons for somebody whose post is not known.
    """

    help: str
    choose: str
    choose_reply: str
    not_this: str
    fallback_examples: str
    hand_over: str
    not_text: str
    ask_someone: str
    ask_someone_label: str
    nothing_open: str
    concern: str
    concern_wage: str
    concern_without_door: str
    concern_line: str
    visible_line: str
    visible_line_without_door: str
    clause: str
    not_approved: str
    examples: Mapping[str, tuple[str, ...]]
    urgent_first: Mapping[UrgentKind, str]
    visible_topics: tuple[Topic, ...]
    usual_topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything answering needs, as one immutable whole."""

    language: Language
    answers: Mapping[Topic, FaqAnswer]
    texts: ScreenTexts
    labels: Mapping[Topic, str]
