"""Campaigns and their approvals."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import (
    Approval,
    Audience,
    Campaign,
    CampaignState,
    Course,
    Cron,
    Festival,
    Milestone,
    OccurrenceState,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import NotFoundError
from lianbot.domain.people import ChannelKind, Employment
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.people import worker_of
from lianbot.storage.tables import (
    campaign_approvals,
    campaigns,
    deliveries,
    occurrences,
    workers,
)

CHUNK = 2_000


class CampaignStore:
    """ports.campaigns.CampaignBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, campaign: Campaign) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(campaigns).values(**campaign_row(campaign)))
            row = AuditRow(
                action="campaign.created", subject=campaign.title, after=shown(campaign)
            )
            await write_audit(connection, [row], campaign.created_by, campaign.created_at)

    async def get(self, campaign_id: UUID) -> Campaign:
        """Raises NotFoundError."""
        async with self._database.read() as connection:
            found = await load(connection, campaigns.c.id == campaign_id)
        if not found:
            raise NotFoundError(
                f"没有编号为 {campaign_id} 的推送计划，请用 lianbot campaign list 查看"
            )
        return found[0]

    async def all(self) -> list[Campaign]:
        """Newest first."""
        async with self._database.read() as connection:
            return await load(connection)

    async def save(
        self,
        campaign: Campaign,
        now: datetime,
        *,
        action: str,
        by: UUID,
        detail: Mapping[str, object],
    ) -> None:
        """State and new approvals; what was approved does not change otherwise."""
        async with self._database.write() as connection:
            kept = await connection.execute(
                select(campaign_approvals.c.step).where(
                    campaign_approvals.c.campaign_id == campaign.id
                )
            )
            steps = {row.step for row in kept}
            fresh = [one for one in campaign.approvals if one.step not in steps]
            if fresh:
                await connection.execute(
                    insert(campaign_approvals),
                    [
                        {
                            "campaign_id": campaign.id,
                            "step": one.step,
                            "account_id": one.account_id,
                            "at": one.at,
                        }
                        for one in fresh
                    ],
                )
            changes: dict[str, object] = {"state": campaign.state}
            if fresh and campaign.state is CampaignState.APPROVED:
                # due moments before the approval are nobody's business
                changes |= {"approved_at": now, "scanned_until": now}
            await connection.execute(
                update(campaigns).where(campaigns.c.id == campaign.id).values(**changes)
            )
            after = {"state": str(campaign.state), **detail}
            row = AuditRow(action=action, subject=campaign.title, after=after)
            await write_audit(connection, [row], by, now)

    async def set_occurrences(
        self, campaign_id: UUID, before: OccurrenceState, after: OccurrenceState
    ) -> int:
        async with self._database.write() as connection:
            moved = await connection.execute(
                update(occurrences)
                .where(occurrences.c.campaign_id == campaign_id, occurrences.c.state == before)
                .values(state=after)
            )
            return moved.rowcount

    async def skip_waiting(self, campaign_id: UUID) -> int:
        columns = deliveries.c
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    select(
                        columns.id,
                        columns.state,
                        columns.occurrence_id,
                        columns.team_id,
                        columns.post,
                        columns.topic,
                    )
                    .join(occurrences, occurrences.c.id == columns.occurrence_id)
                    .where(
                        occurrences.c.campaign_id == campaign_id,
                        columns.state.in_((DeliveryState.PLANNED, DeliveryState.DEFERRED)),
                    )
                    .with_for_update(of=deliveries)
                )
            ).all()
            bumps = Bumps()
            for row in rows:
                key = (row.occurrence_id, row.team_id, row.post, row.topic)
                bumps.move(key, row.state, DeliveryState.SKIPPED)
            waiting = [row.id for row in rows]
            for low in range(0, len(waiting), CHUNK):
                await connection.execute(
                    update(deliveries)
                    .where(columns.id.in_(waiting[low : low + CHUNK]))
                    .values(
                        state=DeliveryState.SKIPPED,
                        reason=Reason.STOPPED,
                        not_before=None,
                        counts_at=None,
                        claimed_by=None,
                        claimed_until=None,
                    )
                )
            await bumps.write(connection)
        return len(rows)

    async def audience_size(self, campaign: Campaign) -> int:
        async with self._database.read() as connection:
            rows = await connection.execute(select(workers).where(workers.c.ended.is_(None)))
            return sum(campaign.audience.includes(worker_of(row)) for row in rows)


async def load(connection: AsyncConnection, *conditions: Any) -> list[Campaign]:
    """Campaigns with their approvals, newest first."""
    rows = (
        await connection.execute(
            select(campaigns).where(*conditions).order_by(campaigns.c.created_at.desc())
        )
    ).all()
    approvals = await connection.execute(
        select(campaign_approvals)
        .where(campaign_approvals.c.campaign_id.in_([row.id for row in rows]))
        .order_by(campaign_approvals.c.step)
    )
    by_campaign: dict[UUID, list[Approval]] = {}
    for one in approvals:
        by_campaign.setdefault(one.campaign_id, []).append(
            Approval(account_id=one.account_id, step=one.step, at=one.at)
        )
    return [_campaign(row, by_campaign.get(row.id, [])) for row in rows]


