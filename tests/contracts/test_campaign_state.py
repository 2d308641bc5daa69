"""A campaign's state between two people and two processes: nobody undoes what another did."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from lianbot.domain.campaigns import Approval, CampaignState, OccurrenceState
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import OutdatedError
from lianbot.storage.tables import deliveries, occurrences


async def save(school, before, **changes) -> None:
    await school.campaigns.save(
        before,
        replace(before, **changes),
        school.clock.now(),
        action="campaign.changed",
        by=school.reviewer.id,
        detail={},
    )


def approval(school, step: int = 0) -> Approval:
    return Approval(account_id=school.reviewer.id, step=step, at=school.clock.now())


async def test_an_approval_does_not_revive_a_draft_that_was_stopped_meanwhile(school):
    draft = await school.campaign(state=CampaignState.DRAFT)
    await save(school, draft, state=CampaignState.STOPPED)
    with pytest.raises(OutdatedError, match="已被别人改过"):
        await save(school, draft, state=CampaignState.APPROVED, approvals=(approval(school),))
    kept = await school.campaigns.get(draft.id)
    assert (kept.state, kept.approvals) == (CampaignState.STOPPED, ())


async def test_two_reviewers_of_the_same_step_count_as_one(school):
    draft = await school.campaign(state=CampaignState.DRAFT, steps=2)
    await save(school, draft, approvals=(approval(school),))
    with pytest.raises(OutdatedError):
        await save(school, draft, approvals=(approval(school),))
    assert len((await school.campaigns.get(draft.id)).approvals) == 1


async def test_a_resume_does_not_undo_a_stop(school):
    paused = await school.campaign(state=CampaignState.PAUSED)
    await save(school, paused, state=CampaignState.STOPPED)
    with pytest.raises(OutdatedError):
        await save(school, paused, state=CampaignState.APPROVED)
    assert (await school.campaigns.get(paused.id)).state is CampaignState.STOPPED


async def test_what_was_refused_leaves_no_audit_row(school):
    paused = await school.campaign(state=CampaignState.PAUSED)
    await save(school, paused, state=CampaignState.STOPPED)
    before = len(await school.audit.newest())
    with pytest.raises(OutdatedError):
        await save(school, paused, state=CampaignState.APPROVED)
    assert len(await school.audit.newest()) == before


async def states(school, occurrence_id: UUID) -> tuple[set[str], set[tuple[str, str]]]:
    """Of the occurrence, and of its rows with their reasons."""
    async with school.database.read() as connection:
        own = await connection.execute(
            select(occurrences.c.state).where(occurrences.c.id == occurrence_id)
        )
        rows = await connection.execute(
            select(deliveries.c.state, deliveries.c.reason).where(
                deliveries.c.occurrence_id == occurrence_id
            )
        )
        return {one.state for one in own}, {(one.state, one.reason) for one in rows}


SKIPPED = {(DeliveryState.SKIPPED, Reason.STOPPED), (DeliveryState.SKIPPED, Reason.UNBOUND)}


async def test_pausing_resuming_and_stopping_take_the_occurrences_along(school, plan):
    (occurrence,) = await plan.plan_due()
    campaign = await school.campaigns.get(occurrence.campaign_id)
    seen = []
    for to in (CampaignState.PAUSED, CampaignState.APPROVED, CampaignState.STOPPED):
        await save(school, campaign, state=to)
        campaign = await school.campaigns.get(campaign.id)
        seen += (await states(school, occurrence.id))[0]
    O = OccurrenceState  # noqa: E741, N806 - a short name for the line below
    assert seen == [O.PAUSED, O.PLANNED, O.STOPPED]


async def test_a_stop_skips_what_has_not_left_and_counts_it(school, plan):
    (occurrence,) = await plan.plan_due()
    campaign = await school.campaigns.get(occurrence.campaign_id)
    await save(school, campaign, state=CampaignState.STOPPED)
    assert (await states(school, occurrence.id))[1] == SKIPPED
    assert not await school.outbox.claim("me", 10, school.clock.now())
