"""The push's page: stages, additions, corrections, lost answers and recalls, by role."""

import re
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.amendments import Standing, is_notice
from lianbot.domain.campaigns import Audience, Once
from lianbot.domain.codes import Post
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Role
from lianbot.domain.rollouts import read_stages
from lianbot.flows.campaign import Draft
from lianbot.phrases import control as words
from lianbot.phrases.audit import ACTIONS
from lianbot.ports.desk import Paging
from lianbot.storage.desk import DeskReading
from lianbot.storage.tables import campaigns, deliveries
from lianbot.timetable.clocks import move_clock

WRONG = {"wrong": "写成一个人签", "right": "要两个人签"}


@pytest.fixture
async def pushed(house, tmp_path, deliver):
    """A push to the cooks under way; gives the path of its page."""

    async def push(**changes) -> str:
        lessons = (one.edition.item for one in await house.content.all() if one.current)
        draft = Draft(
            title="空白单子不签",
            audience=Audience(posts=(Post.COOK,)),
            schedule=Once(at=house.clock.now() + timedelta(minutes=1)),
            items=tuple(one for one in lessons if one.startswith("LSN-")),
            **changes,
        )
        campaign = await house.desk.create(draft, await house.accounts.by_name("only-scheduler"))
        await house.desk.approve(campaign.id, await house.accounts.by_name("only-reviewer"))
        move_clock(tmp_path / "house" / "clock", house.clock.now() + timedelta(minutes=3))
        house.clock._looked = -1.0
        await deliver()
        found = await DeskReading(house.database).occurrences(Paging(), campaign_id=campaign.id)
        return f"/pushes/{found.rows[0].occurrence.id}"

    return push


async def test_a_correction_is_written_by_one_and_approved_by_another(house, pushed, open_console):
    path = await pushed()
    writer = await open_console("only-scheduler")
    await writer.page(path)
    done = await writer.post(f"{path}/correct", WRONG)
    assert done.headers["Location"].endswith(f"{path}?said=change-asked")
    assert words.AMENDMENT_STATES["asked"] in await writer.page(path)
    reviewer = await open_console("only-reviewer")
    text = await reviewer.page(path)
    change = re.search(r"/changes/([0-9a-f-]{36})/approve", text)
    assert change, "no button for the reviewer"
    done = await reviewer.post(f"/changes/{change[1]}/approve")
    assert done.headers["Location"].endswith(f"{path}?said=change-open")
    (correction,) = await house.planner.plan_due()
    page = await reviewer.page(f"/pushes/{correction.id}")
    assert f'href="/console{path}"' in page
    assert "已排出" in await writer.page(path)
    assert ACTIONS["correction.approved"] in await writer.page(path)


async def test_the_reviewer_sees_how_many_answers_a_correction_overtook_and_no_names(
    house, pushed, open_console
):
    path = await pushed()
    push = UUID(path.rsplit("/", 1)[1])
    async with house.database.read() as connection:
        row = (
            await connection.execute(select(deliveries).where(deliveries.c.occurrence_id == push))
        ).first()
    given = AnswerGiven(
        worker_id=row.worker_id,
        answer=Answer.UNDERSTOOD,
        method=Method.TAP,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key="tap",
        msgid="m",
        delivery_id=row.id,
    )
    await house.answers.answer(given)
    scheduler = await house.accounts.by_name("only-scheduler")
    made = await house.control.corrections.ask(push, scheduler, **WRONG)
    reviewer = await open_console("only-reviewer")
    assert "已经过时" not in await reviewer.page(path)
    await reviewer.post(f"/changes/{made.id}/approve")
    text = await reviewer.page(path)
    assert "有 1 份回应是更正以前的" in text
    (worker,) = [one for one in await house.people.workers() if one.id == row.worker_id]
    assert worker.name not in text


