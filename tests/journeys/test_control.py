"""A push under way: people added, stages that stop, lost answers decided, a correction and a recall, on real phones."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from fakes.house import Person, enrol, give_phones, people
from fakes.pages import Page
from lianbot.domain.amendments import AmendmentState, Choice, RecallState
from lianbot.domain.campaigns import Audience, CampaignState
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import ClientKind
from lianbot.domain.rollouts import USUAL, read_stages
from lianbot.evidence.verify_bundle import verify
from lianbot.phrases import pages as page_words
from lianbot.storage.tables import alerts, deliveries, recalls

SEND = "*/message/send"


async def check(stage, folder) -> None:
    statistics = stage.house.statistics
    assert await statistics.stored() == await statistics.recompute()
    report = await stage.house.ledgering.export(folder)
    assert verify(folder) == report


def pushed(stage, account: str) -> int:
    """Messages of ours on the phone, answers to what was typed left out."""
    return sum(bool(bubble.msgid) for bubble in stage.twin.received(account))


async def newest(stage, campaign):
    return await stage.house.control.amendments.newest(campaign.id)


async def test_who_joined_after_the_push_gets_it_too_and_nobody_twice(staged, tmp_path):
    async with staged(people(6)) as stage:
        campaign = await stage.push(audience=Audience(posts=(Post.COOK,)))
        late = [Person(account="late1", name="新来甲"), Person(account="late2", name="新来乙")]
        give_phones(stage.twin, late)
        await enrol(stage.house, late, stage.cast.author)
        push = await newest(stage, campaign)
        made = await stage.house.control.additions.ask(
            push.id, Audience(posts=(Post.COOK,)), stage.cast.author
        )
        assert made.size == 2
        await stage.ticker.tick()
        everybody = [one.account for one in (*people(6), *late)]
        assert {pushed(stage, one) for one in everybody} == {1}
        page = await Page.open(stage.twin, "late1", await stage.page("late1"))
        await page.answer(right=True)
        total = await stage.house.statistics.total(campaign_id=campaign.id)
        assert (total["total"], total["accepted"], total["understood"]) == (8, 8, 1)
        await check(stage, tmp_path / "evidence")


async def test_an_added_team_waits_for_the_second_person(staged):
    crowd = [*people(6), *(replace(one, team="保洁班") for one in people(6, "bj"))]
    async with staged(crowd) as stage:
        teams = {one.name: one.id for one in await stage.house.people.teams()}
        campaign = await stage.push(audience=Audience(teams=(teams["后厨班"],)))
        push = await newest(stage, campaign)
        made = await stage.house.control.additions.ask(
            push.id, Audience(teams=(teams["保洁班"],)), stage.cast.author
        )
        await stage.ticker.tick()
        assert (made.state, pushed(stage, "bj000")) == (AmendmentState.ASKED, 0)
        await stage.house.control.deciding.decide(made.id, stage.cast.reviewer, approved=True)
        await stage.ticker.tick()
        assert [pushed(stage, one.account) for one in crowd] == [1] * 12


async def test_a_push_in_stages_stops_by_itself_when_the_platform_refuses(staged, tmp_path):
    async with staged(people(30)) as stage:
        rule = stage.twin.faults.add(
            "errcode", SEND, errcode=60011, errmsg="no privilege", every=2
        )
        campaign = await stage.push(stages=read_stages("5,20"))
        for _ in range(4):
            stage.move(seconds=USUAL.rest.total_seconds())
            await stage.ticker.tick()
        found = await stage.house.campaigns.get(campaign.id)
        total = await stage.house.statistics.total(campaign_id=campaign.id)
        assert (found.state, total["accepted"], total["deferred"]) == (CampaignState.PAUSED, 3, 25)
        async with stage.house.database.read() as connection:
            kinds = [row.kind for row in await connection.execute(select(alerts.c.kind))]
        assert sum(kind.startswith("halted:") for kind in kinds) == 1
        stage.twin.faults.remove(rule.id)
        await stage.house.desk.resume(campaign.id, stage.cast.author)
        for _ in range(3):
            await stage.ticker.tick()
            stage.move(seconds=USUAL.rest.total_seconds())
        total = await stage.house.statistics.total(campaign_id=campaign.id)
        assert (total["accepted"], total["refused"], total["deferred"]) == (28, 2, 0)
        assert sum(pushed(stage, one.account) for one in people(30)) == 28
        await check(stage, tmp_path / "evidence")


async def test_a_lost_answer_is_sent_again_only_when_a_person_says_so(staged, tmp_path):
    async with staged(people(3)) as stage:
        stage.twin.faults.add("drop_after_accept", SEND, count=1)
        stage.twin.faults.add("drop_before", SEND, count=200, after=3)
        campaign = await stage.push()
        push = await newest(stage, campaign)
        stage.move(minutes=31)
        stage.twin.faults.clear()
        await stage.ticker.tick()
        desk = stage.house.control.resending
        assert (await desk.undecided(push.id)).waiting == 1
        before = {one.account: pushed(stage, one.account) for one in people(3)}
        (row,) = await desk.decide(push.id, Choice.AGAIN, stage.cast.author)
        stage.move(minutes=1)
        await stage.ticker.tick()
        assert (await desk.undecided(push.id)).total == 0
        after = {one.account: pushed(stage, one.account) for one in people(3)}
        assert (before, after) == (
            dict.fromkeys(before, 1),
            before | {await account(stage, row): 2},
        )
        entry = next(e for e in await stage.house.audit.newest() if e.action == "unknown.again")
        assert entry.after["may_double"] is True
        assert stage.twin.received(await account(stage, row))[-1].kind == "text"
        await check(stage, tmp_path / "evidence")


async def account(stage, row: int) -> str:
    async with stage.house.database.read() as connection:
        found = await connection.execute(
            select(deliveries.c.account).where(deliveries.c.id == row)
        )
        return str(found.scalar_one())


async def test_a_correction_reaches_those_who_have_the_error_and_says_what_it_was(
    staged, tmp_path
):
    async with staged([*people(4), Person(account="nobody", wecom=False)]) as stage:
        campaign = await stage.push()
        await stage.twin.type_text("hq000", "懂了")
        push = await newest(stage, campaign)
        made = await stage.house.control.corrections.ask(
            push.id, stage.cast.author, wrong="写成了一个人签字", right="要两个人一起签字"
        )
        await stage.house.control.deciding.decide(made.id, stage.cast.reviewer, approved=True)
        # on the same day: a correction weighs on no cap
        stage.move(minutes=2)
        await stage.ticker.tick()
        assert [pushed(stage, one.account) for one in people(4)] == [2] * 4
        page = await Page.open(stage.twin, "hq000", await stage.page("hq000"))
        assert "写成了一个人签字" in page.text
        assert "要两个人一起签字" in page.text
        record = await stage.twin.open("hq000", f"{stage.base}/m/me")
        assert page_words.OUTDATED in record.text
        await stage.twin.type_text("hq001", "懂了")
        answered = await stage.house.statistics.total(campaign_id=made.id)
        assert (answered["accepted"], answered["understood"]) == (4, 1)
        await check(stage, tmp_path / "evidence")


async def test_a_recall_takes_back_what_the_client_shows_and_says_no_more(staged):
    crowd = [*people(2), Person(account="plain", client=ClientKind.PLAIN)]
    async with staged(crowd) as stage:
        campaign = await stage.push()
        push = await newest(stage, campaign)
        asked = await stage.house.control.recalling.ask(push.id, stage.cast.author)
        assert asked == {RecallState.ASKED: 3}
        await stage.ticker.tick()
        bubbles = {one.account: stage.twin.received(one.account)[0] for one in crowd}
        assert {who: one.recalled for who, one in bubbles.items()} == {
            "hq000": True, "hq001": True, "plain": False,
        }  # fmt: skip
        assert await stage.house.control.recalls.seen(push.id) == {RecallState.RECALLED: 3}
        total = await stage.house.statistics.total(campaign_id=campaign.id)
        assert total["accepted"] == 3


async def test_a_recall_without_an_answer_is_unknown_and_after_a_day_too_late(staged):
    async with staged(people(2)) as stage:
        campaign = await stage.push()
        push = await newest(stage, campaign)
        await stage.house.control.recalling.ask(push.id, stage.cast.author)
        stage.twin.faults.add("drop_after_accept", "*/message/recall", count=1)
        stage.twin.faults.add("errcode", "*/message/recall", errcode=45033, errmsg="busy")
        await stage.ticker.tick()
        seen = await stage.house.control.recalls.seen(push.id)
        assert seen == {RecallState.UNKNOWN: 1, RecallState.ASKED: 1}
        stage.move(hours=24)
        await stage.ticker.tick()
        seen = await stage.house.control.recalls.seen(push.id)
        assert seen == {RecallState.UNKNOWN: 1, RecallState.TOO_LATE: 1}


async def test_what_was_being_recalled_when_the_process_died_is_unknown(staged):
    async with staged(people(1)) as stage:
        campaign = await stage.push()
        push = await newest(stage, campaign)
        await stage.house.control.recalling.ask(push.id, stage.cast.author)
        async with stage.house.database.write() as connection:
            await connection.execute(
                update(recalls).values(
                    state=RecallState.TRYING,
                    claimed_until=stage.house.clock.now() + timedelta(minutes=2),
                )
            )
        stage.move(minutes=3)
        await stage.ticker.tick()
        assert await stage.house.control.recalls.seen(push.id) == {RecallState.UNKNOWN: 1}
        (row,) = await stage.rows("hq000")
        assert row.state == DeliveryState.ACCEPTED
