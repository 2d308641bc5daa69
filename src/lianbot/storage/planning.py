"""Occurrences and their delivery rows, written in chunks under `planning` and opened by one small transaction."""

import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.amendments import Amendment
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    TELLS,
    Campaign,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
)
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, Worker
from lianbot.domain.ways import Way
from lianbot.evidence.commitments import worker_commitment
from lianbot.evidence.entries import CampaignPlanned
from lianbot.evidence.rosters import roster_bytes
from lianbot.ports.planning import Candidate, DueCampaign, DueReminder, PlannedRow
from lianbot.storage.audiences import audience_size, conditions, named
from lianbot.storage.campaigns import load as load_campaigns
from lianbot.storage.clearing import (
    WITH_THE_DECISION,
    SqlClearings,
    being_cleared,
    pass_gate,
    withdraw,
)
from lianbot.storage.columns import AnyRow
from lianbot.storage.contacts import binding_of, contacts
from lianbot.storage.content import edition_of
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.ends import expire
from lianbot.storage.installation import write_alert
from lianbot.storage.ledger import append
from lianbot.storage.lineage import (
    amendment_of,
    corrected,
    family,
    kin,
    whole_push_corrected,
    wrong_rows,
)
from lianbot.storage.people import worker_of
from lianbot.storage.prepared import Prepared
from lianbot.storage.renewing import renew
from lianbot.storage.rollouts import NOT_OUT, open_rollout
from lianbot.storage.stopping import state_after_planning
from lianbot.storage.tables import (
    acknowledgements,
    amendments,
    bindings,
    campaigns,
    deliveries,
    editions,
    occurrences,
    reviews,
    roster_snapshots,
    workers,
)

CHUNK = 2_000
LEASE = timedelta(minutes=2)
CAP_WINDOW = timedelta(days=7)
COUNTING = (
    DeliveryState.PLANNED,
    DeliveryState.DEFERRED,
    DeliveryState.HANDING_OVER,
    DeliveryState.ACCEPTED,
    DeliveryState.UNKNOWN,
    DeliveryState.PLATFORM_FAILED,
)
"""States whose rows weigh on the worker: sent, perhaps sent, or about to be."""
NO_COMPANY = (
    Reason.TOO_FEW,
    Reason.EXPIRED,
    Reason.SUPERSEDED,
    Reason.STOPPED,
    Reason.LEFT,
)
"""Why nobody ever gets the text of a skipped row. Who is unbound or reads on paper still does, from the lead."""

REACHED = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)


