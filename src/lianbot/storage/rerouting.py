"""Refusals that ask for the next way, ways without a right, and results that come later, over SQL."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, and_, delete, exists, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.deliveries import Delivery, DeliveryState, Reason
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.domain.ways import Way
from lianbot.ports.ways import Lost
from lianbot.storage.clearing import withdrawn
from lianbot.storage.contacts import SHUT, contact_of
from lianbot.storage.counting import Bumps, standing_answers
from lianbot.storage.database import Database
from lianbot.storage.installation import set_switch
from lianbot.storage.outbox_rows import delivery_of, key_of, tried_text
from lianbot.storage.tables import (
    bindings,
    campaigns,
    consents,
    deliveries,
    occurrences,
    send_results,
    switches,
)

RESULT_KEPT: Final = timedelta(hours=1)
"""A result comes within seconds of the hand-over [S14]; what finds no delivery for so long has none."""
BLOCKED: Final = "failed:user block"
"""The person refuses the template: the same as 43101, only said later [S14][S15]. It is not sent again without a new consent."""
_SAYS_OF_THE_ACCOUNT: Final = {
    Reason.NOT_FOLLOWING: {"broken": Reason.NOT_FOLLOWING.value},
    Reason.NOT_MEMBER: {"broken": Reason.NOT_MEMBER.value},
}
"""What a refusal on the Official Account says about the binding; following again or binding anew mends it.

