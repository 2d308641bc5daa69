"""Phone pages in the in-app browser: who is it, what is shown, and what a press does."""

import logging
import re
from uuid import uuid4

import pytest
from aiohttp import ClientSession
from multidict import MultiDict
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from fakes.house import Person, page_in, text_of
from fakes.pages import Page
from fakes.platform_calls import Caller
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState
from lianbot.phrases import pages as say
from lianbot.phrases import replies
from lianbot.storage.people import roster_changed
from lianbot.storage.tables import (
    acknowledgements,
    bindings,
    deliveries,
    first_answers,
    follow_ups,
    metadata,
    openings,
    workers,
)

WANG, LI = Person(account="wang", name="王芳"), Person(account="li", name="李强")
LEAD = Person(account="lead", name="赵班长", posts=(Post.LEAD,))
OTHER = Person(account="other", name="别班长", posts=(Post.LEAD,), team="售卖班")


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI, LEAD, OTHER]) as stage:
        await stage.push()
        yield stage


async def page_of(stage, account: str = "wang") -> Page:
    return await Page.open(stage.twin, account, page_in(stage.twin.received(account)[0]))


async def count(stage, table) -> int:
    async with stage.house.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def standing(stage) -> list[tuple[str, str]]:
    """(method, answer) of every answer that stands."""
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(acknowledgements.c.method, acknowledgements.c.answer).where(
                acknowledgements.c.current.is_(True)
            )
        )
        return [(row.method, row.answer) for row in rows]


async def test_a_page_signs_its_reader_in_without_a_question(stage):
    url = page_in(stage.twin.received("wang")[0])
    async with ClientSession() as client, client.get(url, allow_redirects=False) as got:
        assert got.status == 302
        assert got.headers["Location"].startswith(f"{stage.twin.wecom_base}/connect/oauth2/")
    assert "空白单子，一笔都不签" in (await page_of(stage)).text


async def raise_to(stage, account: str, level: Level) -> None:
    async with stage.house.database.write() as connection:
        await connection.execute(
            update(workers).where(workers.c.number == f"LB-{account}").values(level=level)
        )


async def test_that_managers_and_cadres_got_it_too_is_said_only_when_both_did(stage):
    assert say.LEADS_TOO not in (await page_of(stage)).text
    await raise_to(stage, "lead", Level.L4)
    assert say.LEADS_TOO not in (await page_of(stage)).text
    await raise_to(stage, "li", Level.L2)
    assert say.LEADS_TOO in (await page_of(stage)).text
    # it speaks of them: on their own page it would say nothing
    assert say.LEADS_TOO not in (await page_of(stage, "li")).text


async def test_what_a_cadre_was_refused_is_no_reason_to_say_so(stage):
    await raise_to(stage, "lead", Level.L4)
    await raise_to(stage, "li", Level.L2)
    async with stage.house.database.write() as connection:
        theirs = select(workers.c.id).where(workers.c.number == "LB-li").scalar_subquery()
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.worker_id == theirs)
            .values(state=DeliveryState.PLATFORM_FAILED)
        )
    assert say.LEADS_TOO not in (await page_of(stage)).text


async def test_opening_a_page_marks_nothing_as_opened(stage):
    await page_of(stage)
    assert await count(stage, openings) == 0


async def test_the_pages_own_post_marks_it_once(stage):
    page = await page_of(stage)
    assert (await page.press("/shown")).status == 204
    await page.press("/shown")
    assert await count(stage, openings) == 1


@pytest.mark.parametrize(
    ("before", "agent", "after"),
    [
        ("unknown", "Mozilla/5.0 MicroMessenger/8.0.49 ZTE-A7020", "plain"),
        ("unknown", "Mozilla/5.0 MicroMessenger/7.0.1 wxwork/4.1.20 ZTE-A7020", "wecom"),
        ("wecom", "Mozilla/5.0 MicroMessenger/8.0.49", "plain"),
        ("unknown", "Mozilla/5.0 Firefox/140", "unknown"),
    ],
    ids=["ordinary WeChat", "WeCom", "changed", "another browser"],
)
async def test_a_page_teaches_where_its_reader_reads_and_keeps_nothing_of_the_browser(
    stage, caplog, before, agent, after
):
    caplog.set_level(logging.DEBUG, "lianbot")
    await set_client(stage, before)
    page = await page_of(stage)
    async with ClientSession() as client:
        got = await client.post(
            page.url + "/shown", data={"t": page.token}, headers={"User-Agent": agent}
        )
        assert got.status == 204
    await stage.house.clients.drain()
    assert await client_of(stage) == after
    assert "ZTE" not in await everything(stage) + caplog.text


