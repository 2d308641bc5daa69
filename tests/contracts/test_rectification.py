"""The rectification ledger and proposals on both databases: nothing half done, nothing overwritten, words forgotten."""

import dataclasses
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from lianbot.domain.errors import NotFoundError, OutdatedError
from lianbot.domain.rectification import (
    Charge,
    ProposalKind,
    RectificationSource,
    RectificationState,
    charge,
    draft,
)
from lianbot.ports.rectification import Kept, RectificationFilter, RectificationStep
from lianbot.storage.rectification import A_DAY, ProposalStore, RectificationStore
from lianbot.storage.tables import (
    audit,
    campaigns,
    deliveries,
    follow_ups,
    occurrences,
    proposals,
    rectifications,
)

TODAY = date(2026, 12, 1)
STEP = RectificationStep(act="raised", note="")
EVERY = RectificationFilter(states=frozenset(RectificationState))


def wish(school, title="收货只有一人"):
    return draft(
        title, "排两人", RectificationSource.CASE, unit="", by=school.reviewer, today=TODAY
    )


@pytest.fixture
def book(school):
    return RectificationStore(school.database)


async def test_an_item_gets_a_number_a_step_and_an_audit_row(school, book):
    made = await book.add(wish(school), STEP, school.reviewer.id, school.clock.now())
    assert made.number == 1
    assert [one.act for one in await book.steps(1)] == ["raised"]
    assert [one.action for one in await school.audit.newest(1)] == ["rectification.raised"]


async def test_what_another_changed_meanwhile_is_not_overwritten(school, book):
    now = school.clock.now()
    read = await book.add(wish(school), STEP, school.reviewer.id, now)
    to = Charge(owner=school.editor, verifier=school.reviewer, due=TODAY)
    owned = charge(read, to, TODAY)
    await book.save(owned, STEP, school.reviewer.id, now)
    with pytest.raises(OutdatedError):
        await book.save(dataclasses.replace(read, title="别的"), STEP, school.editor.id, now)
    kept = await book.get(read.number)
    assert (kept.title, kept.owner) == ("收货只有一人", school.editor.id)
    assert len(await book.steps(read.number)) == 2


async def test_the_database_itself_refuses_an_owner_as_verifier(school, book):
    made = await book.add(wish(school), STEP, school.reviewer.id, school.clock.now())
    both = dataclasses.replace(made, owner=school.editor.id, verifier=school.editor.id)
    with pytest.raises(IntegrityError):
        await book.save(both, STEP, school.editor.id, school.clock.now())


async def a_task(school) -> int:
    """A 做不到 of the first worker."""
    await school.campaign()
    async with school.database.write() as connection:
        campaign = (await connection.execute(select(campaigns.c.id))).scalar_one()
        occurrence = school.worker_ids[1]
        await connection.execute(
            insert(occurrences).values(
                id=occurrence,
                campaign_id=campaign,
                kind="push",
                due_at=school.clock.now(),
                state="planned",
            )
        )
        await connection.execute(
            insert(deliveries).values(
                id=1,
                occurrence_id=occurrence,
                worker_id=school.worker_ids[0],
                edition="ab" * 32,
                item="LSN-COOK-001",
                topic="take-food",
                team_id=1,
                post="COOK",
                state="planned",
            )
        )
        await connection.execute(
            insert(follow_ups).values(
                id=1,
                delivery_id=1,
                worker_id=school.worker_ids[0],
                team_id=1,
                kind="review",
                answer="cannot",
                opened_on=TODAY,
                note="",
            )
        )
    return 1


async def test_a_task_turned_into_an_item_is_closed_with_its_number(school, book):
    task, now = await a_task(school), school.clock.now()
    made = await book.add(wish(school), STEP, school.reviewer.id, now, closes_task=task)
    async with school.database.read() as connection:
        row = (await connection.execute(select(follow_ups))).one()
        assert (row.note, row.closed_by) == (
            f"已转整改台账第 {made.number} 号",
            school.reviewer.id,
        )
        rows = (await connection.execute(select(rectifications))).mappings().all()
    # no way back from the item to the worker (P8)
    assert str(school.worker_ids[0]) not in str(rows)


