"""From the roster to a verified ledger: every step over real HTTP, the platform played by the twin."""

from datetime import time, timedelta

import pytest
from multidict import MultiDict
from sqlalchemy import select

from fakes.house import Person, approved_campaign, page_in, people, text_of
from fakes.pages import Page
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Review
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.people import ClientKind
from lianbot.domain.roster import Verdict
from lianbot.evidence.verify_bundle import verify
from lianbot.flows.enrolment import ImportRequest, import_roster
from lianbot.phrases import pages as say
from lianbot.phrases import replies
from lianbot.sheets.reading import read_file
from lianbot.storage.tables import acknowledgements

ROSTER = """后勤人员花名册,,,,,,,
姓名,工号,手机号,公司,班组,校区,岗位,企业微信账号,身份证号
王芳,A001,13900000001,禾味餐饮公司,后厨班,东校区,COOK工,wang,530000199001011234
李强,A002,13900000001,禾味餐饮公司,后厨班,东校区,COOK工,li,530000199001011235
张敏,A003,13900000003,禾味餐饮公司,后厨班,东校区,RECV工,zhang,530000199001011236
赵静,A004,13900000004,禾味餐饮公司,后厨班,东校区,COOK工,,530000199001011237
"""


async def counters_agree(stage) -> None:
    statistics = stage.house.statistics
    assert await statistics.stored() == await statistics.recompute()


async def test_from_a_csv_to_a_ledger_that_an_auditor_can_verify(staged, tmp_path):
    phones = [Person(account=one) for one in ("wang", "li", "zhang")]
    async with staged([]) as stage:
        stage.twin.add_people([{"id": one.account, "name": one.account} for one in phones])
        (tmp_path / "名册.csv").write_text(ROSTER, encoding="utf-8-sig")
        done = await import_roster(
            read_file(tmp_path / "名册.csv"),
            stage.house.roster,
            request=ImportRequest(named_contractors=("禾味餐饮公司",)),
            profiles=tuple(stage.house.profiles.values()),
            today=local(stage.house.clock.now()).date(),
            by=stage.cast.author.id,
        )
        assert [one.text for one in done.diff.outcomes if one.faults] == []
        assert (done.refused, done.diff.count(Verdict.JOINED)) == (None, 4)
        await stage.push()
        page = await Page.open(stage.twin, "wang", page_in(stage.twin.received("wang")[0]))
        await page.answer(right=True)
        card = stage.twin.received("zhang")[0]
        await stage.twin.tap("zhang", card.id, "understood") if card.kind == "template_card" else (
            await stage.twin.type_text("zhang", "懂了")
        )
        said = await stage.twin.type_text("li", "做不到")
        assert replies.THANKS["cannot"] in text_of(said.reply)
        total = await stage.house.statistics.total()
        assert {name: value for name, value in total.values.items() if value} == {
            "total": 4, "accepted": 3, "skipped": 1, "opened": 1,
            "understood": 2, "cannot": 1, "first_asked": 1, "first_right": 1,
        }  # fmt: skip
        await counters_agree(stage)
        report = await stage.house.ledgering.export(tmp_path / "evidence")
        assert verify(tmp_path / "evidence", strict=True) == report


async def test_two_people_with_one_phone_number_each_get_and_answer_their_own(staged):
    pair = [Person(account=one, phone="13900000001") for one in ("wife", "husband")]
    async with staged(pair) as stage:
        await stage.push()
        await stage.twin.type_text("wife", "懂了")
        assert [len(await stage.rows(one.account)) for one in pair] == [1, 1]
        assert (await stage.house.statistics.total())["understood"] == 1
        said = await stage.twin.type_text("husband", "没看懂")
        assert replies.THANKS["not_understood"] in text_of(said.reply)


async def test_a_worker_on_two_posts_gets_one_message_that_fits_the_first(staged):
    both = Person(account="both", posts=(Post.CLEAN, Post.GUARD))
    async with staged([both]) as stage:
        await stage.push()
        (row,) = await stage.rows("both")
        assert (row.item, row.post) in (("LSN-COOK-001", "CLEAN"), ("LSN-GUARD-001", "CLEAN"))
        assert len(stage.twin.received("both")) == 1


async def test_an_unbound_worker_is_a_row_that_says_why(staged):
    async with staged([Person(account="a"), Person(account="b", wecom=False)]) as stage:
        await stage.push()
        (row,) = await stage.rows("b")
        assert (row.state, row.reason) == (DeliveryState.SKIPPED, Reason.UNBOUND)
        assert stage.twin.received("b") == []