class SqlPlanBook:
    """ports.planning.PlanBook over SQL."""

    def __init__(
        self, database: Database, origin: str, ways: frozenset[Way] = frozenset(Way)
    ) -> None:
        """`ways` are those that are set up; of these some may be shut because the account has no right."""
        self._database = database
        self._origin = origin
        self._ways = ways

    async def approved(self) -> list[DueCampaign]:
        async with self._database.read() as connection:
            found = await load_campaigns(connection, campaigns.c.state == CampaignState.APPROVED)
            rows = await connection.execute(
                select(campaigns.c.id, campaigns.c.scanned_until, campaigns.c.created_at)
            )
            until = {row.id: row.scanned_until or row.created_at for row in rows}
        # of two that are due together the older one goes first, as the preview says
        found.sort(key=lambda one: (one.created_at, one.title))
        return [DueCampaign(campaign=one, scanned_until=until[one.id]) for one in found]

    async def scanned(self, campaign_id: UUID, until: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(campaigns).where(campaigns.c.id == campaign_id).values(scanned_until=until)
            )

    async def open_occurrence(
        self,
        campaign_id: UUID,
        kind: OccurrenceKind,
        due_at: datetime,
        now: datetime,
        *,
        reminds: UUID | None = None,
    ) -> Occurrence | None:
        occurrence = Occurrence(
            id=uuid4(),
            campaign_id=campaign_id,
            kind=kind,
            due_at=due_at,
            state=OccurrenceState.PLANNING,
            reminds=reminds,
        )
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(occurrences).values(
                        id=occurrence.id,
                        campaign_id=campaign_id,
                        kind=kind,
                        due_at=due_at,
                        state=occurrence.state,
                        reminds=reminds,
                        claimed_until=now + LEASE,
                    )
                )
                if reminds is not None:
                    await connection.execute(
                        update(occurrences)
                        .where(occurrences.c.id == reminds)
                        .values(reminded=True)
                    )
        except IntegrityError:
            return await self._take_over(campaign_id, kind, due_at, now)
        return occurrence

    async def miss(
        self, campaign_id: UUID, moments: Sequence[datetime], now: datetime, kind: str, detail: str
    ) -> None:
        async with self._database.write() as connection:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            made = await connection.execute(
                dialect.insert(occurrences)
                .values(
                    [
                        {
                            "id": uuid4(),
                            "campaign_id": campaign_id,
                            "kind": OccurrenceKind.PUSH,
                            "due_at": due_at,
                            "state": OccurrenceState.MISSED,
                        }
                        for due_at in moments
                    ]
                )
                .on_conflict_do_nothing()
                .returning(occurrences.c.id)
            )
            if made.first() is not None:
                await write_alert(connection, kind, detail, now)

    async def _take_over(
        self, campaign_id: UUID, kind: OccurrenceKind, due_at: datetime, now: datetime
    ) -> Occurrence | None:
        """A planner that died left the row in `planning`; its lease runs out by itself."""
        mine = and_(
            occurrences.c.campaign_id == campaign_id,
            occurrences.c.kind == kind,
            occurrences.c.due_at == due_at,
            occurrences.c.state == OccurrenceState.PLANNING,
            occurrences.c.claimed_until < now,
        )
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(occurrences).where(mine).values(claimed_until=now + LEASE)
            )
            if taken.rowcount == 0:
                return None
            row = (
                await connection.execute(
                    select(occurrences).where(
                        occurrences.c.campaign_id == campaign_id,
                        occurrences.c.kind == kind,
                        occurrences.c.due_at == due_at,
                    )
                )
            ).one()
        return occurrence_of(row)

    async def unfinished(self, now: datetime, *, alone: bool) -> list[Occurrence]:
        """Occurrences whose planner is gone. `alone`: nobody else can be planning, leases do not matter.

        A correction waits until nothing of what it corrects can leave any more: whom it reached is known then.
        """
        gone = and_(
            occurrences.c.state == OccurrenceState.PLANNING,
            not_(being_cleared(occurrences.c.id)),
        )
        if not alone:
            gone = and_(gone, occurrences.c.claimed_until < now)
        async with self._database.write() as connection:
            # one statement: of two processes the second sees the lease of the first
            rows = await connection.execute(
                update(occurrences)
                .where(gone)
                .values(claimed_until=now + LEASE)
                .returning(occurrences)
            )
            return [occurrence_of(row) for row in rows]

    async def campaign(self, campaign_id: UUID) -> Campaign:
        async with self._database.read() as connection:
            return (await load_campaigns(connection, campaigns.c.id == campaign_id))[0]

    async def candidates(
        self, campaign: Campaign, occurrence: Occurrence, now: datetime
    ) -> AsyncIterator[Sequence[Candidate]]:
        rules = conditions(campaign.audience, local(now).date())
        for slice_ in named(campaign.audience):
            after: UUID | None = None
            while True:
                async with self._database.read() as connection:
                    found = await _next_workers(connection, occurrence, [*rules, *slice_], after)
                    if not found:
                        break
                    facts = await _facts(connection, found, now, self._ways)
                after = found[-1].id
                yield [facts[one.id] for one in found]

    async def drawn(self, occurrence: Occurrence) -> dict[str, int]:
        async with self._database.read() as connection:
            members = await family(connection, occurrence.amends or occurrence.id)
            rows = await connection.execute(
                select(deliveries.c.item, func.count().label("people"))
                .where(
                    deliveries.c.occurrence_id.in_(members.tellings),
                    # nobody gets the text through these: they are no company for one who is added
                    or_(
                        deliveries.c.state != DeliveryState.SKIPPED,
                        deliveries.c.reason.not_in(NO_COMPANY),
                    ),
                )
                .group_by(deliveries.c.item)
            )
            return {row.item: row.people for row in rows}

    async def audience_size(self, campaign: Campaign, now: datetime) -> int:
        async with self._database.read() as connection:
            return await audience_size(connection, campaign.audience, local(now).date())

    async def audience(
        self, campaign: Campaign, now: datetime
    ) -> AsyncIterator[Sequence[Candidate]]:
        """Whom the campaign would reach if it were due now, in chunks; nothing is written."""
        nothing = Occurrence(
            id=UUID(int=0),
            campaign_id=campaign.id,
            kind=OccurrenceKind.PUSH,
            due_at=now,
            state=OccurrenceState.PLANNING,
        )
        async for chunk in self.candidates(campaign, nothing, now):
            yield chunk

    async def write_rows(
        self, occurrence: Occurrence, rows: Sequence[PlannedRow], now: datetime
    ) -> None:
        if not rows:
            return
        # the lease lives as long as chunks come: a large push is not taken over from a planner at work
        still = (
            update(occurrences)
            .where(
                occurrences.c.id == occurrence.id,
                occurrences.c.state == OccurrenceState.PLANNING,
            )
            .values(claimed_until=now + LEASE)
        )

        def write(connection: Connection) -> None:
            pass_gate(connection)
            if connection.execute(still).rowcount == 0:
                return  # another process took over and finished it: its leaf counts other rows
            bumps, made = Bumps(), []
            for row in _without_errors(connection, occurrence, rows):
                key = (occurrence.id, row.team_id, row.post, row.topic)
                bumps.add(key, "total")
                bumps.add(key, row.state)
                made.append(_delivery_row(occurrence, row))
            _INSERT.many(connection, made)
            bumps.lay(connection)

        await self._database.transact(write)

    async def finish(self, occurrence: Occurrence, now: datetime) -> Occurrence:
        """Roster snapshot and `campaign` leaf, and from now on the rows can be claimed.

        Only once for an occurrence: who comes second gets it as it is. When the campaign was stopped
        while it was planned, nothing is opened and its rows are skipped(stopped).
        """
        while True:
            commitments = await self._commitments(occurrence)
            if (finished := await self._close(occurrence, commitments, now)) is not None:
                if finished.state is OccurrenceState.STOPPED:
                    await SqlClearings(self._database).look(WITH_THE_DECISION)
                return finished

    async def _close(
        self, occurrence: Occurrence, commitments: list[str], now: datetime
    ) -> Occurrence | None:
        """None, and nothing changed, when rows were added after the commitments were read."""
        mine = occurrences.c.id == occurrence.id
        async with self._database.write() as connection:
            state = await state_after_planning(connection, occurrence.campaign_id)
            kept = (
                await connection.execute(select(occurrences).where(mine).with_for_update())
            ).one()
            if kept.state != OccurrenceState.PLANNING:
                return occurrence_of(kept)
            if await _rows_of(connection, occurrence) != len(commitments):
                return None
            await connection.execute(
                update(occurrences)
                .where(mine)
                .values(state=state, planned=len(commitments), ends_at=occurrence.ends_at)
            )
            if state is OccurrenceState.STOPPED:
                await withdraw(connection, mine, reason=Reason.STOPPED)
            else:
                await self._seal(connection, occurrence, commitments, now)
                await open_rollout(
                    connection, occurrence.id, occurrence.campaign_id, occurrence.kind
                )
        return replace(occurrence, state=state, planned=len(commitments))

    async def _seal(
        self,
        connection: AsyncConnection,
        occurrence: Occurrence,
        commitments: list[str],
        now: datetime,
    ) -> None:
        snapshot = roster_bytes(commitments)
        sha256 = hashlib.sha256(snapshot).hexdigest()
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        # the same people may be known already, or become so through another process at this instant
        await connection.execute(
            dialect.insert(roster_snapshots)
            .values(sha256=sha256, body=snapshot)
            .on_conflict_do_nothing()
        )
        await connection.execute(
            update(occurrences).where(occurrences.c.id == occurrence.id).values(roster=sha256)
        )
        fact = CampaignPlanned(
            occurrence=str(occurrence.id), planned=len(commitments), roster=sha256
        )
        await append(connection, self._origin, [fact], now)

    async def _commitments(self, occurrence: Occurrence) -> list[str]:
        """In chunks: 100,000 rows at once would take more memory than all the rest of planning."""
        mine = select(workers.c.id, workers.c.salt).join(
            deliveries, deliveries.c.worker_id == workers.c.id
        )
        mine = mine.where(deliveries.c.occurrence_id == occurrence.id)
        mine = mine.order_by(deliveries.c.worker_id).limit(CHUNK)
        found: list[str] = []
        after = UUID(int=0)
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(mine.where(deliveries.c.worker_id > after))).all()
            if not rows:
                return found
            found += [worker_commitment(row.salt, str(row.id)) for row in rows]
            after = rows[-1].id

    async def amendment(self, occurrence_id: UUID) -> tuple[Amendment, Edition | None]:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(amendments).where(amendments.c.id == occurrence_id)
                )
            ).one()
            notice = await connection.execute(
                select(editions).where(editions.c.sha256 == row.notice)
            )
            found = notice.first()
        return amendment_of(row), edition_of(found) if found else None

    async def due_reminders(self, now: datetime) -> list[DueReminder]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(occurrences, campaigns.c.remind_after_days)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .where(
                    occurrences.c.kind.in_(TELLS),
                    occurrences.c.state == OccurrenceState.PLANNED,
                    occurrences.c.reminded.is_(False),
                    # nobody is reminded of what was wrong
                    not_(whole_push_corrected()),
                    campaigns.c.state == CampaignState.APPROVED,
                    campaigns.c.remind_after_days.is_not(None),
                    # the one reminder waits until everybody had the push
                    occurrences.c.id.not_in(NOT_OUT),
                )
            )
            due = [
                row for row in rows if row.due_at + timedelta(days=row.remind_after_days) <= now
            ]
            found = await load_campaigns(
                connection, campaigns.c.id.in_({row.campaign_id for row in due})
            )
        by_id = {one.id: one for one in found}
        return [
            DueReminder(campaign=by_id[row.campaign_id], occurrence=occurrence_of(row))
            for row in due
        ]

    async def reminded_edition(self, occurrence_id: UUID) -> dict[UUID, Edition]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.worker_id, deliveries.c.edition).where(
                    deliveries.c.occurrence_id == occurrence_id
                )
            )
            sent = {row.worker_id: row.edition for row in rows}
            found = await connection.execute(
                select(editions).where(editions.c.sha256.in_(set(sent.values())))
            )
            by_hash = {row.sha256: edition_of(row) for row in found}
        return {worker: by_hash[sha] for worker, sha in sent.items()}

    async def expire(self, now: datetime) -> int:
        return await expire(self._database, now)

    async def renew(self, since: datetime, now: datetime) -> int:
        return await renew(self._database, since, now)

    async def wake(self, now: datetime) -> int:
        """All deferred rows whose time has come: a whole school may wait for the same window."""
        woken = 0
        while part := await self._wake_some(now):
            woken += part
        return woken

    async def _wake_some(self, now: datetime) -> int:
        """In short transactions: callbacks must not wait for a window that opens for thousands."""
        due = and_(deliveries.c.state == DeliveryState.DEFERRED, deliveries.c.not_before <= now)
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    select(
                        deliveries.c.id,
                        deliveries.c.occurrence_id,
                        deliveries.c.team_id,
                        deliveries.c.post,
                        deliveries.c.topic,
                    )
                    .where(due)
                    .limit(CHUNK)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            if not rows:
                return 0
            bumps = Bumps()
            for row in rows:
                key = (row.occurrence_id, row.team_id, row.post, row.topic)
                bumps.move(key, DeliveryState.DEFERRED, DeliveryState.PLANNED)
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([row.id for row in rows]))
                .values(state=DeliveryState.PLANNED, reason=Reason.NONE, not_before=None)
            )
            await bumps.write(connection)
        return len(rows)


