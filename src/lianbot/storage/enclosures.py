"""ports.enclosures over SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    cast,
    delete,
    func,
    insert,
    not_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import Answer, Method
from lianbot.domain.budgets import Budget, member_may_get_more
from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.enclosures import EnclosureKind, MediaFile, kind_of
from lianbot.domain.messages import Accepted, NotSent, SendOutcome
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.ports.enclosures import Accompanied, AnsweredCard, EnclosureBatch
from lianbot.storage.budgets import spend
from lianbot.storage.caps import LEFT
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import ContentStore
from lianbot.storage.database import Database
from lianbot.storage.lineage import superseded
from lianbot.storage.tables import (
    acknowledgements,
    campaigns,
    card_codes,
    deliveries,
    enclosures,
    occurrences,
    workers,
)

A_CALL = 1000
CODE_LIFE = timedelta(hours=72)
"""Older copies of the page say 24 h [S79]: a code that has run out is refused, and nothing is lost."""


class SqlEnclosures:
    """What goes along with accepted messages."""

    def __init__(
        self, database: Database, content: ContentStore, budgets: Sequence[Budget] = ()
    ) -> None:
        """`budgets` are WeCom's, the same rows that its messages are counted in."""
        self._database = database
        self._content = content
        self._budgets = budgets

    async def due(self, since: datetime) -> Sequence[EnclosureBatch]:
        batches: list[EnclosureBatch] = []
        for kind in EnclosureKind:
            # the look is a read: the writer is not held up by rounds that find nothing
            async with self._database.read() as connection:
                found = await _due(connection, kind, since)
            for edition, rows in found.items():
                file = await self._file(edition, kind)
                for start in range(0, len(rows) if file else 0, A_CALL):
                    if file:
                        to = [_accompanied(row) for row in rows[start : start + A_CALL]]
                        batches.append(EnclosureBatch(file=file, to=to))
        return batches

    async def begin(
        self, kind: EnclosureKind, to: Sequence[Accompanied], now: datetime
    ) -> Sequence[Accompanied]:
        ids = [one.delivery_id for one in to]
        begun = await self._database.transact(
            lambda connection: _begin(connection, kind, ids, self._budgets, now)
        )
        return [one for one in to if one.delivery_id in begun]

    async def _file(self, edition: str, kind: EnclosureKind) -> MediaFile | None:
        for sha256, name in await self._content.media_of(edition):
            if kind_of(name) is kind:
                kept = await self._content.media_body(sha256)
                if kept is not None:
                    return MediaFile(kind=kind, name=name, sha256=sha256, data=kept[1])
        return None

    async def mark(
        self, kind: EnclosureKind, outcomes: Mapping[int, SendOutcome], now: datetime
    ) -> None:
        by_state: dict[tuple[str, str], list[int]] = {}
        for delivery_id, outcome in outcomes.items():
            by_state.setdefault(_state_of(outcome), []).append(delivery_id)
        async with self._database.write() as connection:
            for (state, detail), ids in by_state.items():
                mine = and_(enclosures.c.kind == kind, enclosures.c.delivery_id.in_(ids))
                if not state:
                    await connection.execute(delete(enclosures).where(mine))
                    continue
                await connection.execute(
                    update(enclosures).where(mine).values(state=state, detail=detail, at=now)
                )


def _begin(
    connection: Connection,
    kind: EnclosureKind,
    ids: Sequence[int],
    budgets: Sequence[Budget],
    now: datetime,
) -> set[int]:
    """Those that this process begins; another one may have been a moment earlier."""
    connection.execute(
        select(deliveries.c.id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.id)
        .with_for_update()
    )
    taken = connection.execute(
        select(enclosures.c.delivery_id).where(
            enclosures.c.delivery_id.in_(ids), enclosures.c.kind == kind
        )
    )
    free = set(ids) - {row.delivery_id for row in taken} - _full(connection, ids, now)
    begun = sorted(free)[: spend(connection, budgets, len(free), now) if budgets else None]
    if begun:
        state = DeliveryState.HANDING_OVER
        connection.execute(
            insert(enclosures),
            [
                {"delivery_id": one, "kind": kind, "state": state, "detail": "", "at": now}
                for one in begun
            ],
        )
    return set(begun)


