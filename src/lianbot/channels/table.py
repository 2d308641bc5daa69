"""The error table: what a platform's number means for staff and which action follows from it."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from lianbot.domain.messages import SendAction
from lianbot.domain.people import ChannelKind

UNLISTED_MEANING: Final = "错误码表里没有这一条：不再重试，请按平台文档核对"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEntry:
    """One row of the table: the action of the retry policy and a Chinese line for staff."""

    action: SendAction
    meaning: str


_UNLISTED: Final = ErrorEntry(action=SendAction.UNLISTED, meaning=UNLISTED_MEANING)


@cache
def entries(channel: ChannelKind) -> dict[int, ErrorEntry]:
    """All listed codes of a channel, read once from the package data."""
    raw = json.loads(files(__package__).joinpath("errcodes.json").read_text(encoding="utf-8"))
    return {
        int(code): ErrorEntry(action=SendAction(row["action"]), meaning=row["meaning"])
        for code, row in raw[channel.value].items()
    }


def action_for(channel: ChannelKind, errcode: int) -> SendAction:
    """The action of a code; a code nobody listed is final with an alert, never a loop."""
    return entries(channel).get(errcode, _UNLISTED).action


def meaning_of(channel: ChannelKind, errcode: int) -> str:
    """What staff read beside the number."""
    return entries(channel).get(errcode, _UNLISTED).meaning
