"""A term through the console: one person drafts it for 15 posts, another approves it with one act, weeks are edited."""

from datetime import timedelta
from pathlib import Path

import pytest

from lianbot.bootstrap.terms import term_calendar
from lianbot.domain.campaigns import CampaignState, Festival, Once
from lianbot.domain.codes import Post
from lianbot.phrases.console import IF_SILENT
from lianbot.storage.terms import TermStore
from lianbot.timetable.clocks import move_clock

CONTENT = Path(__file__).parents[3] / "content"
FORM = {
    "title": "2027春",
    "first": "2027-03-01",
    "last": "2027-07-10",
    "weekday": "tue",
    "steps": "1",
}
MOST_CAMPAIGNS = 20
"""For 15 posts × four levels and a term's festivals; 60 shelves once made 120."""


@pytest.fixture(scope="module")
def school_folder(build_school) -> Path:
    """Over the content that is shipped: all 15 posts have their courses."""
    return build_school(CONTENT)


async def drafted(browser, **changes) -> str:
    response = await browser.post("/terms", {**FORM, **changes})
    assert response.status == 303, await response.text()
    return response.headers["Location"].removeprefix("/console").split("?")[0]


async def bundle(house):
    store = TermStore(house.database)
    (term,) = await store.all()
    return term, await store.campaigns(term.id)


async def test_fifteen_posts_are_one_sitting_and_one_approval(open_console, house):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    address = await drafted(author)
    term, campaigns = await bundle(house)
    assert 5 < len(campaigns) <= MOST_CAMPAIGNS
    calendars = await term_calendar(house, term.id)
    assert {one.post for one in calendars} == set(Post)
    assert all(len(one.entries) > 10 for one in calendars if one.people)
    page = await reviewer.page(address)
    assert all(house.profiles[post].name in page for post in Post)
    assert (await author.post(f"{address}/approve")).status == 403
    done = await reviewer.post(f"{address}/approve")
    assert done.headers["Location"].endswith("said=approved")
    _, campaigns = await bundle(house)
    assert {one.state for one in campaigns} == {CampaignState.APPROVED}


async def test_who_drafted_the_term_cannot_approve_it(open_console, house):
    both = await open_console("only-scheduler")
    address = await drafted(both)
    assert "请另一位审核人来批" in await both.page(address)
    assert "全部批准" not in await both.page(address)


async def test_a_chain_of_two_steps_needs_two_people_and_one_act_each(open_console, house):
    author = await open_console("only-scheduler")
    address = await drafted(author, steps="2")
    first, second = await open_console("shenhe"), await open_console("jijian")
    assert (await first.post(f"{address}/approve")).headers["Location"].endswith("said=step")
    assert "全部批准" not in await first.page(address)
    assert (await first.post(f"{address}/approve")).status == 403
    await second.post(f"{address}/approve")
    _, campaigns = await bundle(house)
    assert {one.state for one in campaigns} == {CampaignState.APPROVED}


async def test_a_festival_is_chosen_by_its_name(open_console, house):
    browser = await open_console("only-scheduler")
    assert '<option value="mid-autumn">中秋</option>' in await browser.page("/campaigns/new")
    form = {
        "title": "中秋前十天", "schedule": "festival", "node": "mid-autumn", "offset": "-10", "working": "1",
        "items": ["RMD-BUY-MIDAUTUMN-10A"], "channels": ["wecom"], "remind": "0", "steps": "1",
    }  # fmt: skip
    response = await browser.post("/campaigns/new", form)
    page = await browser.page(response.headers["Location"].removeprefix("/console"))
    assert (await house.campaigns.all())[0].schedule == Festival(
        node="mid-autumn", offset=-10, working=True
    )
    assert "10 个工作日" in page