async def test_a_correction_is_offered_in_no_campaign(house, pushed, open_console):
    path = await pushed()
    writer = await open_console("only-scheduler")
    await writer.page(path)
    await writer.post(f"{path}/correct", WRONG)
    (change,) = await house.control.amendments.of()
    reviewer = await house.accounts.by_name("only-reviewer")
    await house.control.deciding.decide(change.id, reviewer, approved=True)
    items = {one.edition.item for one in await house.content.all() if one.current}
    (notice,) = [item for item in items if is_notice(item)]
    form = await writer.page("/campaigns/new")
    assert "LSN-COOK-001" in form
    assert notice not in form
    draft = Draft(
        title="把更正再推一次",
        audience=Audience(),
        schedule=Once(at=house.clock.now() + timedelta(hours=1)),
        items=(notice,),
    )
    with pytest.raises(InvalidInputError, match=notice):
        await house.desk.create(draft, await house.accounts.by_name("only-scheduler"))


async def test_the_writer_has_no_button_to_approve_the_own(pushed, open_console):
    path = await pushed()
    writer = await open_console("only-scheduler")
    await writer.page(path)
    await writer.post(f"{path}/correct", WRONG)
    assert "/approve" not in await writer.page(path)


async def test_a_chain_of_two_shows_who_is_missing_and_who_signed(house, pushed, open_console):
    path = await pushed()
    async with house.database.write() as connection:
        await connection.execute(update(campaigns).values(steps=2))
    writer = await open_console("only-scheduler")
    await writer.page(path)
    await writer.post(f"{path}/correct", WRONG)
    assert "还差 2 位审核人" in await writer.page(path)
    (change,) = await house.control.amendments.of()
    reviewer = await open_console("only-reviewer")
    assert f'href="/console{path}">更正' in await reviewer.page("/")
    done = await reviewer.post(f"/changes/{change.id}/approve")
    assert done.headers["Location"].endswith("said=change-step")
    assert f'href="/console{path}">更正' not in await reviewer.page("/")
    text = await reviewer.page(path)
    assert "已批 1/2，还差 1 位审核人" in text
    assert words.SIGNED_CHANGE in text
    assert f"/changes/{change.id}/approve" not in text
    assert f"/changes/{change.id}/decline" in text
    twice = await reviewer.post(f"/changes/{change.id}/approve")
    assert twice.status == 403
    assert (await house.control.amendments.get(change.id)).missing == 1


async def test_an_addition_beyond_the_approval_waits(house, pushed, open_console):
    path = await pushed()
    everybody = await DeskReading(house.database).candidates(Audience(), date(2026, 12, 1))
    posts = Counter(one.worker.posts[0] for one in everybody)
    del posts[Post.COOK]
    ((post, _),) = posts.most_common(1)
    scheduler = await open_console("only-scheduler")
    await scheduler.page(path)
    done = await scheduler.post(f"{path}/add", {"posts": post.value})
    assert done.status == 303, await done.text()
    assert done.headers["Location"].endswith("said=change-asked")
    assert "超出批过的范围" in await scheduler.page(path)


async def test_lost_answers_are_counted_and_decided_with_a_warning(
    house, pushed, open_console, tmp_path
):
    path = await pushed()
    scheduler = await open_console("only-scheduler")
    assert "还在自动核对" in await scheduler.page(path)
    move_clock(tmp_path / "house" / "clock", house.clock.now() + timedelta(hours=1))
    house.clock._looked = -1.0
    assert words.MAY_DOUBLE in await scheduler.page(path)
    for row in ("abc", "9" * 40):
        refused = await scheduler.post(f"{path}/unknown", {"choice": "again", "row": row})
        assert refused.status == 400, "what cannot be read must not become all rows"
    done = await scheduler.post(f"{path}/unknown", {"choice": "again"})
    assert done.headers["Location"].endswith("said=unknown-again")
    text = await scheduler.page(path)
    assert 'value="again"' not in text
    assert ACTIONS["unknown.again"] in text
    nonsense = await scheduler.post(f"{path}/unknown", {"choice": "maybe"})
    assert nonsense.status == 400


async def late_rows(house, pushed, tmp_path) -> tuple[str, list[int]]:
    """A push of which no platform can say any more what became of some rows."""
    path = await pushed()
    move_clock(tmp_path / "house" / "clock", house.clock.now() + timedelta(hours=1))
    house.clock._looked = -1.0
    lost = await house.control.resending.lost(UUID(path.rsplit("/", 1)[1]))
    return path, [one.id for one in lost if one.standing is Standing.WAITING]


