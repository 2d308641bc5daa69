"""What planning asks of the world: due campaigns, candidates with their facts, and a place for the rows."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.amendments import Amendment
from lianbot.domain.campaigns import Campaign, Occurrence, OccurrenceKind
from lianbot.domain.codes import Post, Topic
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import Binding, ChannelKind, Worker
from lianbot.domain.routing import Contact
from lianbot.domain.ways import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A worker of the audience with what the caps and the shelf need to know.

    `bindings` by channel; `opted_out` and `broken` name channels that must not be used. `pushes` are
    the moments that count against the caps in the last 7 days and later. `told` are item ids that
    reached the worker by any means, `answered` those with any answer of the worker. `contact` is
    what the choice of a way looks at.
    """

    worker: Worker
    bindings: tuple[Binding, ...]
    opted_out: frozenset[ChannelKind]
    broken: frozenset[ChannelKind]
    pushes: tuple[datetime, ...]
    told: frozenset[str]
    answered: frozenset[str] = frozenset()
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One delivery as planned: the row's first state with its reason."""

    worker_id: UUID
    edition: str
    item: str
    quiz: str | None
    topic: Topic
    team_id: int
    post: Post
    channel: ChannelKind | None
    account: str | None
    state: DeliveryState
    reason: Reason
    not_before: datetime | None
    counts_at: datetime | None
    way: Way | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCampaign:
    """An approved campaign and the moment up to which its schedule was already looked at."""

    campaign: Campaign
    scanned_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReminder:
    """A push whose one reminder is due: only those outstanding now will get it."""

    campaign: Campaign
    occurrence: Occurrence


class Moments(Protocol):
    """When a schedule is due; the cron syntax is the timetable's."""

    def due_between(self, campaign: Campaign, after: datetime, until: datetime) -> list[datetime]:
        """Due moments with after < moment ≤ until, in order (UTC)."""
        ...

    def times_a_day(self, campaign: Campaign) -> int:
        """How often it is due on a day on which it is due. Raises InvalidInputError naming the schedule."""
        ...

    def ends_at(self, campaign: Campaign, due_at: datetime) -> datetime:
        """From when on what was due at `due_at` must not leave any more: 30 days, or the festival is over."""
        ...


class PlanBook(Protocol):
    """Occurrences and their delivery rows."""

    async def approved(self) -> list[DueCampaign]: ...

    async def scanned(self, campaign_id: UUID, until: datetime) -> None: ...

    async def open_occurrence(
        self,
        campaign_id: UUID,
        kind: OccurrenceKind,
        due_at: datetime,
        now: datetime,
        *,
        reminds: UUID | None = None,
    ) -> Occurrence | None:
        """The unique row, held by us for planning; None when it is planned or another process plans it."""
        ...

    async def miss(
        self, campaign_id: UUID, moments: Sequence[datetime], now: datetime, kind: str, detail: str
    ) -> None:
        """Moments that were due while nothing ran, written down as missed; staff are told in the same transaction.

        A second process that writes the same ones tells nobody again.
        """
        ...

    async def unfinished(self, now: datetime, *, alone: bool) -> list[Occurrence]:
        """Occurrences in `planning` whose planner is gone, now held by us.

        `alone`: nobody else can be planning, so their leases do not matter.
        """
        ...

    async def campaign(self, campaign_id: UUID) -> Campaign: ...

    def candidates(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> AsyncIterator[Sequence[Candidate]]:
        """The audience in chunks, without those who already have a row in this occurrence.

        For a reminder: those of the reminded occurrence who were told and have not answered.
        """
        ...

    async def audience_size(self, campaign: Campaign, now: datetime) -> int:
        """How many workers the audience has now."""
        ...

    async def drawn(self, occurrence: Occurrence) -> Mapping[str, int]:
        """How many people have a row by item, in the push it belongs to with all that was added, whatever became of it;
        those who were held back as too few are not counted."""
        ...

    async def write_rows(
        self, occurrence: Occurrence, rows: Sequence[PlannedRow], now: datetime
    ) -> None:
        """One chunk in one transaction; it renews our hold on the occurrence."""
        ...

    async def finish(self, occurrence: Occurrence, now: datetime) -> Occurrence:
        """The last small transaction: state `planned`, its end, roster snapshot and the `campaign` leaf.

        As it is when another process finished it first; `stopped`, its rows skipped and no leaf, when
        the campaign was stopped meanwhile; `paused` when it was paused.
        """
        ...

    async def amendment(self, occurrence_id: UUID) -> tuple[Amendment, Edition | None]:
        """What an addition or a correction is about, and the notice of a correction."""
        ...

    async def due_reminders(self, now: datetime) -> list[DueReminder]: ...

    async def reminded_edition(self, occurrence_id: UUID) -> dict[UUID, Edition]:
        """For a reminder: which edition each worker had been sent."""
        ...

    async def expire(self, now: datetime) -> int:
        """Rows that still wait although their push has ended are skipped (expired); how many.

        In short transactions, paused pushes and sleeping stages included; rows in a sender's hands are the
        sender's to look at.
        """
        ...

    async def renew(self, since: datetime, now: datetime) -> int:
        """Rows that nobody was told of yet, of items with a material edition approved since then, carry it; how many.

        Where they cannot they are skipped (superseded). The bytes of lost answers with an older text are forgotten: it
        is never repeated. In short transactions.
        """
        ...

    async def wake(self, now: datetime) -> int:
        """Deferred rows whose time has come go back to planned; how many."""
        ...


class Shelf(Protocol):
    """Approved editions, and the order in which a course draws them."""

    async def current(self, items: Sequence[str]) -> dict[str, Edition]:
        """The newest approved edition of each item; missing where there is none."""
        ...

    async def course(self, shelf: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """Item ids in order by (post, level)."""
        ...
