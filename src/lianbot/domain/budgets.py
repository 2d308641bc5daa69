"""What an account may hand to its platform in a period, all processes together (platform reference §B1, §C3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lianbot.domain.calendar import start_of_local_day
from lianbot.domain.people import ChannelKind

MEMBER_MINUTE, MEMBER_HOUR = 30, 1000
"""WeCom drops what one member gets beyond that from one app, without a word and with errcode 0 [S71][S72]."""
KEPT_FOR_PEOPLE = 20
"""One in so many is kept for whoever writes to us: pushes never spend the whole of a budget."""


class Period(StrEnum):
    """Periods begin on the clock: minute and hour anywhere, the day in the platforms' own zone."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    def start(self, now: datetime) -> datetime:
        match self:
            case Period.MINUTE:
                return now.replace(second=0, microsecond=0)
            case Period.HOUR:
                return now.replace(minute=0, second=0, microsecond=0)
            case Period.DAY:
                return start_of_local_day(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`limit` messages (one a person) through `api` of a channel in each `period`."""

    channel: ChannelKind
    api: str
    period: Period
    limit: int

    @property
    def for_pushes(self) -> int:
        """What pushes may spend of it."""
        return self.limit - self.limit // KEPT_FOR_PEOPLE


def member_may_get_more(pushes: Sequence[datetime], now: datetime) -> datetime | None:
    """None when one more message to this person is shown; else the moment from which it is."""
    for most, span in (
        (MEMBER_MINUTE, timedelta(minutes=1)),
        (MEMBER_HOUR, timedelta(hours=1)),
    ):
        recent = sorted(moment for moment in pushes if moment > now - span)
        if len(recent) >= most:
            return recent[-most] + span
    return None
