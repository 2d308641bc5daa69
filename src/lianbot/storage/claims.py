"""Claims: planned rows leased to one sender with all that is needed to dress them, in one synchronous transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, or_, select, update

from lianbot.domain.amendments import Choice
from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.deliveries import Delivery, DeliveryState
from lianbot.domain.people import ChannelKind
from lianbot.storage.clearing import withdrawn
from lianbot.storage.columns import AnyRow
from lianbot.storage.lineage import overtaken
from lianbot.storage.listing import one_of
from lianbot.storage.outbox_rows import LEASE
from lianbot.storage.tables import (
    acknowledgements,
    bindings,
    campaigns,
    deliveries,
    occurrences,
    reviews,
    shared_bodies,
    workers,
)
from lianbot.storage.unknowns import KEPT_BODY, decided, told_apart

_TURN = "lianbot claim"
REPEAT_AFTER = (timedelta(minutes=1), timedelta(minutes=5))
"""Between the second hand-over and the third, and before every later one."""


def take_turn(connection: Connection) -> None:
    """Until the end of the transaction nobody else claims.

    Two claims at the same instant would each see only the other's committed leases, and two messages to one worker
    would leave past the caps. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_TURN, 0))))


def lease_planned(
    connection: Connection,
    owner: str,
    limit: int,
    now: datetime,
    resting: Collection[ChannelKind] = (),
    spent: Collection[str] = (),
) -> list[int]:
    """The next free rows of running occurrences, leased; their ids.

    None for channels at rest, and none by ways whose own budget is spent.
    """
    columns = deliveries.c
    found = connection.execute(
        select(columns.id)
        .join(occurrences, occurrences.c.id == columns.occurrence_id)
        .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
        .where(
            columns.state == DeliveryState.PLANNED,
            # true of every planned row; with it the index gives them in id order, without a sort
            columns.not_before.is_(None),
            _free(now),
            *([columns.channel.not_in(resting)] if resting else []),
            *([columns.way.not_in(spent)] if spent else []),
            occurrences.c.state == OccurrenceState.PLANNED,
            campaigns.c.state == CampaignState.APPROVED,
            not_(withdrawn()),
        )
        .order_by(columns.id)
        .limit(limit)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    ids = [row.id for row in found]
    _lease(connection, ids, owner, now)
    return ids


def lease_unknown(
    connection: Connection,
    owner: str,
    channel: ChannelKind,
    since: datetime,
    limit: int,
    now: datetime,
) -> list[int]:
    """Unknown rows first handed over after `since` that may be repeated, leased; their ids."""
    return _lease_repeats(
        connection,
        owner,
        limit,
        now,
        told_apart({channel: since}),
        _rested(now),
        not_(decided(Choice.LEAVE)),
        # the bytes of a call to many go out for all of them: the sender looks at the call as a whole
        or_(deliveries.c.shared_body.is_not(None), _wanted()),
    )


def lease_decided(
    connection: Connection, owner: str, channel: ChannelKind, limit: int, now: datetime
) -> list[int]:
    """Unknown rows of running occurrences that a person decided to send again, leased; their ids."""
    return _lease_repeats(
        connection,
        owner,
        limit,
        now,
        deliveries.c.channel == channel,
        decided(Choice.AGAIN),
        occurrences.c.state == OccurrenceState.PLANNED,
        campaigns.c.state == CampaignState.APPROVED,
        _wanted(),
    )


def _lease_repeats(
    connection: Connection, owner: str, limit: int, now: datetime, *conditions: ColumnElement[bool]
) -> list[int]:
    rows = connection.execute(
        select(deliveries.c.id)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
        .join(workers, workers.c.id == deliveries.c.worker_id)
        .where(
            deliveries.c.state == DeliveryState.UNKNOWN,
            KEPT_BODY,
            # in hand-over when its text was overtaken: the approval did not find its bytes
            not_(overtaken()),
            _free(now),
            not_(withdrawn()),
            *conditions,
        )
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(of=deliveries, skip_locked=True)
    )
    ids = [row.id for row in rows]
    _lease(connection, ids, owner, now)
    return ids


def _rested(now: datetime) -> ColumnElement[bool]:
    """A first repeat goes out at once; a platform that still says nothing is not asked at every tick."""
    columns = deliveries.c
    return or_(
        columns.attempts <= 1,
        and_(columns.attempts == 2, columns.handed_at <= now - REPEAT_AFTER[0]),
        columns.handed_at <= now - REPEAT_AFTER[1],
    )


def _wanted() -> ColumnElement[bool]:
    """Who left or has answered is left out by the claim: their rows would fill every batch to its limit."""
    return and_(workers.c.ended.is_(None), not_(_answered()))


def bodies_of(connection: Connection, rows: Sequence[Delivery]) -> dict[int, bytes]:
    """The bodies that several of the rows were handed over with, by their number."""
    numbers = {row.shared_body for row in rows if row.shared_body is not None}
    if not numbers:
        return {}
    found = connection.execute(select(shared_bodies).where(shared_bodies.c.id.in_(numbers)))
    return {row.id: row.body for row in found}


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(deliveries.c.claimed_by.is_(None), deliveries.c.claimed_until < now)


def _lease(connection: Connection, ids: Sequence[int], owner: str, now: datetime) -> None:
    if ids:
        connection.execute(
            update(deliveries)
            .where(one_of(deliveries.c.id, ids))
            .values(claimed_by=owner, claimed_until=now + LEASE)
        )


def facts_of(connection: Connection, ids: Sequence[int]) -> Sequence[AnyRow]:
    """The rows with what their message depends on: occurrence, person, client, answer."""
    return connection.execute(
        select(
            deliveries,
            occurrences.c.kind,
            occurrences.c.reminds,
            occurrences.c.ends_at,
            workers.c.ended,
            workers.c.number,
            workers.c.posts,
            workers.c.shift,
            workers.c.preferred,
            exists().where(reviews.c.asked == deliveries.c.id).label("review"),
            bindings.c.client,
            _answered().label("answered"),
        )
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .join(workers, workers.c.id == deliveries.c.worker_id)
        .outerjoin(
            bindings,
            and_(
                bindings.c.worker_id == deliveries.c.worker_id,
                bindings.c.channel == deliveries.c.channel,
                bindings.c.account == deliveries.c.account,
            ),
        )
        .where(one_of(deliveries.c.id, ids))
        .order_by(deliveries.c.id)
    ).all()


def reminded(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, AnyRow]:
    """For reminder rows: the push they remind of, and whether it was answered meanwhile."""
    reminders = {(row.reminds, row.worker_id): row.id for row in rows if row.reminds is not None}
    if not reminders:
        return {}
    found = connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.occurrence_id,
            deliveries.c.worker_id,
            _answered().label("answered"),
        ).where(
            deliveries.c.occurrence_id.in_({occurrence for occurrence, _ in reminders}),
            deliveries.c.worker_id.in_([worker for _, worker in reminders]),
        )
    )
    return {
        reminders[(row.occurrence_id, row.worker_id)]: row
        for row in found
        if (row.occurrence_id, row.worker_id) in reminders
    }


def _answered() -> ColumnElement[bool]:
    return exists().where(
        acknowledgements.c.delivery_id == deliveries.c.id,
        acknowledgements.c.current.is_(True),
    )
