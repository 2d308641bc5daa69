"""The account's menu out of the content: built, pushed, read back and compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.menu import MenuButton
from lianbot.ports.account import AccountDesk

URL_BYTES = 1024


class Written(Protocol):
    """An entry as content/menu.yaml has it."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str | None: ...
    @property
    def page(self) -> str | None: ...


class WrittenColumn(Written, Protocol):
    @property
    def children(self) -> "Sequence[Written]": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What lies on the account afterwards; `same` when it is what was pushed."""

    live: tuple[MenuButton, ...]
    same: bool


def menu_of(columns: Sequence[WrittenColumn], front_url: str) -> tuple[MenuButton, ...]:
    """The buttons of the file. One front page for everybody: its address carries nothing of anybody (P3).

    Raises InvalidInputError naming the setting when there is no front page to open.
    """
    return tuple(
        MenuButton(
            name=column.name, below=tuple(_button(one, front_url) for one in column.children)
        )
        for column in columns
    )


def _button(entry: Written, front_url: str) -> MenuButton:
    if entry.page is None:
        return MenuButton(name=entry.name, key=entry.key or "")
    if not front_url.startswith(("https://", "http://")) or len(front_url.encode()) > URL_BYTES:
        raise InvalidInputError(
            "LIANBOT_DOOR_PUBLIC_URL",
            f"菜单里的“{entry.name}”要打开首页：写首页的外网地址，以 https:// 开头，不超过 {URL_BYTES} 字节",
        )
    return MenuButton(name=entry.name, url=front_url)


async def push_menu(desk: AccountDesk, menu: tuple[MenuButton, ...]) -> Pushed:
    """Replaces the menu and reads it back. Raises AccountRefusedError."""
    await desk.put_menu(menu)
    live = await desk.menu()
    return Pushed(live=live, same=live == menu)
