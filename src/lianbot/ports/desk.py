"""What the administrators' console reads and writes: records as they are shown, and the ports that give them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.campaigns import Audience, Occurrence
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition, Quiz
from lianbot.domain.people import Account, ChannelKind, Contractor, Site, Team, Worker
from lianbot.domain.routing import Contact
from lianbot.ports.answers import FollowUp
from lianbot.ports.planning import Candidate

T = TypeVar("T")


# ---- pages of a list -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of a list is wanted; `number` counts from 1."""

    number: int = 1
    size: int = 50

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """One page of a list and how long the whole list is."""

    rows: tuple[T, ...]
    total: int
    paging: Paging

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.paging.size))


# ---- accounts and sessions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What signing in checks. `password_hash` is argon2id; empty means that nobody can sign in with a password."""

    account: Account
    password_hash: str
    totp_secret: str | None
    totp_last_step: int | None
    failures: int
    locked_until: datetime | None
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. `csrf` must come back with every change; `totp`: the second factor is enrolled."""

    account: Account
    csrf: str
    expires_at: datetime
    totp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """An account as the system administrator sees it."""

    account: Account
    created_at: datetime
    disabled: bool
    totp: bool
    locked_until: datetime | None
    number: str = ""
    """Of the person on the roster who gets this account's messages; empty when nobody is named."""


class AccountDesk(Protocol):
    """Accounts by name, and sessions by their token. Every change writes its audit row."""

    async def add(
        self, account: Account, password_hash: str, by: UUID | None, now: datetime
    ) -> Account:
        """Raises InvalidInputError when the name is taken."""
        ...

    async def credentials(self, name: str) -> Credentials | None: ...

    async def get(self, account_id: UUID) -> AccountSeen:
        """Raises NotFoundError."""
        ...

    async def all(self) -> list[Account]:
        """Those that are not disabled, by name."""
        ...

    async def everyone(self) -> list[AccountSeen]:
        """Disabled ones included, by name."""
        ...

    async def failed(
        self, account_id: UUID, failures: int, locked_until: datetime | None
    ) -> None: ...

    async def change_password(
        self, account_id: UUID, password_hash: str, by: UUID, now: datetime
    ) -> None:
        """A new password ends every session of the account."""
        ...

    async def change_totp(
        self, account_id: UUID, secret: str | None, by: UUID, now: datetime
    ) -> None:
        """None takes the second factor away."""
        ...

    async def disable(self, account_id: UUID, disabled: bool, by: UUID, now: datetime) -> None:
        """A disabled account loses its sessions at once."""
        ...

    async def of_worker(self, worker_id: UUID) -> list[Account]:
        """The accounts of this person that are not disabled: what a phone page may do follows from them."""
        ...

    async def name_person(self, account_id: UUID, number: str, by: UUID, now: datetime) -> None:
        """Whose bound account gets this console account's messages; an empty number names nobody.

        Raises InvalidInputError when nobody on the roster has that number.
        """
        ...

    async def use_totp_step(self, account_id: UUID, step: int) -> bool:
        """False when that step, or a later one, was used before: a code works once."""
        ...

    async def open_session(self, account: Account, now: datetime, lifetime: timedelta) -> str:
        """A fresh random token; only its hash is kept."""
        ...

    async def session(self, token: str, now: datetime) -> Session | None: ...

    async def close_session(self, token: str) -> None: ...


