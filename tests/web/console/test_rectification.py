"""整改台账 in the console: raised, charged, done, verified by another; from a worker's 做不到 without the worker."""

import io
import re
import zipfile

import pytest
from sqlalchemy import select, update

from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.people import Role
from lianbot.domain.rectification import RectificationState
from lianbot.ports.rectification import RectificationFilter
from lianbot.storage.accounts import new_account
from lianbot.storage.tables import deliveries, workers
from lianbot.timetable.clocks import move_clock

WISH = {"title": "收货只有一人在场", "measure": "收货时段排两人", "source": "case", "unit": ""}
EVERY = RectificationFilter(states=frozenset(RectificationState))


async def charged(open_console, somebody, **wish):
    """An item with the scheduler as owner and the officer as verifier; the reviewer's browser."""
    browser = await open_console("only-reviewer")
    response = await browser.post("/rectifications", WISH | wish)
    address = response.headers["Location"].removeprefix("/console").partition("?")[0]
    response = await browser.post(
        f"{address}/charge",
        {
            "owner": somebody[Role.SCHEDULER].id,
            "verifier": somebody[Role.OFFICER].id,
            "due": "2026-12-20",
            "note": "",
        },
    )
    assert response.status == 303
    return browser, address


async def test_the_whole_way_from_raised_to_closed_and_open_again(open_console, house, somebody):
    reviewer, at = await charged(open_console, somebody)
    owner, verifier = await open_console("only-scheduler"), await open_console("only-officer")
    assert "报完成，请验收" in await owner.page(at)
    assert (await owner.post(f"{at}/done", {"evidence": "排班表贴在门口"})).status == 303
    assert (await reviewer.post(f"{at}/close", {"note": ""})).status == 403
    assert "改好了，销号" in await verifier.page(at)
    assert (await verifier.post(f"{at}/back", {"why": "只贴了一天"})).status == 303
    assert (await owner.post(f"{at}/done", {"evidence": "贴满一个月"})).status == 303
    assert (await verifier.post(f"{at}/close", {"note": "看过"})).status == 303
    assert (
        await reviewer.post(f"{at}/reopen", {"why": "又一人", "due": "2027-01-10"})
    ).status == 303
    text = await reviewer.page(at)
    order = ["提出", "定人定时间", "报完成", "退回再改", "报完成", "验收销号", "重开"]
    assert [one for one in re.findall(r"· ([^：<]+)[：<]", text) if one in order] == order
    assert [one.state for one in await house.rectifications.all(EVERY)] == [
        RectificationState.OPEN
    ]


async def test_an_owner_cannot_be_the_verifier(open_console, house, somebody):
    browser = await open_console("only-officer")
    await browser.post("/rectifications", WISH)
    both = somebody[Role.OFFICER].id
    response = await browser.post(
        "/rectifications/1/charge",
        {"owner": both, "verifier": both, "due": "2026-12-20", "note": ""},
    )
    assert response.status == 400
    assert "不能是责任人自己" in await response.text()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"title": ""}, "问题"),
        ({"measure": ""}, "怎么改"),
        ({"source": "officer"}, "来源"),
        ({"unit": "没有这个班组"}, "点名的单位"),
        ({"title": "长" * 61}, "问题"),
    ],
)
async def test_a_wrong_form_names_the_field_and_keeps_nothing(open_console, house, wrong, named):
    browser = await open_console("only-reviewer")
    response = await browser.post("/rectifications", WISH | wrong)
    assert response.status == 400
    assert named in await response.text()
    assert await house.rectifications.all(EVERY) == []


async def test_a_unit_below_five_people_is_not_offered_and_not_taken(open_console, house):
    team = (await house.people.teams())[0]
    async with house.database.write() as connection:
        ids = (
            (await connection.execute(select(workers.c.id).where(workers.c.team_id == team.id)))
            .scalars()
            .all()
        )
        keep = ids[:4]
        await connection.execute(
            update(workers)
            .where(workers.c.team_id == team.id, workers.c.id.not_in(keep))
            .values(ended=house.clock.now().date())
        )
    browser = await open_console("only-reviewer")
    assert f"<option>{team.name}</option>" not in await browser.page("/rectifications")
    response = await browser.post("/rectifications", WISH | {"unit": team.name})
    assert response.status == 400


async def test_what_is_late_stands_first_and_is_counted(open_console, house, somebody, tmp_path):
    browser, _ = await charged(open_console, somebody)
    await browser.post("/rectifications", WISH | {"title": "还没定人"})
    move_clock(tmp_path / "house" / "clock", house.clock.now().replace(day=22))
    house.clock._looked = -1.0
    await browser.page("/signin")
    late = await (await open_console("only-auditor")).page("/rectifications?show=late")
    assert "收货只有一人在场" in late
    assert "还没定人" not in late
    assert "超期的 1" in late


