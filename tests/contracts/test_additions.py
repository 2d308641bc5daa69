"""补人 in rows: an occurrence of its own, nobody twice, the floor of five, and a second person beyond the approval."""

import asyncio
import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, select, update

from lianbot.domain.amendments import Amendment, AmendmentState
from lianbot.domain.campaigns import Audience, CampaignState, Occurrence, OccurrenceKind
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.flows.additions import Additions, Deciding
from lianbot.flows.rhythms import Rules
from lianbot.storage.amendments import SqlAmendmentBook
from lianbot.storage.ledger import LedgerStore
from lianbot.storage.tables import bindings, campaigns, deliveries, occurrences, workers
from lianbot.timetable.moments import CronMoments

TEAM_1 = Audience(teams=(1,))
COOKS_OF_L6 = Audience(posts=(Post.COOK,), levels=(Level.L6,))


@dataclass(slots=True)
class Forgotten:
    """A push to the cooks of team 1; those of team 2, and newcomers, were forgotten."""

    school: object
    planner: object
    push: Occurrence
    book: SqlAmendmentBook
    desk: Additions
    deciding: Deciding

    async def ask(self, audience=Audience(), numbers=(), by=None) -> Amendment:  # noqa: B008 - frozen
        by = by or self.school.editor
        return await self.desk.ask(self.push.id, audience, by, numbers)

    async def rows(self, occurrence_id) -> list:
        async with self.school.database.read() as connection:
            found = await connection.execute(
                select(deliveries).where(deliveries.c.occurrence_id == occurrence_id)
            )
            return list(found.all())

    async def join(self, count: int, team: int = 1, level: str = "L6") -> list[str]:
        numbers = [f"N{team}{i:03}" for i in range(count)]
        async with self.school.database.write() as connection:
            for number in numbers:
                one = uuid.uuid4()
                await connection.execute(
                    insert(workers).values(
                        id=one,
                        number=number,
                        name=number,
                        contractor_id=1,
                        team_id=team,
                        site_id=1,
                        posts=["COOK"],
                        level=level,
                        employment="outsourced",
                        salt=bytes(32),
                    )
                )
                await connection.execute(
                    insert(bindings).values(worker_id=one, channel="wecom", account=number)
                )
        return numbers


async def opened(crowded_school, audience, people=12) -> Forgotten:
    school, planner = await crowded_school(people, 0, audience=audience)
    (push,) = await planner.plan_due()
    return Forgotten(school, planner, push, *desk_of(school))


def desk_of(school) -> tuple[SqlAmendmentBook, Additions, Deciding]:
    book = SqlAmendmentBook(school.database)
    rules = Rules(book=school.plans, shelf=school.content, moments=CronMoments(), rhythm=None)
    desk = Additions(
        book=book,
        plans=school.plans,
        campaigns=school.campaigns,
        rules=rules,
        clock=school.clock,
    )
    return book, desk, Deciding(book=book, clock=school.clock)


@pytest.fixture
async def forgotten(crowded_school) -> Forgotten:
    return await opened(crowded_school, TEAM_1)


@pytest.fixture
async def by_post(crowded_school) -> Forgotten:
    return await opened(crowded_school, Audience(posts=(Post.COOK,)))


async def test_who_joined_since_is_added_at_once_with_rows_and_a_leaf_of_its_own(by_post):
    numbers = await by_post.join(2)
    made = await by_post.ask(numbers=numbers)
    assert (made.state, made.size) == (AmendmentState.APPROVED, 2)
    (added,) = await by_post.planner.plan_due()
    assert (added.id, added.kind, added.planned) == (made.id, OccurrenceKind.ADDITION, 2)
    assert added.amends == by_post.push.id
    leaves = await LedgerStore(by_post.school.database).facts_of("campaign")
    assert sorted(leaf.planned for leaf in leaves) == [2, 12]
    assert len(await by_post.school.outbox.claim("me", 50, by_post.school.clock.now())) == 14


