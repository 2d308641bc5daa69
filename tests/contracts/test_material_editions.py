"""A material edition approved while rows of the older one wait: what is known to be wrong leaves no more."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from contracts.test_races import waiting_for_a_lock
from fakes.pushes import leaving, planner_of, pushed
from lianbot.domain.acknowledgements import FirstAnswer, NothingOpen, PageShown, Receipt, Via
from lianbot.domain.amendments import Choice
from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.deliveries import (
    DeliveryState,
    Reason,
    defer,
    hand_over,
    lose_sight,
    refuse,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.items import draw_variant
from lianbot.domain.people import ChannelKind
from lianbot.domain.rollouts import Rollout, read_stages
from lianbot.flows.slots import ASLEEP
from lianbot.storage.content import Publication
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.lineage import outdated
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.rollouts import SqlRolloutBook
from lianbot.storage.tables import acknowledgements, deliveries, openings
from lianbot.storage.unknowns import SqlUnknownBook

OLD, NEW = "ab" * 32, "cd" * 32
S = DeliveryState
QUIZZES = ["11" * 32, "22" * 32, "33" * 32]


async def approve(school, sha256: str = NEW, topic: Topic = Topic.TAKE_FOOD, **meta) -> None:
    """Another edition of the item, written by one and approved by another."""
    school.clock.pass_(seconds=1)
    kept = {"text": "改对了。", "posts": [], "levels": [], "quizzes": QUIZZES, "version": 2} | meta
    fresh = Publication(
        sha256=sha256,
        body=sha256.encode(),
        item="LSN-COOK-001",
        type=ItemType.LESSON,
        title="肉归锅里",
        topic=topic,
        meta=kept,
    )
    await school.content.publish([fresh], school.editor.id, school.clock.now())
    await school.content.adopt([sha256], school.reviewer.id, school.clock.now(), "")


async def rows(school) -> list:
    async with school.database.read() as connection:
        return list((await connection.execute(select(deliveries).order_by(deliveries.c.id))).all())


async def counters_agree(school) -> None:
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_rows_that_wait_carry_the_new_edition_and_a_question_of_it(school):
    push = await pushed(school)
    await approve(school, material=True)
    assert await leaving(school) == {NEW: 10}
    for row in await rows(school):
        if row.state == S.ACCEPTED:
            assert row.quiz in QUIZZES
            edition = (await school.content.current(["LSN-COOK-001"]))["LSN-COOK-001"]
            assert row.quiz == draw_variant(edition, push.id, row.worker_id)
    await counters_agree(school)


async def test_a_mended_typo_changes_nothing_that_was_planned(school):
    await pushed(school)
    await approve(school, material=False)
    assert await leaving(school) == {OLD: 10}


async def test_a_typo_mended_after_a_material_change_does_not_hide_it(school):
    await pushed(school)
    await approve(school, material=True)
    await approve(school, "ef" * 32, material=False, version=3)
    assert await leaving(school) == {"ef" * 32: 10}


async def test_what_a_sender_has_in_its_hands_does_not_begin(school):
    await pushed(school)
    now = school.clock.now()
    claimed = await school.outbox.claim("me", 4, now)
    await approve(school, material=True)
    begun = [
        await school.outbox.begin(hand_over(one.delivery, b"b", school.clock.now()), "me")
        for one in claimed
    ]
    assert begun == [False] * 4
    assert await leaving(school) == {NEW: 10}


async def test_an_approval_and_a_sender_at_work_do_not_wait_for_each_other(school):
    await pushed(school)

    async def send() -> Counter[str]:
        found: Counter[str] = Counter()
        for _ in range(5):
            found += await leaving(school, 3)
        return found

    sent, _ = await asyncio.wait_for(
        asyncio.gather(send(), approve(school, material=True)), timeout=30
    )
    assert sent.total() == 10
    await counters_agree(school)


async def test_a_claim_that_is_being_written_is_waited_for_and_taken_back(school):
    """Else the approval would not see its lease, and all that it claimed would leave with the old text."""
    if school.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    await pushed(school)
    now = school.clock.now()
    async with school.database.engine.connect() as holder:
        await holder.begin()
        claimed = await holder.run_sync(lambda sync: school.outbox._claim(sync, "me", 4, now))
        approving = asyncio.create_task(approve(school, material=True))
        await waiting_for_a_lock(school, 1)
        await holder.commit()
    await approving
    begun = [
        await school.outbox.begin(hand_over(one.delivery, b"b", school.clock.now()), "me")
        for one in claimed
    ]
    assert begun == [False] * 4
    assert await leaving(school) == {NEW: 10}


async def test_a_lost_answer_is_not_repeated_with_the_old_text(school):
    await pushed(school)
    now = school.clock.now()
    (parcel, *_) = await school.outbox.claim("me", 1, now)
    begun = hand_over(parcel.delivery, b"old text", now)
    assert await school.outbox.begin(begun, "me")
    await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    await approve(school, material=True)
    since = now - timedelta(minutes=20)
    assert await school.outbox.claim_unknown("me", "wecom", since, 10, school.clock.now()) == []
    assert [row.state for row in await rows(school)].count(S.UNKNOWN) == 1


async def test_what_was_in_hand_over_when_it_was_overtaken_is_not_repeated_either(school):
    await pushed(school)
    now = school.clock.now()
    (parcel, *_) = await school.outbox.claim("me", 1, now)
    begun = hand_over(parcel.delivery, b"old text", now)
    assert await school.outbox.begin(begun, "me")
    await approve(school, material=True)
    await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    since = now - timedelta(minutes=20)
    assert await school.outbox.claim_unknown("me", "wecom", since, 10, school.clock.now()) == []


async def test_what_was_lost_after_it_was_overtaken_is_offered_for_no_decision(school):
    """However long after the approval: it is frozen like what the approval found, and no stage waits for it."""
    push = await pushed(school)
    now = school.clock.now()
    asked, died = [
        hand_over(parcel.delivery, b"old text", now)
        for parcel in await school.outbox.claim("me", 2, now)
    ]
    assert await school.outbox.begin(asked, "me")
    assert await school.outbox.begin(died, "me")
    await approve(school, material=True)
    await planner_of(school).plan_due()
    school.clock.pass_(minutes=9)
    await school.outbox.mark(lose_sight(asked, Reason.NO_ANSWER, "timeout"), "me")
    await school.outbox.recover(school.clock.now(), alone=True)
    unknowns, apart = SqlUnknownBook(school.database), {ChannelKind.WECOM: now}
    assert (await unknowns.undecided(push.id, apart)).waiting == 2

    await school.plans.renew(school.clock.now(), school.clock.now())
    seen = await unknowns.undecided(push.id, apart)
    assert (seen.waiting, seen.frozen) == (0, 2)
    with pytest.raises(InvalidInputError, match="换了新版"):
        await unknowns.decide(
            push.id, Choice.AGAIN, apart, [died.id], school.editor.id, school.clock.now()
        )
    rollout = Rollout(
        occurrence_id=push.id, campaign_id=push.campaign_id, stages=read_stages("5"), total=10
    )
    young = {ChannelKind.WECOM: now - timedelta(minutes=1)}
    settled = await SqlRolloutBook(school.database).settled(rollout, young)
    assert (settled.failed, settled.under_way) == (2, 8)


async def test_what_a_sender_has_in_its_hands_keeps_its_bytes(school):
    await pushed(school)
    now = school.clock.now()
    (parcel,) = await school.outbox.claim("me", 1, now)
    begun = hand_over(parcel.delivery, b"old text", now)
    assert await school.outbox.begin(begun, "me")
    await approve(school, material=True)
    await school.outbox.mark(lose_sight(begun, Reason.NO_ANSWER, "timeout"), "me")
    lease = {"claimed_by": "me", "claimed_until": school.clock.now() + timedelta(minutes=1)}
    async with school.database.write() as connection:
        await connection.execute(
            update(deliveries).where(deliveries.c.id == begun.id).values(lease)
        )
    bodies = []
    for _ in range(2):
        await school.plans.renew(now, school.clock.now())
        bodies += [row.body for row in await rows(school) if row.id == begun.id]
        school.clock.pass_(minutes=2)
    assert bodies == [b"old text", None]


async def test_what_was_read_before_the_row_was_renewed_is_recorded_of_no_other_text(school, tap):
    """P1: the page was loaded with the old text, and the new one came before the commit."""
    await pushed(school)
    row = next(one for one in await rows(school) if one.state == S.PLANNED)
    await approve(school, material=True)
    await planner_of(school).plan_due()
    about = {"worker_id": row.worker_id, "delivery_id": row.id}

    for text, found in ((OLD, (0, 0, 0, 0)), (NEW, (1, 1, 1, 1))):
        await school.answers.shown(PageShown(**about, edition=text, via=Via.OAUTH))
        await school.answers.first_answer(FirstAnswer(**about, edition=text, right=True))
        outcome = await school.answers.answer(replace(tap(row), edition=text))
        assert isinstance(outcome, Receipt if text == NEW else NothingOpen)
        total = await school.statistics.total()
        counted = tuple(total[one] for one in ("opened", "first_asked", "first_right"))
        assert (*counted, total["understood"]) == found
    ledger = LedgerStore(school.database)
    leaves = [*await ledger.facts_of("show"), *await ledger.facts_of("ack")]
    assert [one.edition for one in leaves] == [NEW, NEW]
    await counters_agree(school)


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("another topic is another message", {"topic": Topic.GIFT_OFFER}),
        ("it is for the cooks no more", {"posts": ["GUARD"]}),
        (
            "it is for one level only, and in a chosen audience that could be one person",
            {"levels": ["L6"]},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_where_a_row_cannot_carry_it_nothing_leaves(school, label, changes):
    await pushed(school)
    await approve(school, material=True, **changes)
    assert await leaving(school) == {}, label
    found = Counter((row.state, row.reason) for row in await rows(school))
    assert found[(S.SKIPPED, Reason.SUPERSEDED)] == 10
    await counters_agree(school)


async def test_who_has_seen_the_old_text_is_not_sent_another_under_the_same_row(school):
    """The opening belongs to the text that was shown: the row must not say that it was the new one."""
    await pushed(school)
    (first, second, *_) = [row for row in await rows(school) if row.state == S.PLANNED]
    async with school.database.write() as connection:
        await connection.execute(insert(openings).values(delivery_id=first.id, via="oauth"))
    await approve(school, material=True)
    assert await leaving(school) == {NEW: 9}
    found = {row.id: (row.state, row.edition) for row in await rows(school)}
    assert found[first.id] == (S.SKIPPED, OLD)
    assert found[second.id] == (S.ACCEPTED, NEW)


async def test_a_reminder_of_an_overtaken_text_is_not_sent(school):
    """Its answer would count for the push, which carried the old text."""
    await pushed(school, remind_after_days=1)
    assert await leaving(school) == {OLD: 10}
    school.clock.pass_(days=2)
    await planner_of(school).plan_due()
    await approve(school, material=True)
    assert await leaving(school) == {}
    found = Counter((row.state, row.reason) for row in await rows(school))
    assert found[(S.SKIPPED, Reason.SUPERSEDED)] == 10


async def test_rows_that_sleep_and_rows_for_the_lead_are_renewed_within_a_round(school):
    push = await pushed(school)
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 3, now):
        await school.outbox.mark(defer(parcel.delivery, Reason.HELD, ASLEEP), "me")
    await approve(school, material=True)
    await planner_of(school).plan_due()
    found = Counter((row.state, row.edition) for row in await rows(school))
    assert found == {(S.DEFERRED, NEW): 3, (S.PLANNED, NEW): 7, (S.SKIPPED, NEW): 2}
    readings = await SqlPhoneBook(school.database).team_reading(push.id, 1)
    assert {one.edition.sha256 for one in readings} == {NEW}
    assert await school.plans.renew(now - timedelta(days=1), school.clock.now()) == 0
    await counters_agree(school)


async def test_whom_the_platform_refused_is_read_the_new_text_by_the_lead(school):
    push = await pushed(school)
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        begun = hand_over(parcel.delivery, b"old", now)
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(refuse(begun, Reason.NOT_MEMBER, 81013, "x"), "me")
    await approve(school, material=True)
    await planner_of(school).plan_due()
    readings = await SqlPhoneBook(school.database).team_reading(push.id, 1)
    assert {one.edition.sha256 for one in readings} == {NEW}
    assert Counter(row.state for row in await rows(school)) == {S.REFUSED: 10, S.SKIPPED: 2}


async def test_what_was_sent_stays_what_was_sent(school):
    await pushed(school)
    assert await leaving(school) == {OLD: 10}
    await approve(school, material=True)
    await planner_of(school).plan_due()
    found = Counter((row.state, row.edition) for row in await rows(school))
    assert found[(S.ACCEPTED, OLD)] == 10


@pytest.mark.parametrize("material", [True, False])
async def test_a_material_edition_makes_older_answers_outdated(school, tap, material):
    await pushed(school)
    await leaving(school)
    first = next(row for row in await rows(school) if row.state == S.ACCEPTED)
    await school.answers.answer(tap(first))
    school.clock.pass_(minutes=2)
    await approve(school, material=material)
    assert await outdated_ones(school) == [material]


async def test_an_answer_to_the_new_edition_is_not_outdated_by_an_older_one_of_the_same_minute(
    school, tap
):
    await pushed(school)
    await approve(school, material=True)
    await leaving(school)
    first = next(row for row in await rows(school) if row.state == S.ACCEPTED)
    await school.answers.answer(tap(first))
    assert await outdated_ones(school) == [False]


async def outdated_ones(school) -> list[bool]:
    async with school.database.read() as connection:
        found = await connection.execute(
            select(outdated()).select_from(
                acknowledgements.join(
                    deliveries, deliveries.c.id == acknowledgements.c.delivery_id
                )
            )
        )
        return [bool(one) for one in found.scalars()]
