"""What the phone pages read, each in one or two statements."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import AcknowledgementRow, Answer, Method
from lianbot.domain.campaigns import ANSWERED_BY_ITSELF, OccurrenceState
from lianbot.domain.codes import Level
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition, EditionState
from lianbot.domain.people import ChannelKind
from lianbot.phrases.replies import receipt
from lianbot.ports.pages import Latest, Look, PageFacts, TeamMember, TeamPush, TeamReading
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import edition_of, quiz_of
from lianbot.storage.database import Database
from lianbot.storage.lineage import outdated, superseded
from lianbot.storage.tables import (
    accounts,
    acknowledgements,
    audit,
    campaigns,
    counters,
    deliveries,
    editions,
    first_answers,
    media,
    occurrences,
    workers,
)

SHOWN_PUSHES = 12
RECORD = 200
SHOWN_LOOKS = 20
ALOUD = "RAC-"
"""Ids of the cards of content/readaloud."""
UNREACHED = (
    Reason.UNBOUND,
    Reason.OPTED_OUT,
    Reason.PAPER_ONLY,
    Reason.HELD,
    Reason.NO_CONSENT,
    Reason.WINDOW_CLOSED,
    Reason.NOT_MEMBER,
    Reason.NOT_VISIBLE,
    Reason.NOT_LICENSED,
    Reason.NOT_FOLLOWING,
)
"""Why nothing reaches a person now, whatever the message."""
ANSWERED = ("understood", "not_understood", "disagree", "cannot", "ask_someone")


class SqlPhoneBook:
    """ports.pages.PhoneBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def item_page(self, occurrence_id: UUID, worker_id: UUID) -> PageFacts | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(
                        deliveries.c.id.label("delivery_id"),
                        deliveries.c.quiz.label("variant"),
                        deliveries.c.channel,
                        acknowledgements.c.answer,
                        acknowledgements.c.seq,
                        acknowledgements.c.leaf_start,
                        first_answers.c.delivery_id.label("asked"),
                        _understood_before().label("review"),
                        _reached((Level.L4,)).label("managers"),
                        _reached((Level.L1, Level.L2, Level.L3)).label("cadres"),
                        workers.c.level,
                        editions,
                    )
                    .join(editions, editions.c.sha256 == deliveries.c.edition)
                    .join(workers, workers.c.id == deliveries.c.worker_id)
                    .outerjoin(
                        acknowledgements,
                        and_(
                            acknowledgements.c.delivery_id == deliveries.c.id,
                            acknowledgements.c.current.is_(True),
                        ),
                    )
                    .outerjoin(first_answers, first_answers.c.delivery_id == deliveries.c.id)
                    .where(
                        deliveries.c.occurrence_id == occurrence_id,
                        deliveries.c.worker_id == worker_id,
                    )
                )
            ).first()
            if row is None:
                return None
            variant = (
                await connection.execute(select(editions).where(editions.c.sha256 == row.variant))
            ).first()
        return _facts(row, variant, occurrence_id, worker_id)

    async def open_edition(self, occurrence_id: UUID) -> Edition | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(editions)
                    .join(deliveries, deliveries.c.edition == editions.c.sha256)
                    .where(deliveries.c.occurrence_id == occurrence_id)
                    .order_by(deliveries.c.id)
                    .limit(1)
                )
            ).first()
            return edition_of(row) if row else None

    async def media(self, sha256: str) -> tuple[str, bytes] | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(media).where(media.c.sha256 == sha256))).first()
        return (row.name, row.body) if row else None

    async def latest(self, workers: Sequence[UUID]) -> Latest | None:
        columns = deliveries.c
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(columns.occurrence_id, editions.c.title)
                    .join(editions, editions.c.sha256 == columns.edition)
                    .join(occurrences, occurrences.c.id == columns.occurrence_id)
                    .where(
                        columns.worker_id.in_(list(workers)),
                        columns.handed_at.is_not(None),
                        occurrences.c.kind.in_(ANSWERED_BY_ITSELF),
                    )
                    .order_by(columns.handed_at.desc(), columns.id.desc())
                    .limit(1)
                )
            ).first()
        return Latest(occurrence_id=row.occurrence_id, title=row.title) if row else None

    async def my_record(self, worker_id: UUID) -> Sequence[AcknowledgementRow]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    acknowledgements,
                    deliveries.c.item,
                    editions.c.title,
                    outdated().label("outdated"),
                )
                .join(deliveries, deliveries.c.id == acknowledgements.c.delivery_id)
                .join(editions, editions.c.sha256 == deliveries.c.edition)
                .where(acknowledgements.c.worker_id == worker_id)
                .order_by(acknowledgements.c.seq.desc())
                .limit(RECORD)
            )
            return [
                AcknowledgementRow(
                    worker_id=row.worker_id,
                    delivery_id=row.delivery_id,
                    item=row.item,
                    title=row.title,
                    method=Method(row.method),
                    answer=Answer(row.answer),
                    seq=row.seq,
                    leaf_start=row.leaf_start,
                    minute=row.minute,
                    on=row.on_day,
                    outdated=bool(row.outdated),
                )
                for row in rows
            ]

    async def who_looked(self, worker_id: UUID) -> Sequence[Look]:
        async with self._database.read() as connection:
            mine = (
                await connection.execute(
                    select(workers.c.team_id, workers.c.contractor_id).where(
                        workers.c.id == worker_id
                    )
                )
            ).first()
            if mine is None:
                return []
            rows = await connection.execute(
                select(
                    audit.c.at,
                    audit.c.account_id,
                    audit.c.account_name,
                    audit.c.after,
                    accounts.c.display,
                )
                .outerjoin(accounts, accounts.c.id == audit.c.account_id)
                .where(
                    audit.c.action == "team.names",
                    audit.c.subject.in_((f"班组 {mine.team_id}", f"公司 {mine.contractor_id}")),
                )
                .order_by(audit.c.id.desc())
                .limit(SHOWN_LOOKS)
            )
            return [
                Look(
                    at=row.at,
                    who=row.display or row.account_name,
                    purpose=str((row.after or {}).get("purpose", "")),
                )
                for row in rows
            ]

    async def team_pushes(self, team_id: int, lead: UUID) -> Sequence[TeamPush]:
        answered = sum((counters.c[name] for name in ANSWERED[1:]), start=counters.c[ANSWERED[0]])
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(
                    occurrences.c.id,
                    campaigns.c.title,
                    occurrences.c.due_at,
                    func.sum(counters.c.total).label("total"),
                    func.sum(answered).label("answered"),
                    func.sum(counters.c.spoken).label("spoken"),
                )
                .join(counters, counters.c.occurrence_id == occurrences.c.id)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .where(
                    counters.c.team_id == team_id,
                    occurrences.c.kind.in_(ANSWERED_BY_ITSELF),
                    occurrences.c.state.in_((OccurrenceState.PLANNED, OccurrenceState.PAUSED)),
                )
                .group_by(occurrences.c.id, campaigns.c.title, occurrences.c.due_at)
                .order_by(occurrences.c.due_at.desc())
                .limit(SHOWN_PUSHES)
            )
            found = rows.all()
            aloud = await _left_to_read(connection, [row.id for row in found], team_id, lead)
            pushes = [
                TeamPush(
                    occurrence_id=row.id,
                    title=row.title,
                    due_at=row.due_at,
                    total=int(row.total),
                    answered=int(row.answered),
                    spoken=int(row.spoken),
                    aloud=aloud.get(row.id, 0),
                )
                for row in found
            ]
        return sorted(pushes, key=lambda one: one.aloud == 0)

    async def aloud_cards(self) -> Sequence[Edition]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(editions)
                .where(
                    editions.c.item.startswith(ALOUD),
                    editions.c.current.is_(True),
                    editions.c.state == EditionState.APPROVED,
                )
                .order_by(editions.c.item)
            )
            return [edition_of(row) for row in rows]

    async def team_reading(self, occurrence_id: UUID, team_id: int) -> Sequence[TeamReading]:
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(
                        deliveries.c.id.label("delivery_id"),
                        deliveries.c.post,
                        workers.c.id.label("worker_id"),
                        workers.c.name,
                        editions,
                    )
                    .join(workers, workers.c.id == deliveries.c.worker_id)
                    .join(editions, editions.c.sha256 == deliveries.c.edition)
                    .where(
                        deliveries.c.occurrence_id == occurrence_id,
                        deliveries.c.team_id == team_id,
                        workers.c.ended.is_(None),
                        # what was corrected is told to nobody afresh, by no means
                        not_(superseded()),
                    )
                    .order_by(workers.c.number)
                )
            ).all()
        readings: dict[str, tuple[Edition, list[TeamMember]]] = {}
        for row in rows:
            _, members = readings.setdefault(row.sha256, (edition_of(row), []))
            members.append(
                TeamMember(
                    worker_id=row.worker_id,
                    delivery_id=row.delivery_id,
                    name=row.name,
                    post=row.post,
                )
            )
        return [
            TeamReading(edition=edition, members=members) for edition, members in readings.values()
        ]


