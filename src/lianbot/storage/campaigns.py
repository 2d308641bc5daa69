"""Campaigns and their approvals."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
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
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.errors import NotFoundError, OutdatedError
from lianbot.domain.people import ChannelKind, Employment
from lianbot.domain.rollouts import Stage, read_stages
from lianbot.storage.audiences import audience_posts, audience_size
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.clearing import WITH_THE_DECISION, SqlClearings
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.stopping import follow
from lianbot.storage.tables import campaign_approvals, campaigns


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
        before: Campaign,
        after: Campaign,
        now: datetime,
        *,
        action: str,
        by: UUID | None,
        detail: Mapping[str, object],
    ) -> None:
        """State, new approvals and what follows from them for its occurrences; nothing else changes.

        Raises OutdatedError when state or approvals are not any more what `before` read: the second of
        two people at the same campaign must not undo what the first did.
        """
        async with self._database.write() as connection:
            fresh = after.approvals[len(before.approvals) :]
            changes: dict[str, object] = {"state": after.state}
            if fresh and after.state is CampaignState.APPROVED:
                # due moments before the approval are nobody's business
                changes |= {"approved_at": now, "scanned_until": now}
            changed = await connection.execute(
                update(campaigns)
                .where(campaigns.c.id == before.id, campaigns.c.state == before.state)
                .values(**changes)
            )
            # the update holds the row: nobody else adds an approval until this is committed
            if changed.rowcount == 0 or await _steps(connection, before.id) != len(
                before.approvals
            ):
                raise OutdatedError(f"推送计划 {before.title}：已被别人改过，请刷新再看")
            if fresh:
                await connection.execute(
                    insert(campaign_approvals), [_approval_row(after.id, one) for one in fresh]
                )
            await follow(connection, after.id, after.state)
            shows = {"state": str(after.state), **detail}
            row = AuditRow(action=action, subject=after.title, after=shows)
            await write_audit(connection, [row], by, now)
        if after.state is CampaignState.STOPPED:
            await SqlClearings(self._database).look(WITH_THE_DECISION)

    async def audience_size(self, campaign: Campaign, on: date) -> int:
        async with self._database.read() as connection:
            return await audience_size(connection, campaign.audience, on)

    async def audience_posts(
        self, campaign: Campaign, on: date
    ) -> Mapping[tuple[tuple[Post, ...], Level], int]:
        async with self._database.read() as connection:
            return await audience_posts(connection, campaign.audience, on)


async def _steps(connection: AsyncConnection, campaign_id: UUID) -> int:
    found = await connection.execute(
        select(func.count())
        .select_from(campaign_approvals)
        .where(campaign_approvals.c.campaign_id == campaign_id)
    )
    return found.scalar_one()


def _approval_row(campaign_id: UUID, one: Approval) -> dict[str, object]:
    return {
        "campaign_id": campaign_id,
        "step": one.step,
        "account_id": one.account_id,
        "at": one.at,
    }


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
        enclose=tuple(EnclosureKind(one) for one in row.enclose),
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
        edited=tuple((date.fromisoformat(day), Post(code)) for day, code in row.edited_weeks),
        stages=read_kept_stages(row.stages),
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
        "enclose": [one.value for one in campaign.enclose],
        "created_by": campaign.created_by,
        "created_at": campaign.created_at,
        "state": campaign.state,
        "steps": campaign.steps,
        "demo": campaign.demo,
        "term_id": campaign.term,
        "first_day": campaign.first,
        "last_day": campaign.last,
        "silent_weeks": [day.isoformat() for day in campaign.silent],
        "edited_weeks": [[day.isoformat(), post] for day, post in campaign.edited],
        "stages": write_stages(campaign.stages),
    }


def shown(campaign: Campaign) -> dict[str, object]:
    """What the audit row keeps of a new campaign."""
    return {
        "audience": write_audience(campaign.audience),
        "schedule": write_schedule(campaign.schedule),
        "items": list(campaign.items),
        "stages": write_stages(campaign.stages),
    }


def write_stages(stages: Sequence[Stage]) -> list[str]:
    return [str(one) for one in stages]


def read_kept_stages(kept: Sequence[str]) -> tuple[Stage, ...]:
    return read_stages(",".join(kept))


def write_audience(audience: Audience) -> dict[str, Any]:
    return {
        "posts": list(audience.posts),
        "levels": list(audience.levels),
        "teams": list(audience.teams),
        "contractors": list(audience.contractors),
        "sites": list(audience.sites),
        "employment": list(audience.employment),
        "workers": [str(worker) for worker in audience.workers],
        "tags": list(audience.tags),
        "new_days": audience.new_days,
        "new_since": _iso(audience.new_since),
        "posts_since": _iso(audience.posts_since),
        "unanswered": list(audience.unanswered),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def read_audience(data: Mapping[str, Any]) -> Audience:
    """Rules that an older lianbot did not know restrict nothing."""
    return Audience(
        posts=tuple(Post(code) for code in data["posts"]),
        levels=tuple(Level(code) for code in data["levels"]),
        teams=tuple(data["teams"]),
        contractors=tuple(data["contractors"]),
        sites=tuple(data["sites"]),
        employment=tuple(Employment(code) for code in data["employment"]),
        workers=tuple(UUID(text) for text in data["workers"]),
        tags=tuple(data.get("tags", ())),
        new_days=data.get("new_days"),
        new_since=_day(data.get("new_since")),
        posts_since=_day(data.get("posts_since")),
        unanswered=tuple(data.get("unanswered", ())),
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
