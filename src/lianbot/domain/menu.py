"""An account's own menu: three columns of up to five buttons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuButton:
    """A column (`below`), a tap that comes back (`key`), or a page that opens (`url`)."""

    name: str
    key: str = ""
    url: str = ""
    below: tuple["MenuButton", ...] = ()
