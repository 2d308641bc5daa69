"""`lianbot menu show|push`: the account's menu out of content/menu.yaml."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lianbot.bootstrap import content_directory, open_house
from lianbot.cli.edge import AsJson, Exit, fail, guarded, run, say, say_json
from lianbot.curriculum import load_menu
from lianbot.curriculum.records import MenuItem
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.menu import MenuButton
from lianbot.flows.menu import Pushed, menu_of, push_menu
from lianbot.ports.account import AccountDesk
from lianbot.ports.desk import AuditRow
from lianbot.settings import load_settings

app = typer.Typer(help="公众号菜单：看内容里写的，推到账号上。", no_args_is_help=True)


@app.command()
def show(
    live: Annotated[bool, typer.Option("--live", help="读账号上现在的菜单")] = False,
    as_json: AsJson = False,
) -> None:
    """content/menu.yaml 里的菜单；加 --live 看账号上现在的，和文件比一比。"""
    if live:
        menu, same = run(_live())
        _print(menu, as_json)
        if not menu and not as_json:
            say("账号上还没有菜单。")
        if not same:
            fail("和 content/menu.yaml 不一样：要换上新的，运行 lianbot menu push", Exit.PROBLEMS)
        return
    _print(_without_front(_written()), as_json)


def _written() -> Sequence[MenuItem]:
    return guarded(lambda: load_menu(content_directory(load_settings())))


def _without_front(columns: Sequence[MenuItem]) -> tuple[MenuButton, ...]:
    """The file can be looked at before any address is set."""
    front = guarded(load_settings).door_public_url
    return menu_of(columns, front or "https://front.invalid/m/")


def _print(menu: Sequence[MenuButton], as_json: bool) -> None:
    if as_json:
        say_json(
            [{"name": top.name, "children": [_entry(one) for one in top.below]} for top in menu]
        )
        return
    for top in menu:
        say(top.name)
        for one in top.below:
            say(f"  {one.name}\t{one.url or one.key}")


def _entry(button: MenuButton) -> dict[str, str]:
    target = {"url": button.url} if button.url else {"key": button.key}
    return {"name": button.name} | target


async def _live() -> tuple[tuple[MenuButton, ...], bool]:
    settings = load_settings()
    wanted = menu_of(load_menu(content_directory(settings)), settings.door_public_url)
    async with open_house(settings) as house:
        live = await _desk(house.account_desk).menu()
    return live, live == wanted


@app.command()
def push() -> None:
    """把 content/menu.yaml 推到公众号，再读回来核对；换掉账号上原来的整个菜单。"""
    pushed = run(_push())
    _print(pushed.live, as_json=False)
    if not pushed.same:
        fail("推上去了，但读回来和文件不一样：请在公众号后台看一眼，再推一次", Exit.PROBLEMS)
    say("已推到公众号，读回来一样。手机上 5 分钟内换成新的。")


async def _push() -> Pushed:
    settings = load_settings()
    menu = menu_of(load_menu(content_directory(settings)), settings.door_public_url)
    async with open_house(settings) as house:
        pushed = await push_menu(_desk(house.account_desk), menu)
        row = AuditRow(action="menu.pushed", subject="公众号菜单", after={"same": pushed.same})
        await house.audit.note(row, None, house.clock.now())
        return pushed


def _desk(desk: AccountDesk | None) -> AccountDesk:
    if desk is None:
        raise InvalidInputError("LIANBOT_OFFICIAL_APPID", "没有写，公众号没有接上，菜单推不了")
    return desk
