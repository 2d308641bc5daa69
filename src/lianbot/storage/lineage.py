"""Which rows belong to which: a push with what was added to it and reminded of it, and what a correction is about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true
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
    mine = deliveries.c.occurrence_id.in_(await touched(connection, push, edition))
    return mine if edition is None else and_(mine, deliveries.c.edition == edition)


async def touched(connection: AsyncConnection, push: UUID, edition: str | None) -> Sequence[UUID]:
    """The occurrences that those rows can be in."""
    if edition is None:
        members = await family(connection, push)
        return [*members.tellings, *members.reminders]
    # by topic the counters name the few occurrences in which it can be: no scan of years of rows
    found = await connection.execute(
        select(counters.c.occurrence_id)
        .join(editions, editions.c.topic == counters.c.topic)
        .where(editions.c.sha256 == edition)
        .distinct()
    )
    return [row.occurrence_id for row in found]


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


def superseded(*further: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of a delivery: a correction that was approved says that its text is wrong. `further`: of that correction."""
    own, told = occurrences.alias(), occurrences.alias()
    lineage = own.outerjoin(told, told.c.id == own.c.reminds)
    mine = exists(select(own.c.id).select_from(lineage)).where(
        own.c.id == deliveries.c.occurrence_id,
        own.c.kind != OccurrenceKind.CORRECTION,
        amendments.c.amends.in_((own.c.id, own.c.amends, told.c.id, told.c.amends)),
    )
    return exists().where(
        _CORRECTS,
        *further,
        or_(
            amendments.c.corrects == deliveries.c.edition,
            and_(amendments.c.corrects.is_(None), mine),
        ),
    )


_CORRECTS = and_(
    amendments.c.kind == OccurrenceKind.CORRECTION,
    amendments.c.state == AmendmentState.APPROVED,
)


def outdated() -> ColumnElement[bool]:
    """Of a delivery with an answer: a material correction or edition of its item came after that answer."""
    corrected = superseded(
        amendments.c.material.is_(True), amendments.c.decided_at >= acknowledgements.c.minute
    )
    shown, newer = editions.alias(), editions.alias()
    after = and_(
        shown.c.sha256 == deliveries.c.edition, newer.c.approved_at >= acknowledgements.c.minute
    )
    return or_(corrected, exists().where(after, overtakes(newer, shown)))


def whole_push_corrected() -> ColumnElement[bool]:
    """Of an occurrence: all that it, or the push it was added to, said is corrected."""
    return exists().where(
        _CORRECTS,
        amendments.c.corrects.is_(None),
        amendments.c.amends.in_((occurrences.c.id, occurrences.c.amends)),
    )


def edition_corrected(table: Any) -> ColumnElement[bool]:
    """Of an edition (or an alias): it was corrected wherever it went."""
    return exists().where(_CORRECTS, amendments.c.corrects == table.c.sha256)


def wrong_rows(
    connection: Connection, occurrence: Occurrence, editions_: Collection[str]
) -> Collection[str]:
    """Which of the editions must not be told in that occurrence any more."""
    if occurrence.kind is OccurrenceKind.CORRECTION:
        return ()
    told = select(occurrences.c.amends).where(occurrences.c.id == occurrence.reminds)
    pushes = [one for one in (occurrence.id, occurrence.amends, occurrence.reminds) if one]
    whole = or_(amendments.c.amends.in_(pushes), amendments.c.amends.in_(told))
    found = connection.execute(
        select(amendments.c.corrects).where(
            _CORRECTS,
            or_(
                amendments.c.corrects.in_(list(editions_)),
                and_(amendments.c.corrects.is_(None), whole),
            ),
        )
    )
    wrong = {row.corrects for row in found}
    return editions_ if None in wrong else wrong


def overtaken() -> ColumnElement[bool]:
    """Of a delivery: a material edition of its item was approved after the one that it carries."""
    older, newer = editions.alias(), editions.alias()
    return exists().where(older.c.sha256 == deliveries.c.edition, overtakes(newer, older))


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
