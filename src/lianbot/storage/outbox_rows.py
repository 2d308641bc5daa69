"""Hand-overs and their outcomes as rows: a batch of changes down in few statements, with the counters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from lianbot.domain.budgets import Budget
from lianbot.domain.campaigns import OccurrenceState
from lianbot.domain.codes import Post, Topic
from lianbot.domain.deliveries import Delivery, DeliveryState, Reason
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import Way
from lianbot.ports.outbox import RenderTogether
from lianbot.storage.budgets import spend
from lianbot.storage.clearing import pass_gate, withdrawn
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps, Key, crosses, standing_answers
from lianbot.storage.installation import STOP_ALL
from lianbot.storage.listing import one_of
from lianbot.storage.prepared import ByKey
from lianbot.storage.tables import deliveries, occurrences, shared_bodies, switches

LEASE = timedelta(minutes=2)
"""Longer than any hand-over may take; a claim runs out by itself."""
BODIES_KEPT = timedelta(hours=5)
"""WeCom recognises a repeat for four hours at most [S71]; later a body is of no use."""
Budgets = Mapping[ChannelKind, Sequence[Budget]]
BEFORE_THE_CALL = (DeliveryState.PLANNED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A delivery as it shall stand. `begins`: its hand-over begins, unless it was stopped meanwhile."""

    delivery: Delivery
    owner: str
    begins: bool


def commit_changes(
    connection: Connection, batch: Sequence[Change], budgets: Budgets
) -> list[bool]:
    """Which changes were written; the others have another owner by now, or must not leave any more."""
    if any(change.begins for change in batch):
        pass_gate(connection)
    found = _held(connection, [change.delivery.id for change in batch])
    written = _allowed(connection, batch, found, budgets)
    _write(connection, [one for one, may in zip(batch, written, strict=True) if may], found)
    return written


def begin_together(
    connection: Connection,
    deliveries: Sequence[Delivery],
    owner: str,
    render: RenderTogether,
    budgets: Budgets,
) -> list[Delivery]:
    """Which of them begin, with the one body that is handed over for all of them."""
    pass_gate(connection)
    batch = [Change(delivery=one, owner=owner, begins=True) for one in deliveries]
    found = _held(connection, [one.id for one in deliveries])
    written = _allowed(connection, batch, found, budgets)
    begun = [one for one, may in zip(deliveries, written, strict=True) if may]
    if not begun:
        return []
    body, number = begun[0].body, begun[0].shared_body
    if body is None or number is None:
        body = render(begun)
        number = _keep_body(connection, body, begun[0].handed_at)
    begun = [replace(one, body=body, shared_body=number) for one in begun]
    _write(connection, [Change(delivery=one, owner=owner, begins=True) for one in begun], found)
    return begun


def _keep_body(connection: Connection, body: bytes, now: datetime | None) -> int:
    """The body's number; those that no platform would recognise any more are forgotten."""
    assert now is not None  # noqa: S101 - hand_over() set it
    columns = shared_bodies.c
    connection.execute(delete(shared_bodies).where(columns.made_at < now - BODIES_KEPT))
    made = connection.execute(insert(shared_bodies).values(body=body, made_at=now))
    assert made.inserted_primary_key is not None  # noqa: S101 - the key counts by itself
    number: int = made.inserted_primary_key[0]
    return number


def _allowed(
    connection: Connection,
    batch: Sequence[Change],
    found: Mapping[int, AnyRow],
    budgets: Budgets,
) -> list[bool]:
    # read in this very transaction: after stop-all nothing more begins to leave
    stopped = any(change.begins for change in batch) and _stopped(connection)
    may = [_may(change, found.get(change.delivery.id), stopped) for change in batch]
    for kind, limits in budgets.items():
        leaving: dict[str, list[int]] = {}
        for index, change in enumerate(batch):
            if may[index] and change.begins and change.delivery.channel == kind:
                leaving.setdefault(change.delivery.way or "", []).append(index)
        # in one order for everybody, and each way's own budget beside the channel's
        for way, indexes in sorted(leaving.items()):
            now = batch[indexes[0]].delivery.handed_at
            assert now is not None  # noqa: S101 - hand_over() set it
            theirs = [one for one in limits if one.api == way or one.api not in set(Way)]
            for index in indexes[spend(connection, theirs, len(indexes), now) :]:
                may[index] = False
    return may


def _write(connection: Connection, changes: Sequence[Change], found: Mapping[int, AnyRow]) -> None:
    bumps = Bumps()
    rows: dict[int, list[dict[str, object]]] = {}
    crossing = [
        change.delivery.id
        for change in changes
        if crosses(found[change.delivery.id].state, change.delivery.state)
    ]
    answered = standing_answers(connection, crossing)
    moves: Counter[tuple[Key, str, str, bool]] = Counter()
    for change in changes:
        delivery = change.delivery
        before = found[delivery.id].state
        # most of a batch make the same move: hashing a key is what counting costs
        moves[key_of(delivery), before, delivery.state, delivery.id in answered] += 1
        kind = _kind(change)
        rows.setdefault(kind, []).append(_ROWS[kind](change))
    for (key, before, after, told), many in moves.items():
        bumps.move(key, before, after, answered=told, rows=many)
    for kind, values in rows.items():
        _UPDATES[kind].many(connection, values)
    bumps.put(connection)


