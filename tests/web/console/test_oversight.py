"""Ledger, audit, accounts, content approval and the stop-all switch."""

import io
import zipfile

import pytest
from sqlalchemy import text, update

from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.items import EditionState
from lianbot.domain.people import Role
from lianbot.ports.desk import Paging
from lianbot.storage.accounts import new_account
from lianbot.storage.content import Publication
from lianbot.storage.tables import ledger_entries

SHA = "a" * 64


@pytest.fixture
async def awaiting(house):
    """One edition that the editor published and nobody has approved."""
    editor = await house.accounts.by_name("only-editor")
    one = Publication(
        sha256=SHA,
        body=b'{"media":[]}',
        item="LSN-NEW-001",
        type=ItemType.LESSON,
        title="<b>新的一课</b>",
        topic=Topic.GIFT_OFFER,
        meta={"text": "不收。<script>alert(1)</script>", "voice_script": "师傅好。"},
    )
    await house.content.publish([one], editor.id, house.clock.now())


async def test_a_named_reviewer_approves_what_another_published(open_console, house, awaiting):
    browser = await open_console("only-reviewer")
    assert (await browser.post(f"/content/{SHA}/adopt")).status == 303
    stored = await house.content.get(SHA)
    assert stored.edition.state is EditionState.APPROVED
    assert stored.approved_by == (await house.accounts.by_name("only-reviewer")).id
    assert (await house.audit.newest(1))[0].action == "content.approved"


async def test_a_clause_needs_the_name_of_a_legal_reviewer(open_console, house):
    editor = await house.accounts.by_name("only-editor")
    sha = "c" * 64
    one = Publication(
        sha256=sha,
        body=b"{}",
        item="LSN-NEW-003",
        type=ItemType.LESSON,
        title="引了法规",
        topic=Topic.GIFT_OFFER,
        meta={"text": "不收。", "legal": ["政府采购法 41（2014-08-31 版）"]},
    )
    await house.content.publish([one], editor.id, house.clock.now())
    browser = await open_console("only-reviewer")
    assert "政府采购法 41" in await browser.page(f"/content/{sha}")
    refused = await browser.post(f"/content/{sha}/adopt")
    assert refused.status == 400
    assert "LSN-NEW-003 引了法规" in await refused.text()
    assert (await house.content.get(sha)).edition.state is EditionState.AWAITING
    assert (await browser.post(f"/content/{sha}/adopt", {"legal": "法务处 陈"})).status == 303
    stored = await house.content.get(sha)
    assert (stored.edition.state, stored.approval_note) == (
        EditionState.APPROVED,
        "法律审核：法务处 陈",
    )


async def test_the_publisher_cannot_approve_it(open_console, house, awaiting):
    both = new_account("both", "又写又审", frozenset({Role.EDITOR, Role.REVIEWER}))
    await house.accounts.add(both, "", None, house.clock.now())
    one = Publication(
        sha256="b" * 64,
        body=b"{}",
        item="LSN-NEW-002",
        type=ItemType.LESSON,
        title="自己写的",
        topic=Topic.GIFT_OFFER,
        meta={"text": "不收。"},
    )
    await house.content.publish([one], both.id, house.clock.now())
    browser = await open_console("both")
    assert (await browser.post(f"/content/{'b' * 64}/adopt")).status == 403
    assert (await house.content.get("b" * 64)).edition.state is EditionState.AWAITING


async def test_the_preview_shows_text_as_text(open_console, awaiting):
    browser = await open_console("only-reviewer")
    shown = await browser.page(f"/content/{SHA}")
    assert "<script>alert" not in shown
    assert "&lt;b&gt;新的一课" in shown
    assert "句子偏长" in shown
    assert "师傅好。" in shown


async def test_the_preview_has_the_questions_with_the_right_answer(open_console, house):
    stored = next(one for one in await house.content.all() if one.edition.quizzes)
    quizzes = await house.content.quizzes(stored.edition.quizzes)
    browser = await open_console("only-reviewer")
    shown = await browser.page(f"/content/{stored.edition.sha256}")
    assert all(one.stem in shown and one.why in shown for one in quizzes.values())


# ---- ledger --------------------------------------------------------------------------------------------------


async def test_a_bundle_leaves_as_one_zip_with_the_verifier_in_it(open_console, house):
    browser = await open_console("only-auditor")
    response = await browser.post("/ledger/export")
    with zipfile.ZipFile(io.BytesIO(await response.read())) as archive:
        names = archive.namelist()
    assert "evidence/verify.py" in names
    assert "evidence/entries.jsonl" in names
    assert (await house.audit.newest(1))[0].action == "ledger.exported"


async def test_verifying_says_that_it_holds(open_console):
    browser = await open_console("only-auditor")
    shown = await (await browser.post("/ledger/verify")).text()
    assert "核验通过" in shown


