"""分批 in rows: later stages sleep, a stage is released once, and a push that goes wrong stops by itself."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lianbot.domain.campaigns import CampaignState
from lianbot.domain.deliveries import (
    DeliveryState,
    Reason,
    accept,
    defer,
    hand_over,
    refuse,
)
from lianbot.domain.rollouts import USUAL, read_stages
from lianbot.flows.planning import Planner
from lianbot.flows.rollout import Rollouts
from lianbot.storage import rollouts as stored
from lianbot.storage.rollouts import SqlRolloutBook
from lianbot.storage.tables import alerts, deliveries

ROWS = 30
S = DeliveryState


@dataclass(slots=True)
class Staged:
    """A push of 30 reachable people in the stages 5, 20, all."""

    school: object
    planner: Planner
    book: SqlRolloutBook
    flow: Rollouts
    push: UUID

    async def states(self) -> Counter[str]:
        async with self.school.database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.state).where(deliveries.c.occurrence_id == self.push)
            )
            return Counter(row.state for row in rows)

    async def hand_over(self, refused: int = 0) -> int:
        """Everything that may leave now; the first `refused` of them the platform does not take."""
        outbox, now = self.school.outbox, self.school.clock.now()
        claimed = await outbox.claim("me", 100, now)
        for at, parcel in enumerate(claimed):
            begun = hand_over(parcel.delivery, b"b", now)
            if not await outbox.begin(begun, "me"):
                continue
            ended = (
                refuse(begun, Reason.NOT_MEMBER, 81013, "x")
                if at < refused
                else accept(begun, f"m{parcel.delivery.id}")
            )
            await outbox.mark(ended, "me")
        return len(claimed)

    async def campaign(self):
        return (await self.school.campaigns.all())[0]

    async def turn(self, to: CampaignState) -> None:
        before = await self.campaign()
        await self.school.campaigns.save(
            before,
            replace(before, state=to),
            self.school.clock.now(),
            action="campaign.changed",
            by=self.school.editor.id,
            detail={},
        )

    async def counters_agree(self) -> None:
        statistics = self.school.statistics
        assert await statistics.stored() == await statistics.recompute()


@pytest.fixture
async def staged(database, clock, crowded_school) -> Staged:
    stages = read_stages("5,20")
    school, planner = await crowded_school(ROWS + 2, 2, stages=stages, remind_after_days=1)
    (push,) = await planner.plan_due()
    book = SqlRolloutBook(database)
    flow = Rollouts(book=book, clock=clock)
    return Staged(school=school, planner=planner, book=book, flow=flow, push=push.id)


async def test_until_a_stage_is_released_nothing_can_be_claimed(staged):
    assert await staged.states() == {S.DEFERRED: ROWS, S.SKIPPED: 2}
    assert await staged.hand_over() == 0
    staged.school.clock.pass_(days=30)
    assert await staged.school.plans.wake(staged.school.clock.now()) == 0


async def test_a_push_that_goes_well_reaches_everybody_stage_by_stage(staged):
    sent = []
    for _ in range(4):
        await staged.flow.look()
        sent.append(await staged.hand_over())
        staged.school.clock.pass_(seconds=USUAL.rest.total_seconds())
    assert sent == [5, 15, 10, 0]
    assert (await staged.states())[S.ACCEPTED] == ROWS
    assert await staged.book.watched() == []
    await staged.counters_agree()


async def test_before_the_rest_is_over_the_next_stage_sleeps(staged):
    await staged.flow.look()
    await staged.hand_over()
    staged.school.clock.pass_(seconds=USUAL.rest.total_seconds() - 1)
    await staged.flow.look()
    assert await staged.hand_over() == 0


async def test_too_many_refusals_pause_the_campaign_and_raise_one_alert(staged):
    await staged.flow.look()
    await staged.hand_over(refused=2)
    for _ in range(3):
        await staged.flow.look()
    assert (await staged.campaign()).state is CampaignState.PAUSED
    async with staged.school.database.read() as connection:
        kept = (await connection.execute(select(alerts))).all()
    assert [(one.kind.partition(":")[0], one.times) for one in kept] == [("halted", 1)]
    assert "2 份" in kept[0].detail
    entry = next(e for e in await staged.school.audit.newest() if e.action == "campaign.halted")
    assert (entry.account, entry.after["failed"]) == ("lianbot", 2)
    assert (await staged.states())[S.DEFERRED] == ROWS - 5


async def test_lost_answers_stop_it_like_refusals(staged):
    await staged.flow.look()
    now = staged.school.clock.now()
    for parcel in (await staged.school.outbox.claim("dead", 100, now))[:2]:
        await staged.school.outbox.begin(hand_over(parcel.delivery, b"b", now), "dead")
    await staged.school.outbox.recover(now, alone=True)
    await staged.flow.look()
    # our own process died: the platform can still be asked
    assert (await staged.campaign()).state is CampaignState.APPROVED
    staged.school.clock.pass_(minutes=26)
    await staged.flow.look()
    assert (await staged.campaign()).state is CampaignState.PAUSED


async def test_who_lets_it_go_on_has_seen_the_failures_and_only_further_ones_stop_it_again(staged):
    await staged.flow.look()
    await staged.hand_over(refused=2)
    await staged.flow.look()
    await staged.turn(CampaignState.APPROVED)
    staged.school.clock.pass_(seconds=USUAL.rest.total_seconds())
    await staged.flow.look()
    assert await staged.hand_over(refused=5) == 15
    await staged.flow.look()
    assert (await staged.campaign()).state is CampaignState.PAUSED


@pytest.mark.parametrize("to", [CampaignState.PAUSED, CampaignState.STOPPED])
async def test_a_paused_or_stopped_push_releases_nothing(staged, to):
    (rollout,) = await staged.book.watched()
    await staged.turn(to)
    assert not await staged.book.release(rollout, 5, staged.school.clock.now())
    await staged.flow.look()
    assert await staged.hand_over() == 0
    await staged.counters_agree()


async def test_of_two_runners_one_releases_a_stage_and_nobody_is_woken_twice(staged, clock):
    others = [Rollouts(book=SqlRolloutBook(staged.school.database), clock=clock) for _ in range(4)]
    await asyncio.gather(*(one.look() for one in (staged.flow, *others)))
    assert (await staged.states())[S.PLANNED] == 5
    stages = [one for one in await staged.school.audit.newest() if one.action == "push.stage"]
    assert len(stages) == 1
    await staged.counters_agree()


async def test_a_runner_that_dies_in_the_middle_of_a_release_loses_nothing(staged, monkeypatch):
    """The stage is written; the rows are woken in chunks, by whoever looks next."""
    monkeypatch.setattr(stored, "CHUNK", 2)
    (rollout,) = await staged.book.watched()
    now = staged.school.clock.now()
    assert await staged.book.release(rollout, 5, now)
    (half,) = await staged.book.watched()
    assert await staged.book.pour(half, now) == 2
    await staged.flow.look()
    assert (await staged.states())[S.PLANNED] == 5
    await staged.counters_agree()


async def test_the_one_reminder_waits_until_everybody_had_the_push(staged):
    await staged.flow.look()
    await staged.hand_over()
    staged.school.clock.pass_(days=2)
    assert await staged.school.plans.due_reminders(staged.school.clock.now()) == []
    for _ in range(3):
        await staged.flow.look()
        await staged.hand_over()
        staged.school.clock.pass_(seconds=USUAL.rest.total_seconds())
    assert len(await staged.school.plans.due_reminders(staged.school.clock.now())) == 1


async def test_a_planner_that_dies_leaves_no_half_push_behind(crowded_school, database, clock):
    school, planner = await crowded_school(12, 0, stages=read_stages("5"))
    kept = school.plans.write_rows

    async def dies(occurrence, rows, now):
        await kept(occurrence, rows[:7], now)
        raise ConnectionError("killed")

    school.plans.write_rows = dies
    with pytest.raises(ConnectionError):
        await planner.plan_due()
    school.plans.write_rows = kept
    assert await SqlRolloutBook(database).watched() == []
    await planner.resume(alone=True)
    (rollout,) = await SqlRolloutBook(database).watched()
    assert rollout.total == 12


async def test_who_is_held_for_a_visit_holds_up_no_stage(staged):
    """Four of the first five have left the school's phones in the locker: the stage is decided without them."""
    await staged.flow.look()
    outbox, now = staged.school.outbox, staged.school.clock.now()
    for parcel in await outbox.claim("me", 5, now):
        await outbox.mark(defer(parcel.delivery, Reason.WINDOW, now + timedelta(days=6)), "me")
    staged.school.clock.pass_(seconds=USUAL.rest.total_seconds())
    await staged.flow.look()
    assert await staged.hand_over() == 0, "their window comes, and then the stage is known"
    async with staged.school.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.state == S.DEFERRED, deliveries.c.reason == Reason.WINDOW)
            .values(reason=Reason.HELD, way="held")
        )
    await staged.flow.look()
    assert await staged.hand_over() == 15