async def test_the_reminder_goes_once_and_only_to_the_silent(staged):
    async with staged(people(4)) as stage:
        await stage.push(remind_after_days=2)
        await stage.twin.type_text("hq000", "懂了")
        await stage.twin.type_text("hq001", "做不到")
        stage.move(days=2)
        await stage.ticker.tick()
        stage.move(days=3)
        await stage.ticker.tick()
        pushed = {
            one: sum(bool(bubble.msgid) for bubble in stage.twin.received(one))
            for one in ("hq000", "hq001", "hq002", "hq003")
        }
        assert pushed == {"hq000": 1, "hq001": 1, "hq002": 2, "hq003": 2}


async def test_an_answer_to_the_reminder_belongs_to_the_push(staged):
    async with staged(people(1)) as stage:
        await stage.push(remind_after_days=2)
        stage.move(days=2)
        await stage.ticker.tick()
        reminder = stage.twin.received("hq000")[-1]
        await stage.twin.tap("hq000", reminder.id, "understood")
        record = await stage.twin.open("hq000", f"{stage.base}/m/me")
        push, _ = await stage.rows("hq000")
        assert record.text.count("第 ") == 1
        async with stage.house.database.read() as connection:
            kept = (await connection.execute(select(acknowledgements.c.delivery_id))).scalars()
            assert list(kept) == [push.id]


async def test_who_answers_before_the_reminder_leaves_is_not_reminded(staged):
    """The reminder is planned for the afternoon; the answer comes in the morning."""
    async with staged(people(1)) as stage:
        await stage.push(remind_after_days=2)
        stage.move_to(stage.house.clock.now() + timedelta(days=2, hours=4))
        await stage.ticker.tick()
        assert (await stage.rows("hq000"))[1].state == DeliveryState.DEFERRED
        await stage.twin.type_text("hq000", "懂了")
        stage.move(hours=21)
        await stage.ticker.tick()
        reminder = (await stage.rows("hq000"))[1]
        assert (reminder.state, reminder.reason) == (DeliveryState.SKIPPED, Reason.ACKNOWLEDGED)


async def test_in_ordinary_wechat_the_whole_lesson_and_one_link_are_in_the_message(staged):
    async with staged([Person(account="plain", client=ClientKind.PLAIN)]) as stage:
        await stage.push()
        (bubble,) = stage.twin.received("plain")
        words = bubble.content["text"]["content"]
        assert bubble.kind == "text"
        assert "两个人一起签，拍照留底" in words
        assert words.count("http") == 1


async def test_a_tap_greys_the_card_and_stands_in_my_record(staged):
    async with staged(people(1)) as stage:
        await stage.push()
        (card,) = stage.twin.received("hq000")
        result = await stage.twin.tap("hq000", card.id, "understood")
        assert (result.ok, result.note) == (True, "")
        assert card.replaced == replies.AFTER_TAP["understood"]
        record = await stage.twin.open("hq000", f"{stage.base}/m/me")
        assert "空白单子，一笔都不签" in record.text


async def test_the_last_answer_stands_and_the_first_stays_in_the_ledger(staged, tmp_path):
    async with staged(people(1)) as stage:
        await stage.push()
        await stage.twin.type_text("hq000", "做不到")
        await stage.twin.type_text("hq000", "懂了")
        total = await stage.house.statistics.total()
        assert (total["cannot"], total["understood"]) == (0, 1)
        await counters_agree(stage)
        await stage.house.ledgering.export(tmp_path / "evidence")
        entries = (tmp_path / "evidence" / "entries.jsonl").read_text()
        assert entries.count('"type":"ack"') == 2


async def test_stop_all_holds_everything_until_it_is_off(staged):
    async with staged(people(3)) as stage:
        await stage.house.switches.stop_all(True)
        await stage.push()
        assert stage.twin.received("hq000") == []
        await stage.house.switches.stop_all(False)
        await stage.ticker.tick()
        assert len(stage.twin.received("hq000")) == 1


async def test_a_stopped_campaign_skips_what_has_not_left(staged):
    async with staged(people(3)) as stage:
        await stage.house.switches.stop_all(True)
        campaign = await stage.push()
        await stage.house.desk.stop(campaign.id, stage.cast.author)
        await stage.house.switches.stop_all(False)
        await stage.ticker.tick()
        (row,) = await stage.rows("hq000")
        assert (row.state, row.reason) == (DeliveryState.SKIPPED, Reason.STOPPED)
        assert stage.twin.received("hq000") == []
        await counters_agree(stage)


async def test_a_paused_campaign_goes_on_where_it_was(staged):
    async with staged(people(3)) as stage:
        await stage.house.switches.stop_all(True)
        campaign = await stage.push()
        await stage.house.desk.pause(campaign.id, stage.cast.author)
        await stage.house.switches.stop_all(False)
        await stage.ticker.tick()
        assert stage.twin.received("hq000") == []
        await stage.house.desk.resume(campaign.id, stage.cast.author)
        await stage.ticker.tick()
        assert len(stage.twin.received("hq000")) == 1


