"""Presence is witnessed by somebody else, and is not shown as understanding."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from fakes.house import Person
from fakes.pages import RIGHT, Page
from lianbot.domain.codes import Post
from lianbot.phrases import pages as say
from lianbot.phrases import replies
from lianbot.storage.pages import SqlPhoneBook
from lianbot.storage.tables import acknowledgements, openings

WANG = Person(account="wang", name="王芳")
LEAD = Person(account="lead", name="赵班长", posts=(Post.LEAD,))


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LEAD]) as stage:
        await stage.push()
        yield stage


async def reading_page(stage) -> Page:
    listing = await Page.open(stage.twin, "lead", f"{stage.base}/m/team")
    return await Page.open(stage.twin, "lead", f"{stage.base}{listing.link('/m/team/')}")


async def record_of(stage, account: str) -> str:
    return (await stage.twin.open(account, f"{stage.base}/m/me")).text


async def test_the_leads_own_name_is_not_on_the_whole_team_page(stage):
    page = await reading_page(stage)
    lead = (await stage.rows("lead"))[0].worker_id
    assert "王芳" in page.text
    assert str(lead) not in page.values("present")


async def test_a_lead_who_ticks_their_own_name_past_the_page_records_nothing(stage):
    page = await reading_page(stage)
    lead = (await stage.rows("lead"))[0].worker_id
    assert say.kept(0) in (await page.press("", present=str(lead))).text
    assert say.NO_RECORD in await record_of(stage, "lead")


async def test_who_was_present_reads_so_in_the_own_record_and_not_that_they_said_it(stage):
    page = await reading_page(stage)
    wang = (await stage.rows("wang"))[0].worker_id
    await page.press("", present=str(wang))
    record = await record_of(stage, "wang")
    assert say.WITNESSED in record
    assert replies.WORDING["understood"] not in record


async def test_who_said_it_reads_their_own_words_in_the_record(stage):
    await stage.twin.type_text("wang", "懂了")
    assert f"懂了 · {say.METHODS['reply']}" in await record_of(stage, "wang")


async def test_a_text_that_changed_after_it_was_read_aloud_records_nobody_as_having_heard_the_new_one(
    staged,
):
    """P1: what is recorded is what was read, or nothing; the page shows the new text."""
    async with staged([Person(account="wang", name="王芳", wecom=False), LEAD]) as stage:
        await stage.push()
        page = await reading_page(stage)
        (row,) = await stage.rows("wang")
        await approve_anew(stage, row.edition, "改过的话。")
        after = await page.press("", present=str(row.worker_id))
        assert say.kept(0) in after.text
        assert "改过的话。" in after.text
        assert say.kept(1) in (await after.press("", present=str(row.worker_id))).text


async def approve_anew(stage, sha256: str, text: str) -> None:
    """A material edition of the same item; the next round renews what nobody was told of."""
    content, now = stage.house.content, stage.house.clock.now()
    known = await content.publication(sha256)
    fresh = replace(
        known,
        sha256="ee" * 32,
        body=b"{}",
        meta=known.meta | {"text": text, "voice_script": "", "version": 2, "material": True},
    )
    await content.publish([fresh], stage.cast.author.id, now)
    await content.adopt([fresh.sha256], stage.cast.reviewer.id, now, "", "法律人")
    stage.move(seconds=61)
    await stage.ticker.tick()


async def test_an_answer_to_a_text_that_changed_meanwhile_is_asked_again_under_the_new_one(staged):
    """The row still waits; the worker followed a colleague's link to the own page."""
    async with staged([WANG, Person(account="li", name="李强")]) as stage:
        await stage.push()
        page = await Page.open(stage.twin, "wang", await stage.page("wang"))
        (row,) = await stage.rows("wang")
        answer = {"answer": "cannot", "read": "00" * 32}
        after = await stage.twin.submit("wang", f"{page.url}/say", {"t": page.token} | answer)
        assert after.status == 200
        async with stage.house.database.read() as connection:
            kept = select(acknowledgements).where(acknowledgements.c.delivery_id == row.id)
            assert (await connection.execute(kept)).all() == []
        await page.press("/say", answer="cannot")
        async with stage.house.database.read() as connection:
            assert len((await connection.execute(kept)).all()) == 1


async def test_ticks_that_were_on_their_way_when_the_text_changed_record_nobody(
    staged, monkeypatch
):
    """A team is as many commits after one look: the row is renewed in between."""
    async with staged([Person(account="wang", name="王芳", wecom=False), LEAD]) as stage:
        await stage.push()
        page = await reading_page(stage)
        (row,) = await stage.rows("wang")
        look = SqlPhoneBook.team_reading
        with monkeypatch.context() as patched:

            async def and_then_it_changes(book, *which):
                patched.setattr(SqlPhoneBook, "team_reading", look)
                seen = await look(book, *which)
                await approve_anew(stage, row.edition, "改过的话。")
                return seen

            patched.setattr(SqlPhoneBook, "team_reading", and_then_it_changes)
            after = await page.press("", present=str(row.worker_id))
        assert say.kept(0) in after.text
        assert "改过的话。" in after.text
        assert await kept_of(stage, acknowledgements) == 0
        assert say.kept(1) in (await after.press("", present=str(row.worker_id))).text


@pytest.mark.parametrize("where", ["/say", "/quiz"])
async def test_an_answer_that_was_on_its_way_when_the_text_changed_shows_the_new_one(
    stage, monkeypatch, where
):
    page = await Page.open(stage.twin, "wang", await stage.page("wang"))
    look = SqlPhoneBook.item_page

    async def as_it_was(book, *which):
        monkeypatch.setattr(SqlPhoneBook, "item_page", look)
        now = await look(book, *which)
        return replace(now, edition=replace(now.edition, sha256="00" * 32, text="从前的话。"))

    monkeypatch.setattr(SqlPhoneBook, "item_page", as_it_was)
    right = next(value for value, text in page.options if text == RIGHT)
    pressed = {"answer": "cannot", "option": right, "read": "00" * 32}
    after = await stage.twin.submit("wang", page.url + where, {"t": page.token} | pressed)
    assert after.status == 200
    assert "从前的话。" not in after.text
    assert "空白单子，一笔都不签" in after.text
    assert replies.NOT_KEPT not in after.text
    assert [await kept_of(stage, table) for table in (acknowledgements, openings)] == [0, 0]


async def kept_of(stage, table) -> int:
    async with stage.house.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()