async def test_one_lost_answer_is_decided_beside_its_row_and_the_filter_stays(
    house, pushed, open_console, tmp_path
):
    path, (first, *others) = await late_rows(house, pushed, tmp_path)
    scheduler = await open_console("only-scheduler")
    text = await scheduler.page(f"{path}?state=unknown")
    assert text.count(f'name="row" value="{first}"') == 2
    done = await scheduler.post(
        f"{path}/unknown", {"choice": "leave", "row": str(first), "filter": "state=unknown&page=1"}
    )
    assert done.headers["Location"].endswith(
        f"{path}?state=unknown&page=1&said=unknown-leave#rows"
    )
    push = UUID(path.rsplit("/", 1)[1])
    seen = await house.control.resending.undecided(push)
    assert (seen.left, seen.waiting) == (1, len(others))
    (entry, *_) = await house.audit.newest()
    assert (entry.action, entry.account) == ("unknown.leave", "only-scheduler")
    assert entry.after["deliveries"] == [first]
    assert words.STANDINGS[Standing.LEFT] in await scheduler.page(f"{path}/rows?state=unknown")


@pytest.mark.parametrize("row", ["", "x", "-1", "9" * 25, "1 or 1=1"])
async def test_a_row_that_cannot_be_read_never_means_all_of_them(
    house, pushed, open_console, tmp_path, row
):
    path, waiting = await late_rows(house, pushed, tmp_path)
    scheduler = await open_console("only-scheduler")
    await scheduler.page(path)
    done = await scheduler.post(f"{path}/unknown", {"choice": "again", "row": row})
    assert done.status == 400
    assert "送达记录" in await done.text()
    seen = await house.control.resending.undecided(UUID(path.rsplit("/", 1)[1]))
    assert (seen.again, seen.waiting) == (0, len(waiting))


async def test_the_auditor_sees_where_a_row_stands_and_has_no_button(
    house, pushed, open_console, tmp_path
):
    path, waiting = await late_rows(house, pushed, tmp_path)
    auditor = await open_console("only-auditor")
    text = await auditor.page(f"{path}?state=unknown")
    assert text.count(words.STANDINGS[Standing.WAITING]) == len(waiting) + 1
    assert 'name="row"' not in text


async def test_a_push_in_stages_says_where_it_stands(house, pushed, open_console):
    path = await pushed(stages=read_stages("2"))
    await house.control.rollouts.look()
    scheduler = await open_console("only-scheduler")
    text = await scheduler.page(path)
    assert "已放出 2 人" in text
    assert "等前一批" in text


async def test_a_channel_that_is_not_set_up_cannot_recall_and_the_page_says_so(
    pushed, open_console
):
    path = await pushed()
    scheduler = await open_console("only-scheduler")
    await scheduler.page(path)
    await scheduler.post(f"{path}/recall")
    text = await scheduler.page(path)
    assert "撤不了" in text or words.RECALL_STATES["asked"] in text


@pytest.mark.parametrize(
    ("role", "action"),
    [
        (Role.REVIEWER, "add"), (Role.REVIEWER, "recall"), (Role.REVIEWER, "unknown"),
        (Role.REVIEWER, "correct"), (Role.EDITOR, "add"), (Role.EDITOR, "recall"),
        (Role.AUDITOR, "correct"), (Role.AUDITOR, "unknown"), (Role.LEAD, "add"),
    ],
)  # fmt: skip
async def test_who_may_not_is_refused(pushed, open_console, role, action):
    path = await pushed()
    somebody = await open_console(f"only-{role.value}")
    await somebody.page("/self")
    assert (await somebody.post(f"{path}/{action}", WRONG)).status == 403


async def test_an_unreadable_addition_names_the_field(pushed, open_console):
    path = await pushed()
    scheduler = await open_console("only-scheduler")
    await scheduler.page(path)
    wrong = await scheduler.post(f"{path}/add", {"numbers": "不存在的人"})
    assert wrong.status == 400
    assert "工号 不存在的人" in await wrong.text()