def _understood_before() -> ColumnElement[bool]:
    """Whether the worker had understood the item of `deliveries` by an earlier delivery."""
    earlier = deliveries.alias()
    said = acknowledgements.alias()
    return exists(
        select(earlier.c.id)
        .join(said, said.c.delivery_id == earlier.c.id)
        .where(
            earlier.c.worker_id == deliveries.c.worker_id,
            earlier.c.item == deliveries.c.item,
            earlier.c.id < deliveries.c.id,
            said.c.current.is_(True),
            said.c.answer == Answer.UNDERSTOOD,
        )
        .correlate(deliveries)
    )


def _reached(levels: Sequence[Level]) -> ColumnElement[bool]:
    """Whether the platform accepted a message of the campaign and topic of `deliveries` for anybody of these levels."""
    theirs, person = deliveries.alias(), workers.alias()
    ours, their = occurrences.alias(), occurrences.alias()
    return exists(
        select(theirs.c.id)
        .join(person, person.c.id == theirs.c.worker_id)
        .join(their, their.c.id == theirs.c.occurrence_id)
        .join(ours, ours.c.campaign_id == their.c.campaign_id)
        .where(
            person.c.level.in_(levels),
            theirs.c.state == DeliveryState.ACCEPTED,
            theirs.c.topic == deliveries.c.topic,
            ours.c.id == deliveries.c.occurrence_id,
        )
        .correlate(deliveries)
    )


