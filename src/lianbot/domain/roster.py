"""The roster as people hand it in and as lianbot keeps it: tables, rows, and what a comparison of both found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import LianbotError
from lianbot.domain.people import Binding, Contractor, Employment, Site, Team, Worker

LEAVERS_ALARM = 0.15
"""Share of a contractor's current workers above which the leavers of one file need a second yes."""


class RosterMovedError(LianbotError):
    """The roster changed between the comparison and the import; compare again. Nothing was written."""


class Column(StrEnum):
    """A column that lianbot knows. Everything else is either dropped unread or carried as plain text."""

    NUMBER = "number"
    NAME = "name"
    PHONE = "phone"
    CONTRACTOR = "contractor"
    TEAM = "team"
    SITE = "site"
    POST = "post"
    LEVEL = "level"
    EMPLOYMENT = "employment"
    SHIFT = "shift"
    STARTED = "started"
    ENDED = "ended"
    STATUS = "status"
    WECOM = "wecom"
    TAGS = "tags"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RowRef:
    """A row of a file as its author sees it: the sheet's name and the row number as Excel shows it (1 = first)."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One person's row: `values` beside `Table.head`, all as text ("" = empty, dates as YYYY-MM-DD).

    `hidden` are the positions whose value looked like an identity or bank card number and was not kept.
    """

    row: int
    values: tuple[str, ...]
    hidden: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a reader left out or decided, told to the person who handed the file in."""

    sheet: str
    row: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a file.

    `head` holds the labels that were kept, `columns` their meaning (None: carried, not used), `dropped` the
    labels of sensitive columns whose cells were never looked at.
    """

    file: str
    sheet: str
    head_row: int
    head: tuple[str, ...]
    columns: tuple[Column | None, ...]
    rows: tuple[TableRow, ...]
    dropped: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def ref(self, row: TableRow) -> RowRef:
        return RowRef(sheet=self.sheet, row=row.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSnapshot:
    """The whole roster at one version, people who left included (numbers are never used again).

    `bindings` are those of the WeCom channel. `last_issued` is the highest running number that lianbot itself
    has ever given out, kept by the store even after retention removed the worker.
    """

    version: int
    contractors: tuple[Contractor, ...] = ()
    teams: tuple[Team, ...] = ()
    sites: tuple[Site, ...] = ()
    workers: tuple[Worker, ...] = ()
    bindings: tuple[Binding, ...] = ()
    last_issued: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFacts:
    """Everything the roster should say of a worker after the import; places by name, because some are new."""

    number: str
    name: str
    phone: str | None
    contractor: str
    team: str
    site: str
    posts: tuple[Post, ...]
    level: Level
    employment: Employment
    shift: str
    started: date | None
    wecom: str | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A newcomer, or (`returning`) a person who had left and is back under the old record."""

    facts: WorkerFacts
    returning: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Updated:
    """A worker whose record changes in `fields` (names of WorkerFacts fields); the rest of `facts` is as before."""

    worker_id: UUID
    facts: WorkerFacts
    fields: tuple[str, ...]

    @property
    def moved(self) -> bool:
        """Whether the worker changes contractor, team or site."""
        return not {"contractor", "team", "site"}.isdisjoint(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A worker who is gone. `inferred`: nobody said so, the person is missing from the contractor's file."""

    worker_id: UUID
    number: str
    name: str
    contractor: str
    on: date
    inferred: bool


Change = Joined | Updated | Left


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTeam:
    """A team that the file names for the first time."""

    name: str
    contractor: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChanges:
    """What one import writes, in one transaction, if the roster is still at `base_version`."""

    base_version: int
    new_contractors: tuple[str, ...]
    new_sites: tuple[str, ...]
    new_teams: tuple[NewTeam, ...]
    changes: tuple[Change, ...]
    last_issued: int

    @property
    def empty(self) -> bool:
        return not (self.changes or self.new_contractors or self.new_sites or self.new_teams)


class Verdict(StrEnum):
    """What becomes of one row."""

    JOINED = "joined"
    LEFT = "left"
    MOVED = "moved"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    QUESTION = "question"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in a row, in a sentence with the mend; `column` where one cell is to blame."""

    column: Column | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """A row's fate; `text` is what the column 处理结果 says."""

    ref: RowRef
    name: str
    verdict: Verdict
    text: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostQuestion:
    """A post in free words that nobody has explained yet; the answer is saved for the contractor.

    `suggestions` are offered, never taken without a yes.
    """

    contractor: str
    word: str
    rows: tuple[RowRef, ...]
    suggestions: tuple[Post, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonQuestion:
    """Is the person of this row the worker on the roster (yes), or somebody else (no)?"""

    ref: RowRef
    name: str
    worker_id: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondYes:
    """A contractor that would lose more than LEAVERS_ALARM of its people through this file."""

    contractor: str
    leavers: int
    current: int


PostMapping = Mapping[str, Mapping[str, tuple[Post, ...]]]
"""contractor's name → free word (as `post_word` gives it) → posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDiff:
    """What a file would change. `changes` covers the good rows only; `outcomes` has every row in file order."""

    outcomes: tuple[RowOutcome, ...]
    left: tuple[Left, ...]
    changes: RosterChanges
    post_questions: tuple[PostQuestion, ...]
    person_questions: tuple[PersonQuestion, ...]
    second_yes: tuple[SecondYes, ...]
    notes: tuple[Note, ...]
    dropped: tuple[str, ...]

    @property
    def needs_second_yes(self) -> bool:
        return bool(self.second_yes)

    @property
    def faulty(self) -> tuple[RowOutcome, ...]:
        """Rows that cannot be imported as they stand: errors and open questions."""
        return tuple(o for o in self.outcomes if o.verdict in (Verdict.ERROR, Verdict.QUESTION))

    def count(self, verdict: Verdict) -> int:
        """People, not rows, for LEFT (most of them have no row); rows for the rest."""
        if verdict is Verdict.LEFT:
            return len(self.left)
        return sum(o.verdict is verdict for o in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReceipt:
    """What the store wrote: the roster's new version and how many people each kind of change touched."""

    version: int
    joined: int
    updated: int
    left: int
