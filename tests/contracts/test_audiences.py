"""The audience of the database is the audience of the rules, for any roster and any rules, on both databases."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from lianbot.domain.acknowledgements import Answer
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Audience, OccurrenceKind, OccurrenceState
from lianbot.domain.codes import Level, Post
from lianbot.domain.people import Employment
from lianbot.storage import audiences
from lianbot.storage.audiences import audience_size, conditions, named
from lianbot.storage.campaigns import read_audience, write_audience
from lianbot.storage.people import worker_of
from lianbot.storage.tables import acknowledgements, deliveries, occurrences, workers

TODAY = date(2026, 12, 1)
DAYS = st.none() | st.dates(TODAY - timedelta(days=40), TODAY + timedelta(days=3))
TAGS = ("夜班小组", "新食堂", "夜班", "A", "AB", "VIP")
ITEMS = ("LSN-1", "LSN-2")
SUPPRESS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def some(values, most=2, least=0):
    return st.sets(st.sampled_from(values), min_size=least, max_size=most).map(sorted)


PEOPLE = st.fixed_dictionaries(
    {
        "posts": some([*Post][:4], least=1),
        "level": st.sampled_from([Level.L4, Level.L5, Level.L6]),
        "team_id": st.sampled_from([1, 2]),
        "employment": st.sampled_from([*Employment][:3]),
        "started": DAYS,
        "enrolled": DAYS,
        "posts_changed": DAYS,
        "ended": st.none() | st.just(TODAY),
        "tags": some(TAGS, 3),
        "answered": some(ITEMS),
    }
)
RULES = st.builds(
    Audience,
    posts=some([*Post][:4]).map(tuple),
    levels=some([Level.L4, Level.L5, Level.L6]).map(tuple),
    teams=some([1, 2, 3]).map(tuple),
    sites=some([1, 2]).map(tuple),
    employment=some([*Employment][:3]).map(tuple),
    tags=some(TAGS).map(tuple),
    new_days=st.none() | st.integers(0, 40),
    new_since=DAYS,
    posts_since=DAYS,
    unanswered=some(ITEMS).map(tuple),
)


class Roster:
    """Workers of one example and their answers, in place of those of the example before."""

    def __init__(self, school, occurrence) -> None:
        self.school = school
        self.occurrence = occurrence
        self.seq = 0

    async def hold(self, people) -> dict[uuid.UUID, frozenset[str]]:
        async with self.school.database.write() as connection:
            await connection.execute(delete(acknowledgements))
            await connection.execute(delete(deliveries))
            await connection.execute(delete(workers).where(workers.c.number.like("R%")))
            answered = {}
            for number, person in enumerate(people):
                one = uuid.uuid4()
                answered[one] = frozenset(person["answered"])
                facts = {key: value for key, value in person.items() if key != "answered"}
                await connection.execute(
                    insert(workers).values(
                        id=one,
                        number=f"R{number}",
                        name="某",
                        contractor_id=1,
                        site_id=1,
                        shift="",
                        preferred="any",
                        salt=b"s" * 32,
                        **facts,
                    )
                )
                for item in person["answered"]:
                    await self._answer(connection, one, item)
        return answered

    async def _answer(self, connection, worker, item) -> None:
        self.seq += 1
        row = {
            "occurrence_id": self.occurrence[item],
            "worker_id": worker,
            "edition": "ab" * 32,
            "item": item,
            "topic": "take-food",
            "team_id": 1,
            "post": "COOK",
            "state": "skipped",
            "reason": "unbound",
        }
        made = await connection.execute(
            insert(deliveries).values(**row).returning(deliveries.c.id)
        )
        await connection.execute(
            insert(acknowledgements).values(
                seq=self.seq,
                delivery_id=made.scalar_one(),
                worker_id=worker,
                method="tap",
                answer=Answer.CANNOT,
                leaf_start="0" * 10,
                current=True,
                minute=self.school.clock.now(),
            )
        )


@pytest.fixture
async def roster(school) -> Roster:
    campaign = await school.campaign()
    known = {}
    async with school.database.write() as connection:
        for days, item in enumerate(ITEMS):
            known[item] = uuid.uuid4()
            await connection.execute(
                insert(occurrences).values(
                    id=known[item],
                    campaign_id=campaign.id,
                    kind=OccurrenceKind.PUSH,
                    due_at=school.clock.now() + timedelta(days=days),
                    state=OccurrenceState.PLANNED,
                )
            )
    return Roster(school, known)


@settings(max_examples=60, deadline=None, suppress_health_check=SUPPRESS)
@given(people=st.lists(PEOPLE, min_size=1, max_size=8), rules=RULES, by_hand=st.data())
async def test_the_database_picks_whom_the_rules_pick(roster, people, rules, by_hand):
    answered = await roster.hold(people)
    rules = replace(rules, workers=tuple(by_hand.draw(some(sorted(answered), 3))))
    async with roster.school.database.read() as connection:
        everybody = [worker_of(row) for row in await connection.execute(select(workers))]
        picked = {
            row.id
            for slice_ in named(rules)
            for row in await connection.execute(
                select(workers).where(*conditions(rules, TODAY), *slice_)
            )
        }
        size = await audience_size(connection, rules, TODAY)
    meant = {one.id for one in everybody if rules.includes(one, TODAY, answered.get(one.id, ()))}
    assert picked == meant
    assert size == len(meant)


@given(RULES)
def test_rules_come_back_from_the_database_as_they_were(rules):
    assert read_audience(write_audience(rules)) == rules


async def test_more_named_workers_than_a_statement_takes_are_all_planned(school, monkeypatch):
    monkeypatch.setattr(audiences, "NAMED_AT_ONCE", 5)
    campaign = await school.campaign(audience=Audience(workers=tuple(school.worker_ids)))
    found = [
        one.worker.id
        async for chunk in school.plans.audience(campaign, school.clock.now())
        for one in chunk
    ]
    assert found == sorted(school.worker_ids)


async def test_only_who_has_not_answered_the_item_is_left(roster):
    school = roster.school
    async with school.database.write() as connection:
        await roster._answer(connection, school.worker_ids[0], "LSN-1")
    rest = Audience(unanswered=("LSN-1",))
    campaign = await school.campaign(audience=rest)
    chunks = [chunk async for chunk in school.plans.audience(campaign, school.clock.now())]
    found = [one for chunk in chunks for one in chunk]
    assert {one.worker.id for one in found} == set(school.worker_ids[1:])
    today = local(school.clock.now()).date()
    assert await school.campaigns.audience_size(campaign, today) == len(found) == 11


async def test_an_audience_is_counted_by_what_decides_who_draws_what(school):
    one = await school.campaign(audience=Audience(teams=(1,)))
    assert await school.campaigns.audience_posts(one, school.clock.now().date()) == {
        ((Post.COOK,), Level.L6): 6
    }
