"""What follows from a campaign's state: which occurrences may be sent, and rows that will never leave."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.storage.columns import AnyRow
from lianbot.storage.counting import Bumps
from lianbot.storage.tables import campaigns, deliveries, occurrences

CHUNK = 2_000
WAITING = (DeliveryState.PLANNED, DeliveryState.DEFERRED)
FOLLOWS: dict[CampaignState, tuple[tuple[OccurrenceState, ...], OccurrenceState]] = {
    CampaignState.PAUSED: ((OccurrenceState.PLANNED,), OccurrenceState.PAUSED),
    CampaignState.APPROVED: ((OccurrenceState.PAUSED,), OccurrenceState.PLANNED),
    CampaignState.STOPPED: (
        (OccurrenceState.PLANNED, OccurrenceState.PAUSED),
        OccurrenceState.STOPPED,
    ),
}
"""From which states its occurrences follow the campaign into which one. What is still being planned
is moved by the planner when it finishes: until then its rows are not all there."""


async def follow(connection: AsyncConnection, campaign_id: UUID, state: CampaignState) -> None:
    """In the transaction that changes the campaign's state, so that no crash can part the two."""
    if state not in FOLLOWS:
        return
    before, after = FOLLOWS[state]
    await connection.execute(
        update(occurrences)
        .where(occurrences.c.campaign_id == campaign_id, occurrences.c.state.in_(before))
        .values(state=after)
    )
    if state is CampaignState.STOPPED:
        await skip_waiting(connection, occurrences.c.campaign_id == campaign_id)


async def skip_waiting(
    connection: AsyncConnection, *conditions: Any, reason: Reason = Reason.STOPPED
) -> None:
    """Every row of those occurrences that has not left becomes skipped, with the reason."""
    columns = deliveries.c
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
            .where(columns.state.in_(WAITING), *conditions)
            # the order in which senders lock them too: any other deadlocks on PostgreSQL
            .order_by(columns.id)
            .with_for_update(of=deliveries)
        )
    ).all()
    await skip_rows(connection, rows, reason)


async def skip_rows(connection: AsyncConnection, rows: Sequence[AnyRow], reason: Reason) -> None:
    """Locked rows with id, state and the key of their counter."""
    bumps = Bumps()
    for row in rows:
        key = (row.occurrence_id, row.team_id, row.post, row.topic)
        bumps.move(key, row.state, DeliveryState.SKIPPED)
    waiting = [row.id for row in rows]
    for low in range(0, len(waiting), CHUNK):
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(waiting[low : low + CHUNK]))
            .values(
                state=DeliveryState.SKIPPED,
                reason=reason,
                not_before=None,
                counts_at=None,
                claimed_by=None,
                claimed_until=None,
            )
        )
    await bumps.write(connection)


async def state_after_planning(connection: AsyncConnection, campaign_id: UUID) -> OccurrenceState:
    """Holds the campaign's row: whoever stops or pauses it does so before, or finds the occurrence."""
    found = await connection.execute(
        select(campaigns.c.state).where(campaigns.c.id == campaign_id).with_for_update()
    )
    match CampaignState(found.scalar_one()):
        case CampaignState.APPROVED:
            return OccurrenceState.PLANNED
        case CampaignState.PAUSED:
            return OccurrenceState.PAUSED
        case CampaignState.DRAFT | CampaignState.STOPPED:
            return OccurrenceState.STOPPED
