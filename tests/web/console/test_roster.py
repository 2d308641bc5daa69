"""The roster page and the way of a file into the roster."""

import dataclasses
import re

import pytest
from aiohttp import FormData

from lianbot.domain.people import ClientKind, PreferredTime
from lianbot.ports.desk import BindingSeen, Paging, WorkerSeen
from lianbot.web.console.roster import reach_of

HEAD = "工号,姓名,手机号,公司,班组,校区,岗位"


def table(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode("utf-8-sig")


async def upload(browser, data: bytes, name: str = "名单.csv"):
    form = FormData(quote_fields=False)  # as browsers write Chinese file names
    form.add_field("csrf", browser.csrf)
    form.add_field("file", data, filename=name, content_type="text/csv")
    return await browser.client.post("/console/roster/import", data=form, allow_redirects=False)


async def on_bench(browser, data: bytes) -> str:
    response = await upload(browser, data)
    assert response.status == 303, await response.text()
    address: str = response.headers["Location"].removeprefix("/console")
    return address


def version_of(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


async def test_a_newcomer_is_shown_first_and_written_after_the_yes(open_console, house):
    browser = await open_console("only-scheduler")
    before = await house.people.count()
    address = await on_bench(
        browser, table(",周小满,13911112222,禾味餐饮公司,一食堂后厨班,东校区,COOK")
    )
    page = await browser.page(address)
    assert "周小满" in page
    assert "新增" in page
    assert await house.people.count() == before
    done = await browser.post(
        address, {"step": "import", "version": version_of(page), "use_numbers": "yes"}
    )
    assert "导入完成" in await done.text()
    assert await house.people.count() == before + 1


async def test_a_post_in_free_words_is_asked_once_and_remembered(open_console, house):
    browser = await open_console("only-scheduler")
    row = ",吴一勺,13911113333,禾味餐饮公司,一食堂后厨班,东校区,掂大勺"
    address = await on_bench(browser, table(row))
    page = await browser.page(address)
    assert "“掂大勺”" in page
    await browser.post(address, {"step": "look", "word-0": "掂大勺", "post-0": "COOK"})
    page = await browser.page(address)
    done = await browser.post(address, {"step": "import", "version": version_of(page)})
    assert "导入完成" in await done.text()
    again = await browser.page(await on_bench(browser, table(row.replace("吴一勺", "郑二勺"))))
    assert "这些岗位对应什么" not in again


async def test_faulty_rows_stop_the_import_unless_they_are_set_aside(open_console, house):
    browser = await open_console("only-scheduler")
    before = await house.people.count()
    address = await on_bench(
        browser,
        table(
            ",冯好好,13911114444,禾味餐饮公司,一食堂后厨班,东校区,COOK",
            ",冯坏坏,12,禾味餐饮公司,一食堂后厨班,东校区,COOK",
        ),
    )
    page = await browser.page(address)
    answer = {"step": "import", "version": version_of(page)}
    refused = await browser.post(address, answer)
    assert refused.status == 400
    assert await house.people.count() == before
    done = await browser.post(address, {**answer, "set_aside": "yes"})
    assert done.status == 200
    assert await house.people.count() == before + 1


async def test_many_leavers_need_a_second_yes(open_console, house):
    browser = await open_console("only-scheduler")
    before = await house.people.count()
    address = await on_bench(
        browser, table(",韩留下,13911115555,净安物业公司,东区保洁班,东校区,CLEAN")
    )
    assert "请确认文件是完整的" not in await browser.page(address)
    await browser.post(address, {"step": "look", "named": ["净安物业公司"]})
    page = await browser.page(address)
    assert "请确认文件是完整的" in page
    answer = {"step": "import", "version": version_of(page), "named": ["净安物业公司"]}
    assert (await browser.post(address, answer)).status == 400
    assert await house.people.count() == before
    assert (await browser.post(address, {**answer, "second_yes": "yes"})).status == 200
    assert await house.people.count() < before


async def test_a_company_ticked_with_the_import_is_shown_before_anything_is_written(
    open_console, house
):
    browser = await open_console("only-scheduler")
    before = await house.people.count()
    address = await on_bench(
        browser, table(",韩留下,13911115555,净安物业公司,东区保洁班,东校区,CLEAN")
    )
    version = version_of(await browser.page(address))
    response = await browser.post(
        address,
        {
            "step": "import",
            "version": version,
            "named": ["净安物业公司"],
            "second_yes": "yes",
        },
    )
    assert response.status == 400
    assert "请再看一遍" in await response.text()
    assert await house.people.count() == before


async def test_a_company_that_is_not_named_loses_nobody(open_console, house):
    browser = await open_console("only-scheduler")
    before = await house.people.count()
    address = await on_bench(
        browser, table(",韩留下,13911115555,净安物业公司,东区保洁班,东校区,CLEAN")
    )
    page = await browser.page(address)
    done = await browser.post(address, {"step": "import", "version": version_of(page)})
    assert done.status == 200
    assert await house.people.count() == before + 1


async def test_a_roster_that_moved_meanwhile_is_not_written_over(open_console, house):
    browser = await open_console("only-scheduler")
    address = await on_bench(
        browser, table(",沈先来,13911116666,禾味餐饮公司,一食堂后厨班,东校区,COOK")
    )
    page = await browser.page(address)
    old = str(int(version_of(page)) - 1)
    response = await browser.post(address, {"step": "import", "version": old})
    assert response.status == 400
    assert "名单又变了" in await response.text()


async def test_a_bench_belongs_to_the_one_who_uploaded(open_console, house):
    mine, other = await open_console("only-scheduler"), await open_console("tuisong")
    address = await on_bench(
        mine, table(",沈先来,13911116666,禾味餐饮公司,一食堂后厨班,东校区,COOK")
    )
    assert (await other.get(address)).status == 404


async def test_the_workbook_with_the_results_can_be_taken(open_console):
    browser = await open_console("only-scheduler")
    address = await on_bench(
        browser, table(",沈先来,13911116666,禾味餐饮公司,一食堂后厨班,东校区,COOK")
    )
    response = await browser.get(f"{address}/result.xlsx")
    assert (await response.read())[:2] == b"PK"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("空.csv", b""),
        ("坏.xlsx", b"PK\x03\x04 not a workbook"),
        ("没有表头.csv", "甲,乙\n1,2".encode()),
        ("图.png", b"\x89PNG"),
        ("", b"x"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_page_that_names_it(open_console, name, data):
    browser = await open_console("only-scheduler")
    response = await upload(browser, data, name)
    assert response.status in (400, 403)
    assert response.status == 400
    assert name.rsplit(".", 1)[0] in await response.text()


async def test_an_upload_without_the_token_reads_nothing(open_console):
    browser = await open_console("only-scheduler")
    browser.csrf = "forged"
    assert (await upload(browser, table())).status == 403


# ---- the list ------------------------------------------------------------------------------------------------


async def test_filters_hold_the_list_to_what_was_asked(open_console, house):
    browser = await open_console("only-scheduler")
    team = (await house.people.teams())[0]
    inside = await house.people.workers(team_id=team.id)
    page = await browser.page(f"/roster?team={team.id}")
    assert f"共 {len(inside)} 人" in page
    one = inside[0]
    assert one.name in await browser.page(f"/roster?words={one.number}")
    assert "没有符合条件的人" in await browser.page("/roster?words=%25")


async def test_those_who_cannot_be_reached_are_listed_with_reason_and_mend(open_console, house):
    bound = await house.people.bound()
    everybody = await house.people.workers()
    missing = [one for one in everybody if one.id not in bound]
    browser = await open_console("only-scheduler")
    page = await browser.page("/roster?reach=no")
    assert f"共 {len(missing)} 人" in page
    assert "没有绑定账号" in page
    assert "请本人扫班组海报上的码" in page


async def test_a_post_filter_finds_second_posts_too(open_console, house):
    browser = await open_console("only-scheduler")
    guards = [one for one in await house.people.workers() if "GUARD" in one.posts]
    assert any(one.posts[0] != "GUARD" for one in guards)
    assert f"共 {len(guards)} 人" in await browser.page("/roster?post=GUARD")


@pytest.fixture
async def anybody(house):
    return (await house.people.workers())[0]


def seen(worker, *bindings):
    return WorkerSeen(worker=worker, team="", contractor="", site="", bindings=bindings)


def binding(**changes):
    given = {
        "channel": "wecom",
        "client": "wecom",
        "client_by_hand": False,
        "opted_out": False,
        "broken": None,
    }
    return BindingSeen(**{**given, **changes})


@pytest.mark.parametrize(
    ("bindings", "text"),
    [
        ((), "没有绑定账号"),
        ((binding(opted_out=True),), "本人退订了"),
        ((binding(broken="not_visible"),), "不在应用的可见范围"),
        ((binding(broken="something new"),), "不在企业微信通讯录里"),
    ],
)
async def test_every_way_not_to_be_reached_has_its_reason_and_mend(anybody, bindings, text):
    found = reach_of(seen(anybody, *bindings))
    assert (found.reached, found.text) == (False, text)
    assert found.mend


async def test_who_wants_paper_is_not_pushed_at(anybody):
    reader = dataclasses.replace(anybody, preferred=PreferredTime.PAPER_ONLY)
    assert reach_of(seen(reader, binding())).text == "本人只要纸质"


async def test_a_usable_account_is_reachable(anybody):
    assert reach_of(seen(anybody, binding())).reached


async def test_where_a_worker_reads_is_set_by_hand_and_given_back_to_learning(open_console, house):
    browser = await open_console("only-scheduler")
    bound = await house.people.bound()
    worker = next(one for one in await house.people.workers() if one.id in bound)
    address = f"/roster?words={worker.number}"
    done = await browser.post("/roster/client", {"worker": str(worker.id), "client": "plain"})
    assert done.status == 303
    assert "普通微信里看（人工设定）" in await browser.page(address)
    house.clients.note(worker.id, ClientKind.WECOM)
    await house.clients.drain()
    assert "普通微信里看（人工设定）" in await browser.page(address)
    await browser.post("/roster/client", {"worker": str(worker.id), "client": "auto"})
    assert "还不知道用什么看" in await browser.page(address)
    house.clients.note(worker.id, ClientKind.WECOM)
    await house.clients.drain()
    assert "企业微信客户端" in await browser.page(address)
    written = await house.audit.page(Paging(), str(worker.id))
    assert written.total == 2


@pytest.mark.parametrize(
    ("client", "worker", "status"),
    [
        ("phone", None, 400),
        ("plain", "x", 404),
        ("plain", "00000000-0000-0000-0000-000000000000", 400),
    ],
)
async def test_a_wrong_choice_is_named_and_changes_nothing(
    open_console, anybody, client, worker, status
):
    browser = await open_console("only-scheduler")
    form = {"worker": worker or str(anybody.id), "client": client}
    assert (await browser.post("/roster/client", form)).status == status
