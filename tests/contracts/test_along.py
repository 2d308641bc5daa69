"""What goes along with a message is begun by one process only; a card's code is given out once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lianbot.domain.budgets import Budget, Period
from lianbot.domain.campaigns import CampaignState, OccurrenceState
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.messages import Accepted, NoAnswer, NotSent
from lianbot.domain.people import ChannelKind, ClientKind
from lianbot.storage.budgets import spend
from lianbot.storage.clients import ClientStore
from lianbot.storage.enclosures import SqlCards, SqlEnclosures
from lianbot.storage.tables import (
    bindings,
    campaigns,
    card_codes,
    deliveries,
    enclosures,
    occurrences,
)

VOICE = EnclosureKind.VOICE


class Shelf:
    """Media of any edition: one voice."""

    async def media_of(self, _edition: str) -> list[tuple[str, str]]:
        return [("a" * 64, "voice/a.amr")]

    async def media_body(self, sha256: str) -> tuple[str, bytes]:
        return sha256, b"#!AMR\n"


@pytest.fixture
async def sent(school, plan) -> list[int]:
    """A push that was accepted by everybody bound; its campaign asks for the voice."""
    await plan.plan_due()
    async with school.database.write() as connection:
        await connection.execute(update(campaigns).values(enclose=[VOICE.value]))
        rows = (
            await connection.execute(
                select(deliveries.c.id).where(deliveries.c.channel == "wecom")
            )
        ).all()
        for state in (DeliveryState.HANDING_OVER, DeliveryState.ACCEPTED):
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.id.in_([row.id for row in rows]))
                .values(state=state, handed_at=school.clock.now(), platform_id="m")
            )
    return [row.id for row in rows]


async def begin(school, *budgets: Budget) -> list[int]:
    book = SqlEnclosures(school.database, Shelf(), budgets)
    now = school.clock.now()
    begun = [
        await book.begin(batch.file.kind, batch.to, now)
        for batch in await book.due(now - timedelta(minutes=10))
    ]
    return [one.delivery_id for some in begun for one in some]


async def test_each_is_begun_once(school, sent):
    assert await begin(school) == sent
    assert await begin(school) == []


async def test_what_certainly_did_not_leave_is_begun_again_what_may_have_is_not(school, sent):
    await begin(school)
    book = SqlEnclosures(school.database, Shelf())
    lost, open_, done = sent[0], sent[1], sent[2]
    outcomes = {
        lost: NotSent(detail=""),
        open_: NoAnswer(detail="HTTP 502"),
        done: Accepted(platform_id="m"),
    }
    await book.mark(VOICE, outcomes, school.clock.now())
    assert await begin(school) == [lost]
    async with school.database.read() as connection:
        found = await connection.execute(select(enclosures.c.delivery_id, enclosures.c.state))
        states = {row.delivery_id: row.state for row in found}
    assert (states[open_], states[done]) == (DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)


async def test_what_goes_along_is_counted_with_the_messages_and_the_rest_comes_with_the_next_minute(
    school, sent
):
    budget = Budget(channel=ChannelKind.WECOM, api="send", period=Period.MINUTE, limit=5)
    async with school.database.write() as connection:
        assert await connection.run_sync(lambda sync: spend(sync, [budget], 2, school.clock.now()))
    assert len(await begin(school, budget)) == budget.for_pushes - 2
    assert await begin(school, budget) == []
    school.clock.pass_(minutes=1)
    assert len(await begin(school, budget)) == budget.for_pushes


async def test_nobody_gets_more_in_a_minute_than_the_platform_shows(school, sent, monkeypatch):
    monkeypatch.setattr("lianbot.domain.budgets.MEMBER_MINUTE", 1)
    assert await begin(school) == []
    school.clock.pass_(minutes=1, seconds=1)
    assert await begin(school) == sent
    async with school.database.write() as connection:
        await connection.execute(update(enclosures).values(kind="image"))
    # what went along a moment ago counts as well
    assert await begin(school) == []


@pytest.mark.parametrize("stops", ["campaign", "occurrence"])
async def test_nothing_goes_along_with_a_push_that_was_stopped(school, sent, stops):
    async with school.database.write() as connection:
        if stops == "campaign":
            await connection.execute(update(campaigns).values(state=CampaignState.PAUSED))
        else:
            await connection.execute(update(occurrences).values(state=OccurrenceState.STOPPED))
    assert await begin(school) == []


async def test_a_code_is_kept_replaced_and_forgotten_after_three_days(school, sent):
    cards, now = SqlCards(school.database), school.clock.now()
    await cards.keep({sent[0]: "old", sent[1]: "b"}, now)
    await cards.keep({sent[0]: "new"}, now)
    async with school.database.read() as connection:
        found = await connection.execute(select(card_codes.c.code).order_by(card_codes.c.code))
        assert [row.code for row in found] == ["b", "new"]
    assert await cards.take_answered(now + timedelta(hours=73)) == []
    async with school.database.read() as connection:
        assert (await connection.execute(select(card_codes))).all() == []


async def test_where_people_read_is_kept_in_one_go(school):
    store = ClientStore(school.database)
    async with school.database.read() as connection:
        bound = (
            await connection.execute(
                select(bindings.c.worker_id).where(bindings.c.channel == "wecom")
            )
        ).all()
    for row in bound:
        store.note(row.worker_id, ClientKind.PLAIN)
    await store.drain()
    assert await store.settle(bound[0].worker_id, ClientKind.WECOM) is ClientKind.PLAIN
    store.note(bound[0].worker_id, ClientKind.PLAIN)
    await store.drain()
    assert await store.settle(bound[0].worker_id, None) is ClientKind.WECOM
