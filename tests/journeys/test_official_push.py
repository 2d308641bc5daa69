"""Pushes by the Official Account: template → page → answer, the next way after a refusal, and waiting for a visit."""

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from fakes.house import Person, page_in, text_of
from fakes.pages import Page
from lianbot.domain.calendar import local
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.domain.windows import Act
from lianbot.phrases import replies
from lianbot.ports.ways import Visit
from lianbot.storage.consents import ConsentStore
from lianbot.storage.tables import bindings, deliveries, metadata, reply_windows, switches, workers
from lianbot.twin.accounts import AccountKind
from lianbot.twin.phones import Client

WECOM, OFFICIAL = ChannelKind.WECOM, ChannelKind.OFFICIAL
BOTH = (WECOM, OFFICIAL)
LI = Person(account="li", name="李强", wecom=False, official=True)
SUN = Person(account="sun", name="孙丽", official=True)
WANG = Person(account="wang", name="王芳")
TEMPLATE = {
    "official_template_id": "TPL",
    "official_template_fields": "thing1={title};phrase2=待阅读",
}


@pytest.fixture
async def stage(staged):
    async with staged([LI, SUN, WANG], **TEMPLATE) as stage:
        stage.twin.world.official.templates["TPL"] = (
            "学习提醒\n内容：{{thing1.DATA}}\n状态：{{phrase2.DATA}}"
        )
        stage.twin.world.switches.template_result_delay = 0.0
        yield stage


async def agree(stage, account: str) -> None:
    async with stage.house.database.read() as connection:
        found = await connection.execute(
            select(workers.c.id).where(workers.c.number == f"LB-{account}")
        )
        worker = found.scalar_one()
    today = local(stage.house.clock.now()).date()
    book = ConsentStore(stage.house.database)
    assert await book.give(worker, OFFICIAL, ConsentPurpose.TEMPLATE, "同意收学习提醒", today)


async def row(stage, account: str):
    return (await stage.rows(account))[-1]


async def windows(stage):
    async with stage.house.database.read() as connection:
        return list((await connection.execute(select(reply_windows))).all())


async def test_a_template_leads_to_the_page_and_the_answer_into_the_ledger(stage):
    await agree(stage, "li")
    await stage.push(channels=BOTH)
    sent = stage.twin.received("li", "official")
    assert [one.kind for one in sent] == ["template"]
    labels = {one["label"]: one["value"] for one in sent[0].content["rows"]}
    assert labels["状态"] == "待阅读"
    assert len(labels["内容"]) <= 20
    found = await row(stage, "li")
    assert (found.state, found.channel, found.way) == ("accepted", "official", "template")
    assert found.platform_id == sent[0].msgid
    assert sent[0].content["url"].endswith("?c=official")
    page = await Page.open(stage.twin, "li", page_in(sent[0]))
    assert (await page.answer(right=True)).status == 200
    total = (await stage.house.statistics.total()).values
    assert total["understood"] == 1


async def test_without_consent_nothing_is_pushed_and_the_row_waits_for_a_visit(stage):
    await stage.push(channels=BOTH)
    found = await row(stage, "li")
    assert stage.twin.received("li") == []
    assert (found.state, found.reason, found.way) == ("deferred", "held", "held")


async def test_what_waited_leaves_in_the_hour_after_an_answer_and_not_before(stage):
    """li answers an older message in the chat: the window opens, the held lesson comes with the next hour."""
    await agree(stage, "li")
    await stage.push(channels=BOTH)
    consents = ConsentStore(stage.house.database)
    worker = (await row(stage, "li")).worker_id
    today = local(stage.house.clock.now()).date()
    assert await consents.withdraw(worker, OFFICIAL, ConsentPurpose.TEMPLATE, today)
    stage.move(days=3, hours=-1)  # the caps allow the second one
    await stage.push(channels=BOTH, title="第二课")
    assert (await row(stage, "li")).reason == "held"

    reply = await stage.twin.type_text("li", "收到")
    assert "记下了" in text_of(reply.reply)
    (kept,) = await windows(stage)
    assert (kept.closes_at.minute, kept.closes_at.second, kept.left) == (0, 0, 5)
    assert kept.closes_at <= stage.house.clock.now() + timedelta(hours=48)
    await stage.ticker.tick()
    assert (
        len(stage.twin.received("li", "official")) == 2
    )  # the template and the answer's own words

    stage.move(hours=1)
    await stage.ticker.tick()
    found = await row(stage, "li")
    assert (found.state, found.way) == ("accepted", "customer")
    newest = stage.twin.received("li", "official")[-1]
    assert newest.kind == "text"
    assert page_in(newest)
    assert [one.left for one in await windows(stage)] == [4]


