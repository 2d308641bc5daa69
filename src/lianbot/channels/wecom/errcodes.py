"""WeCom's side of the error table, and the codes that its client must know by name."""

from typing import Final

from lianbot.channels import table
from lianbot.domain.messages import SendAction
from lianbot.domain.people import ChannelKind

BUSY: Final = -1
OK: Final = 0
NOBODY_VALID: Final = 81013
"""Every addressee invalid: for a message to one worker the same fact as `invaliduser` naming that worker [S67]."""
MEDIA_GONE: Final = 40007
"""The media id is none any more."""
NOT_LICENSED: Final = 701008
"""Nobody licensed: likewise `unlicenseduser`."""


def action_for(errcode: int) -> SendAction:
    """The action for a WeCom code."""
    return table.action_for(ChannelKind.WECOM, errcode)


def meaning_of(errcode: int) -> str:
    """The line for staff."""
    return table.meaning_of(ChannelKind.WECOM, errcode)
