"""The account's own menu and parametric codes through the twin: pushed, read back, compared, refused in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fakes.house import Person, text_of
from lianbot.cli.menu import _live, _push
from lianbot.curriculum import load_menu
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.menu import MenuButton
from lianbot.flows.menu import menu_of, push_menu
from lianbot.phrases import replies
from lianbot.ports.account import AccountRefusedError
from lianbot.settings import variables
from lianbot.storage.tables import audit
from lianbot.twin.accounts import AccountKind

CONTENT = Path(__file__).parents[2] / "content"
FRONT = "https://lj.example.edu.cn/m/"


@pytest.fixture
async def stage(staged):
    async with staged([Person(account="li", wecom=False, official=True)]) as stage:
        yield stage


@pytest.fixture
def desk(stage):
    assert stage.house.account_desk is not None
    return stage.house.account_desk


def test_the_menu_of_the_library_is_three_by_five_with_one_common_front_page():
    menu = menu_of(load_menu(CONTENT), FRONT)
    assert len(menu) == 3 and all(1 <= len(column.below) <= 5 for column in menu)
    assert [one.url for column in menu for one in column.below if one.url] == [FRONT]


def test_without_a_front_page_the_setting_is_named():
    with pytest.raises(InvalidInputError, match="LIANBOT_DOOR_PUBLIC_URL"):
        menu_of(load_menu(CONTENT), "")


async def test_pushed_is_read_back_the_same_and_replaces_what_was_there(stage, desk):
    menu = menu_of(load_menu(CONTENT), FRONT)
    assert await desk.menu() == ()
    pushed = await push_menu(desk, menu)
    assert pushed.same and pushed.live == menu
    assert stage.twin.world.official.menu["button"][0]["name"] == menu[0].name
    other = (MenuButton(name="别的", key="help"),)
    assert (await push_menu(desk, other)).live == other


async def test_a_refusal_names_the_code_and_what_it_means(stage, desk):
    too_long = (MenuButton(name="五个字太长", key="help"),)
    with pytest.raises(AccountRefusedError, match="40018"):
        await push_menu(desk, too_long)
    stage.twin.world.official.kind = AccountKind.SUBSCRIPTION_UNVERIFIED
    with pytest.raises(AccountRefusedError, match="48001"):
        await desk.menu()


async def test_codes_for_a_while_and_for_good(stage, desk):
    for life in (None, timedelta(days=30), timedelta(days=400)):
        url = await desk.scene_code("b482199350217", life)
        assert url.startswith("http://weixin.qq.com/q/")
    lives = [one.expires for one in stage.twin.world.tickets.values()]
    now = stage.twin.clock.now()
    assert lives[0] == float("inf")
    assert lives[1:] == [pytest.approx(now + 2_592_000, abs=5)] * 2
    with pytest.raises(AccountRefusedError, match="40035"):
        await desk.scene_code("x" * 65, None)


async def test_the_commands_push_and_look(stage, monkeypatch):
    values = variables(stage.house.settings) | {
        "LIANBOT_DOOR_PUBLIC_URL": FRONT,
        "LIANBOT_CONTENT_DIR": str(CONTENT),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert (await _live())[1] is False
    assert (await _push()).same
    live, same = await _live()
    assert same and live[2].below[0].url == FRONT
    async with stage.house.database.read() as connection:
        rows = await connection.execute(select(audit.c.action).order_by(audit.c.id.desc()))
        assert rows.scalars().first() == "menu.pushed"


async def test_the_menus_first_column_leads_to_the_newest_push_and_the_own_record(staged):
    async with staged([Person(account="wang")]) as stage:
        empty = await stage.twin.click_menu("wang", "item:latest")
        assert text_of(empty.reply) == replies.NOTHING_LATEST
        await stage.push()
        page = await stage.page("wang")
        for key in ("item:latest", "item:voice", "item:quiz"):
            assert page in text_of((await stage.twin.click_menu("wang", key)).reply)
        record = await stage.twin.click_menu("wang", "my:record")
        assert f"{stage.base}/m/me" in text_of(record.reply)


async def test_every_key_of_the_menu_is_answered_with_its_own_screen(staged):
    """A key that nobody understands would show the help screen: only 我想问问 may."""
    async with staged([Person(account="wang")]) as stage:
        await stage.push()
        keys = [
            one.key
            for column in menu_of(load_menu(CONTENT), FRONT)
            for one in column.below
            if one.key
        ]
        shown = {key: text_of((await stage.twin.click_menu("wang", key)).reply) for key in keys}
        assert [key for key in keys if shown[key] == shown["help"]] == ["help"]
