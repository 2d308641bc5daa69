"""Stages of a push: rows that sleep as `deferred(staged)` and are woken in short transactions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import CampaignState, OccurrenceKind, OccurrenceState
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.rollouts import Rollout, Settled
from lianbot.domain.ways import Way
from lianbot.ports.control import Apart
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.campaigns import read_kept_stages
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.installation import write_alert
from lianbot.storage.stopping import follow
from lianbot.storage.tables import campaigns, counters, deliveries, occurrences, rollouts
from lianbot.storage.unknowns import KEPT_BODY, told_apart

CHUNK = 2_000
SLEEPING = and_(deliveries.c.state == DeliveryState.DEFERRED, deliveries.c.reason == Reason.STAGED)

NOT_OUT = select(rollouts.c.occurrence_id).where(rollouts.c.poured < rollouts.c.total)
"""Pushes of which somebody's stage has not come."""


async def open_rollout(
    connection: AsyncConnection, occurrence_id: UUID, campaign_id: UUID, kind: str
) -> None:
    """In the transaction that closes planning. Without stages, or with nobody to send to, there is none."""
    if kind != OccurrenceKind.PUSH:
        return
    stages: Sequence[str] = (
        await connection.execute(select(campaigns.c.stages).where(campaigns.c.id == campaign_id))
    ).scalar_one()
    if not stages:
        return
    asleep = await connection.execute(
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.occurrence_id == occurrence_id, SLEEPING)
    )
    total = asleep.scalar_one()
    if total:
        await connection.execute(
            insert(rollouts).values(occurrence_id=occurrence_id, stages=stages, total=total)
        )


