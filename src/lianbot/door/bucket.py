"""The global bucket: how much the door takes from everybody together; it knows no addresses."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lianbot.sealing.stamps import CALM_BITS

PER_HOUR = 30
PER_DAY = 100


@dataclass(kw_only=True)
class Bucket:
    """Tokens for new envelopes, in memory only.

    Half of the hour and half of the day are open to letters without a stamp (other programs may write to the door);
    the rest is kept for the page, whose stamp grows dearer as the bucket empties. So a flood
    without work cannot shut anybody out.
    """

    seconds: Callable[[], float]
    per_hour: int = PER_HOUR
    per_day: int = PER_DAY
    _hour: float = field(init=False)
    _day: float = field(init=False)
    _looked: float = field(init=False)

    def __post_init__(self) -> None:
        self._hour, self._day, self._looked = self.per_hour, self.per_day, self.seconds()

    def take(self, bits: int) -> bool:
        """One token for a letter whose stamp has `bits` zero bits."""
        self._refill()
        if self._hour < 1 or self._day < 1 or bits < self._wanted():
            return False
        self._hour -= 1
        self._day -= 1
        return True

    def _wanted(self) -> int:
        left = min(self._hour / self.per_hour, self._day / self.per_day)
        if left > 1 / 2:
            return 0
        return CALM_BITS + (left <= 1 / 3) + (left <= 1 / 6)

    def _refill(self) -> None:
        now = self.seconds()
        passed = max(0.0, now - self._looked)
        self._looked = now
        self._hour = min(self.per_hour, self._hour + passed * self.per_hour / 3600)
        self._day = min(self.per_day, self._day + passed * self.per_day / 86400)
