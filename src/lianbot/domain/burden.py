"""负担: messages and estimated seconds asked of one worker in a period."""

import math
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