async def _rows_of(connection: AsyncConnection, occurrence: Occurrence) -> int:
    found = await connection.execute(
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.occurrence_id == occurrence.id)
    )
    return found.scalar_one()


async def _next_workers(
    connection: AsyncConnection,
    occurrence: Occurrence,
    rules: Sequence[ColumnElement[bool]],
    after: UUID | None,
) -> list[Worker]:
    """The next chunk by id, without those who have a row already (a planner may have died half-way)."""
    mine = await kin(connection, occurrence)
    has_row = exists().where(
        deliveries.c.occurrence_id.in_(mine), deliveries.c.worker_id == workers.c.id
    )
    wanted = [*rules, ~has_row]
    if after is not None:
        wanted.append(workers.c.id > after)
    if occurrence.reminds is not None:
        wanted.append(workers.c.id.in_(_outstanding(occurrence.reminds)))
    if occurrence.kind is OccurrenceKind.CORRECTION:
        wanted.append(workers.c.id.in_(await corrected(connection, occurrence.id)))
    rows = await connection.execute(
        select(workers).where(*wanted).order_by(workers.c.id).limit(CHUNK)
    )
    return [worker_of(row) for row in rows]


def _outstanding(occurrence_id: UUID):  # type: ignore[no-untyped-def]  # a select of the dialect's own type
    """Those who were sent it and have not said anything since: silence is the only reason to remind.

    One reminder an item over all campaigns (P4); a review that finds no answer is the ladder's business.
    """
    answered = exists().where(
        acknowledgements.c.delivery_id == deliveries.c.id, acknowledgements.c.current.is_(True)
    )
    asked = exists().where(reviews.c.asked == deliveries.c.id)
    earlier, about = deliveries.alias(), occurrences.alias()
    reminded = exists().where(
        earlier.c.worker_id == deliveries.c.worker_id,
        earlier.c.item == deliveries.c.item,
        earlier.c.state.in_(COUNTING),
        about.c.id == earlier.c.occurrence_id,
        about.c.kind == OccurrenceKind.REMINDER,
    )
    return select(deliveries.c.worker_id).where(
        deliveries.c.occurrence_id == occurrence_id,
        deliveries.c.state.in_(REACHED),
        ~answered,
        ~asked,
        ~reminded,
    )