async def test_a_changed_entry_is_found_and_said(open_console, house):
    browser = await open_console("only-auditor")
    await browser.post("/ledger/checkpoint")
    async with house.database.write() as connection:
        triggers = await connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        )
        for name in [row.name for row in triggers]:  # whoever holds the file can do this too
            await connection.execute(text(f'DROP TRIGGER "{name}"'))
        await connection.execute(
            update(ledger_entries).where(ledger_entries.c.seq == 3).values(body=b"{}")
        )
    response = await browser.post("/ledger/verify")
    assert response.status == 409
    assert "核验没有通过" in await response.text()


# ---- accounts ------------------------------------------------------------------------------------------------


async def test_a_new_account_gets_a_password_that_is_shown_once_and_works(open_console, house):
    browser = await open_console("only-sysadmin")
    data = {"name": "new.one", "display": "新来的", "roles": ["editor", "scheduler"]}
    shown = await (await browser.post("/accounts", data)).text()
    password = shown.split('<b class="mono">')[1].split("</b>")[0]
    assert password not in await browser.page("/accounts")
    fresh = await open_console()
    assert (await fresh.sign_in("new.one", password)).status == 303


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"name": "a b", "display": "甲", "roles": ["editor"]}, "账号"),
        ({"name": "good", "display": "", "roles": ["editor"]}, "姓名"),
        ({"name": "good", "display": "甲", "roles": []}, "角色"),
        ({"name": "good", "display": "甲", "roles": ["king"]}, "角色"),
        ({"name": "good", "display": "甲", "roles": ["sysadmin", "reviewer"]}, "角色"),
        ({"name": "good", "display": "甲", "roles": ["lead"]}, "班组"),
        ({"name": "good", "display": "甲", "roles": ["contractor"]}, "外包公司"),
        ({"name": "only-editor", "display": "甲", "roles": ["editor"]}, "账号"),
    ],
)
async def test_a_wrong_account_is_refused_with_the_field_named(open_console, house, data, named):
    browser = await open_console("only-sysadmin")
    before = len(await house.accounts.everyone())
    response = await browser.post("/accounts", data)
    fault = (await response.text()).split('role="alert">')[1].split("<")[0]
    assert response.status == 400
    assert fault.startswith(named)
    assert len(await house.accounts.everyone()) == before


async def test_nobody_disables_the_own_account(open_console, house, somebody):
    browser = await open_console("only-sysadmin")
    own = somebody[Role.SYSADMIN].id
    assert (await browser.post(f"/accounts/{own}/disable", {"off": "yes"})).status == 403


# ---- oversight -----------------------------------------------------------------------------------------------


async def test_stop_all_stops_is_seen_and_written_down(open_console, house):
    browser = await open_console("only-scheduler")
    await browser.post("/health/stop-all", {"on": "yes"})
    assert await house.switches.stopped()
    assert "全部推送都停着" in await browser.page("/")
    assert (await house.audit.newest(1))[0].action == "switch.stop_all"
    await browser.post("/health/stop-all", {"on": "no"})
    assert not await house.switches.stopped()


async def test_an_alert_says_the_mend_and_can_be_closed_once(open_console, house):
    await house.switches.alert("wecom:60020", "not allow to access", house.clock.now())
    browser = await open_console("only-scheduler")
    shown = await browser.page("/")
    assert "企业微信返回错误码 60020" in shown
    assert "核对账号设置" in shown
    number = shown.split("/alerts/")[1].split("/")[0]
    assert (await browser.post(f"/alerts/{number}/close")).status == 303
    assert (await browser.post(f"/alerts/{number}/close")).status == 404


async def test_audit_rows_are_found_by_words_and_come_in_pages(open_console, house):
    browser = await open_console("only-auditor")
    everything = await house.audit.page(Paging())
    assert everything.total > 50
    assert "第 1 页" in await browser.page("/audit")
    assert "没有这样的记录" in await browser.page("/audit?words=%25no-such%25")


async def test_no_page_holds_a_password_hash_or_a_session_token(open_console):
    for name, path in (("only-sysadmin", "/accounts"), ("only-auditor", "/audit")):
        browser = await open_console(name)
        assert "argon2" not in await browser.page(path)


@pytest.mark.parametrize(
    ("kind", "title", "word"),
    [
        ("missed:厨师一课", "推送计划“厨师一课”错过了时间", "详情：细节"),
        ("few:夜班", "推送计划“夜班”有人没有发", "详情：细节"),
        ("wecom:45009", "企业微信返回错误码 45009", "平台原话：细节"),
    ],
)
async def test_an_alert_says_what_it_is_about_in_words(open_console, house, kind, title, word):
    await house.switches.alert(kind, "细节", house.clock.now())
    page = await (await open_console("only-scheduler")).page("/health")
    assert title in page
    assert word in page