async def test_an_edited_week_of_one_post_waits_alone(open_console, house):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    address = await drafted(author)
    await reviewer.post(f"{address}/approve")
    week = {"post": "COOK", "week": "2027-03-15", "item": "LSN-COOK-002"}
    response = await author.post(f"{address}/week", week)
    assert response.headers["Location"].endswith("said=week")
    _, campaigns = await bundle(house)
    waiting = [one for one in campaigns if one.state is CampaignState.DRAFT]
    assert waiting
    assert {one.audience.posts for one in waiting} == {(Post.COOK,)}
    assert {type(one.schedule) for one in waiting} == {Once}
    await reviewer.post(f"{address}/approve")
    _, campaigns = await bundle(house)
    assert {one.state for one in campaigns} == {CampaignState.APPROVED}
    silent = await author.post(f"{address}/week", {**week, "week": "2027-03-22", "item": ""})
    assert silent.headers["Location"].endswith("said=week-silent")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"title": ""}, "名称"),
        ({"first": "spring"}, "第一天"),
        ({"last": "2026-01-01"}, "起止"),
        ({"weekday": "sun"}, "星期"),
        ({"steps": "7"}, "审批级数"),
    ],
)
async def test_a_wrong_field_of_a_term_is_named_and_nothing_is_kept(
    open_console, house, changes, named
):
    browser = await open_console("only-scheduler")
    response = await browser.post("/terms", {**FORM, **changes})
    assert response.status == 400
    assert named in (await response.text()).split('role="alert">')[1].split("<")[0]
    assert await house.campaigns.all() == []


@pytest.mark.parametrize(
    ("week", "named"),
    [
        ({"post": "KING", "week": "2027-03-15", "item": ""}, "岗位"),
        ({"post": "COOK", "week": "soon", "item": ""}, "哪一周"),
        ({"post": "COOK", "week": "2027-09-06", "item": ""}, "没有课"),
        ({"post": "COOK", "week": "2027-03-15", "item": "LSN-NOT-THERE"}, "LSN-NOT-THERE"),
    ],
)
async def test_a_wrong_week_is_named_and_nothing_changes(open_console, house, week, named):
    browser = await open_console("only-scheduler")
    address = await drafted(browser)
    _, before = await bundle(house)
    response = await browser.post(f"{address}/week", week)
    assert response.status == 400
    assert named in await response.text()
    assert (await bundle(house))[1] == before


async def test_a_workers_days_ahead_are_for_who_sees_the_roster(open_console, house):
    author = await open_console("only-scheduler")
    await drafted(author, first="2026-12-07", last="2027-01-20")
    worker = (await house.people.workers())[20]
    page = await author.page(f"/ahead?number={worker.number}")
    assert f"工号 {worker.number}" in page
    assert "每周一课" in page
    of_a_post = await author.page("/ahead?post=COOK")
    assert "每周一课" in of_a_post
    assert IF_SILENT in of_a_post, "a reminder, for who has not answered"
    editor = await open_console("only-editor")
    assert worker.number not in await editor.page(f"/ahead?number={worker.number}")
    assert (await author.get("/ahead?number=NOBODY")).status == 404


async def test_the_burden_page_names_nobody(open_console, house, deliver):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    address = (await author.post("/campaigns/new", {
        "title": "第一课", "schedule": "once", "at": "2026-12-01T14:08", "items": ["LSN-COOK-001"],
        "channels": ["wecom"], "remind": "0", "steps": "1",
    })).headers["Location"].removeprefix("/console").split("?")[0]  # fmt: skip
    await reviewer.post(f"{address}/approve")
    later(house, minutes=3)
    await deliver()
    page = await author.page("/burden")
    people = await house.people.workers()
    assert "2026-12" in page
    assert "1 条" in page
    assert not [one.name for one in people if one.name in page]
    assert not [one.number for one in people if one.number in page]


async def test_a_campaign_says_whom_it_would_push_over_a_cap(open_console, house, deliver):
    author, reviewer = await open_console("only-scheduler"), await open_console("only-reviewer")
    form = {
        "title": "第一课", "schedule": "once", "items": ["LSN-COOK-001"], "channels": ["wecom"],
        "remind": "0", "steps": "1", "posts": ["COOK"],
    }  # fmt: skip
    first = await author.post("/campaigns/new", {**form, "at": "2026-12-01T14:08"})
    address = first.headers["Location"].removeprefix("/console").split("?")[0]
    await reviewer.post(f"{address}/approve")
    later(house, minutes=3)
    await deliver()
    second = await author.post("/campaigns/new", {**form, "at": "2026-12-01T14:31"})
    page = await author.page(second.headers["Location"].removeprefix("/console").split("?")[0])
    cooks = [one.number for one in await house.people.workers() if Post.COOK in one.posts]
    assert "会超上限" in page
    assert [number for number in cooks if f"{number}：" in page]
    assert "会超上限" in await reviewer.page(
        second.headers["Location"].removeprefix("/console").split("?")[0]
    )


def later(house, **how) -> None:
    moment = house.clock.now() + timedelta(**how)
    move_clock(house.settings.data_dir / "clock", moment)
    house.clock._looked = -1.0