async def test_reading_aloud_is_the_last_way_for_whom_nothing_reached_or_who_stayed_silent(staged):
    """Counted first, without a name; after the one reminder the silent ones are on the list too; presence covers."""
    crowd = [
        Person(account="lead", name="班长", posts=(Post.LEAD,)),
        Person(account="a", name="甲某"),
        Person(account="b", name="乙某", wecom=False),
        Person(account="c", name="丙某"),
    ]
    async with staged(crowd) as stage:
        await stage.push(remind_after_days=2)
        await stage.twin.type_text("c", "懂了")
        team = await Page.open(stage.twin, "lead", f"{stage.base}/m/team")
        assert f"{say.LEFT_ALOUD}1 {say.PEOPLE}" in team.text
        stage.move(days=2)
        await stage.ticker.tick()
        team = await Page.open(stage.twin, "lead", f"{stage.base}/m/team")
        assert f"{say.LEFT_ALOUD}2 {say.PEOPLE}" in team.text
        assert "甲某" not in team.text
        reading = await Page.open(stage.twin, "lead", f"{stage.base}{team.link('/m/team/')}")
        await stage.twin.submit(
            "lead",
            reading.url,
            MultiDict(
                [
                    ("t", reading.token),
                    *(("read", one) for one in reading.values("read")),
                    *(("present", one) for one in reading.values("present")),
                ]
            ),
        )
        team = await Page.open(stage.twin, "lead", f"{stage.base}/m/team")
        assert say.LEFT_ALOUD not in team.text


async def test_an_answer_to_who_writes_is_never_held_back(staged):
    """At three in the night of a quiet day, in the middle of a never-window, with everything stopped."""
    async with staged(people(1)) as stage:
        await stage.push()
        night = stage.house.clock.now() + timedelta(hours=13)
        today = local(night).date()
        await stage.house.hours.keep_quiet(today, "停电", stage.cast.author.id, night)
        await stage.house.switches.stop_all(True)
        stage.move_to(night)
        said = await stage.twin.type_text("hq000", "懂了")
        assert replies.THANKS["understood"] in text_of(said.reply)


async def test_what_is_asked_again_says_that_it_is_a_review(staged):
    async with staged(people(1)) as stage:
        await stage.push()
        await stage.twin.type_text("hq000", "懂了")
        await approved_campaign(
            stage.house, stage.cast, due_in=30, schedule=Review(clock=time(14, 7)), items=()
        )
        stage.move(days=4)
        await stage.ticker.tick()
        first, again = [one for one in stage.twin.received("hq000") if one.msgid]
        assert replies.REVIEW not in str(first.content)
        assert replies.REVIEW in str(again.content)
        page = await Page.open(stage.twin, "hq000", page_in(again))
        assert f"<title>{replies.REVIEW}：" in page.text or replies.REVIEW in page.text
        old = await Page.open(stage.twin, "hq000", page_in(first))
        assert replies.REVIEW not in old.text


async def test_the_lead_reads_aloud_for_those_whom_no_message_reached(staged):
    crowd = [
        Person(account="lead", name="班长", posts=(Post.LEAD,)),
        Person(account="a", name="甲某"),
        Person(account="b", name="乙某", wecom=False),
    ]
    async with staged(crowd) as stage:
        campaign = await stage.push()
        team = await Page.open(stage.twin, "lead", f"{stage.base}/m/team")
        assert campaign.title in team.text
        assert "乙某" not in team.text
        reading = await Page.open(stage.twin, "lead", f"{stage.base}{team.link('/m/team/')}")
        # the lead stands on no list: nobody is a witness of the own presence
        ticked = reading.values("present")
        assert len(ticked) == 2
        await stage.twin.submit(
            "lead",
            reading.url,
            MultiDict(
                [
                    ("t", reading.token),
                    *(("read", one) for one in reading.values("read")),
                    *(("present", one) for one in ticked),
                ]
            ),
        )
        total = await stage.house.statistics.total()
        assert (total["understood"], total["spoken"], total["skipped"]) == (2, 2, 1)
        await counters_agree(stage)


@pytest.mark.parametrize(
    ("reason", "client", "errcode"),
    [("not on WeCom", "inactive", 81013), ("no licence", "unlicensed", 701008)],
)
async def test_whom_the_platform_refuses_is_refused_and_the_others_get_it(
    staged, reason, client, errcode
):
    async with staged(people(3)) as stage:
        stage.twin.world.phones["hq001"].client = type(stage.twin.world.phones["hq001"].client)(
            client
        )
        await stage.push()
        (row,) = await stage.rows("hq001")
        assert (row.state, row.errcode) == (DeliveryState.REFUSED, errcode), reason
        assert [len(stage.twin.received(one)) for one in ("hq000", "hq002")] == [1, 1]