async def test_nobody_comes_and_patience_ends(stage):
    await stage.push(channels=BOTH)
    stage.move(days=6, minutes=5)
    await stage.ticker.tick()
    found = await row(stage, "li")
    assert (found.state, found.reason) == ("skipped", "held")


async def test_who_is_no_member_of_the_corp_gets_the_template(stage):
    await agree(stage, "sun")
    stage.twin.phone("sun").client = Client.UNLICENSED
    await stage.push(channels=BOTH)
    found = await row(stage, "sun")
    assert (found.state, found.way, found.tried) == ("accepted", "template", "wecom")
    assert [one.kind for one in stage.twin.received("sun")] == ["template"]


async def test_who_is_reached_nowhere_keeps_the_refusal_and_is_asked_once_each(stage):
    stage.twin.phone("wang").client = Client.UNLICENSED
    await stage.push(channels=BOTH)
    for _ in range(3):
        await stage.ticker.tick()
    found = await row(stage, "wang")
    assert (found.state, found.reason, found.attempts) == ("refused", "not_licensed", 1)


async def test_a_template_that_was_switched_off_ends_the_consent_and_waits_for_a_visit(stage):
    await agree(stage, "li")
    stage.twin.phone("li").template_off = True
    await stage.push(channels=BOTH)
    found = await row(stage, "li")
    assert (found.state, found.way, found.tried) == ("deferred", "held", "template")
    standing = await ConsentStore(stage.house.database).standing(OFFICIAL, ConsentPurpose.TEMPLATE)
    assert standing == frozenset()


async def test_who_stopped_following_is_not_asked_again(stage):
    await agree(stage, "li")
    stage.twin.phone("li").followed = False
    await stage.push(channels=BOTH)
    found = await row(stage, "li")
    assert (found.state, found.reason) == ("refused", "not_following")
    async with stage.house.database.read() as connection:
        broken = await connection.execute(
            select(bindings.c.broken).where(bindings.c.channel == OFFICIAL)
        )
        assert "not_following" in [one.broken for one in broken]


async def test_an_account_without_the_right_is_asked_once_and_everybody_falls_back(staged):
    crowd = [
        Person(account=f"fan{n}", name=f"王{word}", wecom=False, official=True)
        for n, word in enumerate("一二三四五六")
    ]
    async with staged(crowd, **TEMPLATE, send_width=1) as stage:
        stage.twin.world.official.kind = AccountKind.SERVICE_UNVERIFIED
        for one in crowd:
            await agree(stage, one.account)
        await stage.push(channels=(OFFICIAL,))
        rows = [await row(stage, one.account) for one in crowd]
        assert {(one.state, one.reason) for one in rows} == {("deferred", "held")}
        asked = [one for one in rows if one.errcode is not None]
        assert len(asked) <= 3  # begun before the first answer was there; nobody after it
        async with stage.house.database.read() as connection:
            shut = (await connection.execute(select(switches))).all()
        assert [one.name for one in shut if one.name.startswith("way_shut:")] == [
            "way_shut:template"
        ]
        assert "48001" in next(one.value for one in shut if one.name.startswith("way_shut:"))


async def test_a_spent_quota_of_templates_keeps_back_templates_only(stage):
    """Each API of the account has a daily quota of its own [S32]: li's template waits, sun's message leaves."""
    await agree(stage, "li")
    await agree(stage, "sun")
    stage.twin.faults.add("errcode", "*/template/send", errcode=45009)
    await stage.push(channels=(OFFICIAL,))
    assert {(await row(stage, one)).reason for one in ("li", "sun")} == {"quota"}
    consents = ConsentStore(stage.house.database)
    worker = (await row(stage, "sun")).worker_id
    today = local(stage.house.clock.now()).date()
    assert await consents.withdraw(worker, OFFICIAL, ConsentPurpose.TEMPLATE, today)
    async with stage.house.database.write() as connection:
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.worker_id == worker)
            .values(way="customer", not_before=stage.house.clock.now())
        )
    await stage.house.windows.came(
        Visit(worker_id=worker, account="osun", act=Act.MESSAGE, at=stage.house.clock.now())
    )
    await stage.twin.type_text("sun", "帮助", "official")
    await stage.ticker.tick()
    assert (await row(stage, "sun")).state == "accepted"
    assert (await row(stage, "li")).reason == "quota"


