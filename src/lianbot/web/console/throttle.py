"""How often a sign-in may fail: by name and altogether, the same whether the name exists or not."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PER_NAME = 5
PER_NAME_WINDOW = timedelta(minutes=10)
ALTOGETHER = 60
ALTOGETHER_WINDOW = timedelta(minutes=1)
MOST_NAMES = 2_000
"""Names remembered; the oldest goes first. An attacker who floods it is held by the limit for all."""


@dataclass(slots=True)
class Throttle:
    """Failures of the last minutes, in memory; the account's own row keeps what must survive a restart."""

    _by_name: "OrderedDict[str, deque[datetime]]" = field(default_factory=OrderedDict)
    _all: deque[datetime] = field(default_factory=deque)

    def blocked(self, name: str, now: datetime) -> bool:
        """Whether another try has to wait, before anything is looked up."""
        _drop(self._all, now - ALTOGETHER_WINDOW)
        mine = self._by_name.get(name)
        if mine is not None:
            _drop(mine, now - PER_NAME_WINDOW)
        return len(self._all) >= ALTOGETHER or (mine is not None and len(mine) >= PER_NAME)

    def failed(self, name: str, now: datetime) -> None:
        self._all.append(now)
        self._by_name.setdefault(name, deque()).append(now)
        self._by_name.move_to_end(name)
        while len(self._by_name) > MOST_NAMES:
            self._by_name.popitem(last=False)

    def succeeded(self, name: str) -> None:
        self._by_name.pop(name, None)


def _drop(times: deque[datetime], before: datetime) -> None:
    while times and times[0] < before:
        times.popleft()
