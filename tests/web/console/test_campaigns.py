"""A campaign through the console: written by one, approved by another, sent, looked at, stopped."""

from datetime import timedelta

import pytest

from lianbot.domain.campaigns import (
    Audience,
    CampaignState,
    Milestone,
    Once,
    Review,
    Since,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import Reason
from lianbot.flows.campaign import Draft
from lianbot.ports.desk import DeliveryFilter, Paging
from lianbot.storage.desk import DeskReading
from lianbot.timetable.clocks import move_clock
from lianbot.web.console.forecast import forecast

LESSONS = ["LSN-COOK-001", "LSN-GUARD-001", "LSN-RECV-001"]
FORM = {
    "title": "空白单子不签",
    "schedule": "once",
    "at": "2026-12-01T14:31",
    "items": LESSONS,
    "channels": ["wecom"],
    "remind": "2",
    "steps": "1",
}


async def written(browser, **changes):
    response = await browser.post("/campaigns/new", {**FORM, **changes})
    assert response.status == 303, await response.text()
    return response.headers["Location"].removeprefix("/console").split("?")[0]


async def test_one_writes_and_another_approves(open_console, house):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    address = await written(author)
    assert (await reviewer.post(f"{address}/approve")).status == 303
    found = (await house.campaigns.all())[0]
    assert (found.title, found.state) == ("空白单子不签", CampaignState.APPROVED)


async def test_who_wrote_it_cannot_approve_it(open_console, house):
    browser = await open_console("tuisong")
    address = await written(browser)
    assert (await browser.post(f"{address}/approve")).status == 403
    assert (await house.campaigns.all())[0].state is CampaignState.DRAFT


async def test_two_steps_need_two_people(open_console, house):
    author = await open_console("only-scheduler")
    first, second = await open_console("shenhe"), await open_console("jijian")
    address = await written(author, steps="2")
    await first.post(f"{address}/approve")
    assert (await first.post(f"{address}/approve")).status == 403
    assert (await house.campaigns.all())[0].state is CampaignState.DRAFT
    await second.post(f"{address}/approve")
    assert (await house.campaigns.all())[0].state is CampaignState.APPROVED


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": ""}, "名称"),
        ({"title": "长" * 61}, "名称"),
        ({"at": "someday"}, "推送时间"),
        ({"at": "2020-01-01T10:00"}, "推送时间"),
        ({"at": "0001-01-01T00:00"}, "推送时间"),
        ({"items": []}, "内容"),
        ({"items": ["LSN-NOT-THERE"]}, "内容"),
        ({"channels": []}, "渠道"),
        ({"channels": ["pigeon"]}, "渠道"),
        ({"posts": ["KING"]}, "岗位"),
        ({"teams": ["-1"]}, "班组"),
        ({"contractors": ["99999"]}, "收件人"),
        ({"steps": "9"}, "审批级数"),
        ({"remind": "每天"}, "提醒"),
        ({"schedule": "weekly", "weekday": "someday"}, "星期"),
        ({"schedule": "weekly", "weekday": "tue", "time": "25:00"}, "几点"),
        ({"schedule": "cron", "expression": "whenever"}, "时间表"),
        ({"schedule": "course", "shelf": "none", "weekday": "tue", "time": "14:07"}, "课程表"),
        ({"schedule": "always"}, "什么时候发"),
        ({"schedule": "festival", "node": "", "offset": "-5"}, "哪个节"),
        ({"schedule": "festival", "node": "my-birthday", "offset": "-5"}, "节点 my-birthday"),
        ({"schedule": "festival", "node": "mid-autumn", "offset": "soon"}, "节前节后"),
        ({"schedule": "festival", "node": "mid-autumn", "offset": "-99"}, "节前节后"),
        ({"schedule": "since", "event": "start", "days": "1,x"}, "第几天"),
        ({"schedule": "since", "event": "birth", "days": "1,4"}, "第几天"),
        ({"schedule": "since", "event": "start", "days": "4,1"}, "天数"),
        ({"tags": ["回族"]}, "标签"),
        ({"tags": ["没有的标签"]}, "收件人"),
        ({"new_days": "很久"}, "来了不超过几天"),
        ({"new_since": "明天"}, "哪天以后来的"),
        ({"posts_since": "2026-13-01"}, "哪天以后换过岗"),
        ({"unanswered": ["LSN-NOT-THERE"]}, "还没回应的内容"),
        ({"levels": ["L9"]}, "级别"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(open_console, house, changes, named):
    browser = await open_console("only-scheduler")
    before = len(await house.campaigns.all())
    response = await browser.post("/campaigns/new", {**FORM, **changes})
    text = await response.text()
    assert response.status == 400
    fault = text.split('role="alert">')[1].split("<")[0]
    assert named in fault
    assert len(await house.campaigns.all()) == before


@pytest.mark.parametrize(
    ("changes", "schedule"),
    [
        (
            {"schedule": "since", "event": "post_change", "days": "1，4,8"},
            Since(event=Milestone.POST_CHANGE, days=(1, 4, 8)),
        ),
        ({"schedule": "review"}, Review()),
    ],
)
async def test_schedules_of_the_year_and_of_the_person_are_written_here_too(
    open_console, house, changes, schedule
):
    browser = await open_console("only-scheduler")
    page = await browser.page(await written(browser, **changes))
    assert (await house.campaigns.all())[0].schedule == schedule
    assert "审批" in page


async def test_narrow_rules_reach_the_campaign_as_values(open_console, house):
    browser = await open_console("only-scheduler")
    await written(browser, levels=["L6"], unanswered=["LSN-COOK-001"], posts=["COOK"])
    found = (await house.campaigns.all())[0].audience
    assert found == Audience(posts=(Post.COOK,), levels=(Level.L6,), unanswered=("LSN-COOK-001",))
    page = await browser.page("/campaigns")
    assert "还没回应：LSN-COOK-001" in page


async def test_what_was_filled_in_comes_back_with_the_fault(open_console):
    browser = await open_console("only-scheduler")
    text = await (await browser.post("/campaigns/new", {**FORM, "at": "someday"})).text()
    assert 'value="空白单子不签"' in text
    assert 'value="LSN-COOK-001" checked' in text


async def test_the_forecast_says_how_many_and_why_not_before_anybody_approves(
    open_console, house, somebody
):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    address = await written(author)
    found = (await house.campaigns.all())[0]
    everybody = await DeskReading(house.database).candidates(Audience(), house.clock.now().date())
    expected = forecast(found, everybody, lambda _: object())
    text = await reviewer.page(address)
    assert expected.unreached[Reason.UNBOUND] > 0
    assert f"<dd>{expected.audience}</dd>" in text
    assert f"<dd>{expected.reachable}</dd>" in text
    assert "没有绑定账号" in text
    assert "请本人扫班组海报上的码" in text


async def sent(house, folder_clock, deliver):
    draft = Draft(
        title="空白单子不签",
        audience=Audience(),
        schedule=Once(at=house.clock.now() + timedelta(minutes=1)),
        items=LESSONS,
    )
    campaign = await house.desk.create(draft, await house.accounts.by_name("only-scheduler"))
    await house.desk.approve(campaign.id, await house.accounts.by_name("only-reviewer"))
    later = house.clock.now() + timedelta(minutes=3)
    move_clock(folder_clock, later)
    house.clock._looked = -1.0  # the clock reads its file again at once
    await deliver()
    found = await DeskReading(house.database).occurrences(Paging(), campaign_id=campaign.id)
    return campaign, found.rows[0]


@pytest.fixture
async def push(house, tmp_path, deliver):
    return await sent(house, tmp_path / "house" / "clock", deliver)


async def test_the_figures_over_a_push_add_up_to_what_was_planned(push):
    _, seen = push
    figures = seen.figures
    states = ("planned", "skipped", "deferred", "handing_over", "accepted", "refused", "unknown")
    assert sum(figures[one] for one in states) + figures["platform_failed"] == figures["total"]
    assert figures["accepted"] > 0
    assert figures["unknown"] > 0


async def test_the_progress_page_says_accepted_and_never_read(open_console, push):
    _, seen = push
    browser = await open_console("only-scheduler")
    text = await browser.page(f"/pushes/{seen.occurrence.id}")
    assert "平台已接受" in text
    assert "已读" not in text
    assert "已送达" not in text


async def test_a_row_says_its_reason_and_the_mend(open_console, push):
    _, seen = push
    browser = await open_console("only-scheduler")
    path = f"/pushes/{seen.occurrence.id}/rows?state=refused"
    text = await (await browser.get(path)).text()
    assert "不在应用的可见范围" in text
    assert "请企业微信管理员把人加进应用可见范围" in text


async def test_an_editor_sees_figures_but_no_names(open_console, house, push):
    _, seen = push
    rows = await DeskReading(house.database).deliveries(
        seen.occurrence.id, DeliveryFilter(), Paging()
    )
    browser = await open_console("only-editor")
    text = await browser.page(f"/pushes/{seen.occurrence.id}")
    assert not any(one.worker_number in text for one in rows.rows)


async def test_rows_come_in_pages_and_odd_filters_filter_nothing(open_console, push):
    _, seen = push
    browser = await open_console("only-auditor")
    base = f"/pushes/{seen.occurrence.id}/rows"
    first = await (await browser.get(f"{base}?state=nonsense&team=x&reason=%00")).text()
    second = await (await browser.get(f"{base}?page=2")).text()
    beyond = await browser.get(f"{base}?page=99999999999999999999")
    assert f"共 {seen.figures['total']} 人" in first
    assert "第 2 页" in second
    assert beyond.status == 200


async def test_pause_resume_and_stop_are_written_down(open_console, house, push):
    campaign, _ = push
    browser = await open_console("only-scheduler")
    for action in ("pause", "resume", "stop"):
        assert (await browser.post(f"/campaigns/{campaign.id}/{action}")).status == 303
    assert (await house.campaigns.get(campaign.id)).state is CampaignState.STOPPED
    noted = [one.action for one in await house.audit.newest(3)]
    assert noted == ["campaign.stopped", "campaign.resumed", "campaign.paused"]


async def test_what_is_stopped_cannot_be_resumed(open_console, push):
    campaign, _ = push
    browser = await open_console("only-scheduler")
    await browser.post(f"/campaigns/{campaign.id}/stop")
    assert (await browser.post(f"/campaigns/{campaign.id}/resume")).status == 400


@pytest.mark.parametrize("path", ["/campaigns/nonsense", "/pushes/nonsense", "/content/nonsense"])
async def test_an_address_that_names_nothing_is_a_404_page(open_console, path):
    browser = await open_console("only-reviewer")
    response = await browser.get(path)
    assert response.status == 404
    assert "没有" in await response.text()