def _campaign(row: AnyRow, approvals: list[Approval]) -> Campaign:
    return Campaign(
        id=row.id,
        title=row.title,
        audience=read_audience(row.audience),
        schedule=read_schedule(row.schedule),
        items=tuple(row.items),
        channels=tuple(ChannelKind(kind) for kind in row.channels),
        remind_after_days=row.remind_after_days,
        created_by=row.created_by,
        created_at=row.created_at,
        state=CampaignState(row.state),
        steps=row.steps,
        approvals=tuple(approvals),
        demo=row.demo,
        term=row.term_id,
        first=row.first_day,
        last=row.last_day,
        silent=tuple(date.fromisoformat(day) for day in row.silent_weeks),
    )


def campaign_row(campaign: Campaign) -> dict[str, object]:
    return {
        "id": campaign.id,
        "title": campaign.title,
        "audience": write_audience(campaign.audience),
        "schedule": write_schedule(campaign.schedule),
        "items": list(campaign.items),
        "channels": list(campaign.channels),
        "remind_after_days": campaign.remind_after_days,
        "created_by": campaign.created_by,
        "created_at": campaign.created_at,
        "state": campaign.state,
        "steps": campaign.steps,
        "demo": campaign.demo,
        "term_id": campaign.term,
        "first_day": campaign.first,
        "last_day": campaign.last,
        "silent_weeks": [day.isoformat() for day in campaign.silent],
    }


def shown(campaign: Campaign) -> dict[str, object]:
    """What the audit row keeps of a new campaign."""
    return {
        "audience": write_audience(campaign.audience),
        "schedule": write_schedule(campaign.schedule),
        "items": list(campaign.items),
    }


def write_audience(audience: Audience) -> dict[str, list[object]]:
    return {
        "posts": list(audience.posts),
        "levels": list(audience.levels),
        "teams": list(audience.teams),
        "contractors": list(audience.contractors),
        "sites": list(audience.sites),
        "employment": list(audience.employment),
        "workers": [str(worker) for worker in audience.workers],
    }


def read_audience(data: Mapping[str, list[Any]]) -> Audience:
    return Audience(
        posts=tuple(Post(code) for code in data["posts"]),
        levels=tuple(Level(code) for code in data["levels"]),
        teams=tuple(data["teams"]),
        contractors=tuple(data["contractors"]),
        sites=tuple(data["sites"]),
        employment=tuple(Employment(code) for code in data["employment"]),
        workers=tuple(UUID(text) for text in data["workers"]),
    )


def write_schedule(schedule: Schedule) -> dict[str, Any]:
    match schedule:
        case Once():
            return {"kind": "once", "at": schedule.at.astimezone(UTC).isoformat()}
        case Cron():
            return {"kind": "cron", "expression": schedule.expression, "zone": schedule.zone}
        case Course():
            return {
                "kind": "course",
                "shelf": schedule.shelf,
                "expression": schedule.expression,
                "zone": schedule.zone,
            }
        case Festival():
            return {
                "kind": "festival",
                "node": schedule.node,
                "offset": schedule.offset,
                "working": schedule.working,
                **_daily(schedule.clock, schedule.zone),
            }
        case Since():
            return {
                "kind": "since",
                "event": schedule.event,
                "days": list(schedule.days),
                **_daily(schedule.clock, schedule.zone),
            }
        case Review():
            return {"kind": "review", **_daily(schedule.clock, schedule.zone)}


def _daily(clock: time, zone: str) -> dict[str, str]:
    return {"clock": clock.isoformat(timespec="minutes"), "zone": zone}


def read_schedule(data: Mapping[str, Any]) -> Schedule:
    match data["kind"]:
        case "once":
            return Once(at=datetime.fromisoformat(data["at"]))
        case "cron":
            return Cron(expression=data["expression"], zone=data["zone"])
        case "course":
            return Course(shelf=data["shelf"], expression=data["expression"], zone=data["zone"])
        case "festival":
            return Festival(
                node=data["node"],
                offset=data["offset"],
                working=data["working"],
                clock=time.fromisoformat(data["clock"]),
                zone=data["zone"],
            )
        case "since":
            return Since(
                event=Milestone(data["event"]),
                days=tuple(data["days"]),
                clock=time.fromisoformat(data["clock"]),
                zone=data["zone"],
            )
        case "review":
            return Review(clock=time.fromisoformat(data["clock"]), zone=data["zone"])
        case other:
            raise ValueError(f"schedule kind {other!r} was written by a newer lianbot")
