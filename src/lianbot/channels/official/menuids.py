"""What a msgmenu line carries back when it is tapped: the task and the button's key in one id."""

from typing import Final

_BETWEEN: Final = ":"
"""No task holds a colon (`[0-9A-Za-z_@-]`), so the first one ends it; keys may hold more."""


def join_menu_id(task: str, key: str) -> str:
    """The id of one line."""
    return f"{task}{_BETWEEN}{key}"


def split_menu_id(menu_id: str) -> tuple[str, str]:
    """Task and key; a foreign id without a colon is a key without a task."""
    task, between, key = menu_id.partition(_BETWEEN)
    return (task, key) if between else ("", menu_id)
