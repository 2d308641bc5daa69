"""Faults by rule: which call goes wrong, how, how often; seeded, so that a run can be repeated."""

from __future__ import annotations

import fnmatch
import random
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from lianbot.twin.accounts import ConfigError


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    LATENCY = "latency"
    SERVER_ERROR = "5xx"
    DROP_BEFORE = "drop_before"
    DROP_AFTER_ACCEPT = "drop_after_accept"
    RESET = "reset"
    HTML_200 = "html200"
    EMPTY = "empty"
    ERRCODE = "errcode"
    TOKEN_EXPIRY = "token_expiry"  # noqa: S105 - a kind of fault
    DUPLICATE_CALLBACK = "duplicate_callback"
    OUT_OF_ORDER = "out_of_order"


CALLBACK_KINDS = frozenset(
    {FaultKind.DUPLICATE_CALLBACK, FaultKind.OUT_OF_ORDER, FaultKind.LATENCY}
)


@dataclass(slots=True, kw_only=True)
class FaultRule:
    """One rule.

    `path` is a shell pattern on the twin's path (`*/message/send`); pushes to the bot have the
    paths `/callback/wecom` and `/callback/official`. Of the first `after` matching calls none is
    struck; then every `every`-th, or each with `probability`; at most `count` in all.
    `accepted` lets 5xx, reset, html200 and empty happen after the platform did its work.
    """

    id: int
    path: str
    kind: FaultKind
    probability: float = 1.0
    every: int = 0
    count: int = 0
    after: int = 0
    seconds: float = 0.05
    jitter: float = 0.0
    errcode: int = -1
    errmsg: str = "system busy"
    status: int = 502
    accepted: bool = False
    seen: int = 0
    struck: int = 0


class Faults:
    """The rules in force; empty costs one dictionary look-up a call."""

    def __init__(self, seed: int | None = None) -> None:
        self.rules: list[FaultRule] = []
        self._next_id = 1
        self._random = random.Random(seed)  # noqa: S311 - repeatable faults, no secret
        self._by_path: dict[str, list[FaultRule]] = {}

    def seed(self, seed: int) -> None:
        """Start the dice again."""
        self._random.seed(seed)

    def add(self, kind: str, path: str = "*", **options: Any) -> FaultRule:
        """A new rule; ConfigError names a wrong option."""
        try:
            known = FaultKind(kind)
        except ValueError:
            kinds = ", ".join(each.value for each in FaultKind)
            raise ConfigError(f"kind: {kind!r} is not one of {kinds}") from None
        rule = FaultRule(id=self._next_id, path=path, kind=known)
        for name, value in options.items():
            _set_option(rule, name, value)
        self._next_id += 1
        self.rules.append(rule)
        self._by_path.clear()
        return rule

    def remove(self, rule_id: int) -> bool:
        """Whether there was such a rule."""
        before = len(self.rules)
        self.rules = [each for each in self.rules if each.id != rule_id]
        self._by_path.clear()
        return len(self.rules) < before

    def clear(self) -> None:
        """No faults any more."""
        self.rules.clear()
        self._by_path.clear()

    def replace(self, rules: list[FaultRule]) -> None:
        """Other rules instead of these, with their counts."""
        self.rules = list(rules)
        self._next_id = max((each.id for each in rules), default=0) + 1
        self._by_path.clear()

    def strikes(self, path: str) -> list[FaultRule]:
        """The rules that strike this call, latencies first, at most one other."""
        found = self._by_path.get(path)
        if found is None:
            found = [each for each in self.rules if fnmatch.fnmatchcase(path, each.path)]
            found.sort(key=lambda each: each.kind is not FaultKind.LATENCY)
            self._by_path[path] = found
        hits: list[FaultRule] = []
        for rule in found:
            if self._strikes(rule):
                hits.append(rule)
                if rule.kind is not FaultKind.LATENCY:
                    break
        return hits

    def delay(self, rule: FaultRule) -> float:
        """Seconds of a latency rule, with its jitter."""
        if not rule.jitter:
            return rule.seconds
        return max(0.0, rule.seconds + self._random.uniform(-rule.jitter, rule.jitter))

    def as_json(self) -> list[dict[str, Any]]:
        """The rules with how often each struck."""
        return [asdict(each) for each in self.rules]

    def _strikes(self, rule: FaultRule) -> bool:
        rule.seen += 1
        turn = rule.seen - rule.after
        if turn <= 0 or (rule.count and rule.struck >= rule.count):
            return False
        if rule.every:
            hit = turn % rule.every == 0
        else:
            hit = rule.probability >= 1 or self._random.random() < rule.probability
        rule.struck += hit
        return hit


_RANGES: dict[str, tuple[type, float, float]] = {
    "probability": (float, 0.0, 1.0),
    "every": (int, 0, 1_000_000),
    "count": (int, 0, 1_000_000),
    "after": (int, 0, 1_000_000),
    "seconds": (float, 0.0, 600.0),
    "jitter": (float, 0.0, 600.0),
    "errcode": (int, -1, 999_999_999),
    "status": (int, 500, 599),
}


def _set_option(rule: FaultRule, name: str, value: Any) -> None:
    if name == "errmsg" and isinstance(value, str):
        rule.errmsg = value
        return
    if name == "accepted" and isinstance(value, bool):
        rule.accepted = value
        return
    if name not in _RANGES:
        known = ", ".join((*_RANGES, "errmsg", "accepted"))
        raise ConfigError(f"{name}: no such option or wrong type; known: {known}")
    kind, low, high = _RANGES[name]
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not low <= value <= high or (kind is int and value != int(value)):
        raise ConfigError(f"{name}: {value!r} must be a number from {low:g} to {high:g}")
    setattr(rule, name, kind(value))
