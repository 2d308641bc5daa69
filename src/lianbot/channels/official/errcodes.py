"""The Official Account's side of the error table, and the codes that its client must know by name."""

from typing import Final

from lianbot.channels import table
from lianbot.domain.messages import SendAction
from lianbot.domain.people import ChannelKind

BUSY: Final = -1
OK: Final = 0


def action_for(errcode: int) -> SendAction:
    """The action for a code of the Official Account."""
    return table.action_for(ChannelKind.OFFICIAL, errcode)


def meaning_of(errcode: int) -> str:
    """The line for staff."""
    return table.meaning_of(ChannelKind.OFFICIAL, errcode)
