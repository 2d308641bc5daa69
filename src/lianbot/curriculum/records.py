"""What content is once it was read: frozen records, one for each kind of item and table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lianbot.curriculum.findings import Finding
from lianbot.curriculum.plain import Readability
from lianbot.domain.codes import ItemType, Level, Post, Risk, Topic
from lianbot.domain.posts import PostProfile


class Status(StrEnum):
    """How far an item has come; publishing ignores it, a named reviewer approves in the database."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    LIVE = "live"
    RETIRED = "retired"


class Truth(StrEnum):
    """Where an item comes from: a reported event, a written scene, or a rule."""

    REAL = "real"
    COMPOSITE = "composite"
    RULE = "rule"


class Grade(StrEnum):
    """A: court, procuratorate, discipline or university site · B: press mirror with origin · C: weak mirror."""

    A = "A"
    B = "B"
    C = "C"


class Area(StrEnum):
    """The five money areas that the founding paper names."""

    RENT = "房屋租赁"
    SMALL_REPAIR = "零星修缮"
    EQUIPMENT = "设备维修"
    PROCUREMENT = "招标采购"
    FEES = "收费"


class PolicyKind(StrEnum):
    """What a policy item is for: a note, a red-yellow-green card, a lead's card, consent, the bulletin."""

    NOTICE = "notice"
    CARD = "card"
    READALOUD = "readaloud"
    CONSENT = "consent"
    BULLETIN = "bulletin"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalBasis:
    """One clause behind an item. `confirmed` is false while nobody has read it in the primary text."""

    law: str
    article: str
    edition: date
    checked: date
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSource:
    """Where a reported case was read; `opened` is the day a person opened the original."""

    url: str
    grade: Grade
    opened: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Forms an item comes in; `voice` and `picture` are paths below the content directory."""

    text: bool
    voice: str | None
    picture: str | None
    slow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPart:
    moment: str
    do: str
    dont: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePart:
    year: str
    place: str
    unit_kind: str
    amount_text: str
    method: str
    outcome: str
    stop_point: str
    two_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart:
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizPart:
    """`answer` is the index of the right option in the file's own order."""

    variant_of: str
    stem: str
    options: tuple[str, ...]
    answer: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPart:
    kind: PolicyKind
    issuer: str
    doc_no: str
    one_line: str
    what_changes_for: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqPart:
    """Each of `must_say` is one or more words parted by `|`, one of which has to stand in the answer."""

    must_say: tuple[str, ...]
    must_not_say: tuple[str, ...]
    handoff: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPart:
    """`offset_days` counts from the node's day: negative before, positive after."""

    node: str
    offset_days: int
    replaces_weekly: bool
    rotate_group: str


Part = LessonPart | CasePart | StoryPart | QuizPart | PolicyPart | FaqPart | ReminderPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFile:
    """One item as its file says. `posts` is empty for all posts. `body` is the text as written,
    `text` what is shown, complete (a case gets its questions).

    `tag` is the mark above the item (情景案例…), derived from type and truth so that nobody forgets
    it. `lines` maps field and section names to file lines; `text_line` is where the text begins.
    """

    file: str
    id: str
    type: ItemType
    title: str
    posts: tuple[Post, ...]
    levels: tuple[Level, ...]
    risks: tuple[Risk, ...]
    topic: Topic
    sites: tuple[str, ...]
    areas: tuple[Area, ...]
    status: Status
    version: int
    material: bool
    author: str
    reviewer: str | None
    legal_reviewer: str | None
    legal_basis: tuple[LegalBasis, ...]
    sources: tuple[CaseSource, ...]
    truth: Truth
    valid_from: date
    valid_until: date
    variants: Variants
    changelog: str
    readability: Readability | None
    quiz_ids: tuple[str, ...]
    part: Part
    body: str
    text: str
    tag: str
    sections: Mapping[str, str]
    lines: Mapping[str, int]
    text_line: int

    @property
    def voice_script(self) -> str:
        return self.sections.get("语音稿", "")

    @property
    def picture_brief(self) -> str:
        return self.sections.get("画面", "")

    @property
    def text_twin(self) -> str:
        return self.sections.get("图片文字版", "")

    @property
    def say_aloud(self) -> str:
        return self.sections.get("自己怎么说", "")

    @property
    def read_aloud(self) -> str:
        """What a lead reads out at the 班前会: the card where one is written, else the voice script."""
        return self.sections.get("班前会", "") or self.voice_script

    def line_of(self, name: str) -> int:
        return self.lines.get(name, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A picture or voice file of an edition; its bytes lie under their own hash."""

    name: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedItem(ItemFile):
    """An item with its edition: the canonical bytes of the evidence page and their SHA-256."""

    media: tuple[MediaFile, ...]
    edition_bytes: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry:
    id: Topic
    name: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEntry:
    code: Risk
    name: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarNode:
    """One node of the year (中秋, 毕业季 …): whom it concerns first, and when reminders go out.

    The days of a `local` node (开学, 招标季) are the school's own: those shipped are provisional.
    """

    id: str
    name: str
    audience: tuple[Post, ...]
    offsets: tuple[int, ...]
    lunar: bool
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDay:
    """The day of a node in a year; `until` is its last day for a season. Provisional until announced."""

    node: str
    day: date
    until: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class YearArrangement:
    """Days off and make-up working days (调休) of a year; `provisional` until the State Council announced it."""

    year: int
    provisional: bool
    notice: str
    days_off: tuple[date, ...]
    make_up: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    nodes: tuple[CalendarNode, ...]
    days: tuple[NodeDay, ...]
    years: tuple[YearArrangement, ...]

    def node(self, node_id: str) -> CalendarNode | None:
        return next((node for node in self.nodes if node.id == node_id), None)

    def day_of(self, node_id: str, year: int) -> NodeDay | None:
        return next((d for d in self.days if d.node == node_id and d.day.year == year), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSpan:
    """Month-day to month-day, both inclusive, every year; it may run over New Year."""

    start: tuple[int, int]
    end: tuple[int, int]

    def covers(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= here <= self.end
        return here >= self.start or here <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """课程表: an ordered shelf for a post and its levels; nothing is due within `quiet`."""

    id: str
    name: str
    post: Post
    levels: tuple[Level, ...]
    shelf: tuple[str, ...]
    quiet: tuple[QuietSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """An entry of the account's menu: a `key` comes back as a tap; `page` opens the front page instead."""

    name: str
    key: str | None
    page: str | None
    children: tuple["MenuItem", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One law of the register: the edition that was read, and the articles found in its text."""

    name: str
    aliases: tuple[str, ...]
    edition: date
    articles: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything in `content/`, checked. `warnings` are the findings that do not stop anybody."""

    items: tuple[LoadedItem, ...]
    posts: tuple[PostProfile, ...]
    topics: tuple[TopicEntry, ...]
    risks: tuple[RiskEntry, ...]
    calendar: Calendar | None
    courses: tuple[Course, ...]
    menu: tuple[MenuItem, ...]
    warnings: tuple[Finding, ...]

    def item(self, item_id: str) -> LoadedItem | None:
        return next((item for item in self.items if item.id == item_id), None)

    def of_type(self, kind: ItemType) -> tuple[LoadedItem, ...]:
        return tuple(item for item in self.items if item.type is kind)
