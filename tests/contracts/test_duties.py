"""Rows of the officer's Mondays on both databases: two processes, a crash, an alert once a week."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from lianbot.domain.campaigns import Approval, CampaignState
from lianbot.domain.codes import ItemType, Post, Topic
from lianbot.domain.errors import InvalidInputError
from lianbot.ports.duties import Duty, DutyState
from lianbot.storage.content import Publication
from lianbot.storage.duties import DutyStore
from lianbot.storage.tables import alerts, bindings, duties

WEEK = "2026-W50"


@pytest.fixture
def book(school):
    return DutyStore(school.database)


async def test_of_two_that_begin_at_once_one_does_it(school, book):
    now = school.clock.now()
    found = await asyncio.gather(
        *(DutyStore(school.database).begin(Duty.DIGEST, WEEK, "a", now) for _ in range(8))
    )
    assert sorted(found) == [False] * 7 + [True]


async def test_what_a_dead_process_left_is_named_unknown_and_never_begun_again(school, book):
    now = school.clock.now()
    await book.begin(Duty.DIGEST, WEEK, "a", now)
    await book.name_lost(now)
    assert not await book.begin(Duty.DIGEST, WEEK, "a", now + timedelta(minutes=11))
    await book.name_lost(now + timedelta(minutes=11))
    async with school.database.read() as connection:
        state = (await connection.execute(select(duties.c.state))).scalar_one()
    assert state == DutyState.UNKNOWN


async def test_given_back_is_as_if_it_had_not_been_begun(school, book):
    now = school.clock.now()
    await book.begin(Duty.DIGEST, WEEK, "a", now)
    await book.give_back(Duty.DIGEST, WEEK, "a")
    assert await book.begin(Duty.DIGEST, WEEK, "a", now)


async def test_the_alert_comes_once_a_week(school, book):
    now = school.clock.now()
    said = [await book.alert_once(WEEK, "door:fetch", "x", now) for _ in range(3)]
    said.append(await book.alert_once("2026-W51", "door:fetch", "y", now + timedelta(days=7)))
    assert said == [True, False, False, True]
    async with school.database.read() as connection:
        rows = (await connection.execute(select(alerts.c.detail, alerts.c.times))).all()
    assert [tuple(row) for row in rows] == [("y", 2)]


async def test_an_office_is_watched_from_its_first_week(school, book):
    assert await book.watched_since(["aa"], "2026-W49") == {"aa": "2026-W49"}
    assert await book.watched_since(["aa", "bb"], WEEK) == {"aa": "2026-W49", "bb": WEEK}


async def test_an_account_reaches_its_person_once_one_is_named(school, book):
    now = school.clock.now()
    await school.accounts.name_person(school.editor.id, "LB000001", school.reviewer.id, now)
    found = {one.account.name: (one.wecom, one.number) for one in await book.addressees()}
    assert found == {"editor": ("u1", "LB000001"), "reviewer": ("", "")}
    assert (await school.accounts.get(school.editor.id)).number == "LB000001"
    with pytest.raises(InvalidInputError, match="花名册里没有"):
        await school.accounts.name_person(school.editor.id, "X", school.reviewer.id, now)
    async with school.database.write() as connection:
        await connection.execute(bindings.update().values(opted_out=True))
    assert {one.wecom for one in await book.addressees()} == {""}
    await school.accounts.name_person(school.editor.id, "", school.reviewer.id, now)
    assert (await school.accounts.get(school.editor.id)).number == ""


def waiting_lesson() -> Publication:
    return Publication(
        sha256="7" * 64,
        body=b"{}",
        item="LSN-COOK-007",
        type=ItemType.LESSON,
        title="先过秤",
        topic=Topic.TAKE_FOOD,
        meta={"text": "先过秤。"},
    )


async def test_content_waits_for_whoever_did_not_publish_it_until_it_is_decided(school, book):
    editor, reviewer = school.editor.id, school.reviewer.id
    assert not await book.waits_for(reviewer)
    await school.content.publish([waiting_lesson()], editor, school.clock.now())
    assert (await book.waits_for(reviewer), await book.waits_for(editor)) == (True, False)
    await school.content.adopt(["7" * 64], reviewer, school.clock.now(), "")
    assert not await book.waits_for(reviewer)


async def test_a_draft_waits_for_those_who_have_no_step_in_it(school, book):
    editor, reviewer = school.editor.id, school.reviewer.id
    step = Approval(account_id=reviewer, step=0, at=school.clock.now())
    draft = await school.campaign(state=CampaignState.DRAFT, steps=2)
    await school.campaigns.save(
        draft, replace(draft, approvals=(step,)), step.at, action="a", by=reviewer, detail={}
    )
    assert not await book.waits_for(reviewer)
    await school.campaign(state=CampaignState.DRAFT)
    assert (await book.waits_for(reviewer), await book.waits_for(editor)) == (True, False)


async def test_the_roster_says_when_a_tied_account_can_read(school, book):
    now = school.clock.now()
    await school.accounts.name_person(school.editor.id, "LB000001", school.reviewer.id, now)
    tied = {one.account.name: one.times for one in await book.addressees()}
    assert tied["reviewer"] is None
    assert tied["editor"].posts == (Post.COOK,)
