"""What a worker can mean: a text becomes exactly one of these."""

from dataclasses import dataclass
from enum import StrEnum

from lianbot.domain.codes import Topic


class UrgentKind(StrEnum):
    """Which help is needed first; the kind picks the first line of the answer."""

    FIRE = "fire"
    POISON = "poison"
    MEDICAL = "medical"
    ELECTRIC = "electric"
    DESPAIR = "despair"
    VIOLENCE = "violence"
    TRAPPED = "trapped"
    OTHER = "other"


class Change(StrEnum):
    """What a worker says has changed, in one word (换岗, 换号, 离职)."""

    POST = "post"
    PHONE = "phone"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a topic was chosen: the parts of the text that counted, the nearest known wording,
    and what came second. Never stored; it quotes what was typed."""

    matched: tuple[str, ...] = ()
    nearest: str = ""
    runner_up: Topic | None = None
    runner_up_score: float = 0.0
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    kind: UrgentKind
    why: Why = Why()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernWord:
    """A bare word that asks for the concern door (举报, 有人欺负我): one neutral sentence, no more."""

    word: str
    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagree:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannot:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSomeone:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOrMove:
    word: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with a topic. Sure: the answer is shown, `offered` holds the runner-up where it
    came close. Not sure: only the two topics of `offered` are shown, to choose from. `score` runs
    from 0 to 1. `concern`: the text also holds a word that makes the door's neutral line due."""

    topic: Topic
    score: float
    sure: bool = True
    offered: tuple[Topic, ...] = ()
    concern: bool = False
    why: Why = Why()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Nothing known fits well enough; `score` is that of the best topic that was refused."""

    score: float = 0.0
    concern: bool = False
    why: Why = Why()


Intent = (
    Urgent
    | ConcernWord
    | Acknowledge
    | NotUnderstood
    | Disagree
    | Cannot
    | AskSomeone
    | Help
    | LeaveOrMove
    | Question
    | Unclear
)