async def _facts(
    connection: AsyncConnection, chosen: Sequence[Worker], now: datetime, ways: frozenset[Way]
) -> dict[UUID, Candidate]:
    ids = [one.id for one in chosen]
    bound = await _bindings(connection, ids)
    known = await contacts(connection, bound, now, ways)
    pushes = await _pushes(connection, ids, now - CAP_WINDOW)
    told, answered = await _told(connection, ids)
    return {
        one.id: Candidate(
            worker=one,
            bindings=tuple(binding_of(row) for row in bound.get(one.id, ())),
            opted_out=_kinds(bound.get(one.id, ()), "opted_out"),
            broken=_kinds(bound.get(one.id, ()), "broken"),
            pushes=tuple(pushes.get(one.id, ())),
            told=frozenset(told.get(one.id, ())),
            answered=frozenset(answered.get(one.id, ())),
            contact=known.get(one.id),
        )
        for one in chosen
    }


def _kinds(rows: Collection[AnyRow], flag: str) -> frozenset[ChannelKind]:
    return frozenset(ChannelKind(row.channel) for row in rows if getattr(row, flag))


async def _bindings(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, list[AnyRow]]:
    found: dict[UUID, list[AnyRow]] = {}
    rows = await connection.execute(select(bindings).where(bindings.c.worker_id.in_(ids)))
    for row in rows:
        found.setdefault(row.worker_id, []).append(row)
    return found


