"""Rows of the officer's Mondays on both databases: two processes, a crash, an alert once a week."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from lianbot.domain.errors import InvalidInputError
from lianbot.ports.duties import Duty, DutyState
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
