"""Reply windows of the Official Account: what a worker's own act allows us to say, and until when (§B1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lianbot.domain.messages import InboundKind


class Act(StrEnum):
    """What a worker did in the chat. A `view` menu item is not among them: it opens no window [S19]."""

    MESSAGE = "message"
    CLICK = "click"
    SCAN = "scan"
    SUBSCRIBE = "subscribe"
    MENU_TAP = "menu_tap"


class Adding(StrEnum):
    """Whether a new act replaces older grants or adds to them: UNCONFIRMED for accounts [S22][S23]."""

    REPLACE = "replace"
    ADD = "add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many messages for so long."""

    messages: int
    lasts: timedelta


ALLOWANCES: dict[Act, Allowance] = {
    Act.MESSAGE: Allowance(messages=5, lasts=timedelta(hours=48)),
    Act.CLICK: Allowance(messages=3, lasts=timedelta(minutes=1)),
    Act.SCAN: Allowance(messages=3, lasts=timedelta(minutes=1)),
    Act.SUBSCRIBE: Allowance(messages=3, lasts=timedelta(minutes=1)),
    # read literally: a tap in a msgmenu is a menu tap although a text arrives [S20]
    Act.MENU_TAP: Allowance(messages=3, lasts=timedelta(minutes=1)),
}
"""[S19][S20][S21]; 20 messages before 2023-06-12."""

_ACTS: dict[InboundKind, Act] = {
    InboundKind.TEXT: Act.MESSAGE,
    InboundKind.VOICE: Act.MESSAGE,
    InboundKind.PICTURE: Act.MESSAGE,
    InboundKind.OTHER_MEDIA: Act.MESSAGE,
    InboundKind.CARD_TAP: Act.MENU_TAP,
    InboundKind.MENU_CLICK: Act.CLICK,
    InboundKind.SCAN: Act.SCAN,
    InboundKind.SUBSCRIBE: Act.SUBSCRIBE,
}


def act_of(kind: InboundKind) -> Act | None:
    """None for what opens no window: `view`, unsubscribe, results, and whatever is dropped."""
    return _ACTS.get(kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """So many messages until then."""

    until: datetime
    left: int


Grants = tuple[Grant, ...]


def granted(grants: Grants, act: Act, now: datetime, adding: Adding = Adding.REPLACE) -> Grants:
    """The grants after an act. Replacing is the safe reading: it never counts on more than there is."""
    allowance = ALLOWANCES[act]
    fresh = Grant(until=now + allowance.lasts, left=allowance.messages)
    if adding is Adding.ADD:
        return (*open_ones(grants, now), fresh)
    longer = [one for one in open_ones(grants, now) if one.until > fresh.until]
    # a tap does not shorten the two days that a message opened; its own messages are not added to them
    return (*longer, fresh) if not longer else tuple(longer)


def spent(grants: Grants, now: datetime) -> Grants | None:
    """One message fewer of the grant that runs out first; None when no window is open."""
    usable = open_ones(grants, now)
    if not usable:
        return None
    first = usable[0]
    rest = usable[1:]
    return (replace(first, left=first.left - 1), *rest) if first.left > 1 else rest


def open_ones(grants: Sequence[Grant], now: datetime) -> Grants:
    """Those that still allow something, the one that runs out first in front."""
    usable = [one for one in grants if one.until > now and one.left > 0]
    return tuple(sorted(usable, key=lambda one: one.until))


def left(grants: Sequence[Grant], now: datetime) -> int:
    """How many messages may be sent now."""
    return sum(one.left for one in open_ones(grants, now))


def whole_hour(moment: datetime) -> datetime:
    """The hour a moment lies in, its beginning: what is kept of a worker's act is never finer (P3)."""
    return moment.replace(minute=0, second=0, microsecond=0)