async def _left_to_read(
    connection: AsyncConnection, pushes: Sequence[UUID], team_id: int, lead: UUID
) -> dict[UUID, int]:
    """By push, for how many of the team reading aloud is the last way: nothing reaches them, or the one reminder
    found no answer. Who waits for another day (caps, windows, a festival) is not among them."""
    said = exists().where(
        acknowledgements.c.delivery_id == deliveries.c.id, acknowledgements.c.current.is_(True)
    )
    rows = await connection.execute(
        select(deliveries.c.occurrence_id, func.count().label("people"))
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .join(workers, workers.c.id == deliveries.c.worker_id)
        .where(
            deliveries.c.occurrence_id.in_(pushes),
            deliveries.c.team_id == team_id,
            deliveries.c.worker_id != lead,
            workers.c.ended.is_(None),
            ~said,
            not_(superseded()),
            or_(
                deliveries.c.state.in_((DeliveryState.REFUSED, DeliveryState.PLATFORM_FAILED)),
                deliveries.c.reason.in_(UNREACHED),
                and_(
                    occurrences.c.reminded.is_(True),
                    deliveries.c.state.in_((DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)),
                ),
            ),
        )
        .group_by(deliveries.c.occurrence_id)
    )
    return {row.occurrence_id: row.people for row in rows}


def _facts(row: AnyRow, variant: AnyRow | None, occurrence_id: UUID, worker_id: UUID) -> PageFacts:
    return PageFacts(
        delivery_id=row.delivery_id,
        occurrence_id=occurrence_id,
        worker_id=worker_id,
        edition=edition_of(row),
        quiz=quiz_of(variant) if variant else None,
        answered=Answer(row.answer) if row.answer else None,
        receipt=receipt(row.seq, row.leaf_start) if row.seq is not None else "",
        asked_before=row.asked is not None,
        review=row.review,
        # to a manager it would say nothing: it speaks of them
        leads_too=bool(row.managers and row.cadres and Level(row.level) in (Level.L5, Level.L6)),
        channel=ChannelKind(row.channel) if row.channel else None,
    )
