"""Additions and corrections need the chain of the campaign that they amend, whoever decides at the same instant (P5)."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lianbot.bootstrap.control import NoticePress
from lianbot.domain.amendments import Amendment, AmendmentState
from lianbot.domain.campaigns import Audience, Occurrence, Once
from lianbot.domain.deliveries import accept, hand_over
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.items import EditionState
from lianbot.domain.people import Account, Role
from lianbot.flows.additions import Additions, Deciding
from lianbot.flows.correction import Corrections
from lianbot.flows.rhythms import Rules
from lianbot.storage.amendments import SqlAmendmentBook
from lianbot.storage.duties import DutyStore
from lianbot.storage.tables import accounts, campaign_approvals, editions
from lianbot.timetable.moments import CronMoments

S = AmendmentState
TEAM_1, TEAM_2 = Audience(teams=(1,)), Audience(teams=(2,))


@dataclass(slots=True)
class Chained:
    """A push to team 1 that two people approved, and reviewers who may approve what amends it."""

    school: object
    planner: object
    push: Occurrence
    book: SqlAmendmentBook
    deciding: Deciding
    first: Account
    second: Account

    async def addition(self, by: Account | None = None) -> Amendment:
        rules = Rules(
            book=self.school.plans, shelf=self.school.content, moments=CronMoments(), rhythm=None
        )
        desk = Additions(
            book=self.book,
            plans=self.school.plans,
            campaigns=self.school.campaigns,
            rules=rules,
            clock=self.school.clock,
        )
        return await desk.ask(self.push.id, TEAM_2, by or self.school.editor)

    async def correction(self, item: str = "") -> Amendment:
        press = NoticePress(self.school.content)
        desk = Corrections(book=self.book, press=press, clock=self.school.clock)
        return await desk.ask(
            self.push.id, self.school.editor, wrong="一个人签", right="两个人签", item=item
        )

    async def say(self, change: Amendment, who: Account, *, yes: bool = True) -> Amendment:
        return await self.deciding.decide(change.id, who, approved=yes)


async def reviewer(school, name: str, *roles: Role) -> Account:
    one = Account(
        id=uuid.uuid4(), name=name, display=name, roles=frozenset({Role.REVIEWER, *roles})
    )
    await school.accounts.add(one, "", None, school.clock.now())
    return one


async def chained_push(crowded_school, steps: int) -> Chained:
    school, planner = await crowded_school(24, 0, audience=TEAM_1, steps=steps)
    (push,) = await planner.plan_due()
    now = school.clock.now()
    for at, parcel in enumerate(await school.outbox.claim("me", 6, now)):
        begun = hand_over(parcel.delivery, b"b", now)
        await school.outbox.begin(begun, "me")
        await school.outbox.mark(accept(begun, f"m{at}"), "me")
    await school.outbox.release("me")
    book = SqlAmendmentBook(school.database)
    return Chained(
        school,
        planner,
        push,
        book,
        Deciding(book=book, clock=school.clock),
        school.reviewer,
        await reviewer(school, "second", Role.SCHEDULER),
    )


@pytest.fixture
async def chained(crowded_school) -> Chained:
    return await chained_push(crowded_school, 2)


@pytest.mark.parametrize("kind", ["addition", "correction"])
async def test_it_takes_effect_with_the_last_step_only(chained, kind):
    change = await getattr(chained, kind)()
    assert (change.steps, change.missing) == (2, 2)
    after = await chained.say(change, chained.first)
    assert (after.state, after.missing) == (S.ASKED, 1)
    assert await chained.planner.plan_due() == []
    after = await chained.say(change, chained.second)
    assert after.state is S.APPROVED
    assert after == await chained.book.get(change.id)
    (planned,) = await chained.planner.plan_due()
    assert (planned.id, planned.planned) == (change.id, {"addition": 12, "correction": 6}[kind])


async def test_the_same_person_twice_is_refused(chained):
    change = await chained.addition()
    await chained.say(change, chained.first)
    with pytest.raises(NotAllowedError, match="不能批两级"):
        await chained.say(change, chained.first)


async def test_who_asked_may_review_others_but_not_this(chained):
    change = await chained.addition(by=chained.second)
    with pytest.raises(NotAllowedError, match="写的人不能自己批"):
        await chained.say(change, chained.second)


async def test_who_published_the_notice_takes_no_step_though_another_asked(chained):
    change = await chained.correction()
    async with chained.school.database.write() as connection:
        await connection.execute(
            update(editions)
            .where(editions.c.sha256 == change.notice)
            .values(published_by=chained.second.id)
        )
    with pytest.raises(NotAllowedError, match="发布的人不能自己审核"):
        await chained.say(change, chained.second)
    assert (await chained.book.get(change.id)).approvals == ()


@pytest.mark.parametrize(
    "lost", [{"roles": ["scheduler"]}, {"disabled": True}], ids=["role", "account"]
)
async def test_a_role_that_was_taken_away_since_the_sign_in_approves_nothing(chained, lost):
    change = await chained.correction()
    async with chained.school.database.write() as connection:
        await connection.execute(
            update(accounts).where(accounts.c.id == chained.second.id).values(**lost)
        )
    assert chained.second.may(Role.REVIEWER)
    for yes in (True, False):
        with pytest.raises(NotAllowedError):
            await chained.say(change, chained.second, yes=yes)
    assert (await chained.book.get(change.id)).state is S.ASKED


@pytest.mark.parametrize("kind", ["addition", "correction"])
async def test_one_no_after_a_yes_ends_it(chained, kind):
    change = await getattr(chained, kind)()
    await chained.say(change, chained.first)
    after = await chained.say(change, chained.second, yes=False)
    assert after.state is S.DECLINED
    with pytest.raises(InvalidInputError, match="处理过"):
        await chained.say(change, await reviewer(chained.school, "third"))
    assert await chained.planner.plan_due() == []


async def test_a_declined_notice_awaits_nobody_any_more(chained):
    change = await chained.correction()
    await chained.say(change, chained.first, yes=False)
    notice = await chained.school.content.get(change.notice)
    assert notice.edition.state is EditionState.RETURNED


async def test_a_notice_that_was_sent_back_cannot_go_out(chained):
    change = await chained.correction()
    now = chained.school.clock.now()
    await chained.school.content.send_back(change.notice, chained.first.id, now, "说不清")
    with pytest.raises(InvalidInputError, match="退回"):
        await chained.say(change, chained.second)


@pytest.mark.parametrize("steps", [2, 3])
async def test_two_approvers_at_the_same_instant_are_two_steps(crowded_school, steps):
    chained = await chained_push(crowded_school, steps)
    change = await chained.correction()
    await asyncio.gather(*(chained.say(change, who) for who in (chained.first, chained.second)))
    kept = await chained.book.get(change.id)
    assert {one.account_id for one in kept.approvals} == {chained.first.id, chained.second.id}
    assert [one.step for one in kept.approvals] == [0, 1]
    assert (kept.state is S.APPROVED) is (steps == 2)


async def test_one_person_twice_at_the_same_instant_is_one_step(chained):
    change = await chained.correction()
    both = await asyncio.gather(
        *(chained.say(change, chained.first) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(one, NotAllowedError) for one in both) == 1
    assert len((await chained.book.get(change.id)).approvals) == 1


async def test_a_chain_of_one_needs_one(crowded_school):
    chained = await chained_push(crowded_school, 1)
    change = await chained.correction()
    after = await chained.say(change, chained.first)
    assert (change.steps, after.state) == (1, S.APPROVED)


async def test_of_two_at_the_same_instant_in_a_chain_of_one_the_second_comes_too_late(
    crowded_school,
):
    chained = await chained_push(crowded_school, 1)
    change = await chained.correction()
    both = await asyncio.gather(
        *(chained.say(change, who) for who in (chained.first, chained.second)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, InvalidInputError) for one in both) == 1
    assert len((await chained.book.get(change.id)).approvals) == 1


async def test_an_edition_is_corrected_by_the_longest_chain_that_ever_sent_it(crowded_school):
    """Else a text of a campaign of three would be taken back through a campaign of one."""
    chained = await chained_push(crowded_school, 1)
    school = chained.school
    change = await chained.correction(item="LSN-COOK-001")
    assert change.steps == 1
    # the chain grows with what is planned after it was asked for
    now = school.clock.now()
    await school.campaign(
        title="三级",
        steps=3,
        audience=TEAM_2,
        schedule=Once(at=now),
        created_at=now - timedelta(minutes=1),
    )
    assert len(await chained.planner.plan_due()) == 1
    after = await chained.say(change, chained.first)
    assert (after.steps, after.state, after.missing) == (3, S.ASKED, 2)
    assert (await chained.correction(item="LSN-COOK-001")).steps == 3
    assert (await chained.correction()).steps == 1


async def test_every_step_stands_in_the_audit_and_beside_the_corrections_own_campaign(chained):
    change = await chained.correction()
    await chained.say(change, chained.first)
    await chained.say(change, chained.second)
    last, first, asked, *_ = await chained.school.audit.newest()
    assert asked.action == "correction.asked"
    for entry, name, step, state in (
        (first, "reviewer", 1, "asked"),
        (last, "second", 2, "approved"),
    ):
        assert (entry.action, entry.account) == ("correction.approved", name)
        shown = {key: entry.after[key] for key in ("step", "steps", "state")}
        assert shown == {"step": step, "steps": 2, "state": state}
    async with chained.school.database.read() as connection:
        rows = await connection.execute(
            select(campaign_approvals.c.step, campaign_approvals.c.account_id)
            .where(campaign_approvals.c.campaign_id == change.id)
            .order_by(campaign_approvals.c.step)
        )
        assert [(row.step, row.account_id) for row in rows] == [
            (0, chained.first.id),
            (1, chained.second.id),
        ]
    assert (await chained.school.campaigns.get(change.id)).steps == 2


async def test_a_change_calls_those_who_have_no_step_in_it(chained):
    duties = DutyStore(chained.school.database)
    assert not await duties.waits_for(chained.first.id)
    change = await chained.correction()
    assert await duties.waits_for(chained.first.id)
    assert not await duties.waits_for(chained.school.editor.id)
    await chained.say(change, chained.first)
    assert not await duties.waits_for(chained.first.id)
    assert await duties.waits_for(chained.second.id)
    await chained.say(change, chained.second)
    assert not await duties.waits_for(chained.second.id)
