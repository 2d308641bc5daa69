"""The almanac: days of the year's nodes, days off and make-up working days, as the content table says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from lianbot.domain.errors import InvalidInputError

SATURDAY = 5
A_DAY = timedelta(days=1)
MOST_STEPS = 60
"""Working days are counted one by one; nobody asks for more than this before a festival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Almanac:
    """Nothing here is computed from a lunar calendar: `days` are the table's, first day of each node by year.

    `off` are announced days off, `make_up` the weekend days that are worked for them (调休).
    """

    days: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
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


NO_ALMANAC = Almanac()
