"""把这个问题交给老师: nothing from the chat is kept; what is handed over is named only when it was ticked."""

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from fakes.house import Person, text_of
from fakes.pages import Page
from lianbot.phrases import asking as words
from lianbot.storage.tables import proposals

WANG, LI = Person(account="wang", name="王芳"), Person(account="li", name="李强")


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI]) as stage:
        yield stage


async def ask_page(stage, account="wang") -> Page:
    return await Page.open(stage.twin, account, f"{stage.base}/m/ask")


async def kept(stage):
    async with stage.house.database.read() as connection:
        rows = await connection.execute(select(proposals.c.text, proposals.c.worker_id))
        return [tuple(row) for row in rows]


async def hand_over(page: Page, text: str, **more: str):
    """Presses the form's button with these fields; the answer's text."""
    found = await page.press("", q=text, n=page.values("n")[0], **more)
    return found.status, found.text


async def test_the_page_says_who_reads_it_and_that_no_name_is_needed(stage):
    page = await ask_page(stage)
    for sentence in (words.WHO_READS, words.UNNAMED, words.HOW_LONG, words.BOX):
        assert sentence in page.text
    assert "checked" not in page.text


async def test_opening_the_page_keeps_nothing(stage):
    await ask_page(stage)
    assert await kept(stage) == []


async def test_without_the_tick_no_name_is_kept(stage):
    _, text = await hand_over(await ask_page(stage), "馒头机坏了归谁修")
    assert words.DONE in text
    assert await kept(stage) == [("馒头机坏了归谁修", None)]


async def test_with_the_tick_the_name_goes_along(stage):
    _, text = await hand_over(await ask_page(stage), "馒头机坏了归谁修", name="yes")
    assert words.DONE_NAMED in text
    [(_, worker)] = await kept(stage)
    assert worker == stage.house.directory.who("wecom", "wang").id


async def test_a_double_press_is_one_question(stage):
    page = await ask_page(stage)
    for _ in range(2):
        status, text = await hand_over(page, "馒头机坏了归谁修")
        assert (status, words.DONE in text) == (200, True)
    assert len(await kept(stage)) == 1


@pytest.mark.parametrize(
    ("text", "sign"),
    [("班长拿回扣我要举报", "12388"), ("库房着火了", "119")],
)
async def test_a_concern_or_danger_is_shown_the_right_way_first_and_not_kept(stage, text, sign):
    page = await ask_page(stage)
    _, shown = await hand_over(page, text)
    assert words.OTHERWISE in shown
    assert sign in shown
    assert words.SURE in shown
    assert await kept(stage) == []
    await hand_over(page, text, sure="yes")
    assert len(await kept(stage)) == 1


@pytest.mark.parametrize(
    ("text", "fault"), [("", words.EMPTY), ("  ", words.EMPTY), ("长" * 301, words.LONG)]
)
async def test_what_cannot_be_taken_is_said_and_the_words_stay_on_the_page(stage, text, fault):
    _, shown = await hand_over(await ask_page(stage), text)
    assert fault in shown
    assert text.strip() in shown
    assert await kept(stage) == []


async def test_nobody_fills_the_editors_desk(stage):
    for number in range(6):
        _, shown = await hand_over(await ask_page(stage), f"第{number}个问题馒头机")
    assert words.FULL in shown
    assert len(await kept(stage)) == 5
    _, shown = await hand_over(await ask_page(stage, "li"), "李强的问题馒头机")
    assert words.DONE in shown


async def test_a_stranger_gets_no_form_and_a_made_token_is_403(stage):
    stage.twin.add_people([{"id": "cousin", "name": "表哥", "client": "none"}])
    page = await ask_page(stage, "cousin")
    assert "<textarea" not in page.text
    async with (
        ClientSession() as client,
        client.post(f"{stage.base}/m/ask", data={"t": "AAAA", "q": "x", "n": "y"}) as got,
    ):
        assert got.status == 403


async def test_markup_is_text_and_half_characters_are_400(stage):
    _, shown = await hand_over(await ask_page(stage), "<script>" + "长" * 300)
    assert "&lt;script&gt;" in shown
    async with (
        ClientSession() as client,
        client.post(
            f"{stage.base}/m/ask",
            data=b"q=%ED%A0%80&t=x",
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"},
        ) as got,
    ):
        assert got.status in (400, 403)


async def test_a_nul_that_one_of_the_databases_refuses_is_400(stage):
    async with (
        ClientSession() as client,
        client.post(f"{stage.base}/m/ask", data={"q": "a\x00b", "t": "x"}) as got,
    ):
        assert got.status == 400


async def test_what_is_typed_in_the_chat_is_kept_nowhere_but_the_way_is_shown(stage):
    result = await stage.twin.type_text("wang", "明天几点下雨呀馒头机")
    assert f"{stage.base}/m/ask" in text_of(result.reply)
    assert await kept(stage) == []