WeCom's refusals are left out: an administrator mends them there and tells nobody here.
"""


class SqlWays:
    """ports.ways.WayBook and ResultBook over SQL."""

    def __init__(self, database: Database, ways: frozenset[Way] = frozenset(Way)) -> None:
        self._database = database
        self._ways = ways

    async def shut(self, way: Way, why: str) -> None:
        async with self._database.write() as connection:
            await set_switch(connection, f"{SHUT}{way}", why)

    async def open(self, way: Way) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(switches).where(switches.c.name == f"{SHUT}{way}"))

    async def closed(self) -> dict[Way, str]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(switches).where(switches.c.name.startswith(SHUT, autoescape=True))
            )
            return {Way(row.name.removeprefix(SHUT)): row.value for row in rows}

    # --- the next way --------------------------------------------------------------------------

    async def lost(self, limit: int, now: datetime) -> Sequence[Lost]:
        columns = deliveries.c
        refused = and_(columns.state == DeliveryState.REFUSED, columns.looked.is_(False))
        without_right = and_(
            columns.state == DeliveryState.DEFERRED, columns.reason == Reason.NO_RIGHT
        )
        async with self._database.read() as connection:
            rows = (
                await connection.execute(
                    select(deliveries, campaigns.c.channels)
                    .join(occurrences, occurrences.c.id == columns.occurrence_id)
                    .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                    .where(
                        or_(refused, without_right),
                        occurrences.c.state == OccurrenceState.PLANNED,
                        campaigns.c.state == CampaignState.APPROVED,
                        not_(withdrawn()),
                    )
                    .order_by(columns.id)
                    .limit(limit)
                )
            ).all()
            known = await contact_of(connection, {row.worker_id for row in rows}, now, self._ways)
        return [
            Lost(
                delivery=delivery_of(row),
                channels=tuple(ChannelKind(kind) for kind in row.channels),
                contact=known[row.worker_id],
            )
            for row in rows
        ]

    async def settle(self, decided: Sequence[tuple[Lost, Delivery | None]], today: date) -> None:
        def write(connection: Connection) -> None:
            bumps = Bumps()
            for lost, after in sorted(decided, key=lambda pair: pair[0].delivery.id):
                _learn(connection, lost.delivery, today)
                if _put(connection, lost.delivery, after) and after is not None:
                    bumps.move(key_of(after), lost.delivery.state, after.state)
            bumps.put(connection)

        await self._database.transact(write)

    # --- results -------------------------------------------------------------------------------

    async def result(self, platform_id: str, status: str, failed: bool, now: datetime) -> None:
        if not failed:
            return

        def write(connection: Connection) -> None:
            if not _fail(connection, platform_id, status, now):
                dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
                connection.execute(
                    dialect.insert(send_results)
                    .values(platform_id=platform_id, status=status[:80], until=now + RESULT_KEPT)
                    .on_conflict_do_nothing()
                )

        await self._database.transact(write)

    async def match(self, now: datetime) -> int:
        async with self._database.read() as connection:
            if (
                await connection.execute(select(send_results.c.platform_id).limit(1))
            ).first() is None:
                return 0

        def write(connection: Connection) -> int:
            found = 0
            for row in connection.execute(select(send_results)).all():
                done = _fail(connection, row.platform_id, row.status, now)
                found += done
                if done or row.until <= now:
                    connection.execute(
                        delete(send_results).where(send_results.c.platform_id == row.platform_id)
                    )
            return found

        return await self._database.transact(write)


def _put(connection: Connection, before: Delivery, after: Delivery | None) -> bool:
    """Whether the row still stood as it was decided upon: another process may have been first."""
    mine = and_(
        deliveries.c.id == before.id,
        deliveries.c.state == before.state,
        deliveries.c.looked.is_(False),
    )
    if after is None:
        values: dict[str, object] = {"looked": True}
    else:
        # stopped since it was looked for: nobody would skip a row that is planned again now
        mine = and_(mine, _RUNS)
        values = {
            "state": after.state,
            "reason": after.reason,
            "not_before": after.not_before,
            "attempts": after.attempts,
            "first_handed_at": after.first_handed_at,
            "handed_at": after.handed_at,
            "channel": after.channel,
            "account": after.account,
            "way": after.way or "",
            "tried": tried_text(after),
        }
        if before.state is DeliveryState.REFUSED and after.state is not DeliveryState.PLANNED:
            # a refusal is planned again first; that it then waits is the next move, in the same transaction
            again = update(deliveries).where(mine).values(state=DeliveryState.PLANNED)
            if connection.execute(again).rowcount == 0:
                return False
            mine = deliveries.c.id == before.id
    changed = connection.execute(update(deliveries).where(mine).values(values))
    return changed.rowcount > 0


_RUNS: Final = exists().where(
    occurrences.c.id == deliveries.c.occurrence_id, occurrences.c.state == OccurrenceState.PLANNED
)


def _learn(connection: Connection, delivery: Delivery, today: date) -> None:
    """What the platform said of the person on the Official Account, for the next planning."""
    if delivery.channel is not ChannelKind.OFFICIAL or delivery.state is not DeliveryState.REFUSED:
        return
    mine = and_(
        bindings.c.worker_id == delivery.worker_id,
        bindings.c.channel == ChannelKind.OFFICIAL,
        bindings.c.account == delivery.account,
    )
    if says := _SAYS_OF_THE_ACCOUNT.get(delivery.reason):
        connection.execute(update(bindings).where(mine).values(says))
    elif delivery.reason is Reason.OPTED_OUT and delivery.way is Way.TEMPLATE:
        # the person switched this template off in WeChat: that ends the consent, not the channel
        _end_consent(connection, delivery.worker_id, today)
    elif delivery.reason is Reason.OPTED_OUT:
        connection.execute(update(bindings).where(mine).values(opted_out=True))


def _end_consent(connection: Connection, worker_id: UUID, today: date) -> None:
    connection.execute(
        update(consents)
        .where(
            consents.c.worker_id == worker_id,
            consents.c.channel == ChannelKind.OFFICIAL,
            consents.c.purpose == ConsentPurpose.TEMPLATE,
            consents.c.withdrawn_on.is_(None),
        )
        .values(withdrawn_on=today)
    )


def _fail(connection: Connection, platform_id: str, status: str, now: datetime) -> bool:
    row = connection.execute(
        select(deliveries)
        .where(
            deliveries.c.channel == ChannelKind.OFFICIAL,
            deliveries.c.platform_id == platform_id,
            deliveries.c.state == DeliveryState.ACCEPTED,
        )
        .with_for_update()
    ).first()
    if row is None:
        return False
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == row.id)
        .values(state=DeliveryState.PLATFORM_FAILED, detail=status)
    )
    if status == BLOCKED:
        _end_consent(connection, row.worker_id, local(now).date())
    bumps = Bumps()
    bumps.move(
        key_of(delivery_of(row)),
        DeliveryState.ACCEPTED,
        DeliveryState.PLATFORM_FAILED,
        answered=bool(standing_answers(connection, [row.id])),
    )
    bumps.put(connection)
    return True
