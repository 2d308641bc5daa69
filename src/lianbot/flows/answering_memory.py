"""What answering remembers: the topic of the last ten minutes, and how often a topic was asked."""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final

from lianbot.domain.codes import Topic

TOPIC_STAYS: Final = timedelta(minutes=10)
MOST_ASKERS: Final = 20_000
"""Oldest forgotten first; nothing is lost but one follow-up's context."""
SHOWN_FROM: Final = 5
"""A topic asked less often would point at somebody."""


class TopicMemory:
    """Asker → topic, in memory only, never a word of what was typed."""

    def __init__(self) -> None:
        self._until: OrderedDict[Hashable, tuple[Topic, datetime]] = OrderedDict()

    def before(self, asker: Hashable, now: datetime) -> Topic | None:
        """The topic this asker had within the last ten minutes."""
        kept = self._until.get(asker)
        if kept is None or kept[1] <= now:
            self._until.pop(asker, None)
            return None
        return kept[0]

    def keep(self, asker: Hashable, topic: Topic, now: datetime) -> None:
        self._until[asker] = (topic, now + TOPIC_STAYS)
        self._until.move_to_end(asker)
        while len(self._until) > MOST_ASKERS or self._oldest_is_over(now):
            self._until.popitem(last=False)

    def _oldest_is_over(self, now: datetime) -> bool:
        oldest = next(iter(self._until.values()))
        return oldest[1] <= now


class TopicTally:
    """How often each topic was asked; small counts are never kept."""

    def __init__(self) -> None:
        self._counts: Counter[Topic] = Counter()

    def add(self, topic: Topic) -> None:
        self._counts[topic] += 1

    def take(self) -> Counter[Topic]:
        """All counts since the last call; what is asked from now on is counted anew."""
        taken, self._counts = self._counts, Counter()
        return taken

    def give_back(self, taken: Counter[Topic]) -> None:
        """What could not be kept is there for the next time, with what came meanwhile."""
        self._counts.update(taken)


def worth_keeping(counts: Counter[Topic]) -> dict[Topic, int]:
    """Topics asked at least five times."""
    return {topic: n for topic, n in sorted(counts.items()) if n >= SHOWN_FROM}
