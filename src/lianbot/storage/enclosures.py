"""ports.enclosures over SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, and_, cast, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.acknowledgements import Answer, Method
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.enclosures import EnclosureKind, MediaFile, kind_of
from lianbot.domain.messages import Accepted, NotSent, SendOutcome
from lianbot.domain.people import ChannelKind
from lianbot.ports.enclosures import Accompanied, AnsweredCard, EnclosureBatch
from lianbot.storage.columns import AnyRow
from lianbot.storage.content import ContentStore
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    acknowledgements,
    campaigns,
    card_codes,
    deliveries,
    enclosures,
    occurrences,
)

A_CALL = 1000
CODE_LIFE = timedelta(hours=72)
"""Older copies of the page say 24 h [S79]: a code that has run out is refused, and nothing is lost."""


class SqlEnclosures:
    """What goes along with accepted messages."""

    def __init__(self, database: Database, content: ContentStore) -> None:
        self._database = database
        self._content = content

    async def begin(self, since: datetime, now: datetime) -> Sequence[EnclosureBatch]:
        batches: list[EnclosureBatch] = []
        for kind in EnclosureKind:
            # the look is a read: the writer is not held up by rounds that find nothing
            async with self._database.read() as connection:
                found = await _due(connection, kind, since)
            for edition, rows in found.items():
                file = await self._file(edition, kind)
                for start in range(0, len(rows) if file else 0, A_CALL):
                    chunk = rows[start : start + A_CALL]
                    begun = await self._write_begun(kind, [row.id for row in chunk], now)
                    to = [
                        Accompanied(delivery_id=row.id, account=row.account)
                        for row in chunk
                        if row.id in begun
                    ]
                    if file and to:
                        batches.append(EnclosureBatch(file=file, to=to))
        return batches

    async def _file(self, edition: str, kind: EnclosureKind) -> MediaFile | None:
        for sha256, name in await self._content.media_of(edition):
            if kind_of(name) is kind:
                kept = await self._content.media_body(sha256)
                if kept is not None:
                    return MediaFile(kind=kind, name=name, sha256=sha256, data=kept[1])
        return None

    async def _write_begun(
        self, kind: EnclosureKind, ids: Sequence[int], now: datetime
    ) -> set[int]:
        """Those that this process begins; another one may have been a moment earlier."""
        async with self._database.write() as connection:
            await connection.execute(
                select(deliveries.c.id)
                .where(deliveries.c.id.in_(ids))
                .order_by(deliveries.c.id)
                .with_for_update()
            )
            taken = await connection.execute(
                select(enclosures.c.delivery_id).where(
                    enclosures.c.delivery_id.in_(ids), enclosures.c.kind == kind
                )
            )
            free = set(ids) - {row.delivery_id for row in taken}
            if free:
                state = DeliveryState.HANDING_OVER
                await connection.execute(
                    insert(enclosures),
                    [
                        {"delivery_id": one, "kind": kind, "state": state, "detail": "", "at": now}
                        for one in sorted(free)
                    ],
                )
        return free

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
                cast(campaigns.c.enclose, String) != "[]"
            )
        )
        if kind in row.enclose
    ]
    if not asking:
        return {}
    rows = await connection.execute(
        select(deliveries.c.id, deliveries.c.account, deliveries.c.edition)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .outerjoin(
            enclosures,
            and_(enclosures.c.delivery_id == deliveries.c.id, enclosures.c.kind == kind),
        )
        .where(
            occurrences.c.campaign_id.in_(asking),
            occurrences.c.reminds.is_(None),
            deliveries.c.channel == ChannelKind.WECOM,
            deliveries.c.state == DeliveryState.ACCEPTED,
            deliveries.c.handed_at > since,
            enclosures.c.delivery_id.is_(None),
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