async def test_a_tapped_card_teaches_that_the_client_is_wecom(stage):
    await set_client(stage, "unknown")
    card = next(one for one in stage.twin.received("wang") if one.kind == "template_card")
    await stage.twin.tap("wang", card.id, "understood")
    await stage.house.clients.drain()
    assert await client_of(stage) == "wecom"


async def test_dressing_follows_what_was_learned(stage):
    await set_client(stage, "plain")
    stage.move(days=7)
    await stage.push(title="第二课")
    assert stage.twin.received("wang")[-1].kind == "text"


async def set_client(stage, client: str) -> None:
    async with stage.house.database.write() as connection:
        await connection.execute(
            update(bindings).where(bindings.c.account == "wang").values(client=client)
        )


async def client_of(stage) -> str:
    async with stage.house.database.read() as connection:
        found = await connection.execute(
            select(bindings.c.client).where(bindings.c.account == "wang")
        )
        return found.scalar_one()


async def everything(stage) -> str:
    """Every row of every table as text."""
    async with stage.house.database.read() as connection:
        tables = [
            str((await connection.execute(select(table))).all())
            for table in metadata.sorted_tables
        ]
    return "\n".join(tables)


async def test_no_link_carries_a_person(stage):
    addresses = {page_in(stage.twin.received(one)[0]) for one in ("wang", "li")}
    assert len(addresses) == 1


async def test_a_forwarded_link_is_read_only_for_somebody_who_is_not_a_worker(stage):
    stage.twin.add_people([{"id": "cousin", "name": "表哥", "client": "none"}])
    page = await Page.open(stage.twin, "cousin", page_in(stage.twin.received("wang")[0]))
    assert page.status == 200
    assert say.READ_ONLY in page.text
    assert (page.options, page.values("t")) == ([], [])


async def test_a_forwarded_link_shows_a_colleague_the_colleagues_own_page(stage):
    page = await Page.open(stage.twin, "li", page_in(stage.twin.received("wang")[0]))
    await page.answer(right=True)
    assert (await stage.rows("wang"))[0].id != (await stage.rows("li"))[0].id
    assert "已经" not in (await page_of(stage)).text


async def test_wrong_gives_the_reason_and_right_gives_the_receipt(stage):
    page = await page_of(stage)
    wrong = await page.answer(right=False)
    assert say.NOT_QUITE in wrong.text
    assert "签了名，上面的数就算您点的" in wrong.text
    assert await standing(stage) == []
    right = await wrong.answer(right=True)
    assert re.search(r"第 \d+ 条 · 校验 \w{5} \w{5}", right.text)
    assert await standing(stage) == [("quiz", "understood")]
    assert right.options == []


@pytest.mark.parametrize(("where", "form"), [("/quiz", "right"), ("/say", "cannot")])
async def test_an_answer_that_could_not_be_kept_says_so_and_thanks_nobody(
    stage, monkeypatch, where, form
):
    page = await page_of(stage)

    async def fail(_batch: object) -> object:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    monkeypatch.setattr(stage.house.answers._answers, "_commit", fail)
    said = await (page.answer(right=True) if form == "right" else page.press(where, answer=form))
    assert said.status == 200
    assert replies.NOT_KEPT in said.text
    assert not any(thanks in said.text for thanks in replies.THANKS.values())
    assert await count(stage, acknowledgements) == 0


async def test_only_the_first_answer_is_counted(stage):
    page = await page_of(stage)
    await page.answer(right=False)
    await page.answer(right=True)
    total = await stage.house.statistics.total()
    assert (total["first_asked"], total["first_right"], await count(stage, first_answers)) == (
        1,
        0,
        1,
    )


async def test_the_right_option_is_not_marked_in_the_page(stage):
    page = await page_of(stage)
    order = [value for value, _ in page.options]
    again = [value for value, _ in (await page_of(stage)).options]
    assert sorted(order) == ["0", "1", "2"]
    assert order == again
    buttons = set(re.findall(r"<button name=\"option\"[^>]*>", page.text))
    assert {re.sub(r'value="\d"', "", one) for one in buttons} == {'<button name="option" >'}


@pytest.mark.parametrize("option", ["", "9", "-1", "０", "abc", "1; DROP"])
async def test_a_made_up_option_records_nothing(stage, option):
    page = await page_of(stage)
    assert (await page.press("/quiz", option=option)).status == 200
    assert await count(stage, acknowledgements) == 0


async def test_understood_cannot_be_said_past_the_question(stage):
    page = await page_of(stage)
    await page.press("/say", answer="understood")
    assert await standing(stage) == []