def _held(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    """The rows of the batch as they stand now, locked in id order."""
    columns = deliveries.c
    rows = connection.execute(
        select(
            columns.id,
            columns.state,
            columns.claimed_by,
            columns.claimed_until,
            occurrences.c.state.label("occurrence_state"),
            withdrawn().label("withdrawn"),
        )
        .join(occurrences, occurrences.c.id == columns.occurrence_id)
        .where(one_of(columns.id, ids))
        .order_by(columns.id)
        .with_for_update(of=deliveries)
    )
    return {row.id: row for row in rows}


def _stopped(connection: Connection) -> bool:
    value = connection.execute(select(switches.c.value).where(switches.c.name == STOP_ALL))
    return value.scalar_one_or_none() == "on"


def _may(change: Change, row: AnyRow | None, stopped: bool) -> bool:
    if row is None or row.claimed_by != change.owner:
        return False
    if not change.begins:
        return True
    # nobody paused, stopped or corrected it since it was claimed, and the lease still stands: once it has run out,
    # a claim of another row of this worker takes this one for not leaving
    assert change.delivery.handed_at is not None  # noqa: S101 - hand_over() set it
    return (
        not stopped
        and change.delivery.handed_at < row.claimed_until
        and row.state in BEFORE_THE_CALL
        and row.occurrence_state == OccurrenceState.PLANNED
        and not row.withdrawn
    )


def key_of(delivery: Delivery) -> Key:
    """Team, post and topic of a delivery never change, so the record's own will do."""
    return (delivery.occurrence_id, delivery.team_id, delivery.post, delivery.topic)


_BEGUN, _ACCEPTED, _OTHER = range(3)


def _kind(change: Change) -> int:
    """The two changes of every message have statements of their own that name only what they change."""
    if change.begins:
        return _BEGUN
    return _ACCEPTED if change.delivery.state is DeliveryState.ACCEPTED else _OTHER


def _set(*names: str, **fixed: object) -> ByKey:
    return ByKey(deliveries.c.id, fixed, names)


_UPDATES = {
    _BEGUN: _set(
        "reason",
        "counts_at",
        "attempts",
        "first_handed_at",
        "handed_at",
        "body",
        "claimed_by",
        "claimed_until",
        "shared_body",
        state=DeliveryState.HANDING_OVER,
    ),
    _ACCEPTED: _set(
        "platform_id",
        state=DeliveryState.ACCEPTED,
        reason=Reason.NONE,
        body=None,
        shared_body=None,
        claimed_by=None,
        claimed_until=None,
    ),
    _OTHER: _set(
        "state",
        "reason",
        "not_before",
        "counts_at",
        "platform_id",
        "errcode",
        "detail",
        "body",
        "way",
        "tried",
        claimed_by=None,
        claimed_until=None,
    ),
}


def _begun(change: Change) -> dict[str, object]:
    delivery = change.delivery
    assert delivery.handed_at is not None  # noqa: S101 - hand_over() set it
    return {
        "row_id": delivery.id,
        "new_reason": delivery.reason,
        "new_counts_at": _weighs_at(delivery),
        "new_attempts": delivery.attempts,
        "new_first_handed_at": delivery.first_handed_at,
        "new_handed_at": delivery.handed_at,
        "new_body": delivery.body if delivery.shared_body is None else None,
        "new_shared_body": delivery.shared_body,
        "new_claimed_by": change.owner,
        "new_claimed_until": delivery.handed_at + LEASE,
    }


def _weighs_at(delivery: Delivery) -> datetime | None:
    """When it counts against the caps; never where it does not count at all."""
    return (delivery.not_before or delivery.handed_at) if delivery.counts else None


def _accepted(change: Change) -> dict[str, object]:
    return {"row_id": change.delivery.id, "new_platform_id": change.delivery.platform_id}


def _other(change: Change) -> dict[str, object]:
    delivery = change.delivery
    return {
        "row_id": delivery.id,
        "new_state": delivery.state,
        "new_reason": delivery.reason,
        "new_not_before": delivery.not_before,
        "new_counts_at": _weighs_at(delivery),
        "new_platform_id": delivery.platform_id,
        "new_errcode": delivery.errcode,
        "new_detail": delivery.detail,
        "new_body": delivery.body if delivery.shared_body is None else None,
        "new_way": delivery.way or "",
        "new_tried": tried_text(delivery),
    }


_ROWS = {_BEGUN: _begun, _ACCEPTED: _accepted, _OTHER: _other}


# looked up: calling five enumerations for every message costs as much as all else that is read here
_TOPICS = {one.value: one for one in Topic}
_POSTS = {one.value: one for one in Post}
_CHANNELS = {one.value: one for one in ChannelKind}
_STATES = {one.value: one for one in DeliveryState}
_REASONS = {one.value: one for one in Reason}


def delivery_of(row: AnyRow) -> Delivery:
    return Delivery(
        id=row.id,
        occurrence_id=row.occurrence_id,
        worker_id=row.worker_id,
        edition=row.edition,
        item=row.item,
        quiz=row.quiz,
        topic=_TOPICS[row.topic],
        team_id=row.team_id,
        post=_POSTS[row.post],
        channel=_CHANNELS[row.channel] if row.channel else None,
        account=row.account,
        state=_STATES[row.state],
        reason=_REASONS[row.reason],
        not_before=row.not_before,
        attempts=row.attempts,
        first_handed_at=row.first_handed_at,
        handed_at=row.handed_at,
        platform_id=row.platform_id,
        errcode=row.errcode,
        detail=row.detail,
        body=row.body,
        shared_body=row.shared_body,
        # a row that may leave has its moment, unless it weighs nothing
        counts=row.counts_at is not None,
        way=_way(row),
        tried=frozenset(Way(way) for way in row.tried.split()),
    )


def _way(row: AnyRow) -> Way | None:
    """Rows of the time before there were ways left by WeCom."""
    if row.way:
        return Way(row.way)
    return Way.WECOM if row.channel == ChannelKind.WECOM else None


def tried_text(delivery: Delivery) -> str:
    return " ".join(sorted(delivery.tried))