async def test_a_failed_result_takes_the_acceptance_back(stage):
    await agree(stage, "li")
    stage.twin.phone("li").template_result = "failed: system failed"
    await stage.push(channels=BOTH)
    found = await wait_for_state(stage, "li", "platform_failed")
    assert "system failed" in found.detail


async def wait_for_state(stage, account: str, state: str):
    """The result is a push of the platform's own: it comes when it comes."""
    async with asyncio.timeout(10):
        while True:
            await stage.ticker.tick()
            found = await row(stage, account)
            if found.state == state:
                return found
            await asyncio.sleep(0.02)


async def test_a_lost_answer_of_a_template_is_resolved_without_a_second_message(stage):
    await agree(stage, "li")
    fault = stage.twin.faults.add("drop_after_accept", "*/template/send", count=1)
    await stage.push(channels=(OFFICIAL,))
    assert (await row(stage, "li")).state == "unknown"
    stage.twin.faults.remove(fault.id)
    stage.move(minutes=2)
    await stage.ticker.tick()
    assert (await row(stage, "li")).state == "accepted"
    assert len(stage.twin.received("li")) == 1


async def test_past_ten_minutes_a_lost_template_waits_for_a_person(stage):
    await agree(stage, "li")
    stage.twin.faults.add("drop_after_accept", "*/template/send", count=1)
    await stage.push(channels=(OFFICIAL,))
    stage.move(minutes=11)
    await stage.ticker.tick()
    assert (await row(stage, "li")).state == "unknown"
    assert len(stage.twin.received("li")) == 1


async def test_questions_and_concern_words_leave_no_window(stage):
    await stage.push(channels=BOTH)
    for words in ("供货商塞了两条烟，咋办？", "举报", "有人欺负我", "帮助", "随便说一句"):
        await stage.twin.type_text("li", words)
    await stage.twin.click_menu("li", "help", channel="official")
    await stage.twin.view_menu("li", f"{stage.base}/m/")
    assert await windows(stage) == []
    assert json.dumps([str(one) for one in await stage.rows("li")]).count("customer") == 0


async def test_a_greeting_of_somebody_for_whom_something_is_held_brings_it(stage):
    """li agreed to nothing and has nothing to answer: 帮助 is enough, and it comes with the next full hour."""
    await stage.push(channels=BOTH)
    await stage.ticker.tick()
    reply = await stage.twin.type_text("li", "帮助")
    assert replies.HELD in text_of(reply.reply)
    stage.move(hours=1)
    await stage.ticker.tick()
    found = await row(stage, "li")
    assert (found.state, found.way) == ("accepted", "customer")
    again = await stage.twin.type_text("li", "帮助")
    assert replies.HELD not in text_of(again.reply)


async def test_a_moment_of_the_chat_is_kept_no_finer_than_the_hour(stage):
    """Whatever a greeting or a question leaves in any table, it does not tell the minute (P3)."""
    await stage.push(channels=BOTH)
    await stage.ticker.tick()
    stage.move(minutes=11, seconds=23)
    before = await moments(stage)
    for words in ("帮助", "供货商塞了两条烟，咋办？", "举报", "收到"):
        await stage.twin.type_text("li", words)
    fresh = await moments(stage) - before
    assert fresh  # the greeting did release what was held
    now = stage.house.clock.now()
    assert all((one.minute, one.second, one.microsecond) == (0, 0, 0) for one in fresh)
    assert all(abs(one - now) > timedelta(minutes=5) for one in fresh)


async def moments(stage) -> set[datetime]:
    """Every moment in every table of the main database."""
    found: set[datetime] = set()
    async with stage.house.database.read() as connection:
        for table in metadata.sorted_tables:
            for line in await connection.execute(select(table)):
                found |= {value for value in line if isinstance(value, datetime)}
    return found
