"""The Official Account from its callback to the ledger: who is it, what is answered, which pages open."""

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from fakes.house import Person, page_in, text_of
from fakes.pages import Page
from lianbot.domain.people import ClientKind
from lianbot.phrases.binding import HOW_TO
from lianbot.storage.tables import acknowledgements, ledger_entries

WANG = Person(account="wang", name="王芳")
LI = Person(account="li", name="李强", wecom=False, official=True)
BOTH = Person(account="sun", name="孙丽", client=ClientKind.PLAIN, official=True)


@pytest.fixture
async def stage(staged):
    async with staged([WANG, LI, BOTH]) as stage:
        yield stage


async def pushed(stage):
    """A push by WeCom, and to those who are not there by the Official Account's page."""
    await stage.push()
    return page_in(stage.twin.received("wang")[0])


async def answers(stage) -> list[tuple[str, str]]:
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(acknowledgements.c.method, acknowledgements.c.answer).where(
                acknowledgements.c.current.is_(True)
            )
        )
        return [(row.method, row.answer) for row in rows]


async def test_a_question_in_the_official_chat_is_answered_there(stage):
    result = await stage.twin.type_text("li", "供货商塞了两条烟，咋办？")
    assert "当面退" in text_of(result.reply)


async def test_a_stranger_in_the_official_chat_is_told_how_to_be_bound(stage):
    stage.twin.add_people([{"id": "guest", "name": "路人", "client": "none", "followed": True}])
    result = await stage.twin.type_text("guest", "你好")
    assert text_of(result.reply).startswith(HOW_TO)


async def test_a_reply_in_the_official_chat_is_the_acknowledgement_of_a_push(stage):
    """What arrived by WeCom may be answered where the worker writes."""
    await stage.push()
    result = await stage.twin.type_text("sun", "收到", channel="official")
    assert "记下了" in text_of(result.reply)
    assert await answers(stage) == [("reply", "understood")]
    async with stage.house.database.read() as connection:
        kinds = [row.type for row in await connection.execute(select(ledger_entries.c.type))]
    assert "ack" in kinds


async def test_a_follower_in_ordinary_wechat_signs_in_by_the_official_account(stage):
    url = await pushed(stage)
    page = await Page.open(stage.twin, "li", f"{stage.base}/m/me")
    assert "李强" in page.text
    # an answer counts in any state of the row: nobody could push it to li, and li reads it all the same
    assert (await Page.open(stage.twin, "li", url)).token


async def test_a_page_sent_by_the_official_account_asks_there_first(stage):
    url = await pushed(stage)
    async with ClientSession() as client:
        async with client.get(f"{url}?c=official", allow_redirects=False) as got:
            assert got.headers["Location"].startswith(stage.twin.official_base)
        async with client.get(url, allow_redirects=False) as got:
            assert got.headers["Location"].startswith(stage.twin.wecom_base)


async def test_a_member_who_opens_an_official_link_is_still_known(stage):
    url = await pushed(stage)
    page = await Page.open(stage.twin, "wang", f"{url}?c=official")
    assert page.token


async def test_a_wecom_client_is_never_sent_to_the_official_account(stage):
    url = await pushed(stage)
    headers = {"User-Agent": "MicroMessenger/8.0.49 wxwork/4.1.20"}
    async with (
        ClientSession(headers=headers) as client,
        client.get(f"{url}?c=official", allow_redirects=False) as got,
    ):
        assert got.headers["Location"].startswith(stage.twin.wecom_base)


@pytest.mark.parametrize("state", ["", "x1", "w3", "w1x1", "11"])
async def test_a_made_up_state_only_leads_to_the_platform_again(stage, state):
    url = await pushed(stage)
    async with ClientSession() as client:
        asked = client.get(f"{url}?code=x&state={state}", allow_redirects=False)
        async with asked as got:
            assert got.status == 302


async def test_a_platform_that_does_not_answer_leaves_the_other_to_be_asked(stage):
    url = await pushed(stage)
    stage.twin.faults.add("5xx", "*/auth/getuserinfo")
    page = await Page.open(stage.twin, "sun", url)
    assert page.token


async def test_a_view_of_a_menu_page_leaves_nothing(stage):
    """VIEW carries openid and address: answered with the no-op and forgotten (P3)."""
    result = await stage.twin.view_menu("li", f"{stage.base}/m/")
    assert result.reply is None
