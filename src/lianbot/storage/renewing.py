"""A material edition was approved while rows of an older one wait: nothing that is known to be wrong leaves any more.

See docs/decisions/0006. The row carries the new edition instead, or is skipped (superseded) where it cannot.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)

from lianbot.domain.campaigns import TELLS
from lianbot.domain.codes import Level, Post, Topic
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import draw_variant, takes_over
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import edition_of
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.ends import LOST_KEPT, forget_lost
from lianbot.storage.lineage import edition_corrected, material, overtaken, overtakes
from lianbot.storage.listing import one_of
from lianbot.storage.tables import (
    acknowledgements,
    deliveries,
    editions,
    occurrences,
    openings,
    reviews,
    workers,
)

CHUNK = 500
EVERYBODY: Mapping[str, Sequence[str]] = {"posts": list(Post), "levels": list(Level)}
WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)
UNTOLD = (*WAITING, DeliveryState.SKIPPED, DeliveryState.REFUSED)
"""Rows whose text has not reached anybody by a channel; a lead may still read it aloud."""

current, older, newer = editions.alias(), editions.alias(), editions.alias()


_NEWEST = and_(
    current.c.item == deliveries.c.item,
    current.c.current.is_(True),
    current.c.sha256 != deliveries.c.edition,
)
_NOT_NEWEST = select(deliveries.c.id).join(current, _NEWEST).limit(1)


def _stale(*conditions: ColumnElement[bool]) -> Select[Any]:
    columns = deliveries.c
    answered = exists().where(acknowledgements.c.delivery_id == columns.id)
    opened = exists().where(openings.c.delivery_id == columns.id)
    return (
        select(
            columns.id.label("row"),
            columns.state.label("stands"),
            columns.occurrence_id,
            columns.worker_id,
            columns.team_id,
            columns.post,
            columns.topic.label("counted"),
            occurrences.c.kind,
            workers.c.posts,
            workers.c.level,
            or_(answered, opened).label("seen"),
            exists().where(reviews.c.asked == columns.id).label("review"),
            edition_corrected(current).label("wrong"),
            older.c.meta.label("was"),
            current,
        )
        .join(older, older.c.sha256 == columns.edition)
        .join(current, _NEWEST)
        .join(occurrences, occurrences.c.id == columns.occurrence_id)
        .join(workers, workers.c.id == columns.worker_id)
        .where(exists().where(overtakes(newer, older)), *conditions)
        .order_by(columns.id)
    )


def renew_claimed(connection: Connection, ids: Sequence[int]) -> list[int]:
    """In the transaction of a claim: which of the rows still leave, each with what may be taught now."""
    mine = one_of(deliveries.c.id, ids)
    # nearly every claim has nothing but newest editions: asked in a statement that costs little to write
    if not ids or connection.execute(_NOT_NEWEST.where(mine)).first() is None:
        return list(ids)
    stale = connection.execute(_stale(mine)).all()
    gone = _renew(connection, stale)
    return [one for one in ids if one not in gone]


async def renew(database: Database, since: datetime, now: datetime) -> int:
    """Rows of pushes that have not ended, for items with a material edition approved since then; how many.

    In short transactions. Rows in a sender's hands are the claim's.
    """
    await _forget_overtaken(database, now)
    changed = select(newer.c.item).where(newer.c.approved_at >= since, material(newer))
    async with database.read() as connection:
        items = (await connection.execute(changed.distinct())).scalars().all()
    if not items:
        return 0
    running = select(occurrences.c.id).where(occurrences.c.ends_at > now)
    columns = deliveries.c
    wanted = _stale(
        columns.occurrence_id.in_(running),
        columns.item.in_(items),
        columns.state.in_(UNTOLD),
        columns.reason != Reason.SUPERSEDED,
        columns.claimed_by.is_(None),
    )
    last, renewed = 0, 0
    while True:
        # looked for outside of the writer: among 100,000 rows of other items the few take their time to find
        async with database.read() as connection:
            found = await connection.execute(wanted.where(columns.id > last).limit(CHUNK))
            ids = [row.row for row in found]
        if not ids:
            return renewed
        last = ids[-1]
        renewed += await database.transact(partial(_renew_some, wanted.where(columns.id.in_(ids))))


async def _forget_overtaken(database: Database, now: datetime) -> None:
    """In hand-over when their text was overtaken, and lost afterwards: the approval did not find their bytes.

    However long ago that was, an answer is lost only when the call or its process has ended. With the bytes they would
    be offered for a decision that can never act, and a stage would wait for them.
    """
    mine = overtaken()
    async with database.read() as connection:
        found = await connection.execute(select(deliveries.c.id).where(LOST_KEPT, mine).limit(1))
        if found.first() is None:
            return
    await forget_lost(database, mine, now)


def _renew_some(part: Select[Any], connection: Connection) -> int:
    rows = connection.execute(part.with_for_update(of=deliveries, skip_locked=True)).all()
    _renew(connection, rows)
    return len(rows)


def _renew(connection: Connection, stale: Sequence[AnyRow]) -> set[int]:
    """Locked rows; the ids of those that must not leave any more."""
    fresh = [row for row in stale if _can_carry(row)]
    kept = {row.row for row in fresh}
    gone = [row for row in stale if row.row not in kept and row.stands in WAITING]
    if fresh:
        connection.execute(_CARRY, [_carried(row) for row in fresh])
    _supersede(connection, gone)
    return {row.row for row in gone}


def _can_carry(row: AnyRow) -> bool:
    """Not where the newer one was corrected itself, nor where the older text was read already: an answer belongs to
    what was shown. A reminder reminds of what was sent, and its answer counts for that. An edition for fewer than the
    approved one could be a message to the few of a chosen audience who are left (P8): then nobody waits for it."""
    return (
        row.kind in TELLS
        and not row.wrong
        and not row.seen
        and not _is_for_fewer(row.meta, row.was)
        and takes_over(
            edition_of(row),
            topic=Topic(row.counted),
            posts=tuple(Post(one) for one in row.posts),
            level=Level(row.level),
            review=row.review,
        )
    )


def _is_for_fewer(newer: Mapping[str, Any], older: Mapping[str, Any]) -> bool:
    """No posts or no levels named: all of them."""
    return any(
        newer.get(of) and not set(older.get(of) or everybody) <= set(newer[of])
        for of, everybody in EVERYBODY.items()
    )


_CARRY = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("row"))
    .values(edition=bindparam("now_edition"), quiz=bindparam("now_quiz"))
)


def _carried(row: AnyRow) -> dict[str, object]:
    quiz = draw_variant(edition_of(row), row.occurrence_id, row.worker_id)
    return {"row": row.row, "now_edition": row.sha256, "now_quiz": quiz}


def _supersede(connection: Connection, gone: Sequence[AnyRow]) -> None:
    if not gone:
        return
    bumps = Bumps()
    for row in gone:
        key = (row.occurrence_id, row.team_id, row.post, row.counted)
        bumps.move(key, row.stands, DeliveryState.SKIPPED)
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([row.row for row in gone]))
        .values(
            state=DeliveryState.SKIPPED,
            reason=Reason.SUPERSEDED,
            not_before=None,
            counts_at=None,
            claimed_by=None,
            claimed_until=None,
        )
    )
    bumps.put(connection)