async def _pushes(
    connection: AsyncConnection, ids: Sequence[UUID], since: datetime
) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = {}
    rows = await connection.execute(
        select(deliveries.c.worker_id, deliveries.c.counts_at).where(
            deliveries.c.worker_id.in_(ids),
            deliveries.c.counts_at > since,
            deliveries.c.state.in_(COUNTING),
            # what waits for a visit weighs on nobody until it is released
            deliveries.c.way != Way.HELD,
        )
    )
    for row in rows:
        found.setdefault(row.worker_id, []).append(row.counts_at)
    return found


async def _told(
    connection: AsyncConnection, ids: Sequence[UUID]
) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """Items that reached a worker (accepted or perhaps accepted, or understood by any means), and answered ones."""
    sent = select(deliveries.c.worker_id, deliveries.c.item, literal("").label("answer")).where(
        deliveries.c.worker_id.in_(ids), deliveries.c.state.in_(COUNTING)
    )
    said = (
        select(deliveries.c.worker_id, deliveries.c.item, acknowledgements.c.answer)
        .join(acknowledgements, acknowledgements.c.delivery_id == deliveries.c.id)
        .where(deliveries.c.worker_id.in_(ids), acknowledgements.c.current.is_(True))
    )
    told: dict[UUID, list[str]] = {}
    answered: dict[UUID, list[str]] = {}
    for row in await connection.execute(union(sent, said)):
        if row.answer in ("", Answer.UNDERSTOOD):
            told.setdefault(row.worker_id, []).append(row.item)
        if row.answer:
            answered.setdefault(row.worker_id, []).append(row.item)
    return told, answered