def _full(connection: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """Of workers to whom one message more would be dropped without a word; what went along counts as well."""
    mine = {
        row.id: row.worker_id
        for row in connection.execute(
            select(deliveries.c.id, deliveries.c.worker_id).where(deliveries.c.id.in_(ids))
        )
    }
    recent = and_(
        deliveries.c.worker_id.in_(set(mine.values())),
        deliveries.c.channel == ChannelKind.WECOM,
        deliveries.c.handed_at > now - timedelta(hours=1),
        deliveries.c.state.in_(LEFT),
    )
    moments: dict[UUID, list[datetime]] = {}
    for question in (
        select(deliveries.c.worker_id, deliveries.c.handed_at.label("at")).where(recent),
        select(deliveries.c.worker_id, enclosures.c.at)
        .join(deliveries, deliveries.c.id == enclosures.c.delivery_id)
        .where(recent),
    ):
        for row in connection.execute(question):
            moments.setdefault(row.worker_id, []).append(row.at)
    return {
        one
        for one, worker in mine.items()
        if member_may_get_more(moments.get(worker, ()), now) is not None
    }


def _accompanied(row: AnyRow) -> Accompanied:
    return Accompanied(
        delivery_id=row.id,
        account=row.account,
        posts=tuple(Post(one) for one in row.posts),
        team_id=row.team_id,
        shift=row.shift,
        preferred=PreferredTime(row.preferred),
    )


def _state_of(outcome: SendOutcome) -> tuple[str, str]:
    match outcome:
        case Accepted():
            return DeliveryState.ACCEPTED, ""
        case NotSent():
            return "", ""
        case _:
            unknown = not hasattr(outcome, "errcode")
            return DeliveryState.UNKNOWN if unknown else DeliveryState.REFUSED, outcome.detail


async def _due(
    connection: AsyncConnection, kind: EnclosureKind, since: datetime
) -> dict[str, list[AnyRow]]:
    """Accepted on WeCom since then, in campaigns that ask for this kind, not begun; by edition."""
    asking = [
        row.id
        for row in await connection.execute(
            select(campaigns.c.id, campaigns.c.enclose).where(
                cast(campaigns.c.enclose, String) != "[]",
                campaigns.c.state == CampaignState.APPROVED,
            )
        )
        if kind in row.enclose
    ]
    if not asking:
        return {}
    rows = await connection.execute(
        select(
            deliveries.c.id,
            deliveries.c.account,
            deliveries.c.edition,
            deliveries.c.team_id,
            workers.c.posts,
            workers.c.shift,
            workers.c.preferred,
        )
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .join(workers, workers.c.id == deliveries.c.worker_id)
        .outerjoin(
            enclosures,
            and_(enclosures.c.delivery_id == deliveries.c.id, enclosures.c.kind == kind),
        )
        .where(
            occurrences.c.campaign_id.in_(asking),
            occurrences.c.reminds.is_(None),
            # a push that was paused or stopped sends nothing more, not even along with what left
            occurrences.c.state == OccurrenceState.PLANNED,
            deliveries.c.channel == ChannelKind.WECOM,
            deliveries.c.state == DeliveryState.ACCEPTED,
            deliveries.c.handed_at > since,
            enclosures.c.delivery_id.is_(None),
            not_(superseded()),
        )
        .order_by(deliveries.c.id)
    )
    found: dict[str, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.edition, []).append(row)
    return found


class SqlCards:
    """Codes of cards, until they are used or run out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, codes: Mapping[int, str], now: datetime) -> None:
        until = now + CODE_LIFE
        async with self._database.write() as connection:
            await connection.execute(
                delete(card_codes).where(card_codes.c.delivery_id.in_(list(codes)))
            )
            await connection.execute(
                insert(card_codes),
                [
                    {"delivery_id": one, "code": code, "until": until}
                    for one, code in sorted(codes.items())
                ],
            )

    async def take_answered(self, now: datetime) -> Sequence[AnsweredCard]:
        async with self._database.read() as connection:
            rows = (await connection.execute(_answered())).all()
            old = await connection.execute(select(func.count()).where(card_codes.c.until <= now))
            run_out = old.scalar_one()
        if not rows and not run_out:
            return []
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(card_codes)
                .where(
                    (card_codes.c.until <= now)
                    | card_codes.c.delivery_id.in_([row.delivery_id for row in rows])
                )
                .returning(card_codes.c.delivery_id)
            )
            mine = {row.delivery_id for row in gone}
        return [
            AnsweredCard(
                delivery_id=row.delivery_id,
                account=row.account,
                code=row.code,
                answer=Answer(row.answer),
            )
            for row in rows
            # a tapped card was greyed by the answer to its own tap; a call for each would cost as much again
            if row.delivery_id in mine and row.until > now and row.method != Method.TAP
        ]


def _answered() -> Select[Any]:
    """A reminder's answer belongs to the push it reminds of."""
    push = deliveries.alias("push")
    return (
        select(
            card_codes,
            deliveries.c.account,
            acknowledgements.c.answer,
            acknowledgements.c.method,
        )
        .join(deliveries, deliveries.c.id == card_codes.c.delivery_id)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .outerjoin(
            push,
            and_(
                push.c.occurrence_id == occurrences.c.reminds,
                push.c.worker_id == deliveries.c.worker_id,
            ),
        )
        .join(
            acknowledgements,
            and_(
                acknowledgements.c.delivery_id == func.coalesce(push.c.id, deliveries.c.id),
                acknowledgements.c.current.is_(True),
            ),
        )
    )
