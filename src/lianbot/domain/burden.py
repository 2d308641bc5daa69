"""负担: messages and estimated seconds asked of one worker in a period."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CHARACTERS_A_MINUTE = 150
"""Planned reading speed (domain reference §5a)."""
A_QUESTION = 20
"""Seconds for one scenario question and its reason: a plan's figure, nobody is timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """Adds up; `seconds` are estimated from the length of what was shown, never measured on a person."""

    messages: int = 0
    seconds: int = 0

    def __add__(self, other: "Burden") -> "Burden":
        return Burden(
            messages=self.messages + other.messages, seconds=self.seconds + other.seconds
        )

    def times(self, count: int) -> "Burden":
        return Burden(messages=self.messages * count, seconds=self.seconds * count)


def burden_of(text: str, *, asks: bool) -> Burden:
    """Of one message; `asks` says that a question comes with it."""
    reading = math.ceil(len("".join(text.split())) * 60 / CHARACTERS_A_MINUTE)
    return Burden(messages=1, seconds=reading + (A_QUESTION if asks else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A month of everybody: sums and how they are spread; nobody is named and nobody ranked (P4).

    `workers_by_messages`: how many people got one message, two, …
    """

    workers: int
    total: Burden
    most: Burden
    workers_by_messages: Mapping[int, int]

    @property
    def seconds_each(self) -> int:
        """On average, of those who got anything."""
        return round(self.total.seconds / self.workers) if self.workers else 0


def spread_of(found: Iterable[Burden]) -> Spread:
    burdens = list(found)
    counted = Counter(one.messages for one in burdens)
    return Spread(
        workers=len(burdens),
        total=sum(burdens, Burden()),
        most=Burden(
            messages=max((one.messages for one in burdens), default=0),
            seconds=max((one.seconds for one in burdens), default=0),
        ),
        workers_by_messages={count: counted[count] for count in sorted(counted)},
    )
