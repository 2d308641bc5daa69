"""审批 on the phone: only a reviewer's own bound account, one by one, never one's own, never what is decided."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from fakes.house import Person, enrol, people
from fakes.pages import Page
from lianbot.domain.amendments import AmendmentState
from lianbot.domain.campaigns import Audience, CampaignState, Once
from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.items import EditionState
from lianbot.domain.people import Role
from lianbot.flows.campaign import Draft
from lianbot.phrases import approvals as say
from lianbot.phrases import pages
from lianbot.storage.accounts import new_account
from lianbot.storage.campaigns import write_audience
from lianbot.storage.content import Publication
from lianbot.storage.tables import campaigns

WANG, SHU = Person(account="wang", name="王芳"), Person(account="shu", name="书记")
FIRST, LEGAL, OWN = (f"{number:032x}" * 2 for number in (901, 902, 903))


def lesson(sha256: str, number: int, legal: list[str]) -> Publication:
    return Publication(
        sha256=sha256,
        body=b"{}",
        item=f"LSN-COOK-{number}",
        type=ItemType.LESSON,
        title="先过秤再签字",
        topic=Topic.BLANK_SIGN,
        meta={
            "text": "菜车到了。\n先过秤，再签字。",
            "posts": ["COOK"],
            "levels": [],
            "quizzes": [],
            "version": 1,
            "author": "内容编写组",
            "voice_script": "师傅好，先过秤。",
            "legal": legal,
        },
    )


@pytest.fixture
async def stage(staged):
    """书记 is a worker with a phone and the account that approves; two lessons wait, one with a clause."""
    async with staged([WANG, SHU]) as stage:
        now = stage.house.clock.now()
        await stage.house.accounts.name_person(
            stage.cast.reviewer.id, "LB-shu", stage.cast.author.id, now
        )
        waiting = [lesson(FIRST, 901, []), lesson(LEGAL, 902, ["政府采购法 41（2014-08-31 版）"])]
        await stage.house.content.publish(waiting, stage.cast.author.id, now)
        yield stage


async def visit(stage, account: str, path: str) -> Page:
    return await Page.open(stage.twin, account, f"{stage.base}{path}")


async def state(stage, sha256: str) -> EditionState:
    return (await stage.house.content.get(sha256)).edition.state


async def test_the_list_is_for_a_reviewers_own_account_only(stage):
    assert "先过秤再签字" in (await visit(stage, "shu", "/m/approve")).text
    stranger = await visit(stage, "wang", "/m/approve")
    assert "先过秤再签字" not in stranger.text
    assert say.NOT_AN_APPROVER in stranger.text


async def test_the_own_record_leads_a_reviewer_there_and_nobody_else(stage):
    assert "/m/approve" in (await visit(stage, "shu", "/m/me")).text
    assert "/m/approve" not in (await visit(stage, "wang", "/m/me")).text


async def test_the_preview_has_everything_that_is_approved(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{LEGAL}")
    for words in ("先过秤，再签字。", "师傅好，先过秤。", "政府采购法 41", say.LEGAL_FIELD):
        assert words in page.text


async def test_approving_counts_under_the_accounts_name_and_in_the_audit(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{FIRST}")
    after = await page.press("", decide="yes")
    assert say.APPROVED in after.text
    stored = await stage.house.content.get(FIRST)
    assert (stored.edition.state, stored.approved_by) == (
        EditionState.APPROVED,
        stage.cast.reviewer.id,
    )
    assert "content.approved" in [one.action for one in await stage.house.audit.newest()]


async def test_a_clause_needs_the_name_of_a_legal_reviewer(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{LEGAL}")
    refused = await page.press("", decide="yes")
    assert refused.status == 422
    assert say.legal_missing([(await stage.house.content.get(LEGAL)).edition.item]) in refused.text
    assert await state(stage, LEGAL) is EditionState.AWAITING
    await refused.press("", decide="yes", legal="法务处 陈")
    assert (await stage.house.content.get(LEGAL)).approval_note == "法律审核：法务处 陈"


async def test_sending_back_needs_a_reason_and_leaves_the_list(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{FIRST}")
    without = await page.press("", decide="back", note="  ")
    assert without.status == 422
    assert await state(stage, FIRST) is EditionState.AWAITING
    after = await page.press("", decide="back", note="第二步说不清，改一改")
    assert say.SENT_BACK in after.text
    assert await state(stage, FIRST) is EditionState.RETURNED
    assert re.findall(r"/m/approve/content/(\w+)", after.text) == [LEGAL]


async def test_what_somebody_else_decided_meanwhile_is_said_so(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{FIRST}")
    await page.press("", decide="yes")
    again = await page.press("", decide="back", note="想改主意")
    assert again.status == 404
    assert await state(stage, FIRST) is EditionState.APPROVED


async def test_nobody_approves_what_the_own_account_published(stage):
    now = stage.house.clock.now()
    await stage.house.content.publish([lesson(OWN, 903, [])], stage.cast.reviewer.id, now)
    listed = await visit(stage, "shu", "/m/approve")
    assert OWN not in listed.text
    own = await visit(stage, "shu", f"/m/approve/content/{OWN}")
    assert say.OWN in own.text
    crossed = await own.twin.submit(
        "shu",
        f"{stage.base}/m/approve/content/{OWN}",
        {"t": (await visit(stage, "shu", f"/m/approve/content/{FIRST}")).token, "decide": "yes"},
    )
    assert crossed.status == 403
    assert await state(stage, OWN) is EditionState.AWAITING


async def test_a_page_of_one_edition_decides_no_other_and_not_after_twelve_hours(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{FIRST}")
    other = await visit(stage, "shu", f"/m/approve/content/{LEGAL}")
    crossed = await page.twin.submit(
        "shu", f"{stage.base}/m/approve/content/{LEGAL}", {"t": page.token, "decide": "yes"}
    )
    assert crossed.status == 403
    stage.move(hours=12, seconds=1)
    late = await other.press("", decide="yes", legal="陈")
    assert late.status == 403
    assert pages.PAGE_TOO_OLD in late.text


async def test_an_account_that_lost_its_role_or_was_disabled_decides_nothing(stage):
    page = await visit(stage, "shu", f"/m/approve/content/{FIRST}")
    await stage.house.accounts.disable(
        stage.cast.reviewer.id, True, stage.cast.author.id, stage.house.clock.now()
    )
    assert (await page.press("", decide="yes")).status == 403
    assert await state(stage, FIRST) is EditionState.AWAITING


async def test_a_campaign_is_shown_with_its_content_and_approved(stage):
    draft = Draft(
        title="周二一课",
        audience=Audience(),
        schedule=Once(at=stage.house.clock.now().replace(hour=23)),
        items=("LSN-COOK-001",),
        remind_after_days=None,
    )
    made = await stage.house.desk.create(draft, stage.cast.author)
    assert "周二一课" in (await visit(stage, "shu", "/m/approve")).text
    page = await visit(stage, "shu", f"/m/approve/campaign/{made.id}")
    assert "发一次" in page.text
    after = await page.press("", decide="yes")
    assert say.APPROVED in after.text
    assert (await stage.house.campaigns.get(made.id)).state is CampaignState.APPROVED


async def test_what_waits_stands_in_the_order_of_the_year_with_whom_it_reaches(stage):
    now = stage.house.clock.now()
    for title, days in (("甲：后发", 40), ("乙：先发", 2), ("丙：中间", 9)):
        await stage.house.desk.create(
            Draft(
                title=title,
                audience=Audience(),
                schedule=Once(at=now + timedelta(days=days)),
                items=("LSN-GUARD-001",),
                remind_after_days=None,
            ),
            stage.cast.author,
        )
    text = (await visit(stage, "shu", "/m/approve")).text
    assert text.index("乙：先发") < text.index("丙：中间") < text.index("甲：后发")
    made = next(one for one in await stage.house.campaigns.all() if one.title == "乙：先发")
    page = await visit(stage, "shu", f"/m/approve/campaign/{made.id}")
    people = await stage.house.campaigns.audience_size(made, date(2026, 12, 1))
    assert f"{say.CHANGE_WHO}</b> 在册的全体员工" in page.text
    assert f"{say.PEOPLE}</b> {people}，{say.FITTING} 0" in page.text


async def corrected(stage, **changes):
    """A correction of a push that two people approved, written by the other account."""
    author, reviewer, now = stage.cast.author, stage.cast.reviewer, stage.house.clock.now()
    second = new_account("second", "第二位", frozenset({Role.REVIEWER}))
    await stage.house.accounts.add(second, "", author.id, now)
    draft = Draft(
        title="周二一课",
        audience=Audience(),
        schedule=Once(at=now + timedelta(minutes=1)),
        items=("LSN-COOK-001",),
        **changes,
    )
    made = await stage.house.desk.create(draft, author)
    for one in (second, reviewer)[: made.steps]:
        await stage.house.desk.approve(made.id, one)
    stage.move(minutes=2)
    await stage.ticker.tick()
    push = await stage.house.control.amendments.newest(made.id)
    change = await stage.house.control.corrections.ask(
        push.id, author, wrong="写成了一个人签字", right="要两个人一起签字"
    )
    return change, second


async def test_a_correction_is_shown_with_its_words_and_approved_step_by_step(stage):
    change, second = await corrected(stage, steps=2)
    listed = await visit(stage, "shu", "/m/approve")
    assert "已批 0/2，还差 2 位审核人" in listed.text
    assert change.notice not in listed.text, "the notice is approved with the correction"
    page = await visit(stage, "shu", f"/m/approve/change/{change.id}")
    for words in ("写成了一个人签字", "要两个人一起签字", "周二一课", say.CORRECTED):
        assert words in page.text
    after = await page.press("", decide="yes")
    assert say.STEP_APPROVED in after.text
    assert f"/m/approve/change/{change.id}" not in after.text
    twice = await page.press("", decide="yes")
    assert (twice.status, "不能批两级" in twice.text) == (422, True)
    done = await stage.house.control.deciding.decide(change.id, second, approved=True)
    assert done.state is AmendmentState.APPROVED


async def test_an_addition_says_whom_and_is_declined_with_one_press(stage):
    await corrected(stage, steps=1)
    (push,) = [one.amends for one in await stage.house.control.amendments.of()]
    house = stage.house
    await enrol(house, [replace(one, team="保洁班") for one in people(6, "bj")], stage.cast.author)
    campaign = (await house.control.amendments.push(push)).campaign_id
    (kitchen,) = {one.team_id for one in await house.people.workers() if one.number == "LB-wang"}
    async with house.database.write() as connection:
        await connection.execute(
            update(campaigns)
            .where(campaigns.c.id == campaign)
            .values(audience=write_audience(Audience(teams=(kitchen,))))
        )
    (cleaners,) = [one.id for one in await house.people.teams() if one.name == "保洁班"]
    change = await house.control.additions.ask(
        push, Audience(teams=(cleaners,)), stage.cast.author
    )
    page = await visit(stage, "shu", f"/m/approve/change/{change.id}")
    assert "保洁班" in page.text
    assert say.DECLINED in (await page.press("", decide="no")).text
    decided = await house.control.amendments.get(change.id)
    assert (decided.state, decided.decided_by) == (
        AmendmentState.DECLINED,
        stage.cast.reviewer.id,
    )


@pytest.mark.parametrize(
    "path", ["content/short", "content/" + "z" * 64, "campaign/nobody", "change/nobody"]
)
async def test_a_broken_address_is_no_fault_of_ours(stage, path):
    assert (await visit(stage, "shu", f"/m/approve/{path}")).status == 404
