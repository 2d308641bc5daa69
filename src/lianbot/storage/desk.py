"""ports.desk.DeskReader over SQL: the console's lists, one page at a time, and the tasks and alerts that it closes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    ANSWERED_BY_ITSELF,
    Audience,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
)
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import Binding, ChannelKind, ClientKind, ConsentPurpose, PreferredTime
from lianbot.domain.routing import Contact
from lianbot.domain.ways import Way
from lianbot.ports.answers import FollowUp
from lianbot.ports.clock import Clock
from lianbot.ports.desk import (
    AlertSeen,
    AuditRow,
    BindingSeen,
    DeliveryFilter,
    DeliverySeen,
    Figures,
    Listed,
    NotCovered,
    OccurrenceSeen,
    Paging,
    ReasonCount,
    Task,
    TaskFilter,
    WorkerFilter,
    WorkerSeen,
)
from lianbot.ports.planning import Candidate
from lianbot.storage.audiences import conditions, named
from lianbot.storage.audit import write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.contacts import contacts
from lianbot.storage.database import Database
from lianbot.storage.people import worker_of
from lianbot.storage.tables import (
    MEASURES,
    accounts,
    acknowledgements,
    alerts,
    bindings,
    campaigns,
    consents,
    contractors,
    counters,
    deliveries,
    editions,
    follow_ups,
    ledger_head,
    occurrences,
    openings,
    reply_windows,
    sites,
    teams,
    workers,
)

MOST_NAMES = 500
"""A list of names for one team; a company with more is asked for its teams."""


class DeskReading:
    """Reads for pages; the only writes are closing an alert and closing a task, each with its audit row."""

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        ways: frozenset[Way] = frozenset(Way),
    ) -> None:
        """With a clock the candidates and workers come with what the choice of a way looks at."""
        self._database = database
        self._clock = clock
        self._ways = ways

    async def _contacts(
        self, connection: AsyncConnection, bound: Mapping[UUID, Sequence[AnyRow]]
    ) -> dict[UUID, Contact]:
        if self._clock is None:
            return {}
        return await contacts(connection, bound, self._clock.now(), self._ways)

    async def occurrences(
        self, paging: Paging, *, campaign_id: UUID | None = None, since: datetime | None = None
    ) -> Listed[OccurrenceSeen]:
        conditions: list[ColumnElement[bool]] = []
        if campaign_id is not None:
            conditions.append(occurrences.c.campaign_id == campaign_id)
        if since is not None:
            conditions.append(occurrences.c.due_at >= since)
        async with self._database.read() as connection:
            total = await connection.execute(
                select(func.count()).select_from(occurrences).where(*conditions)
            )
            rows = await connection.execute(
                _with_campaign(*conditions)
                .order_by(occurrences.c.due_at.desc(), occurrences.c.kind)
                .offset(paging.offset)
                .limit(paging.size)
            )
            seen = await _with_figures(connection, rows.all())
            return Listed(rows=tuple(seen), total=total.scalar_one(), paging=paging)

    async def occurrence(self, occurrence_id: UUID) -> OccurrenceSeen:
        async with self._database.read() as connection:
            rows = await connection.execute(_with_campaign(occurrences.c.id == occurrence_id))
            seen = await _with_figures(connection, rows.all())
        if not seen:
            raise NotFoundError("没有这次推送")
        return seen[0]

    async def deliveries(
        self, occurrence_id: UUID, wanted: DeliveryFilter, paging: Paging
    ) -> Listed[DeliverySeen]:
        conditions = _delivery_conditions(occurrence_id, wanted)
        opened = exists().where(openings.c.delivery_id == deliveries.c.id)
        answered = exists().where(
            acknowledgements.c.delivery_id == deliveries.c.id,
            acknowledgements.c.current.is_(True),
        )
        joined = (
            deliveries.join(workers, workers.c.id == deliveries.c.worker_id)
            .join(teams, teams.c.id == deliveries.c.team_id)
            .join(contractors, contractors.c.id == teams.c.contractor_id)
        )
        async with self._database.read() as connection:
            total = await connection.execute(
                select(func.count()).select_from(joined).where(*conditions)
            )
            rows = await connection.execute(
                select(
                    deliveries,
                    workers.c.number,
                    workers.c.name.label("worker_name"),
                    teams.c.name.label("team"),
                    contractors.c.name.label("contractor"),
                    opened.label("opened"),
                    answered.label("answered"),
                )
                .select_from(joined)
                .where(*conditions)
                .order_by(teams.c.name, workers.c.number)
                .offset(paging.offset)
                .limit(paging.size)
            )
            return Listed(
                rows=tuple(_delivery(row) for row in rows), total=total.scalar_one(), paging=paging
            )

    async def reasons(self, occurrence_id: UUID) -> list[ReasonCount]:
        columns = (deliveries.c.state, deliveries.c.reason)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(*columns, func.count().label("found"))
                .where(deliveries.c.occurrence_id == occurrence_id)
                .group_by(*columns)
            )
            return [
                ReasonCount(
                    state=DeliveryState(row.state), reason=Reason(row.reason), count=row.found
                )
                for row in rows
            ]

    async def alerts(self) -> list[AlertSeen]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(alerts)
                .where(alerts.c.closed_at.is_(None))
                .order_by(alerts.c.last_at.desc())
                .limit(MOST_NAMES)
            )
            return [
                AlertSeen(
                    id=row.id,
                    kind=row.kind,
                    detail=row.detail,
                    first_at=row.first_at,
                    last_at=row.last_at,
                    times=row.times,
                )
                for row in rows
            ]

    async def close_alert(self, alert_id: int, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            still = and_(alerts.c.id == alert_id, alerts.c.closed_at.is_(None))
            row = (await connection.execute(select(alerts).where(still))).first()
            if row is None:
                raise NotFoundError("这条提醒已经处理过了")
            await connection.execute(update(alerts).where(still).values(closed_at=now))
            note = AuditRow(action="alert.closed", subject=row.kind)
            await write_audit(connection, [note], by, now)

    async def tasks(self, wanted: TaskFilter, paging: Paging) -> Listed[Task]:
        conditions: list[ColumnElement[bool]] = [
            follow_ups.c.kind.in_([kind.value for kind in wanted.kinds])
        ]
        if wanted.open_only:
            conditions.append(follow_ups.c.closed_on.is_(None))
        if wanted.team_id is not None:
            conditions.append(follow_ups.c.team_id == wanted.team_id)
        if wanted.contractor_id is not None:
            conditions.append(teams.c.contractor_id == wanted.contractor_id)
        async with self._database.read() as connection:
            total = await connection.execute(
                select(func.count())
                .select_from(follow_ups.join(teams, teams.c.id == follow_ups.c.team_id))
                .where(*conditions)
            )
            rows = await connection.execute(
                _tasks(*conditions)
                .order_by(
                    follow_ups.c.closed_on.is_not(None), follow_ups.c.opened_on, follow_ups.c.id
                )
                .offset(paging.offset)
                .limit(paging.size)
            )
            return Listed(
                rows=tuple(_task(row) for row in rows), total=total.scalar_one(), paging=paging
            )

    async def task(self, task_id: int) -> Task:
        async with self._database.read() as connection:
            row = (await connection.execute(_tasks(follow_ups.c.id == task_id))).first()
        if row is None:
            raise NotFoundError("没有这条待办")
        return _task(row)

    async def close_task(self, task_id: int, by: UUID, note: str, now: datetime) -> None:
        async with self._database.write() as connection:
            closed = await connection.execute(
                update(follow_ups)
                .where(follow_ups.c.id == task_id, follow_ups.c.closed_on.is_(None))
                .values(closed_on=local(now).date(), closed_by=by, note=note[:200])
            )
            if closed.rowcount == 0:
                raise NotFoundError("这条待办已经办结了")
            row = AuditRow(action="task.closed", subject=f"待办 {task_id}", after={"note": note})
            await write_audit(connection, [row], by, now)

    async def workers(self, wanted: WorkerFilter, paging: Paging) -> Listed[WorkerSeen]:
        conditions = _worker_conditions(wanted, self._ways)
        async with self._database.read() as connection:
            total = await connection.execute(
                select(func.count()).select_from(workers).where(*conditions)
            )
            rows = (
                await connection.execute(
                    select(
                        workers,
                        teams.c.name.label("team"),
                        contractors.c.name.label("contractor"),
                        sites.c.name.label("site"),
                    )
                    .join(teams, teams.c.id == workers.c.team_id)
                    .join(contractors, contractors.c.id == workers.c.contractor_id)
                    .join(sites, sites.c.id == workers.c.site_id)
                    .where(*conditions)
                    .order_by(workers.c.number)
                    .offset(paging.offset)
                    .limit(paging.size)
                )
            ).all()
            bound = await _bindings(connection, bindings.c.worker_id.in_([one.id for one in rows]))
            known = await self._contacts(connection, bound)
        return Listed(
            rows=tuple(
                WorkerSeen(
                    worker=worker_of(row),
                    team=row.team,
                    contractor=row.contractor,
                    site=row.site,
                    bindings=tuple(_binding_seen(one) for one in bound.get(row.id, ())),
                    contact=known.get(row.id),
                )
                for row in rows
            ),
            total=total.scalar_one(),
            paging=paging,
        )

    async def candidates(self, audience: Audience, on: date) -> list[Candidate]:
        rules = conditions(audience, on)
        async with self._database.read() as connection:
            rows = [
                row
                for slice_ in named(audience)
                for row in await connection.execute(select(workers).where(*rules, *slice_))
            ]
            bound = await _bindings(connection)
            known = await self._contacts(connection, bound)
        return [
            Candidate(
                worker=worker_of(row),
                bindings=tuple(_binding(one) for one in bound.get(row.id, ())),
                opted_out=_kinds(bound.get(row.id, ()), "opted_out"),
                broken=_kinds(bound.get(row.id, ()), "broken"),
                pushes=(),
                told=frozenset(),
                contact=known.get(row.id),
            )
            for row in rows
        ]

    async def ledger_size(self) -> int:
        async with self._database.read() as connection:
            found: int = (await connection.execute(select(ledger_head.c.size))).scalar_one()
            return found

    async def not_covered(
        self, *, team_id: int | None, contractor_id: int | None, since: datetime
    ) -> list[NotCovered]:
        answered = exists().where(
            acknowledgements.c.delivery_id == deliveries.c.id,
            acknowledgements.c.current.is_(True),
        )
        conditions: list[ColumnElement[bool]] = [
            occurrences.c.kind.in_(ANSWERED_BY_ITSELF),
            occurrences.c.due_at >= since,
            workers.c.ended.is_(None),
            ~answered,
        ]
        if team_id is not None:
            conditions.append(deliveries.c.team_id == team_id)
        if contractor_id is not None:
            conditions.append(teams.c.contractor_id == contractor_id)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    workers.c.name.label("worker_name"),
                    workers.c.number,
                    teams.c.name.label("team"),
                    editions.c.title,
                    deliveries.c.state,
                    deliveries.c.reason,
                    occurrences.c.due_at,
                )
                .select_from(
                    deliveries.join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
                    .join(workers, workers.c.id == deliveries.c.worker_id)
                    .join(teams, teams.c.id == deliveries.c.team_id)
                    .join(editions, editions.c.sha256 == deliveries.c.edition)
                )
                .where(*conditions)
                .order_by(occurrences.c.due_at.desc(), teams.c.name, workers.c.number)
                .limit(MOST_NAMES)
            )
            return [
                NotCovered(
                    worker_name=row.worker_name,
                    worker_number=row.number,
                    team=row.team,
                    title=row.title,
                    state=DeliveryState(row.state),
                    reason=Reason(row.reason),
                    due_at=row.due_at,
                )
                for row in rows
            ]


def _with_campaign(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(occurrences, campaigns.c.title, campaigns.c.demo)
        .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
        .where(*conditions)
    )


async def _with_figures(
    connection: AsyncConnection, rows: Sequence[AnyRow]
) -> list[OccurrenceSeen]:
    sums = await connection.execute(
        select(
            counters.c.occurrence_id,
            *(func.sum(counters.c[name]).label(name) for name in MEASURES),
        )
        .where(counters.c.occurrence_id.in_([row.id for row in rows]))
        .group_by(counters.c.occurrence_id)
    )
    found = {row["occurrence_id"]: row for row in sums.mappings()}
    return [
        OccurrenceSeen(
            occurrence=Occurrence(
                id=row.id,
                campaign_id=row.campaign_id,
                kind=OccurrenceKind(row.kind),
                due_at=row.due_at,
                state=OccurrenceState(row.state),
                planned=row.planned,
                reminds=row.reminds,
                amends=row.amends,
            ),
            title=row.title,
            demo=row.demo,
            figures=Figures(
                key=str(row.id),
                name=row.title,
                values={
                    name: int(found[row.id][name] or 0) if row.id in found else 0
                    for name in MEASURES
                },
            ),
        )
        for row in rows
    ]


def _delivery_conditions(occurrence_id: UUID, wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [deliveries.c.occurrence_id == occurrence_id]
    if wanted.state is not None:
        conditions.append(deliveries.c.state == wanted.state)
    if wanted.reason is not None:
        conditions.append(deliveries.c.reason == wanted.reason)
    if wanted.team_id is not None:
        conditions.append(deliveries.c.team_id == wanted.team_id)
    if wanted.words:
        conditions.append(_named(wanted.words))
    return conditions


def _worker_conditions(wanted: WorkerFilter, ways: frozenset[Way]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [workers.c.ended.is_(None)]
    for column, value in (
        (workers.c.contractor_id, wanted.contractor_id),
        (workers.c.team_id, wanted.team_id),
        (workers.c.site_id, wanted.site_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.words:
        conditions.append(_named(wanted.words))
    if wanted.post is not None:
        # the codes are a closed set of capitals, so the quoted code is found in the stored text
        conditions.append(cast(workers.c.posts, Text).contains(f'"{wanted.post.value}"'))
    if wanted.unreachable:
        usable = exists().where(
            bindings.c.worker_id == workers.c.id,
            bindings.c.opted_out.is_(False),
            bindings.c.broken.is_(None),
            _leads_somewhere(ways),
        )
        conditions.append(or_(~usable, workers.c.preferred == PreferredTime.PAPER_ONLY))
    return conditions


def _leads_somewhere(ways: frozenset[Way]) -> ColumnElement[bool]:
    """An account on the Official Account alone reaches nobody: it takes a consent or an open window."""
    agreed = exists().where(
        consents.c.worker_id == bindings.c.worker_id,
        consents.c.channel == bindings.c.channel,
        consents.c.purpose == ConsentPurpose.TEMPLATE,
        consents.c.withdrawn_on.is_(None),
    )
    # closed windows are swept every hour
    open_window = exists().where(
        reply_windows.c.account == bindings.c.account, reply_windows.c.left > 0
    )
    found = [bindings.c.channel == ChannelKind.WECOM]
    found += [agreed] if Way.TEMPLATE in ways else []
    found += [open_window] if Way.CUSTOMER in ways else []
    return or_(*found)


def _named(words: str) -> ColumnElement[bool]:
    return or_(
        workers.c.name.contains(words, autoescape=True),
        workers.c.number.contains(words, autoescape=True),
    )


def _delivery(row: AnyRow) -> DeliverySeen:
    return DeliverySeen(
        id=row.id,
        worker_number=row.number,
        worker_name=row.worker_name,
        team=row.team,
        contractor=row.contractor,
        post=Post(row.post),
        channel=ChannelKind(row.channel) if row.channel else None,
        state=DeliveryState(row.state),
        reason=Reason(row.reason),
        detail=row.detail,
        not_before=row.not_before,
        handed_at=row.handed_at,
        opened=bool(row.opened),
        answered=bool(row.answered),
    )


def _tasks(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(
            follow_ups,
            workers.c.name.label("worker_name"),
            workers.c.number,
            teams.c.name.label("team"),
            teams.c.contractor_id,
            contractors.c.name.label("contractor"),
            editions.c.title,
            accounts.c.display.label("closed_by_name"),
        )
        .select_from(
            follow_ups.join(workers, workers.c.id == follow_ups.c.worker_id)
            .join(teams, teams.c.id == follow_ups.c.team_id)
            .join(contractors, contractors.c.id == teams.c.contractor_id)
            .join(deliveries, deliveries.c.id == follow_ups.c.delivery_id)
            .join(editions, editions.c.sha256 == deliveries.c.edition)
            .outerjoin(accounts, accounts.c.id == follow_ups.c.closed_by)
        )
        .where(*conditions)
    )


def _task(row: AnyRow) -> Task:
    return Task(
        id=row.id,
        kind=FollowUp(row.kind),
        answer=Answer(row.answer),
        worker_name=row.worker_name,
        worker_number=row.number,
        team_id=row.team_id,
        team=row.team,
        contractor_id=row.contractor_id,
        contractor=row.contractor,
        title=row.title,
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        closed_by=row.closed_by_name or "",
        note=row.note,
    )


async def _bindings(
    connection: AsyncConnection, *conditions: ColumnElement[bool]
) -> dict[UUID, list[AnyRow]]:
    found: dict[UUID, list[AnyRow]] = {}
    rows = await connection.execute(select(bindings).where(*conditions).order_by(bindings.c.id))
    for row in rows:
        found.setdefault(row.worker_id, []).append(row)
    return found


def _binding(row: AnyRow) -> Binding:
    return Binding(
        worker_id=row.worker_id,
        channel=ChannelKind(row.channel),
        account=row.account,
        client=ClientKind(row.client),
    )


def _binding_seen(row: AnyRow) -> BindingSeen:
    return BindingSeen(
        channel=ChannelKind(row.channel),
        client=row.client,
        client_by_hand=row.client_by_hand,
        opted_out=row.opted_out,
        broken=row.broken,
    )


def _kinds(rows: Sequence[AnyRow], flag: str) -> frozenset[ChannelKind]:
    return frozenset(ChannelKind(row.channel) for row in rows if getattr(row, flag))
