"""What follows from a campaign's state: which occurrences may be sent, and that what has not left never will."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.deliveries import Reason
from lianbot.storage.clearing import withdraw
from lianbot.storage.tables import campaigns, occurrences

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
        await withdraw(
            connection,
            occurrences.c.campaign_id == campaign_id,
            occurrences.c.state == after,
            reason=Reason.STOPPED,
        )


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
