"""A consent stands from the day it was given to the day it is withdrawn, with the words that were shown."""

import asyncio
from datetime import date

import pytest

from lianbot.domain.people import ChannelKind, Consent, ConsentPurpose
from lianbot.storage.consents import ConsentStore

OFFICIAL, TEMPLATE = ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE
WORDS = "同意每周收一条学习提醒，随时可以回“取消提醒”"
FIRST, LATER = date(2026, 12, 1), date(2026, 12, 9)


@pytest.fixture
def book(school) -> ConsentStore:
    return ConsentStore(school.database)


async def test_given_once_it_stands_with_its_words(school, book):
    worker = school.worker_ids[0]
    assert await book.give(worker, OFFICIAL, TEMPLATE, WORDS, FIRST)
    assert not await book.give(worker, OFFICIAL, TEMPLATE, "别的话", LATER)
    assert await book.of_worker(worker) == (
        Consent(
            worker_id=worker, channel=OFFICIAL, purpose=TEMPLATE, wording=WORDS, given_on=FIRST
        ),
    )


async def test_withdrawn_and_given_again_leaves_both_in_the_history(school, book):
    worker = school.worker_ids[0]
    await book.give(worker, OFFICIAL, TEMPLATE, WORDS, FIRST)
    assert await book.withdraw(worker, OFFICIAL, TEMPLATE, LATER)
    assert not await book.withdraw(worker, OFFICIAL, TEMPLATE, LATER)
    assert await book.standing(OFFICIAL, TEMPLATE) == frozenset()
    assert await book.give(worker, OFFICIAL, TEMPLATE, WORDS, LATER)
    assert [one.withdrawn_on for one in await book.of_worker(worker)] == [LATER, None]


async def test_standing_is_told_for_those_asked_about(school, book):
    first, second, third, *_ = school.worker_ids
    await book.give(first, OFFICIAL, TEMPLATE, WORDS, FIRST)
    await book.give(second, OFFICIAL, TEMPLATE, WORDS, FIRST)
    await book.give(third, ChannelKind.WECOM, TEMPLATE, WORDS, FIRST)
    assert await book.standing(OFFICIAL, TEMPLATE) == {first, second}
    assert await book.standing(OFFICIAL, TEMPLATE, [second, third]) == {second}
    assert await book.standing(OFFICIAL, TEMPLATE, []) == frozenset()


async def test_two_that_agree_at_once_leave_one_row(school, book):
    worker = school.worker_ids[0]
    gave = await asyncio.gather(
        *(book.give(worker, OFFICIAL, TEMPLATE, WORDS, FIRST) for _ in range(6))
    )
    assert sum(gave) == 1
    assert len(await book.of_worker(worker)) == 1
