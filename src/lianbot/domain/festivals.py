"""The almanac: days of the year's nodes, days off and make-up working days, as the content table says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from lianbot.domain.errors import InvalidInputError

SATURDAY = 5
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)
MOST_STEPS = 60
"""Working days are counted one by one; nobody asks for more than this before a festival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Almanac:
    """Nothing here is computed from a lunar calendar: `days` are the table's, first day of each node by year.

    `until` is the last day of a node that is a season, by node and first day. `off` are announced days off, `make_up`
    the weekend days that are worked for them (调休).
    """

    days: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[tuple[str, date], date] = field(default_factory=dict)
    off: frozenset[date] = frozenset()
    make_up: frozenset[date] = frozenset()

    def days_of(self, node: str) -> tuple[date, ...]:
        """Raises InvalidInputError naming the node."""
        if node not in self.days:
            known = "、".join(sorted(self.days)) or "一个也没有"
            raise InvalidInputError(
                f"节点 {node}", f"content/calendar.yaml 里没有，有的是：{known}"
            )
        return self.days[node]

    def name_of(self, node: str) -> str:
        return self.names.get(node, node)

    def is_working(self, day: date) -> bool:
        """Make-up days count as working days, announced days off do not."""
        return day in self.make_up or (day.weekday() < SATURDAY and day not in self.off)

    def shifted(self, day: date, offset: int, *, working: bool) -> date:
        """`offset` days before (negative) or after the day; `working` counts working days only."""
        if not working:
            return day + timedelta(days=offset)
        step = A_DAY if offset > 0 else -A_DAY
        left = min(abs(offset), MOST_STEPS)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def ends_on(self, node: str, due: date, offset: int, *, working: bool) -> date:
        """The last local day on which a message that was due on `due`, so many days from the node, still makes sense.

        Before a festival that is the festival's own last day: nobody is warned of what is over. After it the
        message has a week. A day that is not the table's (people added later) belongs to the nearest.
        """
        moments = [(self.shifted(day, offset, working=working), day) for day in self.days_of(node)]
        if not moments:
            return due + A_WEEK
        meant, day = min(moments, key=lambda pair: abs(pair[0] - due))
        last = self.until.get((node, day), day)
        return last if offset < 0 else max(last, meant + A_WEEK)


NO_ALMANAC = Almanac()