async def test_a_task_that_is_closed_already_makes_no_item(school, book):
    task, now = await a_task(school), school.clock.now()
    await book.add(wish(school), STEP, school.reviewer.id, now, closes_task=task)
    with pytest.raises(NotFoundError):
        await book.add(wish(school), STEP, school.reviewer.id, now, closes_task=task)
    assert len(await book.all(EVERY)) == 1


async def test_the_list_has_the_soonest_day_first_and_the_overdue_by_themselves(school, book):
    now = school.clock.now()
    for days in (5, -3, 1):
        made = await book.add(wish(school, f"{days}"), STEP, school.reviewer.id, now)
        to = Charge(owner=school.editor, verifier=school.reviewer, due=TODAY)
        late = dataclasses.replace(charge(made, to, TODAY), due=TODAY + timedelta(days=days))
        await book.save(late, STEP, school.reviewer.id, now)
    await book.add(wish(school, "没日子"), STEP, school.reviewer.id, now)
    assert [one.title for one in await book.all(EVERY)] == ["-3", "1", "5", "没日子"]
    late_only = dataclasses.replace(EVERY, overdue_on=TODAY)
    assert [one.title for one in await book.all(late_only)] == ["-3"]


@pytest.fixture
def kept(school):
    return ProposalStore(school.database)


def mark(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def test_the_same_form_sent_twice_is_one_question(school, kept):
    for _ in range(2):
        await kept.keep(ProposalKind.QUESTION, "剩饭能喂猫吗", on=TODAY, mark=mark(1))
    found = await kept.proposals(open_only=True)
    assert [(one.text, one.who) for one in found] == [("剩饭能喂猫吗", "")]


async def test_a_name_stands_only_where_it_was_left(school, kept):
    await kept.keep(ProposalKind.QUESTION, "甲", on=TODAY, mark=mark(1))
    await kept.keep(
        ProposalKind.QUESTION, "乙", on=TODAY, mark=mark(2), worker_id=school.worker_ids[0]
    )
    found = {one.text: one.who for one in await kept.proposals(open_only=True)}
    assert found == {"甲": "", "乙": "员工0"}


async def test_no_moment_is_kept_beside_a_question(school, kept):
    await kept.keep(ProposalKind.QUESTION, "甲", on=TODAY, mark=mark(1))
    async with school.database.read() as connection:
        row = (await connection.execute(select(proposals))).mappings().one()
        assert [name for name, value in row.items() if hasattr(value, "hour")] == []
        assert (await connection.execute(select(audit.c.action))).scalars().all().count(
            "proposal.kept"
        ) == 0


async def test_a_days_room_is_limited(school, kept):
    rows = [
        {"kind": "question", "text": f"{n}", "on_day": TODAY, "mark": mark(n), "note": ""}
        for n in range(A_DAY)
    ]
    async with school.database.write() as connection:
        await connection.execute(insert(proposals), rows)
    more = await kept.keep(ProposalKind.QUESTION, "多了", on=TODAY, mark=mark(A_DAY))
    tomorrow = TODAY + timedelta(days=1)
    later = await kept.keep(ProposalKind.QUESTION, "明天", on=tomorrow, mark=mark(A_DAY))
    assert (more, later) == (Kept.FULL, Kept.NOW)


async def test_words_and_name_are_wiped_when_their_time_is_over(school, kept):
    now = school.clock.now()
    await kept.keep(
        ProposalKind.QUESTION, "要忘的", on=TODAY, mark=mark(1), worker_id=school.worker_ids[0]
    )
    await kept.keep(ProposalKind.QUESTION, "还开着", on=TODAY, mark=mark(2))
    first = next(one for one in await kept.proposals(open_only=True) if one.who)
    await kept.close(first.id, "当面答了", school.reviewer.id, now)
    with pytest.raises(NotFoundError):
        await kept.close(first.id, "又来", school.reviewer.id, now)
    assert await kept.forget(TODAY + timedelta(days=30)) == 0
    assert await kept.forget(TODAY + timedelta(days=31)) == 1
    assert await kept.forget(TODAY + timedelta(days=181)) == 1
    assert {(one.text, one.who) for one in await kept.proposals(open_only=False)} == {("", "")}
