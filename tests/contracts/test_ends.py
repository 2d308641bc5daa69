"""Every row has an end: what waits past it is skipped, on both databases, whatever it waits for."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from fakes.pushes import ALWAYS, planner_of, pushed
from lianbot.domain.amendments import Choice
from lianbot.domain.campaigns import EXPIRES, CampaignState
from lianbot.domain.deliveries import (
    DeliveryState,
    Reason,
    accept,
    defer,
    hand_over,
    lose_sight,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.rollouts import USUAL, read_stages
from lianbot.flows.resending import Resending
from lianbot.flows.rollout import Rollouts
from lianbot.flows.settling import hold_back
from lianbot.flows.slots import ASLEEP
from lianbot.storage import ends
from lianbot.storage.rollouts import SqlRolloutBook
from lianbot.storage.tables import deliveries, occurrences
from lianbot.storage.unknowns import KEPT_BODY, SqlUnknownBook

S = DeliveryState


async def states(school) -> Counter[tuple[str, str]]:
    async with school.database.read() as connection:
        rows = await connection.execute(select(deliveries.c.state, deliveries.c.reason))
        return Counter((row.state, row.reason) for row in rows)


async def put_off(school, reason: Reason, until) -> None:
    """All that may leave waits, as after a refusal that is about the account."""
    for parcel in await school.outbox.claim("me", 100, school.clock.now()):
        await school.outbox.mark(defer(parcel.delivery, reason, until), "me")


async def turn(school, to: CampaignState) -> None:
    (before,) = await school.campaigns.all()
    await school.campaigns.save(
        before,
        replace(before, state=to),
        school.clock.now(),
        action="campaign.changed",
        by=school.editor.id,
        detail={},
    )


async def send(school) -> int:
    """As the sender does it: what is held back is marked, the rest is accepted."""
    sent, now = 0, school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        held = hold_back(parcel, ALWAYS, now)
        if held is not None:
            await school.outbox.mark(held, "me")
            continue
        begun = hand_over(parcel.delivery, b"body", now)
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
        sent += 1
    return sent


async def counters_agree(school) -> None:
    assert await school.statistics.stored() == await school.statistics.recompute()


GONE = Counter({(S.SKIPPED, Reason.EXPIRED): 10, (S.SKIPPED, Reason.UNBOUND): 2})


@pytest.mark.parametrize("reason", [Reason.BAD_CONFIG, Reason.QUOTA, Reason.WINDOW, Reason.HELD])
async def test_what_waits_for_a_mend_or_a_window_that_never_comes_has_an_end(school, reason):
    push = await pushed(school)
    await put_off(school, reason, ASLEEP)
    school.clock.pass_(seconds=(EXPIRES - timedelta(seconds=2)).total_seconds())
    assert await school.plans.expire(school.clock.now()) == 0
    school.clock.pass_(seconds=2)
    assert push.ends_at == push.due_at + EXPIRES
    assert await school.plans.expire(school.clock.now()) == 10
    assert await states(school) == GONE
    await counters_agree(school)


async def test_a_push_that_is_resumed_after_months_sends_nothing_late(school):
    await pushed(school)
    await turn(school, CampaignState.PAUSED)
    school.clock.pass_(days=100)
    await turn(school, CampaignState.APPROVED)
    assert await send(school) == 0
    assert await states(school) == GONE
    await counters_agree(school)


async def test_the_rows_of_a_forgotten_pause_are_skipped_in_the_pause(school):
    await pushed(school)
    await turn(school, CampaignState.PAUSED)
    school.clock.pass_(days=31)
    await planner_of(school).plan_due()
    assert await states(school) == GONE


async def test_stages_that_never_came_end_too_and_the_push_is_over(school):
    await pushed(school, stages=read_stages("3,6"))
    flow = Rollouts(book=SqlRolloutBook(school.database), clock=school.clock)
    await flow.look()
    assert await send(school) == 3
    await turn(school, CampaignState.PAUSED)
    school.clock.pass_(days=31)
    await planner_of(school).plan_due()
    assert (await states(school))[(S.SKIPPED, Reason.EXPIRED)] == 7
    await turn(school, CampaignState.APPROVED)
    for _ in range(4):
        await flow.look()
        school.clock.pass_(seconds=USUAL.rest.total_seconds())
    assert await SqlRolloutBook(school.database).watched() == []
    await counters_agree(school)


async def test_a_row_in_a_senders_hands_is_the_senders_to_look_at(school):
    await pushed(school)
    school.clock.pass_(days=31)
    (first, *_) = await school.outbox.claim("me", 1, school.clock.now())
    assert await school.plans.expire(school.clock.now()) == 9
    held = hold_back(first, ALWAYS, school.clock.now())
    assert held is not None
    await school.outbox.mark(held, "me")
    assert await states(school) == GONE


async def test_a_correction_has_no_end(school):
    """It must reach whom the error reached, however long a channel was down."""
    push = await pushed(school)
    async with school.database.write() as connection:
        await connection.execute(
            update(occurrences)
            .where(occurrences.c.id == push.id)
            .values(kind="correction", ends_at=None)
        )
    school.clock.pass_(days=300)
    assert await school.plans.expire(school.clock.now()) == 0
    assert await send(school) == 10


async def test_many_rows_end_in_short_transactions(school, monkeypatch):
    await pushed(school)
    school.clock.pass_(days=31)
    monkeypatch.setattr(ends, "CHUNK", 4)
    assert await school.plans.expire(school.clock.now()) == 10
    assert await states(school) == GONE


async def test_after_the_end_nobody_can_have_a_lost_answer_sent_again(school):
    push = await pushed(school)
    now = school.clock.now()
    (parcel, *_) = await school.outbox.claim("me", 1, now)
    begun = hand_over(parcel.delivery, b"body", now)
    assert await school.outbox.begin(begun, "me")
    await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    resending = Resending(book=SqlUnknownBook(school.database), clock=school.clock)
    school.clock.pass_(days=1)
    assert await resending.decide(push.id, Choice.AGAIN, school.editor) == [begun.id]
    school.clock.pass_(days=30)
    await school.plans.expire(school.clock.now())
    assert (await resending.undecided(push.id)).frozen == 1
    assert await school.outbox.claim_decided("me", "wecom", 10, school.clock.now()) == []
    with pytest.raises(InvalidInputError, match="过期"):
        await resending.decide(push.id, Choice.AGAIN, school.editor, [begun.id])
    assert (await states(school))[(S.UNKNOWN, Reason.NO_ANSWER)] == 1, (
        "nobody says that it left, or not"
    )


async def test_after_the_end_all_lost_answers_are_forgotten_at_once(school, monkeypatch):
    """Decided to be sent again, but over, they would fill every batch of repeats until their turn to be forgotten."""
    monkeypatch.setattr("lianbot.storage.ends.CHUNK", 2)
    await pushed(school)
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 5, now):
        begun = hand_over(parcel.delivery, b"body", now)
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    school.clock.pass_(days=31)
    await school.plans.expire(school.clock.now())
    async with school.database.read() as connection:
        kept = await connection.execute(select(deliveries.c.id).where(KEPT_BODY))
        assert kept.all() == []