@pytest.mark.parametrize(
    ("answer", "task"),
    [
        ("not_understood", "read_aloud"),
        ("ask_someone", "read_aloud"),
        ("disagree", "review"),
        ("cannot", "review"),
    ],
)
async def test_what_is_said_opens_somebodys_task(stage, answer, task):
    page = await page_of(stage)
    await page.press("/say", answer=answer)
    async with stage.house.database.read() as connection:
        rows = (await connection.execute(select(follow_ups.c.kind, follow_ups.c.answer))).all()
    assert [tuple(row) for row in rows] == [(task, answer)]


@pytest.mark.parametrize("where", ["/shown", "/quiz", "/say"])
@pytest.mark.parametrize("token", ["", "abc", "é", "AAAA" * 20, "%00"])
async def test_a_token_we_did_not_make_is_403(stage, where, token):
    url = page_in(stage.twin.received("wang")[0])
    form = {"t": token, "option": "1", "answer": "cannot"}
    visit = await stage.twin.submit("wang", url + where, form)
    assert (visit.status, visit.text) == (403, say.PAGE_TOO_OLD)
    assert await count(stage, acknowledgements) == 0


async def test_a_token_of_another_push_is_403(stage):
    first = await page_of(stage)
    stage.move(days=2)
    await stage.push(title="第二课")
    second = stage.twin.received("wang")[-1]
    visit = await stage.twin.submit("wang", page_in(second) + "/say", {"t": first.token})
    assert visit.status == 403


async def test_a_page_that_was_open_for_a_night_asks_to_be_opened_again(stage):
    page = await page_of(stage)
    stage.move(hours=13)
    assert (await page.press("/say", answer="cannot")).status == 403


async def test_a_page_of_no_push_is_404(stage):
    for path in (f"/m/i/{uuid4()}", "/m/i/not-a-number"):
        visit = await stage.twin.open("wang", stage.base + path)
        assert (visit.status, visit.text) == (404, say.NO_SUCH_PAGE), path


async def test_a_used_code_signs_in_again_instead_of_failing(stage):
    url = page_in(stage.twin.received("wang")[0])
    visit = await stage.twin.open("wang", f"{url}?code=used-up&state=a1")
    assert visit.status == 200
    assert "空白单子，一笔都不签" in visit.text


async def test_a_code_that_is_refused_twice_gives_a_read_only_page_and_no_loop(stage):
    url = page_in(stage.twin.received("wang")[0])
    visit = await stage.twin.open("wang", f"{url}?code=used-up&state=w2")
    assert say.READ_ONLY in visit.text


async def test_a_platform_that_does_not_answer_the_sign_in_is_503_with_a_line(stage):
    stage.twin.faults.add("5xx", "*/getuserinfo")
    visit = await stage.twin.open("wang", page_in(stage.twin.received("wang")[0]))
    assert (visit.status, visit.text) == (503, say.TRY_LATER)


async def test_my_record_is_for_people_we_know(stage):
    stage.twin.add_people([{"id": "cousin", "name": "表哥", "client": "none"}])
    visit = await stage.twin.open("cousin", f"{stage.base}/m/me")
    assert say.STRANGER_TITLE in visit.text


async def test_my_record_shows_my_own_answers_only(stage):
    await stage.twin.type_text("li", "懂了")
    mine = await stage.twin.open("wang", f"{stage.base}/m/me")
    his = await stage.twin.open("li", f"{stage.base}/m/me")
    assert say.NO_RECORD in mine.text
    assert "空白单子，一笔都不签" in his.text


async def test_the_leads_page_is_for_leads(stage):
    for path in ("/m/team", f"/m/team/{uuid4()}"):
        visit = await stage.twin.open("wang", stage.base + path)
        assert say.NOT_A_LEAD in visit.text, path


async def reading_page(stage, account: str = "lead") -> Page:
    listing = await Page.open(stage.twin, account, f"{stage.base}/m/team")
    return await Page.open(stage.twin, account, f"{stage.base}{listing.link('/m/team/')}")


async def test_the_leads_list_has_counts_and_no_names(stage):
    await stage.twin.type_text("wang", "懂了")
    visit = await stage.twin.open("lead", f"{stage.base}/m/team")
    assert "王芳" not in visit.text
    assert "李强" not in visit.text


async def test_who_was_present_is_recorded_as_assisted_with_the_lead_and_the_day(stage):
    page = await reading_page(stage)
    lead, wang = (await stage.rows("lead"))[0].worker_id, (await stage.rows("wang"))[0].worker_id
    await page.press("", present=str(wang))
    async with stage.house.database.read() as connection:
        (row,) = (await connection.execute(select(acknowledgements))).all()
    assert (row.worker_id, row.method, row.by_id) == (wang, "assisted", lead)
    assert row.on_day.isoformat() == "2026-12-01"