class SqlRolloutBook:
    """ports.control.RolloutBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def watched(self) -> Sequence[Rollout]:
        return await self._load(
            rollouts.c.done.is_(False),
            occurrences.c.state == OccurrenceState.PLANNED,
            campaigns.c.state == CampaignState.APPROVED,
        )

    async def seen(self, occurrence_id: UUID) -> Rollout | None:
        found = await self._load(rollouts.c.occurrence_id == occurrence_id)
        return found[0] if found else None

    async def _load(self, *conditions: ColumnElement[bool]) -> Sequence[Rollout]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(rollouts, occurrences.c.campaign_id)
                .join(occurrences, occurrences.c.id == rollouts.c.occurrence_id)
                .join(campaigns, campaigns.c.id == occurrences.c.campaign_id)
                .where(*conditions)
                .order_by(occurrences.c.due_at, occurrences.c.id)
            )
            return [_rollout(row) for row in rows]

    async def settled(self, rollout: Rollout, apart: Apart) -> Settled:
        """From the counters; only sleepers and those held for a visit have to be counted among the deferred."""
        named = (
            "accepted",
            "refused",
            "unknown",
            "platform_failed",
            "planned",
            "handing_over",
            "deferred",
        )
        mine = counters.c.occurrence_id == rollout.occurrence_id
        async with self._database.read() as connection:
            sums = (
                await connection.execute(
                    select(
                        *(func.coalesce(func.sum(counters.c[one]), 0).label(one) for one in named)
                    ).where(mine)
                )
            ).one()
            asleep = await connection.execute(
                select(func.count())
                .select_from(deliveries)
                .where(
                    deliveries.c.occurrence_id == rollout.occurrence_id,
                    deliveries.c.state == DeliveryState.DEFERRED,
                    or_(deliveries.c.reason == Reason.STAGED, deliveries.c.way == Way.HELD),
                )
            )
            # our own death, not the platform: the next round asks the platform, which can still tell them apart
            died = await connection.execute(
                select(func.count())
                .select_from(deliveries)
                .where(
                    deliveries.c.occurrence_id == rollout.occurrence_id,
                    deliveries.c.state == DeliveryState.UNKNOWN,
                    deliveries.c.reason == Reason.PROCESS_DIED,
                    KEPT_BODY,
                    told_apart(apart),
                )
            )
            asking = int(died.scalar_one())
            return Settled(
                accepted=int(sums.accepted),
                failed=int(sums.refused + sums.unknown + sums.platform_failed) - asking,
                under_way=int(sums.planned + sums.handing_over) + asking,
                later=int(sums.deferred) - int(asleep.scalar_one()),
            )

    async def release(self, rollout: Rollout, let_go: int, now: datetime) -> bool:
        async with self._database.write() as connection:
            if not await _runs(connection, rollout):
                return False
            changed = await connection.execute(
                update(rollouts)
                .where(
                    rollouts.c.occurrence_id == rollout.occurrence_id,
                    rollouts.c.let_go == rollout.let_go,
                )
                .values(let_go=let_go, stage=rollouts.c.stage + 1, released_at=now)
            )
            if changed.rowcount == 0:
                return False
            title = await _title(connection, rollout.campaign_id)
            note = AuditRow(
                action="push.stage",
                subject=title,
                after={"push": str(rollout.occurrence_id), "let_go": let_go, "of": rollout.total},
            )
            await write_audit(connection, [note], None, now)
            return True

    async def pour(self, rollout: Rollout, now: datetime) -> int:
        async with self._database.write() as connection:
            if not await _runs(connection, rollout):
                return 0
            held = rollouts.c.occurrence_id == rollout.occurrence_id
            kept = (await connection.execute(select(rollouts).where(held).with_for_update())).one()
            wanted = min(CHUNK, kept.let_go - kept.poured)
            rows = (
                await connection.execute(
                    select(
                        deliveries.c.id,
                        deliveries.c.occurrence_id,
                        deliveries.c.team_id,
                        deliveries.c.post,
                        deliveries.c.topic,
                    )
                    .where(deliveries.c.occurrence_id == rollout.occurrence_id, SLEEPING)
                    .order_by(deliveries.c.id)
                    .limit(wanted)
                    .with_for_update(of=deliveries)
                )
            ).all()
            await _wake(connection, rows, now)
            # fewer sleepers than may leave: a correction or a stop took the rest, nobody waits for them
            poured = kept.let_go if len(rows) < wanted else kept.poured + len(rows)
            await connection.execute(update(rollouts).where(held).values(poured=poured))
            return len(rows)

    async def halt(
        self, rollout: Rollout, failed: int, kind: str, detail: str, now: datetime
    ) -> bool:
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(campaigns)
                .where(
                    campaigns.c.id == rollout.campaign_id,
                    campaigns.c.state == CampaignState.APPROVED,
                )
                .values(state=CampaignState.PAUSED)
            )
            if changed.rowcount == 0:
                return False
            await follow(connection, rollout.campaign_id, CampaignState.PAUSED)
            # who lets it go on has seen these; only further ones stop it again
            await connection.execute(
                update(rollouts)
                .where(rollouts.c.occurrence_id == rollout.occurrence_id)
                .values(forgiven=failed)
            )
            title = await _title(connection, rollout.campaign_id)
            note = AuditRow(
                action="campaign.halted",
                subject=title,
                after={
                    "push": str(rollout.occurrence_id),
                    "failed": failed,
                    "let_go": rollout.let_go,
                },
            )
            await write_audit(connection, [note], None, now)
            await write_alert(connection, kind, f"{title}：{detail}", now)
            return True

    async def done(self, rollout: Rollout) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(rollouts)
                .where(rollouts.c.occurrence_id == rollout.occurrence_id)
                .values(done=True)
            )


async def _runs(connection: AsyncConnection, rollout: Rollout) -> bool:
    """Holds the push's row: whoever pauses or stops it does so before, or finds it released."""
    found = await connection.execute(
        select(occurrences.c.state)
        .where(occurrences.c.id == rollout.occurrence_id)
        .with_for_update()
    )
    return bool(found.scalar_one() == OccurrenceState.PLANNED)


async def _title(connection: AsyncConnection, campaign_id: UUID) -> str:
    found = await connection.execute(
        select(campaigns.c.title).where(campaigns.c.id == campaign_id)
    )
    return str(found.scalar_one())


async def _wake(connection: AsyncConnection, rows: Sequence[AnyRow], now: datetime) -> None:
    if not rows:
        return
    bumps = Bumps()
    for row in rows:
        key = (row.occurrence_id, row.team_id, row.post, row.topic)
        bumps.move(key, DeliveryState.DEFERRED, DeliveryState.PLANNED)
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([row.id for row in rows]))
        .values(state=DeliveryState.PLANNED, reason=Reason.NONE, not_before=None, counts_at=now)
    )
    await bumps.write(connection)


def _rollout(row: AnyRow) -> Rollout:
    return Rollout(
        occurrence_id=row.occurrence_id,
        campaign_id=row.campaign_id,
        stages=read_kept_stages(row.stages),
        total=row.total,
        stage=row.stage,
        let_go=row.let_go,
        poured=row.poured,
        forgiven=row.forgiven,
        released_at=row.released_at,
    )
