"""Statistics and their export: small groups hidden, formulas neutralised, no person named."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import update

from lianbot.domain.acknowledgements import (
    Answer,
    AnswerGiven,
    FirstAnswer,
    Method,
    Via,
)
from lianbot.domain.campaigns import Audience, Once
from lianbot.flows.campaign import Draft
from lianbot.ports.desk import DeliveryFilter, Dimension, Paging
from lianbot.storage.desk import DeskReading
from lianbot.storage.tables import deliveries, teams
from lianbot.timetable.clocks import move_clock

LESSONS = ("LSN-COOK-001", "LSN-GUARD-001", "LSN-RECV-001")


@pytest.fixture
async def answered(house, tmp_path, deliver):
    """A push to everybody; everybody who got it answered, every third wrong at first."""
    draft = Draft(
        title="空白单子不签",
        audience=Audience(),
        schedule=Once(at=house.clock.now() + timedelta(minutes=1)),
        items=LESSONS,
    )
    campaign = await house.desk.create(draft, await house.accounts.by_name("only-scheduler"))
    await house.desk.approve(campaign.id, await house.accounts.by_name("only-reviewer"))
    move_clock(tmp_path / "house" / "clock", house.clock.now() + timedelta(minutes=3))
    house.clock._looked = -1.0  # the clock reads its file again at once
    await deliver()
    async with house.database.read() as connection:
        rows = (await connection.execute(deliveries.select())).all()
    for n, row in enumerate(rows):
        if row.state == "accepted":
            await answer(house, row, n, Answer.CANNOT if n % 7 == 0 else Answer.UNDERSTOOD)
            first = FirstAnswer(
                worker_id=row.worker_id,
                delivery_id=row.id,
                edition=row.edition,
                right=n % 3 != 0,
            )
            await house.answers.first_answer(first)
    return campaign


async def answer(house, row, n, said, method=Method.TAP, via=Via.CALLBACK):
    await house.answers.answer(
        AnswerGiven(
            worker_id=row.worker_id,
            answer=said,
            method=method,
            via=via,
            wording="懂了",
            repeat_key=f"key-{n}",
            msgid=f"msg-{n}",
            delivery_id=row.id,
        )
    )


def cells_of(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


async def test_teams_of_fewer_than_five_answers_show_no_understanding(
    open_console, house, answered
):
    browser = await open_console("only-reviewer")
    text = await browser.page("/stats?by=team")
    small = [
        one for one in await house.statistics.by(Dimension.TEAM) if 0 < one["first_asked"] < 5
    ]
    assert small
    for one in small:
        row = text.split(f"<b>{one.name}</b>")[1].split("</tr>")[0]
        assert "人太少，不显示" in row
        assert "人次）" not in row


async def test_understanding_is_not_shown_for_a_single_campaign(open_console, answered):
    browser = await open_console("only-reviewer")
    text = await browser.page(f"/stats?by=post&campaign={answered.id}")
    assert "人次）" not in text


async def test_a_read_aloud_counts_as_told_beside_what_the_platform_accepted(house, answered):
    before = await house.statistics.told_otherwise(Dimension.ALL)
    async with house.database.read() as connection:
        row = (
            await connection.execute(deliveries.select().where(deliveries.c.state == "skipped"))
        ).first()
    lead = await house.accounts.by_name("only-lead")
    await house.answers.answer(
        AnswerGiven(
            worker_id=row.worker_id,
            answer=Answer.UNDERSTOOD,
            method=Method.ASSISTED,
            via=Via.LEAD,
            wording="班前会",
            repeat_key="aloud",
            msgid="aloud",
            delivery_id=row.id,
            by=lead.id,
            on=house.clock.now().date(),
        )
    )
    after = await house.statistics.told_otherwise(Dimension.ALL)
    assert after.get("", 0) == before.get("", 0) + 1


async def test_rows_stand_by_name_not_by_figure(open_console, answered):
    browser = await open_console("only-reviewer")
    text = await browser.page("/stats?by=team")
    names = re.findall(r'data-label="班组"><b>([^<]+)</b>', text)
    assert names == sorted(names)
    assert len(names) == 12


async def test_no_page_of_figures_names_a_worker(open_console, house, answered):
    browser = await open_console("only-reviewer")
    workers = await house.people.workers()
    for by in ("team", "contractor", "post", "topic"):
        text = await browser.page(f"/stats?by={by}")
        assert not any(one.number in text for one in workers)


async def test_the_export_says_on_its_first_line_what_it_must_not_be_used_for(
    open_console, answered
):
    browser = await open_console("only-auditor")
    response = await browser.get("/stats.xlsx?by=team")
    sheet = cells_of(await response.read())
    first = re.search(r'<row r="1".*?</row>', sheet, re.DOTALL)[0]
    assert "只说明单位告知过，不作工资、罚款、考勤、辞退依据" in first
    assert "attachment" in response.headers["Content-Disposition"]


async def test_a_team_named_like_a_formula_is_text_in_the_export(open_console, house, answered):
    async with house.database.write() as connection:
        one = (await connection.execute(teams.select())).first()
        await connection.execute(
            update(teams).where(teams.c.id == one.id).values(name='=HYPERLINK("http://x")')
        )
    browser = await open_console("only-auditor")
    sheet = cells_of(await (await browser.get("/stats.xlsx?by=team")).read())
    assert "<f>" not in sheet
    assert "'=HYPERLINK(" in sheet.replace("&apos;", "'").replace("&#39;", "'")


async def test_an_export_is_written_down(open_console, house, answered):
    browser = await open_console("only-auditor")
    await browser.get("/stats.xlsx?by=post")
    assert (await house.audit.newest(1))[0].action == "stats.exported"


async def test_the_roster_export_reads_back_and_says_what_it_is_not_for(open_console, house):
    browser = await open_console("only-auditor")
    sheet = cells_of(await (await browser.get("/roster.xlsx")).read())
    assert "不作工资、罚款" in re.search(r'<row r="1".*?</row>', sheet, re.DOTALL)[0]
    assert (await house.audit.newest(1))[0].action == "roster.exported"


# ---- what workers said ---------------------------------------------------------------------------------------


async def test_what_cannot_be_done_reaches_the_reviewer_and_nobody_of_the_team(
    open_console, answered
):
    reviewer = await open_console("only-reviewer")
    assert "做不到" in await reviewer.page("/tasks")
    for name in ("only-lead", "only-contractor"):
        outside = await open_console(name)
        assert "做不到" not in await outside.page("/team")
    scheduler = await open_console("only-scheduler")
    page = (await scheduler.page("/tasks")).replace("“不同意”“做不到”只给审核人看", "")
    assert "做不到" not in page


async def test_a_scheduler_cannot_close_what_the_reviewer_must_see(open_console, house, answered):
    reviewer, scheduler = await open_console("only-reviewer"), await open_console("only-scheduler")
    number = re.search(r"/tasks/(\d+)/close", await reviewer.page("/tasks"))[1]
    path, note = f"/tasks/{number}/close", {"note": "已请部门加人"}
    assert (await scheduler.post(path, note)).status == 403
    assert (await reviewer.post(path, {"note": ""})).status == 400
    assert (await reviewer.post(path, note)).status == 303
    assert (await house.audit.newest(1))[0].action == "task.closed"
    assert (await reviewer.post(path, note)).status == 404


async def test_names_open_only_for_a_stated_purpose_and_that_is_written_down(
    open_console, house, answered
):
    lead = await open_console("only-lead")
    rows = await DeskReading(house.database).deliveries(
        (await DeskReading(house.database).occurrences(Paging())).rows[0].occurrence.id,
        DeliveryFilter(team_id=(await house.accounts.by_name("only-lead")).team_id),
        Paging(),
    )
    silent = [one.worker_name for one in rows.rows if not one.answered]
    assert silent
    before = await lead.page("/team")
    assert not any(f"<b>{name}</b>" in before for name in silent)
    assert (await lead.post("/team/names", {"purpose": "看"})).status == 400
    shown = await (await lead.post("/team/names", {"purpose": "明天班前会当面讲"})).text()
    assert all(f"<b>{name}</b>" in shown for name in silent)
    noted = (await house.audit.newest(1))[0]
    assert (noted.action, noted.after) == ("team.names", {"purpose": "明天班前会当面讲"})


async def test_what_a_person_answered_first_stands_on_no_page(open_console, answered):
    for name, path in (
        ("only-scheduler", "/"),
        ("only-reviewer", "/tasks"),
        ("only-auditor", "/audit"),
    ):
        browser = await open_console(name)
        assert "first_answer" not in await browser.page(path)