async def test_the_export_neutralises_formulas_and_says_what_it_is_not_for(open_console, somebody):
    browser, _ = await charged(open_console, somebody, title='=HYPERLINK("http://x","y")')
    response = await browser.get("/rectifications.xlsx")
    with zipfile.ZipFile(io.BytesIO(await response.read())) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if "xml" in name)
    assert "<f>" not in text
    assert "HYPERLINK" in text
    assert "不作工资、罚款" in text


async def cannot(house, deliver, open_console, somebody):
    """A worker's 做不到 to a push; the task."""
    author = await open_console("only-scheduler")
    item = next(one.edition.item for one in await house.content.all() if one.current)
    form = {
        "title": "第一课",
        "schedule": "once",
        "at": "2026-12-01T14:31",
        "items": item,
        "channels": "wecom",
        "remind": "2",
        "steps": "1",
    }
    await author.post("/campaigns/new", form)
    campaign = (await house.campaigns.all())[0]
    await house.desk.approve(campaign.id, somebody[Role.REVIEWER])
    return campaign


async def test_a_workers_cannot_becomes_a_draft_without_the_worker(
    open_console, house, somebody, deliver, tmp_path
):
    await cannot(house, deliver, open_console, somebody)
    move_clock(tmp_path / "house" / "clock", house.clock.now().replace(hour=6, minute=32))
    house.clock._looked = -1.0
    await deliver()
    async with house.database.read() as connection:
        row = (
            await connection.execute(
                select(deliveries.c.id, deliveries.c.worker_id, workers.c.name, workers.c.number)
                .join(workers, workers.c.id == deliveries.c.worker_id)
                .where(deliveries.c.state == "accepted")
            )
        ).first()
    await house.answers.answer(
        AnswerGiven(
            worker_id=row.worker_id,
            answer=Answer.CANNOT,
            method=Method.TAP,
            via=Via.CALLBACK,
            wording="做不到",
            repeat_key="r",
            msgid="m",
            delivery_id=row.id,
        )
    )
    reviewer = await open_console("only-reviewer")
    page = await reviewer.page("/tasks")
    found = re.search(r"/tasks/(\d+)/rectify", page)
    assert found is not None
    address = found[0]
    named = {"title": f"{row.name}说做不到", "measure": "排两人", "unit": ""}
    assert (await reviewer.post(address, named)).status == 400
    assert await house.rectifications.all(EVERY) == []
    response = await reviewer.post(
        address, {"title": "夜里一人当班", "measure": "排两人", "unit": ""}
    )
    assert response.status == 303
    text = await (await open_console("only-scheduler")).page("/rectifications/1")
    assert row.name not in text
    assert row.number not in text
    assert "员工说做不到或不同意" in text
    assert "已转整改台账第 1 号" in await reviewer.page("/tasks?show=all")
    assert (await reviewer.post(address, {"title": "x", "measure": "y", "unit": ""})).status == 404


async def test_a_second_account_changing_the_same_item_is_told(open_console, house, somebody):
    _, at = await charged(open_console, somebody)
    item = (await house.rectifications.all(EVERY))[0]
    owner = await open_console("only-scheduler")
    await owner.post(f"{at}/done", {"evidence": "好了"})
    response = await owner.post(f"{at}/done", {"evidence": "再来"})
    assert response.status == 400
    assert (await house.rectifications.get(item.number)).evidence == "好了"


async def test_proposals_show_no_name_unless_it_was_left_and_can_be_closed_once(
    open_console, house
):
    from lianbot.domain.rectification import ProposalKind

    today = house.clock.now().date()
    await house.proposals.keep(ProposalKind.QUESTION, "剩饭能喂猫吗", on=today, mark=b"1" * 16)
    browser = await open_console("only-editor")
    page = await browser.page("/proposals")
    assert "剩饭能喂猫吗" in page
    assert "没留名字" in page
    assert (await browser.post("/proposals/1/close", {"note": ""})).status == 400
    assert (await browser.post("/proposals/1/close", {"note": "写进下月的课"})).status == 303
    assert (await browser.post("/proposals/1/close", {"note": "又来"})).status == 404


async def test_a_disabled_account_is_not_offered_as_owner(open_console, house):
    gone = new_account("gone", "已停用的人", frozenset({Role.SCHEDULER}))
    await house.accounts.add(gone, "", None, house.clock.now())
    await house.accounts.disable(gone.id, True, gone.id, house.clock.now())
    browser = await open_console("only-reviewer")
    await browser.post("/rectifications", WISH)
    assert "已停用的人" not in await browser.page("/rectifications/1")
