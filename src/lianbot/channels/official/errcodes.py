"""The Official Account's side of the error table, and the codes that its client must know by name."""

from typing import Final

from lianbot.channels import table
from lianbot.domain.messages import SendAction
from lianbot.domain.people import ChannelKind

BUSY: Final = -1
OK: Final = 0
NO_RIGHT: Final = frozenset({48001, 40200, 40037})
"""This API is not for this account, or the template is not its own: custom messages may work all the same [S26][S28]."""


def action_for(errcode: int) -> SendAction:
    """The action for a code of the Official Account."""
    return table.action_for(ChannelKind.OFFICIAL, errcode)


def meaning_of(errcode: int) -> str:
    """The line for staff."""
    return table.meaning_of(ChannelKind.OFFICIAL, errcode)
