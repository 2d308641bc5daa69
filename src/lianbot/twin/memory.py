"""What the platforms remember besides people and messages: mass sends, quotas, duplicates; all of it is saved."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lianbot.twin.phones import Content


@dataclass(slots=True, kw_only=True)
class MassJob:
    """One accepted mass send: who gets it, and the figures that the result event tells [S16]."""

    msg_id: int
    content: Content
    phones: list[str]
    to_all: bool
    asked_at: float
    status: str = "SENDING"
    total: int = 0
    filtered: int = 0
    sent: int = 0
    errors: int = 0

    def as_event(self, failed: str) -> Content:
        """The fields of MASSSENDJOBFINISH; `failed` is the status of a job that was not sent."""
        return {
            "MsgID": self.msg_id,
            "Status": "send success" if self.status == "SEND_SUCCESS" else failed,
            "TotalCount": self.total,
            "FilterCount": self.filtered,
            "SentCount": self.sent,
            "ErrorCount": self.errors,
        }


@dataclass(slots=True)
class MassBook:
    """Jobs, the clientmsgids with their moment and job, and what counts against the account's quotas."""

    jobs: dict[int, MassJob] = field(default_factory=dict)
    named: dict[str, tuple[float, int]] = field(default_factory=dict)
    days: dict[int, int] = field(default_factory=dict)
    months: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class QuotaBook:
    """Calls of the day by path, and clearings by month."""

    day: int = 0
    used: dict[str, int] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class DuplicateBook:
    """Answers to bodies sent before, by their hash, until the sender's interval ends [S71][S67]."""

    answers: dict[bytes, tuple[float, Content]] = field(default_factory=dict)
    expiries: deque[tuple[float, bytes]] = field(default_factory=deque)

    def find(self, key: bytes, now: float) -> Content | None:
        """The answer given to the same body, if its interval runs."""
        while self.expiries and self.expiries[0][0] <= now:
            expiry, old = self.expiries.popleft()
            if old in self.answers and self.answers[old][0] <= expiry:
                del self.answers[old]
        found = self.answers.get(key)
        return found[1] if found and found[0] > now else None

    def remember(self, key: bytes, until: float, payload: Content) -> None:
        """Keep this answer until then."""
        self.answers[key] = (until, payload)
        self.expiries.append((until, key))
