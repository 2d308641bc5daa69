"""What the console is handed: ports, flows and settings, and nothing that names an adapter."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from lianbot.domain.burden import Burden
from lianbot.domain.campaigns import Campaign, Schedule
from lianbot.domain.codes import Level, Post
from lianbot.domain.people import ChannelKind, Team
from lianbot.domain.posts import PostProfile
from lianbot.domain.rollouts import Caution
from lianbot.domain.roster import RosterDiff, Table
from lianbot.flows.additions import Additions, Deciding
from lianbot.flows.bundling import TermSources
from lianbot.flows.campaign import CampaignDesk
from lianbot.flows.correction import Corrections
from lianbot.flows.forecast import Weight
from lianbot.flows.ledgering import Ledgering
from lianbot.flows.preview import Coming, PostCalendar
from lianbot.flows.recalling import Recalling
from lianbot.flows.rectification import RectificationDesk
from lianbot.flows.resending import Resending
from lianbot.flows.term import TermDesk
from lianbot.ports.binding import BindDesk
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.clients import ClientDesk
from lianbot.ports.clock import Clock
from lianbot.ports.control import AmendmentBook, RecallBook, RolloutBook
from lianbot.ports.desk import (
    AccountDesk,
    AuditDesk,
    ContentDesk,
    DeskReader,
    FindingSeen,
    HealthLine,
    PlacesDesk,
    SheetPage,
    StatisticsDesk,
    SwitchDesk,
)
from lianbot.ports.door_shelf import DoorShelf
from lianbot.ports.ledger import LedgerBook
from lianbot.ports.rectification import ProposalBook, RectificationBook
from lianbot.ports.roster import RosterStore
from lianbot.ports.terms import TermBook


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetTools:
    """Spreadsheets are an adapter's business; all three block and are called in a thread.

    `read(file name, bytes)` raises InvalidInputError naming file, sheet and row. `write(path, pages)` neutralises
    formulas. `write_result(path, tables, diff)` is the uploaded workbook with the column 处理结果.
    """

    read: Callable[[str, bytes], tuple[Table, ...]]
    write: Callable[[Path, Sequence[SheetPage]], None]
    write_result: Callable[[Path, Sequence[Table], RosterDiff], None]


class BindPrinter(Protocol):
    """Codes onto paper: an adapter's business. Both raise InvalidInputError when there is nothing to print."""

    @property
    def channel(self) -> ChannelKind:
        """By which the printed codes are read."""
        ...

    async def slips(self, workers: Sequence[UUID], by: UUID) -> bytes: ...

    async def posters(self, teams: Sequence[Team], by: UUID) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What is coming and what was asked of people.

    `sources` reads the content folder: it blocks and is called in a thread, and raises ContentError. `nodes` are
    names by node of the almanac. `calendar(term id)`, `worker(number)` and `post` play the plan forward; the first
    two raise NotFoundError. `burden(first day of a month)` by worker. `weigh(campaign)` at its next due moment.
    """

    desk: TermDesk
    book: TermBook
    sources: Callable[[], TermSources]
    nodes: Mapping[str, str]
    calendar: Callable[[UUID], Awaitable[list[PostCalendar]]]
    worker: Callable[[str], Awaitable[list[Coming]]]
    post: Callable[[Post, Level], Awaitable[list[Coming]]]
    burden: Callable[[date], Awaitable[Mapping[UUID, Burden]]]
    weigh: Callable[[Campaign], Awaitable[Weight]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTools:
    """What people do to a push under way, and what its page reads."""

    additions: Additions
    corrections: Corrections
    deciding: Deciding
    resending: Resending
    recalling: Recalling
    amendments: AmendmentBook
    stages: RolloutBook
    caution: Caution
    recalls: RecallBook


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """Every part of the console.

    `upcoming(schedule, after, until)` are due moments (UTC) with after < moment ≤ until; it raises
    InvalidInputError for an expression that cannot be read. `findings(item id)` is what the content checker
    says of the item's file; it may block and is called in a thread. `topic_names` by topic id. `secure`: reached by https, so cookies are Secure.
    `demo`: a role switcher instead of passwords. `frame_ancestors`: the one origin that may frame the pages
    (demo only). `totp_required`: nobody without a second factor gets past its enrolment. `shelf`: the door's
    opaque files, None where no door stands beside us.
    """

    clock: Clock
    accounts: AccountDesk
    audit: AuditDesk
    campaigns: CampaignBook
    desk: CampaignDesk
    control: ControlTools
    content: ContentDesk
    places: PlacesDesk
    bind_desk: BindDesk
    bind_printer: BindPrinter
    reading: DeskReader
    statistics: StatisticsDesk
    switches: SwitchDesk
    ledger: LedgerBook
    ledgering: Ledgering
    roster: RosterStore
    clients: ClientDesk
    rectifications: RectificationBook
    rectifying: RectificationDesk
    proposals: ProposalBook
    shelf: DoorShelf | None
    sheets: SheetTools
    ahead: Ahead
    upcoming: Callable[[Schedule, datetime, datetime], list[datetime]]
    due_between: Callable[[Campaign, datetime, datetime], list[datetime]]
    findings: Callable[[str], Sequence[FindingSeen]]
    health: Callable[[], Awaitable[Sequence[HealthLine]]]
    profiles: Mapping[Post, PostProfile]
    topic_names: Mapping[str, str]
    secure: bool
    demo: bool = False
    frame_ancestors: str = ""
    totp_required: bool = False