async def test_nobody_who_has_a_row_gets_a_second_one(by_post):
    await by_post.join(2)
    await by_post.ask(Audience(posts=(Post.COOK,)))
    await by_post.planner.plan_due()
    with pytest.raises(InvalidInputError, match="没有要补的人"):
        await by_post.ask(Audience(posts=(Post.COOK,)))


async def test_beyond_the_approved_audience_a_second_person_decides(forgotten):
    made = await forgotten.ask(Audience(teams=(2,)))
    assert made.state is AmendmentState.ASKED
    assert await forgotten.planner.plan_due() == []
    with pytest.raises(NotAllowedError):
        await forgotten.deciding.decide(made.id, forgotten.school.editor, approved=True)
    await forgotten.deciding.decide(made.id, forgotten.school.reviewer, approved=True)
    (added,) = await forgotten.planner.plan_due()
    assert (added.planned, len(await forgotten.rows(added.id))) == (6, 6)


async def test_what_was_declined_is_sent_to_nobody_and_cannot_be_approved_afterwards(forgotten):
    made = await forgotten.ask(Audience(teams=(2,)))
    await forgotten.deciding.decide(made.id, forgotten.school.reviewer, approved=False)
    assert await forgotten.planner.plan_due() == []
    with pytest.raises(InvalidInputError, match="处理过"):
        await forgotten.deciding.decide(made.id, forgotten.school.reviewer, approved=True)


async def test_of_two_who_decide_at_once_one_decides(forgotten):
    made = await forgotten.ask(Audience(teams=(2,)))
    both = await asyncio.gather(
        *(
            forgotten.deciding.decide(made.id, forgotten.school.reviewer, approved=yes)
            for yes in (True, False)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Exception) for one in both) == 1


async def test_one_more_in_a_text_that_many_got_is_no_message_to_one(forgotten):
    numbers = await forgotten.join(1)
    made = await forgotten.ask(numbers=numbers)
    assert made.size == 1


async def test_a_handful_by_name_in_a_push_of_a_handful_is_refused(crowded_school):
    few = await opened(crowded_school, COOKS_OF_L6, people=3)
    numbers = await few.join(1, level="L5")
    with pytest.raises(InvalidInputError, match="不到 5 人"):
        await few.ask(numbers=numbers)


async def test_one_missed_by_a_rule_by_post_may_be_added_alone(crowded_school):
    few = await opened(crowded_school, Audience(posts=(Post.COOK,)), people=2)
    assert (await few.ask(numbers=await few.join(1))).size == 1


async def test_an_unknown_number_is_named(forgotten):
    with pytest.raises(InvalidInputError, match="工号 X1"):
        await forgotten.ask(numbers=["X1"])


async def test_everybody_is_no_answer_to_whom(forgotten):
    with pytest.raises(InvalidInputError, match="补谁"):
        await forgotten.ask()


async def test_only_a_scheduler_adds(forgotten):
    with pytest.raises(NotAllowedError):
        await forgotten.ask(Audience(teams=(2,)), by=forgotten.school.reviewer)


async def test_a_stopped_push_takes_nobody_more(forgotten):
    async with forgotten.school.database.write() as connection:
        await connection.execute(update(occurrences).values(state=CampaignState.STOPPED))
    with pytest.raises(InvalidInputError, match="已经停了"):
        await forgotten.ask(numbers=await forgotten.join(1))


async def test_while_one_addition_is_planned_no_second_begins(by_post):
    await by_post.ask(numbers=await by_post.join(1))
    with pytest.raises(InvalidInputError, match="还在排"):
        await by_post.ask(numbers=await by_post.join(2, team=2))


