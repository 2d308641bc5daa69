"""Which rows belong to which: a push with what was added to it and reminded of it, and what a correction is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.amendments import Amendment, AmendmentState
from lianbot.domain.campaigns import Approval, Occurrence, OccurrenceKind
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.items import EditionState
from lianbot.storage.campaigns import read_audience
from lianbot.storage.columns import AnyRow
from lianbot.storage.tables import (
    acknowledgements,
    amendments,
    counters,
    deliveries,
    editions,
    occurrences,
    openings,
)

MAY_HAVE_REACHED = (DeliveryState.ACCEPTED, DeliveryState.UNKNOWN)


def amendment_of(row: AnyRow, approvals: Sequence[Approval] = ()) -> Amendment:
    return Amendment(
        id=row.id,
        kind=OccurrenceKind(row.kind),
        campaign_id=row.campaign_id,
        amends=row.amends,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=AmendmentState(row.state),
        size=row.size,
        note=row.note,
        audience=read_audience(row.audience) if row.audience else None,
        beyond=row.beyond,
        notice=row.notice,
        corrects=row.corrects,
        material=row.material,
        steps=row.steps,
        approvals=tuple(approvals),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Occurrences of one push: `tellings` are it and its additions, `reminders` what reminds of them."""

    tellings: Sequence[UUID]
    reminders: Sequence[UUID]


async def family(connection: AsyncConnection, push: UUID) -> Family:
    added = await connection.execute(
        select(occurrences.c.id).where(
            occurrences.c.amends == push, occurrences.c.kind == OccurrenceKind.ADDITION
        )
    )
    tellings = [push, *(row.id for row in added)]
    reminding = await connection.execute(
        select(occurrences.c.id).where(occurrences.c.reminds.in_(tellings))
    )
    return Family(tellings=tellings, reminders=[row.id for row in reminding])


async def scope(
    connection: AsyncConnection, push: UUID, edition: str | None
) -> ColumnElement[bool]:
    """The rows that a correction is about: all of that push, or all that ever carried that edition."""
    if edition is None:
        members = await family(connection, push)
        return deliveries.c.occurrence_id.in_([*members.tellings, *members.reminders])
    # by topic the counters name the few occurrences in which it can be: no scan of years of rows
    found = await connection.execute(
        select(counters.c.occurrence_id)
        .join(editions, editions.c.topic == counters.c.topic)
        .where(editions.c.sha256 == edition)
        .distinct()
    )
    where = [row.occurrence_id for row in found]
    return and_(deliveries.c.occurrence_id.in_(where), deliveries.c.edition == edition)


async def kin(connection: AsyncConnection, occurrence: Occurrence) -> Sequence[UUID]:
    """Whose people get no second row: for an addition everybody of the push and of what was added to it before."""
    if occurrence.kind is OccurrenceKind.ADDITION and occurrence.amends is not None:
        members = await family(connection, occurrence.amends)
        return [*members.tellings, occurrence.id]
    return [occurrence.id]


async def corrected(connection: AsyncConnection, correction: UUID):  # type: ignore[no-untyped-def]  # a select of the dialect's own type
    """The workers whom what is corrected may have reached."""
    wanted = await _about(connection, correction)
    return select(deliveries.c.worker_id).where(wanted, reached_rows())


async def still_leaving(connection: AsyncConnection, occurrence: Occurrence) -> bool:
    """Of what is corrected a hand-over is under way: in a moment it is known whether it may have reached somebody."""
    if occurrence.kind is not OccurrenceKind.CORRECTION:
        return False
    wanted = await _about(connection, occurrence.id)
    found = await connection.execute(
        select(deliveries.c.id)
        .where(wanted, deliveries.c.state == DeliveryState.HANDING_OVER)
        .limit(1)
    )
    return found.first() is not None


async def _about(connection: AsyncConnection, correction: UUID) -> ColumnElement[bool]:
    row = (await connection.execute(select(amendments).where(amendments.c.id == correction))).one()
    return await scope(connection, row.amends, row.corrects)


def reached_rows() -> ColumnElement[bool]:
    """Rows whose text may have reached the worker: taken or perhaps taken by the platform, answered, or opened."""
    answered = exists().where(
        acknowledgements.c.delivery_id == deliveries.c.id, acknowledgements.c.current.is_(True)
    )
    opened = exists().where(openings.c.delivery_id == deliveries.c.id)
    return or_(deliveries.c.state.in_(MAY_HAVE_REACHED), answered, opened)


def outdated() -> ColumnElement[bool]:
    """Of a delivery with an answer: a material correction or edition of its item came after that answer."""
    mine = exists().where(
        occurrences.c.id == deliveries.c.occurrence_id,
        or_(occurrences.c.id == amendments.c.amends, occurrences.c.amends == amendments.c.amends),
        occurrences.c.kind != OccurrenceKind.CORRECTION,
    )
    corrected = exists().where(
        amendments.c.kind == OccurrenceKind.CORRECTION,
        amendments.c.state == AmendmentState.APPROVED,
        amendments.c.material.is_(True),
        amendments.c.decided_at >= acknowledgements.c.minute,
        or_(
            amendments.c.corrects == deliveries.c.edition,
            and_(amendments.c.corrects.is_(None), mine),
        ),
    )
    shown, newer = editions.alias(), editions.alias()
    after = and_(
        shown.c.sha256 == deliveries.c.edition, newer.c.approved_at >= acknowledgements.c.minute
    )
    return or_(corrected, exists().where(after, overtakes(newer, shown)))


def overtakes(newer: Any, older: Any) -> ColumnElement[bool]:
    """Whether one edition of an item is a material change that was approved after the other (editions or aliases)."""
    return and_(
        newer.c.item == older.c.item,
        newer.c.sha256 != older.c.sha256,
        newer.c.state == EditionState.APPROVED,
        or_(newer.c.current.is_(True), newer.c.approved_at > older.c.approved_at),
        material(newer),
    )


def material(table: Any) -> ColumnElement[bool]:
    """What an edition says of itself; the first one of an item is material by nature."""
    return func.coalesce(table.c.meta["material"].as_boolean(), true())
