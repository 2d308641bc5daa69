"""Rows whose answer was lost, and what a person decides about them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.amendments import Choice, Standing
from lianbot.domain.campaigns import CampaignState, Occurrence
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over
from lianbot.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from lianbot.domain.people import ChannelKind
from lianbot.flows.resending import Resending
from lianbot.storage.tables import deliveries, workers
from lianbot.storage.unknowns import SqlUnknownBook

W = ChannelKind.WECOM
LONG_AGO = timedelta(days=9)


@dataclass(slots=True)
class Lost:
    """A push of which `ids` were handed over and never answered."""

    school: object
    push: Occurrence
    ids: list[int]
    desk: Resending

    async def again(self, owner: str = "me") -> list[int]:
        now = self.school.clock.now()
        claimed = await self.school.outbox.claim_decided(owner, W, 50, now)
        return [one.delivery.id for one in claimed]

    async def decide(self, choice=Choice.AGAIN, rows=None, by=None) -> list[int]:
        return list(await self.desk.decide(self.push.id, choice, by or self.school.editor, rows))

    async def row(self, number: int):
        async with self.school.database.read() as connection:
            found = await connection.execute(select(deliveries).where(deliveries.c.id == number))
            return found.one()


@pytest.fixture
async def lost(school, plan) -> Lost:
    (push,) = await plan.plan_due()
    now = school.clock.now()
    claimed = await school.outbox.claim("dead", 4, now)
    for parcel in claimed:
        await school.outbox.begin(hand_over(parcel.delivery, b"bytes", now), "dead")
    await school.outbox.recover(now, alone=True)
    desk = Resending(book=SqlUnknownBook(school.database), clock=school.clock)
    school.clock.pass_(minutes=40)
    return Lost(school, push, [one.delivery.id for one in claimed], desk)


async def test_what_the_platform_can_still_tell_apart_is_nobodys_decision(lost):
    lost.school.clock.pass_(minutes=-39)
    seen = await lost.desk.undecided(lost.push.id)
    assert (seen.waiting, seen.by_itself) == (0, 4)
    with pytest.raises(InvalidInputError, match="由人决定"):
        await lost.decide()


async def test_a_decided_row_is_given_out_once_with_its_own_bytes(lost):
    assert await lost.decide(rows=[lost.ids[0]]) == [lost.ids[0]]
    now = lost.school.clock.now()
    (parcel,) = await lost.school.outbox.claim_decided("me", W, 50, now)
    assert parcel.delivery.body == b"bytes"
    assert await lost.again("other") == []
    begun = hand_over(parcel.delivery, b"bytes", now)
    assert await lost.school.outbox.begin(begun, "me")
    await lost.school.outbox.mark(accept(begun, "m1"), "me")
    assert (await lost.row(lost.ids[0])).state == DeliveryState.ACCEPTED


async def test_a_process_that_dies_after_it_began_again_uses_the_decision_up(lost):
    await lost.decide(rows=[lost.ids[0]])
    now = lost.school.clock.now()
    (parcel,) = await lost.school.outbox.claim_decided("dead", W, 50, now)
    await lost.school.outbox.begin(hand_over(parcel.delivery, b"bytes", now), "dead")
    await lost.school.outbox.recover(now, alone=True)
    assert await lost.again() == []
    assert (await lost.desk.undecided(lost.push.id)).waiting == 4


async def test_a_process_that_dies_before_it_began_again_loses_no_decision(lost):
    await lost.decide(rows=[lost.ids[0]])
    now = lost.school.clock.now()
    await lost.school.outbox.claim_decided("dead", W, 50, now)
    await lost.school.outbox.recover(now, alone=True)
    assert await lost.again() == [lost.ids[0]]


async def test_left_as_it_is_stays_unknown_and_is_not_asked_about_again(lost):
    await lost.decide(Choice.LEAVE)
    seen = await lost.desk.undecided(lost.push.id)
    assert (seen.left, seen.waiting, seen.total) == (4, 0, 4)
    now = lost.school.clock.now()
    assert await lost.school.outbox.claim_unknown("me", W, now - LONG_AGO, 50, now) == []
    assert (await lost.row(lost.ids[0])).state == DeliveryState.UNKNOWN


async def test_of_two_decisions_the_later_stands_and_one_for_all_leaves_single_ones_alone(lost):
    await lost.decide(Choice.LEAVE, rows=[lost.ids[0]])
    assert await lost.decide(Choice.AGAIN) == lost.ids[1:]
    await lost.decide(Choice.AGAIN, rows=[lost.ids[0]])
    assert await lost.again() == lost.ids


async def test_what_a_correction_froze_is_never_sent_again(lost):
    async with lost.school.database.write() as connection:
        await connection.execute(
            update(deliveries).where(deliveries.c.id == lost.ids[0]).values(body=None)
        )
    assert (await lost.desk.undecided(lost.push.id)).frozen == 1
    assert await lost.decide() == lost.ids[1:]


async def test_rows_are_listed_with_where_they_stand_and_no_more_than_asked_for(lost):
    await lost.decide(Choice.LEAVE, rows=[lost.ids[0]])
    await lost.decide(Choice.AGAIN, rows=[lost.ids[1]])
    async with lost.school.database.write() as connection:
        await connection.execute(
            update(deliveries).where(deliveries.c.id == lost.ids[2]).values(body=None)
        )
    rows = await lost.desk.lost(lost.push.id)
    assert [(one.id, one.standing) for one in rows] == [
        (lost.ids[3], Standing.WAITING),
        (lost.ids[2], Standing.FROZEN),
        (lost.ids[1], Standing.AGAIN),
        (lost.ids[0], Standing.LEFT),
    ]
    assert {(one.reason, one.attempts) for one in rows} == {(Reason.PROCESS_DIED, 1)}
    assert all(one.number and one.team.startswith("班组") for one in rows)
    assert list(await lost.desk.lost(lost.push.id, 2)) == rows[:2]
    assert list(await lost.desk.lost(lost.push.id, rows=[lost.ids[1], 10**9])) == [rows[2]]


async def test_every_choice_that_is_offered_is_taken_and_no_other(lost):
    async with lost.school.database.write() as connection:
        await connection.execute(
            update(deliveries).where(deliveries.c.id == lost.ids[0]).values(body=None)
        )
    for choice in (*Choice, *Choice):
        for row in await lost.desk.lost(lost.push.id):
            if choice in row.choices:
                assert await lost.decide(choice, rows=[row.id]) == [row.id]
            elif choice is Choice.AGAIN and not row.repeatable:
                with pytest.raises(InvalidInputError, match=f"送达记录 {row.id}"):
                    await lost.decide(choice, rows=[row.id])


async def test_one_row_that_cannot_be_decided_about_decides_none(lost):
    for wrong in (10**9, 0, -5, 2**63):
        with pytest.raises(InvalidInputError, match=f"送达记录 {wrong}："):
            await lost.decide(rows=[lost.ids[0], wrong])
    assert (await lost.desk.undecided(lost.push.id)).waiting == 4


async def test_a_decision_to_repeat_what_a_correction_froze_is_shown_as_frozen(lost):
    await lost.decide(rows=[lost.ids[0]])
    async with lost.school.database.write() as connection:
        await connection.execute(
            update(deliveries).where(deliveries.c.id == lost.ids[0]).values(body=None)
        )
    seen = await lost.desk.undecided(lost.push.id)
    assert (seen.again, seen.frozen, seen.waiting) == (0, 1, 3)


async def test_who_left_or_answered_meanwhile_is_not_written_to_again(lost):
    await lost.decide()
    row = await lost.row(lost.ids[0])
    async with lost.school.database.write() as connection:
        await connection.execute(
            update(workers).where(workers.c.id == row.worker_id).values(ended=date(2026, 12, 1))
        )
    answered = await lost.row(lost.ids[1])
    await lost.school.answers.answer(
        AnswerGiven(
            worker_id=answered.worker_id,
            answer=Answer.UNDERSTOOD,
            method=Method.TAP,
            via=Via.CALLBACK,
            wording="懂了",
            repeat_key="tap",
            msgid="m",
            delivery_id=answered.id,
        )
    )
    assert await lost.again() == lost.ids[2:]
    now = lost.school.clock.now()
    unknown = await lost.school.outbox.claim_unknown("other", W, now - LONG_AGO, 50, now)
    assert [one.delivery.id for one in unknown] == []


async def test_nothing_of_a_paused_push_is_sent_again(lost):
    await lost.decide()
    campaign = await lost.school.campaigns.get(lost.push.campaign_id)
    await lost.school.campaigns.save(
        campaign,
        replace(campaign, state=CampaignState.PAUSED),
        lost.school.clock.now(),
        action="campaign.paused",
        by=lost.school.editor.id,
        detail={},
    )
    assert await lost.again() == []


async def test_the_decision_stands_in_the_audit_and_says_that_it_may_double(lost):
    await lost.decide(rows=lost.ids[:2])
    (entry, *_) = await lost.school.audit.newest()
    assert (entry.action, entry.account) == ("unknown.again", "editor")
    assert entry.after == {
        "push": str(lost.push.id),
        "rows": 2,
        "deliveries": lost.ids[:2],
        "may_double": True,
    }


async def test_only_a_scheduler_decides_and_only_about_a_push_there_is(lost):
    with pytest.raises(NotAllowedError):
        await lost.decide(by=lost.school.reviewer)
    with pytest.raises(NotFoundError):
        await lost.desk.decide(lost.school.editor.id, Choice.AGAIN, lost.school.editor)
