"""Access tokens: issue, life, early death and the codes a wrong one is answered with."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass, field

LIFE = 7200.0  # [S69][S32]
_LETTERS = string.ascii_letters + string.digits + "-_"


def random_word(dice: random.Random, size: int) -> str:
    """An opaque string of `size` characters."""
    return "".join(dice.choices(_LETTERS, k=size))


@dataclass(slots=True)
class Refusal:
    """An errcode with its message, as the platform would answer."""

    errcode: int
    errmsg: str


@dataclass(slots=True)
class TokenBook:
    """All tokens ever issued for one account, each with the second of its death."""

    dice: random.Random
    unknown: Refusal
    size: int = 214
    current: str = ""
    current_dies: float = 0.0
    dies: dict[str, float] = field(default_factory=dict)
    issued: int = 0

    def issue(self, now: float, life: float = LIFE) -> str:
        """A new current token; the older ones keep their own end."""
        self.current = random_word(self.dice, self.size)
        self.current_dies = now + life
        self.dies[self.current] = self.current_dies
        self.issued += 1
        return self.current

    def end(self, token: str, when: float) -> None:
        """Let this token die at `when`, not later than it would anyway."""
        if token in self.dies:
            self.dies[token] = min(self.dies[token], when)
        if token == self.current:
            self.current_dies = self.dies.get(token, 0.0)

    def end_all(self, now: float) -> None:
        """Every token expires at once."""
        for token in self.dies:
            self.end(token, now)

    def forget_all(self) -> None:
        """Every token becomes unknown, as after a reset of the secret."""
        self.dies.clear()
        self.current, self.current_dies = "", 0.0

    def refusal(self, token: str | None, now: float) -> Refusal | None:
        """None for a good token."""
        if not token:
            return Refusal(41001, "access_token missing")
        dies = self.dies.get(token)
        if dies is None:
            return self.unknown
        if dies <= now:
            return Refusal(42001, "access_token expired")
        return None