def _without_errors(
    connection: Connection, occurrence: Occurrence, rows: Sequence[PlannedRow]
) -> Sequence[PlannedRow]:
    """What was corrected is told to nobody afresh; a new edition of the item is another text."""
    wrong = wrong_rows(connection, occurrence, {row.edition for row in rows})
    if not wrong:
        return rows
    return [
        replace(
            row,
            state=DeliveryState.SKIPPED,
            reason=Reason.SUPERSEDED,
            not_before=None,
            counts_at=None,
        )
        if row.edition in wrong and row.state is not DeliveryState.SKIPPED
        else row
        for row in rows
    ]


def _delivery_row(occurrence: Occurrence, row: PlannedRow) -> dict[str, object]:
    return {
        "occurrence_id": occurrence.id,
        "worker_id": row.worker_id,
        "edition": row.edition,
        "item": row.item,
        "quiz": row.quiz,
        "topic": row.topic,
        "team_id": row.team_id,
        "post": row.post,
        "channel": row.channel,
        "account": row.account,
        "state": row.state,
        "reason": row.reason,
        "not_before": row.not_before,
        "counts_at": row.counts_at,
        "way": row.way or "",
    }


_PLANNED = (
    "occurrence_id",
    "worker_id",
    "edition",
    "item",
    "quiz",
    "topic",
    "team_id",
    "post",
    "channel",
    "account",
    "state",
    "reason",
    "not_before",
    "counts_at",
    "way",
)
_INSERT = Prepared(
    insert(deliveries)
    .values({name: bindparam(name) for name in _PLANNED} | {"attempts": 0})
    .inline()
)


def occurrence_of(row: AnyRow) -> Occurrence:
    return Occurrence(
        id=row.id,
        campaign_id=row.campaign_id,
        kind=OccurrenceKind(row.kind),
        due_at=row.due_at,
        state=OccurrenceState(row.state),
        planned=row.planned,
        reminds=row.reminds,
        amends=row.amends,
        ends_at=row.ends_at,
    )
