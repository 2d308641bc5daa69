"""What is asked of an Official Account itself, beside messages: its menu and its parametric codes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from lianbot.domain.errors import LianbotError
from lianbot.domain.menu import MenuButton


class AccountRefusedError(LianbotError):
    """The platform refused, or could not be asked; the sentence names its code and the mend."""


class AccountDesk(Protocol):
    """One Official Account as its owner sees it. Every call raises AccountRefusedError."""

    async def put_menu(self, menu: Sequence[MenuButton]) -> None:
        """Replaces the whole menu for everybody; phones show it within five minutes [S13]."""
        ...

    async def menu(self) -> tuple[MenuButton, ...]:
        """As it lies on the account; empty when there is none."""
        ...

    async def scene_code(self, scene: str, life: timedelta | None) -> str:
        """The address that a parametric code carries (≤ 30 days, or permanent: 100,000 an account [S64])."""
        ...