async def test_a_planner_that_dies_half_way_through_an_addition_is_finished_by_the_next(by_post):
    await by_post.ask(numbers=await by_post.join(9))
    kept = by_post.school.plans.write_rows

    async def dies(occurrence, rows, now):
        await kept(occurrence, rows[:4], now)
        raise ConnectionError("killed")

    by_post.school.plans.write_rows = dies
    with pytest.raises(ConnectionError):
        await by_post.planner.plan_due()
    by_post.school.plans.write_rows = kept
    by_post.school.clock.pass_(minutes=3)
    (added,) = await by_post.planner.plan_due()
    rows = await by_post.rows(added.id)
    assert (added.planned, len({row.worker_id for row in rows})) == (9, 9)
    statistics = by_post.school.statistics
    assert await statistics.stored() == await statistics.recompute()


async def test_an_addition_of_a_paused_push_waits_with_it(by_post):
    async with by_post.school.database.write() as connection:
        await connection.execute(update(campaigns).values(state=CampaignState.PAUSED))
        await connection.execute(
            update(occurrences)
            .where(occurrences.c.id == by_post.push.id)
            .values(state=CampaignState.PAUSED)
        )
    await by_post.ask(numbers=await by_post.join(2))
    await by_post.planner.plan_due()
    assert await by_post.school.outbox.claim("me", 50, by_post.school.clock.now()) == []


async def test_who_asked_and_who_decided_stand_in_the_audit(forgotten):
    made = await forgotten.ask(Audience(teams=(2,)))
    await forgotten.deciding.decide(made.id, forgotten.school.reviewer, approved=True)
    decided, asked, *_ = await forgotten.school.audit.newest()
    assert (asked.action, asked.account) == ("addition.asked", "editor")
    assert (decided.action, decided.account) == ("addition.approved", "reviewer")
    assert asked.after["beyond"] is True


async def test_those_who_became_too_few_before_a_second_person_approved_are_not_sent_it(
    crowded_school,
):
    """Five cooks of another team were asked for; two left before it was due, and nobody else had the text."""
    small = await opened(crowded_school, COOKS_OF_L6, people=1)
    numbers = await small.join(5, level="L5")
    made = await small.ask(numbers=numbers)
    await small.deciding.decide(made.id, small.school.reviewer, approved=True)
    async with small.school.database.write() as connection:
        await connection.execute(
            update(workers)
            .where(workers.c.number.in_(numbers[:2]))
            .values(ended=small.school.clock.now().date())
        )
    (added,) = await small.planner.plan_due()
    assert {(row.state, row.reason) for row in await small.rows(added.id)} == {
        ("skipped", "too_few")
    }


async def test_those_who_were_too_few_are_no_company_for_one_who_is_added(crowded_school):
    """Four cooks of a chosen team were skipped as too few: a fifth would be the only one who gets the text."""
    school, planner = await crowded_school(10, 0, audience=TEAM_1)
    async with school.database.write() as connection:
        await connection.execute(
            update(workers)
            .where(workers.c.id == school.worker_ids[0])
            .values(ended=school.clock.now().date())
        )
    (push,) = await planner.plan_due()
    few = Forgotten(school, planner, push, *desk_of(school))
    assert {row.reason for row in await few.rows(push.id)} == {"too_few"}
    with pytest.raises(InvalidInputError, match="不到 5 人"):
        await few.ask(numbers=await few.join(1))
    assert (await few.ask(numbers=await few.join(5, team=2))).size == 5


@pytest.mark.parametrize(
    "reason", [Reason.EXPIRED, Reason.SUPERSEDED, Reason.STOPPED, Reason.LEFT]
)
async def test_those_whom_the_text_never_reached_are_no_company_either(forgotten, reason):
    """A push to five that slept until its end: the sixth would be the only one who gets the text."""
    one = await forgotten.join(1)
    async with forgotten.school.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.occurrence_id == forgotten.push.id)
            .values(state=DeliveryState.SKIPPED, reason=reason)
        )
    with pytest.raises(InvalidInputError, match="不到 5 人"):
        await forgotten.ask(numbers=one)
