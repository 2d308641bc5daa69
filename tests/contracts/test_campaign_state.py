"""A campaign's state between two people and two processes: nobody undoes what another did."""

import asyncio
from dataclasses import replace
from datetime import time
from uuid import UUID

import pytest
from sqlalchemy import select

from lianbot.domain.campaigns import (
    Approval,
    CampaignState,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
)
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import OutdatedError
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.slots import plan_row
from lianbot.ports.planning import PlannedRow
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.planning import LEASE, SqlPlanBook
from lianbot.storage.tables import deliveries, occurrences

COOK_PROFILES = {
    Post.COOK: PostProfile(
        code=Post.COOK,
        name="厨师",
        short="厨师",
        aliases=(),
        send=(DayWindow(start=time(14), end=time(15, 50)),),
        never=(),
        topics=(),
    )
}


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


@pytest.fixture
async def begun(school, plan) -> Occurrence:
    """An occurrence whose rows are written and that is not opened yet."""
    (due,) = await school.plans.approved()
    now = school.clock.now()
    occurrence = await school.plans.open_occurrence(due.campaign.id, OccurrenceKind.PUSH, now, now)
    await school.plans.write_rows(
        occurrence, await rows_for(school, due.campaign, occurrence), now
    )
    return occurrence


async def rows_for(school, campaign, occurrence) -> list[PlannedRow]:
    (edition,) = (await school.content.current(campaign.items)).values()
    return [
        plan_row(
            one,
            edition,
            occurrence_id=occurrence.id,
            channels=campaign.channels,
            profiles=COOK_PROFILES,
            now=school.clock.now(),
        )
        async for chunk in school.plans.candidates(campaign, occurrence, school.clock.now())
        for one in chunk
    ]


async def test_a_planner_at_work_is_not_taken_over_however_long_it_takes(school, plan):
    """Each chunk renews the hold; a planner that writes no more loses it."""
    (due,) = await school.plans.approved()
    now = school.clock.now()
    mine = await school.plans.open_occurrence(due.campaign.id, OccurrenceKind.PUSH, now, now)
    for row in (await rows_for(school, due.campaign, mine))[:3]:
        school.clock.pass_(seconds=LEASE.total_seconds() * 0.7)
        await school.plans.write_rows(mine, [row], school.clock.now())
        assert await school.plans.unfinished(school.clock.now(), alone=False) == []
    school.clock.pass_(seconds=LEASE.total_seconds() + 1)
    found = await school.plans.unfinished(school.clock.now(), alone=False)
    assert [one.id for one in found] == [mine.id]


async def planned_leaves(school) -> int:
    return len(await LedgerStore(school.database).facts_of("campaign"))


async def test_a_campaign_stopped_while_it_is_planned_never_opens(school, begun):
    campaign = await school.campaigns.get(begun.campaign_id)
    await save(school, campaign, state=CampaignState.STOPPED)
    finished = await school.plans.finish(begun, school.clock.now())
    assert finished.state is OccurrenceState.STOPPED
    assert await states(school, begun.id) == ({OccurrenceState.STOPPED}, SKIPPED)
    assert await planned_leaves(school) == 0


async def test_a_campaign_paused_while_it_is_planned_waits_for_its_resume(school, begun):
    campaign = await school.campaigns.get(begun.campaign_id)
    await save(school, campaign, state=CampaignState.PAUSED)
    await school.plans.finish(begun, school.clock.now())
    assert not await school.outbox.claim("me", 10, school.clock.now())
    await save(school, await school.campaigns.get(campaign.id), state=CampaignState.APPROVED)
    assert len(await school.outbox.claim("me", 20, school.clock.now())) == 10


async def test_an_occurrence_finished_twice_has_one_leaf_and_is_not_reopened(school, begun):
    now = school.clock.now()
    await asyncio.gather(school.plans.finish(begun, now), school.plans.finish(begun, now))
    campaign = await school.campaigns.get(begun.campaign_id)
    await save(school, campaign, state=CampaignState.STOPPED)
    late = await school.plans.finish(begun, now)
    assert (late.state, late.planned) == (OccurrenceState.STOPPED, 12)
    assert await planned_leaves(school) == 1


async def test_rows_of_a_planner_that_was_overtaken_are_not_added_after_the_leaf(school, plan):
    (due,) = await school.plans.approved()
    now = school.clock.now()
    empty = await school.plans.open_occurrence(due.campaign.id, OccurrenceKind.PUSH, now, now)
    await school.plans.finish(empty, now)
    await school.plans.write_rows(
        empty, await rows_for(school, due.campaign, empty), school.clock.now()
    )
    assert await school.plans.reminded_edition(empty.id) == {}


async def test_of_two_processes_one_takes_over_what_a_third_left_unfinished(school, begun):
    school.clock.pass_(minutes=3)
    now = school.clock.now()
    other = SqlPlanBook(school.database, "lianbot/00112233445566aa")
    found = await asyncio.gather(
        school.plans.unfinished(now, alone=False), other.unfinished(now, alone=False)
    )
    assert [one.id for taken in found for one in taken] == [begun.id]