async def test_nobody_of_another_team_can_be_ticked(stage):
    page = await reading_page(stage, "other")
    wang = (await stage.rows("wang"))[0].worker_id
    assert "王芳" not in page.text
    await page.press("", present=str(wang))
    assert await count(stage, acknowledgements) == 0


async def test_a_workers_token_cannot_tick_for_the_team(stage):
    mine = await page_of(stage)
    li = (await stage.rows("li"))[0].worker_id
    occurrence = mine.url.rpartition("/")[2]
    visit = await stage.twin.submit(
        "wang",
        f"{stage.base}/m/team/{occurrence}",
        MultiDict([("t", mine.token), ("present", str(li))]),
    )
    assert (visit.status, await count(stage, acknowledgements)) == (403, 0)


async def test_ticking_keeps_the_answer_that_a_worker_gave(stage):
    """P8: the lead's tick must not turn 做不到 into 懂了 behind the worker's back."""
    await stage.twin.type_text("wang", "做不到")
    page = await reading_page(stage)
    wang = (await stage.rows("wang"))[0].worker_id
    await page.press("", present=str(wang))
    assert ("reply", "cannot") in await standing(stage)


async def test_pages_let_nothing_in_from_elsewhere(stage):
    url = page_in(stage.twin.received("wang")[0])
    async with ClientSession() as client, client.get(f"{url}?code=x&state=w2") as got:
        policy = got.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert got.headers["Cache-Control"] == "no-store"
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.cookies == {}


async def test_the_style_and_the_script_are_there_and_nothing_else_is(stage):
    caller = Caller(stage.twin, stage.base)
    assert (await caller.get("/m/static/phone.css")).status == 200
    assert (await caller.get("/m/static/phone.js")).status == 200
    for path in ("/m/static/pages.py", "/m/static/..%2fpages.py", "/m/static/"):
        assert (await caller.get(path)).status == 404, path


@pytest.fixture
async def couple(staged):
    """王芳 and 李强 read on one phone: the account of wang belongs to both."""
    async with staged([WANG, LI]) as stage:
        async with stage.house.database.write() as connection:
            await connection.execute(
                update(bindings).where(bindings.c.account == "li").values(account="wang")
            )
            await roster_changed(connection)
        await stage.house.directory.refresh()
        await stage.push()
        yield stage


async def test_two_on_one_phone_get_a_message_each_that_opens_with_the_name(couple):
    texts = sorted(str(one.content) for one in couple.twin.received("wang"))
    assert len(texts) == 2
    assert "给李强：" in texts[0] + texts[1] and "给王芳：" in texts[0] + texts[1]


async def test_their_page_asks_who_reads_before_it_records_anything(couple):
    page = await page_of(couple)
    assert "是谁在看" in page.text and 'id="shown"' not in page.text
    mine = re.search(r'value="([^"]+)">\s*<button>李强</button>', page.text)
    opened = await couple.twin.submit("wang", page.url + "/open", {"t": mine[1]})
    assert "一道小题" in opened.text
    right = Page._of(couple.twin, "wang", page.url, opened)
    await right.answer(right=True)
    async with couple.house.database.read() as connection:
        names = await connection.execute(
            select(workers.c.name).join(
                acknowledgements, acknowledgements.c.worker_id == workers.c.id
            )
        )
        assert list(names.scalars()) == ["李强"]


async def test_a_tapped_card_and_a_numbered_word_are_each_persons_own(couple):
    cards = [one for one in couple.twin.received("wang") if one.kind == "template_card"]
    mine = next(one for one in cards if "给王芳" in str(one.content))
    await couple.twin.tap("wang", mine.id, "understood")
    asked = await couple.twin.type_text("wang", "找人讲")
    assert "1 是李*、2 是王*" in text_of(asked.reply)
    await couple.twin.type_text("wang", "找人讲1")
    async with couple.house.database.read() as connection:
        rows = await connection.execute(
            select(workers.c.name, acknowledgements.c.method, acknowledgements.c.answer)
            .join(acknowledgements, acknowledgements.c.worker_id == workers.c.id)
            .order_by(acknowledgements.c.seq)
        )
        assert [tuple(row) for row in rows] == [
            ("王芳", "tap", "understood"),
            ("李强", "reply", "ask_someone"),
        ]


async def test_their_record_shows_both(couple):
    page = await Page.open(couple.twin, "wang", f"{couple.base}/m/me")
    assert "王芳，" in page.text and "李强，" in page.text


async def test_nobody_approves_from_a_phone_that_two_share(couple):
    page = await Page.open(couple.twin, "wang", f"{couple.base}/m/approve")
    assert "是谁" not in page.text and 'method="post"' not in page.text