# ---- audit ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One change; never a password, a token, or anything a worker typed."""

    action: str
    subject: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An audit row as it is read."""

    at: datetime
    account: str
    action: str
    subject: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


class AuditDesk(Protocol):
    """The audit trail."""

    async def note(self, row: AuditRow, by: UUID | None, now: datetime) -> None: ...

    async def page(self, paging: Paging, words: str = "") -> Listed[AuditEntry]:
        """Newest first; `words` is looked for in account, action and subject."""
        ...


# ---- content -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition with its workflow facts."""

    edition: Edition
    published_at: datetime
    published_by: UUID | None
    approved_by: UUID | None
    approved_at: datetime | None
    approval_note: str
    current: bool
    picture_brief: str
    legal: tuple[str, ...] = ()
    """What the item refers to: law, article, edition; such an item is approved with a legal reviewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSeen:
    """What the content checker says of an item: where, what, the mend, and whether it stops publishing."""

    place: str
    message: str
    suggestion: str
    error: bool


class ContentDesk(Protocol):
    """Editions with their approval."""

    async def all(self) -> list[StoredEdition]:
        """Every edition but questions, by item and newest first."""
        ...

    async def get(self, sha256: str) -> StoredEdition:
        """Raises NotFoundError."""
        ...

    async def quizzes(self, hashes: Collection[str]) -> dict[str, Quiz]: ...

    async def adopt(
        self, hashes: Sequence[str], by: UUID, now: datetime, note: str, legal: str = ""
    ) -> None:
        """Approves editions with their questions, all or none; `legal` is who checked the clauses.

        Raises NotFoundError (not awaiting approval), NotAllowedError (publisher = approver), InvalidInputError
        (one refers to a law and `legal` is empty, too long or its author).
        """
        ...

    async def send_back(self, sha256: str, by: UUID, now: datetime, note: str) -> None:
        """Back to the editor with the reason; the edition is not asked about again.

        Raises NotFoundError (not awaiting approval), NotAllowedError (publisher = approver), InvalidInputError
        (no reason).
        """
        ...

    async def media_of(self, sha256: str) -> list[tuple[str, str]]:
        """Hash and file name of the media that an edition names."""
        ...

    async def media_body(self, sha256: str) -> tuple[str, bytes] | None: ...

    async def shelves(self) -> list[str]:
        """Names of the courses that can be chosen."""
        ...

    async def current(self, items: Sequence[str]) -> dict[str, Edition]:
        """ports.planning.Shelf.current."""
        ...

    async def course(self, shelf: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """ports.planning.Shelf.course."""
        ...


# ---- figures -------------------------------------------------------------------------------------------------


class Dimension(StrEnum):
    """By what figures are broken down."""

    TEAM = "team"
    CONTRACTOR = "contractor"
    POST = "post"
    TOPIC = "topic"
    OCCURRENCE = "occurrence"
    ALL = "all"


ANSWERS = ("understood", "not_understood", "disagree", "cannot", "ask_someone")
PLAIN = (
    *("total", "accepted", "skipped", "deferred", "refused", "unknown"),
    *("opened", "answered", "spoken"),
)
"""What may be said of any group: coverage, and answers as one sum (P8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row of a table of figures; names as in storage.tables.MEASURES."""

    key: str
    name: str
    values: dict[str, int]

    def __getitem__(self, measure: str) -> int:
        return self.values[measure]

    @property
    def answered(self) -> int:
        return sum(self.values[one] for one in ANSWERS)

    def plain(self) -> dict[str, int]:
        """The measures of PLAIN."""
        return {one: self.answered if one == "answered" else self.values[one] for one in PLAIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """People of one group on the roster now, and how many of them some channel can reach."""

    on_roster: int = 0
    reachable: int = 0


class StatisticsDesk(Protocol):
    """Figures from the counters."""

    async def by(
        self,
        dimension: Dimension,
        *,
        campaign_id: UUID | None = None,
        occurrence_id: UUID | None = None,
        reminders: bool = True,
    ) -> list[Figures]: ...

    async def total(
        self, *, campaign_id: UUID | None = None, occurrence_id: UUID | None = None
    ) -> Figures: ...

    async def told_otherwise(
        self, dimension: Dimension, *, campaign_id: UUID | None = None
    ) -> dict[str, int]:
        """Pushes that the platform did not accept but a person answered or heard read aloud, by key."""
        ...

    async def standing(self, dimension: Dimension) -> dict[str, Standing]:
        """By team, contractor or main post; anything else gives one row under the empty key."""
        ...


# ---- work under way ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceSeen:
    """A push or reminder with its figures so far."""

    occurrence: Occurrence
    title: str
    demo: bool
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySeen:
    """One row of a push. `answered` says that something came back, never what (P8)."""

    id: int
    worker_number: str
    worker_name: str
    team: str
    contractor: str
    post: Post
    channel: ChannelKind | None
    state: DeliveryState
    reason: Reason
    detail: str | None
    not_before: datetime | None
    handed_at: datetime | None
    opened: bool
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which rows of a push are wanted; an empty field does not restrict."""

    state: DeliveryState | None = None
    reason: Reason | None = None
    team_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many rows of a push are where they are for which reason."""

    state: DeliveryState
    reason: Reason
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """Something staff should know; repeats of an open one are counted."""

    id: int
    kind: str
    detail: str
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """待办: somebody asked to have it explained, or said that it cannot be done or is wrong."""

    id: int
    kind: FollowUp
    answer: Answer
    worker_name: str
    worker_number: str
    team_id: int
    team: str
    contractor_id: int
    contractor: str
    title: str
    opened_on: date
    closed_on: date | None
    closed_by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; `kinds` is what the reader's role may see."""

    kinds: frozenset[FollowUp]
    open_only: bool = True
    team_id: int | None = None
    contractor_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingSeen:
    """A worker's account on a channel and whether it can be used."""

    channel: ChannelKind
    client: str
    client_by_hand: bool
    opted_out: bool
    broken: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A worker of the roster with the names of the places, and what is known of the channels and ways."""

    worker: Worker
    team: str
    contractor: str
    site: str
    bindings: tuple[BindingSeen, ...] = ()
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFilter:
    """Which workers are wanted; an empty field does not restrict. `unreachable`: only those no channel reaches."""

    words: str = ""
    contractor_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    post: Post | None = None
    unreachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered:
    """A worker of a team who has been told neither by the platform nor by a person, or has not answered."""

    worker_name: str
    worker_number: str
    team: str
    title: str
    state: DeliveryState
    reason: Reason
    due_at: datetime


class DeskReader(Protocol):
    """Lists of the console, one page at a time."""

    async def occurrences(
        self,
        paging: Paging,
        *,
        campaign_id: UUID | None = None,
        since: datetime | None = None,
    ) -> Listed[OccurrenceSeen]:
        """Newest first."""
        ...

    async def occurrence(self, occurrence_id: UUID) -> OccurrenceSeen:
        """Raises NotFoundError."""
        ...

    async def deliveries(
        self, occurrence_id: UUID, wanted: DeliveryFilter, paging: Paging
    ) -> Listed[DeliverySeen]:
        """By team name and worker number."""
        ...

    async def reasons(self, occurrence_id: UUID) -> list[ReasonCount]: ...

    async def alerts(self) -> list[AlertSeen]:
        """Open ones, newest first."""
        ...

    async def close_alert(self, alert_id: int, by: UUID, now: datetime) -> None:
        """Raises NotFoundError when it is not open."""
        ...

    async def tasks(self, wanted: TaskFilter, paging: Paging) -> Listed[Task]:
        """Open ones first, oldest first."""
        ...

    async def task(self, task_id: int) -> Task:
        """Raises NotFoundError."""
        ...

    async def close_task(self, task_id: int, by: UUID, note: str, now: datetime) -> None:
        """Raises NotFoundError when it is not open."""
        ...

    async def workers(self, wanted: WorkerFilter, paging: Paging) -> Listed[WorkerSeen]:
        """By number; those who left are not listed."""
        ...

    async def candidates(self, audience: Audience, on: date) -> list[Candidate]:
        """Whom the rules pick on that local day, with bindings, for a forecast; no pushes and nothing told."""
        ...

    async def ledger_size(self) -> int:
        """Entries in the ledger now."""
        ...

    async def not_covered(
        self, *, team_id: int | None, contractor_id: int | None, since: datetime
    ) -> list[NotCovered]:
        """Pushes since then that did not reach a person of that team or company, or got no answer."""
        ...


class PlacesDesk(Protocol):
    """Where workers belong."""

    async def sites(self) -> list[Site]: ...

    async def contractors(self) -> list[Contractor]: ...

    async def teams(self) -> list[Team]: ...

    async def workers(
        self, *, team_id: int | None = None, contractor_id: int | None = None
    ) -> list[Worker]:
        """Those who have not left, by number."""
        ...

    async def bound(self) -> dict[UUID, set[ChannelKind]]:
        """Channels each worker can be reached on."""
        ...

    async def tags(self) -> list[str]:
        """Those that anybody on the roster has, in order."""
        ...


class SwitchDesk(Protocol):
    """The stop-all switch that all processes see."""

    async def stopped(self) -> bool: ...

    async def turn(self, on: bool, row: AuditRow, by: UUID, now: datetime) -> None:
        """The switch and its audit row in one transaction."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLine:
    """One thing that was looked at: what, how it is, and the mend when it is not well."""

    name: str
    well: bool
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPage:
    """One sheet to write: the line above says what it must not be used for; strings are neutralised by the writer."""

    name: str
    head: tuple[str, ...]
    rows: Sequence[Sequence[str | int | float | date | datetime | None]]
    caption: str
    widths: tuple[int, ...] = field(default=())
