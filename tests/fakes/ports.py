"""In-memory ports with a notebook of what was asked; a flow's test hands them in and reads the notebook."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import cast
from uuid import UUID, uuid4

from lianbot.domain.acknowledgements import (
    AnswerGiven,
    AnswerOutcome,
    FirstAnswer,
    NothingOpen,
    PageShown,
    Receipt,
)
from lianbot.domain.binding import Claim
from lianbot.domain.campaigns import (
    Campaign,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
)
from lianbot.domain.codes import ItemType, Level, Post, Topic
from lianbot.domain.deliveries import Delivery, DeliveryState, Reason
from lianbot.domain.errors import NotFoundError
from lianbot.domain.items import Edition, EditionState
from lianbot.domain.messages import (
    Accepted,
    InboundMessage,
    MessageForm,
    OutboundMessage,
    PlatformCall,
    Reply,
    SendOutcome,
    WireAnswer,
)
from lianbot.domain.people import Account, ChannelKind, ClientKind, KnownWorker, Role
from lianbot.flows.binding import Binding
from lianbot.flows.wishes import Wishes
from lianbot.ports.binding import BindBook
from lianbot.ports.clock import Clock
from lianbot.ports.consents import ConsentBook
from lianbot.ports.desk import Credentials
from lianbot.ports.outbox import Parcel, RenderTogether
from lianbot.ports.planning import Candidate, DueCampaign, DueReminder, PlannedRow


def an_edition(item: str = "LSN-COOK-001", **changes: object) -> Edition:
    """An approved lesson without a question."""
    values = {
        "sha256": item.encode().hex().ljust(64, "0")[:64],
        "item": item,
        "type": ItemType.LESSON,
        "title": "空白单子，一笔都不签",
        "text": "先过秤，写满，两个人签。",
        "tag": "",
        "topic": Topic.BLANK_SIGN,
        "posts": (),
        "levels": (),
        "quizzes": (),
        "voice_script": "",
        "valid_from": None,
        "valid_until": None,
        "author": "内容编写组",
        "version": 1,
        "material": False,
        "state": EditionState.APPROVED,
    } | changes
    return Edition(**values)  # type: ignore[arg-type]


def a_delivery(number: int = 1, **changes: object) -> Delivery:
    """A planned row for `u<number>`."""
    values = {
        "id": number,
        "occurrence_id": UUID(int=1),
        "worker_id": UUID(int=1000 + number),
        "edition": "ab" * 32,
        "item": "LSN-COOK-001",
        "quiz": None,
        "topic": Topic.BLANK_SIGN,
        "team_id": 1,
        "post": Post.COOK,
        "channel": ChannelKind.WECOM,
        "account": f"u{number}",
        "state": DeliveryState.PLANNED,
    } | changes
    return Delivery(**values)  # type: ignore[arg-type]


def a_parcel(delivery: Delivery, **changes: object) -> Parcel:
    values = {
        "delivery": delivery,
        "answers_to": delivery.id,
        "answers_occurrence": delivery.occurrence_id,
        "kind": OccurrenceKind.PUSH,
        "edition": an_edition(),
        "client": ClientKind.WECOM,
        "acknowledged": False,
        "left": False,
        "number": f"LB{delivery.id:06}",
    } | changes
    return Parcel(**values)  # type: ignore[arg-type]


class FakeOutbox:
    """ports.outbox.Outbox: rows by number; `begun` and `marked` are the notebook."""

    def __init__(self, rows: Sequence[Delivery]) -> None:
        self.rows = {one.id: one for one in rows}
        self.parcels: dict[int, dict[str, object]] = {}
        self.claimed: dict[int, str] = {}
        self.stopped: set[int] = set()
        self.again: dict[int, int] = {}
        self.begun: list[Delivery] = []
        self.marked: list[Delivery] = []
        self.numbers = count(1)

    async def claim(self, owner: str, limit: int, now: datetime) -> Sequence[Parcel]:
        free = [
            one
            for one in self.rows.values()
            if one.state is DeliveryState.PLANNED and one.id not in self.claimed
        ][:limit]
        self.claimed |= {one.id: owner for one in free}
        return [a_parcel(one, **self.parcels.get(one.id, {})) for one in free]

    async def claim_unknown(
        self, owner: str, channel: ChannelKind, since: datetime, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        found = [
            one
            for one in self.rows.values()
            if one.state is DeliveryState.UNKNOWN
            and one.channel is channel
            and one.first_handed_at
            and one.first_handed_at > since
            and one.id not in self.claimed
        ][:limit]
        return self._repeats(found, owner)

    async def claim_decided(
        self, owner: str, channel: ChannelKind, limit: int, now: datetime
    ) -> Sequence[Parcel]:
        found = [
            one
            for one in self.rows.values()
            if one.state is DeliveryState.UNKNOWN
            and one.channel is channel
            and self.again.get(one.id) == one.attempts
            and one.id not in self.claimed
        ][:limit]
        return self._repeats(found, owner)

    def _repeats(self, found: Sequence[Delivery], owner: str) -> Sequence[Parcel]:
        self.claimed |= {one.id: owner for one in found}
        return [a_parcel(one, **self.parcels.get(one.id, {})) for one in found]

    async def begin(self, delivery: Delivery, owner: str) -> bool:
        if self.claimed.get(delivery.id) != owner or delivery.id in self.stopped:
            return False
        self.begun.append(delivery)
        self.rows[delivery.id] = delivery
        return True

    async def begin_together(
        self, deliveries: Sequence[Delivery], owner: str, render: RenderTogether
    ) -> Sequence[Delivery]:
        may = [
            one
            for one in deliveries
            if self.claimed.get(one.id) == owner and one.id not in self.stopped
        ]
        if not may:
            return []
        first = may[0]
        body = first.body if first.shared_body else render(may)
        number = first.shared_body or next(self.numbers)
        begun = [replace(one, body=body, shared_body=number) for one in may]
        self.begun += begun
        self.rows |= {one.id: one for one in begun}
        return begun

    async def mark(self, delivery: Delivery, owner: str) -> None:
        if self.claimed.pop(delivery.id, None) == owner:
            self.marked.append(delivery)
            self.rows[delivery.id] = delivery

    async def release(self, owner: str) -> None:
        self.claimed = {number: who for number, who in self.claimed.items() if who != owner}

    async def recover(self, now: datetime, *, alone: bool) -> int:
        lost = [one for one in self.rows.values() if one.state is DeliveryState.HANDING_OVER]
        for one in lost:
            self.rows[one.id] = replace(
                one, state=DeliveryState.UNKNOWN, reason=Reason.PROCESS_DIED
            )
        return len(lost)

    def states(self) -> dict[int, DeliveryState]:
        return {number: one.state for number, one in self.rows.items()}


@dataclass
class FakeStaff:
    """ports.outbox.Staff: the switch, and the alerts that were raised."""

    off: bool = False
    alerts: list[tuple[str, str]] = field(default_factory=list)

    async def stopped(self) -> bool:
        return self.off

    async def alert(self, kind: str, detail: str, now: datetime) -> None:
        self.alerts.append((kind, detail))


class FakeChannel:
    """ports.channel.Channel: answers as told, in order or by account; `sent` are the bodies."""

    kind = ChannelKind.WECOM

    def __init__(self, *outcomes: SendOutcome, **by_account: SendOutcome) -> None:
        self.outcomes = list(outcomes)
        self.by_account = by_account
        self.sent: list[bytes] = []

    def verify_address(self, call: PlatformCall) -> WireAnswer:
        raise AssertionError("nobody prepared an address check")

    def receive(self, call: PlatformCall) -> InboundMessage:
        raise AssertionError("nobody prepared a push")

    def answer(self, call: PlatformCall, reply: Reply, inbound: InboundMessage) -> WireAnswer:
        raise AssertionError("nobody prepared an answer")

    def render(self, message: OutboundMessage) -> bytes:
        return f"{message.account}:{message.task}".encode()

    async def send(self, body: bytes) -> SendOutcome:
        self.sent.append(body)
        account = body.decode().partition(":")[0]
        if account in self.by_account:
            return self.by_account[account]
        if self.outcomes:
            return self.outcomes.pop(0)
        return Accepted(platform_id=f"m-{account}")

    async def identify(self, code: str) -> str | None:
        raise AssertionError("nobody prepared a sign-in")

    def authorize_url(self, redirect: str, state: str) -> str:
        return f"{redirect}#{state}"


class FakeManyChannel(FakeChannel):
    """ports.channel.ManyAtOnce besides: text goes to many; `together` are the accounts of each such call."""

    most_at_once = 3

    def __init__(self, *outcomes: SendOutcome, **by_account: SendOutcome) -> None:
        super().__init__(*outcomes, **by_account)
        self.together: list[tuple[str, ...]] = []

    def same_for_many(self, message: OutboundMessage) -> bool:
        return message.form is MessageForm.TEXT

    def render_for(self, message: OutboundMessage, accounts: Sequence[str]) -> bytes:
        return f"{'|'.join(accounts)}:{message.text}".encode()

    async def send_to(self, body: bytes, accounts: Sequence[str]) -> Sequence[SendOutcome]:
        self.sent.append(body)
        self.together.append(tuple(accounts))
        whole = self.outcomes.pop(0) if self.outcomes else Accepted(platform_id="m")
        return [self.by_account.get(one, whole) for one in accounts]


class FakeDirectory:
    """ports.directory.Directory."""

    def __init__(self, *known: tuple[str, KnownWorker]) -> None:
        self.known = dict(known)

    def who(self, channel: ChannelKind, account: str) -> KnownWorker | None:
        return self.known.get(account)

    def sharers(self, channel: ChannelKind, account: str) -> tuple[KnownWorker, ...]:
        return (self.known[account],) if account in self.known else ()

    def by_id(self, worker_id: UUID) -> KnownWorker | None:
        return next((one for one in self.known.values() if one.id == worker_id), None)


@dataclass
class FakeAnswers:
    """ports.answers.AnswerBook: `fate` is what becomes of an answer; the rest is the notebook."""

    fate: AnswerOutcome | Exception | None = None
    given: list[AnswerGiven] = field(default_factory=list)
    pages: list[PageShown] = field(default_factory=list)
    firsts: list[FirstAnswer] = field(default_factory=list)

    async def answer(self, given: AnswerGiven) -> AnswerOutcome:
        self.given.append(given)
        if isinstance(self.fate, Exception):
            raise self.fate
        if isinstance(self.fate, NothingOpen):
            return self.fate
        return self.fate or Receipt(
            seq=12, leaf_start="0123456789", answer=given.answer, repeated=False
        )

    async def shown(self, shown: PageShown) -> None:
        self.pages.append(shown)

    async def first_answer(self, answer: FirstAnswer) -> None:
        self.firsts.append(answer)


class FakePlanBook:
    """ports.planning.PlanBook: campaigns and candidates in memory, occurrences unique as in the database."""

    def __init__(self, candidates: Sequence[Candidate] = (), chunk: int = 2) -> None:
        self.people = list(candidates)
        self.chunk = chunk
        self.campaigns: dict[UUID, Campaign] = {}
        self.looked_until: dict[UUID, datetime] = {}
        self.occurrences: dict[tuple[UUID, datetime, OccurrenceKind], Occurrence] = {}
        self.rows: dict[UUID, list[PlannedRow]] = {}
        self.reminders: list[DueReminder] = []
        self.dead: set[UUID] = set()
        self.missed: list[tuple[str, str]] = []
        self.woken: list[datetime] = []
        self.expired: list[datetime] = []
        self.renewed: list[tuple[datetime, datetime]] = []
        self.die_after: int | None = None

    def add(self, campaign: Campaign) -> Campaign:
        self.campaigns[campaign.id] = campaign
        self.looked_until[campaign.id] = campaign.created_at
        return campaign

    async def approved(self) -> list[DueCampaign]:
        return [
            DueCampaign(campaign=one, scanned_until=self.looked_until[one.id])
            for one in self.campaigns.values()
            if one.state is CampaignState.APPROVED
        ]

    async def scanned(self, campaign_id: UUID, until: datetime) -> None:
        self.looked_until[campaign_id] = until

    async def open_occurrence(
        self,
        campaign_id: UUID,
        kind: OccurrenceKind,
        due_at: datetime,
        now: datetime,
        *,
        reminds: UUID | None = None,
    ) -> Occurrence | None:
        key = (campaign_id, due_at, kind)
        if key in self.occurrences:
            return None
        self.occurrences[key] = Occurrence(
            id=uuid4(),
            campaign_id=campaign_id,
            kind=kind,
            due_at=due_at,
            state=OccurrenceState.PLANNING,
            reminds=reminds,
        )
        return self.occurrences[key]

    async def miss(
        self, campaign_id: UUID, moments: Sequence[datetime], now: datetime, kind: str, detail: str
    ) -> None:
        for due_at in moments:
            self.occurrences[campaign_id, due_at, OccurrenceKind.PUSH] = Occurrence(
                id=uuid4(),
                campaign_id=campaign_id,
                kind=OccurrenceKind.PUSH,
                due_at=due_at,
                state=OccurrenceState.MISSED,
            )
        self.missed.append((kind, detail))

    async def unfinished(self, now: datetime, *, alone: bool) -> list[Occurrence]:
        return [
            one
            for one in self.occurrences.values()
            if one.state is OccurrenceState.PLANNING and (alone or one.id in self.dead)
        ]

    async def campaign(self, campaign_id: UUID) -> Campaign:
        return self.campaigns[campaign_id]

    async def candidates(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> AsyncIterator[Sequence[Candidate]]:
        done = {row.worker_id for row in self.rows.get(occurrence.id, [])}
        waiting = [one for one in self.people if one.worker.id not in done]
        for start in range(0, len(waiting), self.chunk):
            yield waiting[start : start + self.chunk]

    async def drawn(self, occurrence: Occurrence) -> dict[str, int]:
        return Counter(row.item for row in self.rows.get(occurrence.id, []))

    async def audience_size(self, campaign: Campaign, now: datetime) -> int:
        return len(self.people)

    async def write_rows(
        self, occurrence: Occurrence, rows: Sequence[PlannedRow], now: datetime
    ) -> None:
        kept = self.rows.setdefault(occurrence.id, [])
        known = {row.worker_id for row in kept}
        assert not known & {row.worker_id for row in rows}, "a second row for the same worker"
        kept += rows
        if self.die_after is not None and len(kept) >= self.die_after:
            self.die_after = None
            self.dead.add(occurrence.id)
            raise ConnectionError("the planner's process died")

    async def finish(self, occurrence: Occurrence, now: datetime) -> Occurrence:
        planned = replace(
            occurrence,
            state=OccurrenceState.PLANNED,
            planned=len(self.rows.get(occurrence.id, [])),
        )
        self.occurrences[(occurrence.campaign_id, occurrence.due_at, occurrence.kind)] = planned
        return planned

    async def due_reminders(self, now: datetime) -> list[DueReminder]:
        return list(self.reminders)

    async def reminded_edition(self, occurrence_id: UUID) -> dict[UUID, Edition]:
        return {row.worker_id: an_edition(row.item) for row in self.rows[occurrence_id]}

    async def expire(self, now: datetime) -> int:
        self.expired.append(now)
        return 0

    async def renew(self, since: datetime, now: datetime) -> int:
        self.renewed.append((since, now))
        return 0

    async def wake(self, now: datetime) -> int:
        self.woken.append(now)
        return 0


class FakeShelf:
    """ports.planning.Shelf."""

    def __init__(
        self, *editions: Edition, course: dict[tuple[str, str], tuple[str, ...]] | None = None
    ) -> None:
        self.editions = {one.item: one for one in editions}
        self.order = course or {}

    async def current(self, items: Sequence[str]) -> dict[str, Edition]:
        return {item: self.editions[item] for item in items if item in self.editions}

    async def course(self, shelf: str) -> dict[tuple[str, str], tuple[str, ...]]:
        return self.order


class FakeCampaignBook:
    """ports.campaigns.CampaignBook with its audit rows."""

    def __init__(
        self,
        size: Callable[[Campaign], int] = lambda campaign: len(campaign.audience.workers) or 12,
    ) -> None:
        self.kept: dict[UUID, Campaign] = {}
        self.noted: list[tuple[str, UUID]] = []
        self.size = size
        self.posts: dict[tuple[tuple[Post, ...], Level], int] = {}

    async def add(self, campaign: Campaign) -> None:
        self.kept[campaign.id] = campaign

    async def get(self, campaign_id: UUID) -> Campaign:
        if campaign_id not in self.kept:
            raise NotFoundError("没有这份推送计划")
        return self.kept[campaign_id]

    async def all(self) -> list[Campaign]:
        return list(self.kept.values())

    async def save(
        self,
        before: Campaign,
        after: Campaign,
        now: datetime,
        *,
        action: str,
        by: UUID,
        detail: object,
    ) -> None:
        assert self.kept[before.id] == before, "read, then changed by somebody else"
        self.kept[after.id] = after
        self.noted.append((action, by))

    async def audience_size(self, campaign: Campaign, on: date) -> int:
        return self.size(campaign)

    async def audience_posts(
        self, campaign: Campaign, on: date
    ) -> dict[tuple[tuple[Post, ...], Level], int]:
        return self.posts or {((Post.COOK,), Level.L6): self.size(campaign)}


class FakeAccounts:
    """The part of ports.desk.AccountDesk that signing in asks for."""

    def __init__(self, *known: Credentials) -> None:
        self.known = {one.account.name: one for one in known}
        self.asked: list[str] = []

    async def credentials(self, name: str) -> Credentials | None:
        self.asked.append(name)
        return self.known.get(name)

    async def failed(self, account_id: UUID, failures: int, locked_until: datetime | None) -> None:
        for name, one in self.known.items():
            if one.account.id == account_id:
                self.known[name] = replace(one, failures=failures, locked_until=locked_until)

    async def use_totp_step(self, account_id: UUID, step: int) -> bool:
        for name, one in self.known.items():
            if one.account.id == account_id:
                if one.totp_last_step is not None and step <= one.totp_last_step:
                    return False
                self.known[name] = replace(one, totp_last_step=step)
                return True
        return False


def an_account(*roles: str, name: str = "") -> Account:
    one = uuid4()
    return Account(
        id=one,
        name=name or f"a{one.hex[:6]}",
        display="",
        roles=frozenset(Role(role) for role in roles),
    )


class NobodyBinds:
    """ports.binding.BindBook of a school in which nobody is being bound; `gone` are accounts that left."""

    def __init__(self) -> None:
        self.gone: list[str] = []

    async def dialogue(self, channel: ChannelKind, account: str, now: datetime) -> None:
        return None

    async def may_try(self, who: bytes, now: datetime) -> bool:
        return True

    async def slip(self, code_hash: bytes) -> None:
        return None

    async def poster(self, scene: str) -> None:
        return None

    async def matching(self, claim: Claim) -> None:
        return None

    async def lost(self, channel: ChannelKind, account: str, now: datetime) -> int:
        self.gone.append(account)
        return 0

    async def back(self, channel: ChannelKind, account: str) -> int:
        return 0


def nobody_binds(clock: Clock, book: NobodyBinds | None = None) -> Binding:
    """The binding dialogue over it."""
    book = book or NobodyBinds()

    async def refresh() -> None:
        return None

    return Binding(
        book=cast(BindBook, book),
        wishes=Wishes(
            book=cast(BindBook, book),
            consents=cast(ConsentBook, None),
            clock=clock,
            refresh=refresh,
        ),
        clock=clock,
        posts={},
        key=b"k" * 32,
        page_url="",
        refresh=refresh,
    )
