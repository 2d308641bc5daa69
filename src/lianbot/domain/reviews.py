"""The review ladder: when a question is asked again, and when the lead reads aloud instead (domain reference §5a)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

LADDER = (
    timedelta(days=3),
    timedelta(days=10),
    timedelta(days=30),
    timedelta(days=75),
    timedelta(days=180),
)
MOST_RESTARTS = 2
"""Wrong again after so many restarts: the lead reads it aloud, nobody is asked a fourth time."""
ASK_AGAIN = timedelta(days=14)
"""A question that found no answer comes once more after this time."""
MOST_SILENT = 2
"""Asked so often without an answer, the ladder rests: no pressure (P4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState:
    """复习 of one item by one worker. `rung` counts right answers, `due_at` None means it rests for good.

    `asked` is the delivery whose answer is awaited, `silent` how often in a row none came.
    """

    worker_id: UUID
    item: str
    rung: int
    restarts: int
    due_at: datetime | None
    asked: int | None = None
    silent: int = 0

    @property
    def read_aloud(self) -> bool:
        """Whether asking ended because it did not help: the lead's turn."""
        return self.due_at is None and self.restarts > MOST_RESTARTS


def begin(worker_id: UUID, item: str, told_at: datetime) -> ReviewState:
    """The ladder starts when the worker said 懂了."""
    return ReviewState(
        worker_id=worker_id, item=item, rung=0, restarts=0, due_at=told_at + LADDER[0]
    )


def ask(state: ReviewState, delivery: int, at: datetime) -> ReviewState:
    """A question was planned; without an answer it comes once more, then it rests."""
    silent = state.silent + 1
    again = at + ASK_AGAIN if silent < MOST_SILENT else None
    return replace(state, asked=delivery, silent=silent, due_at=again)


def put_off(state: ReviewState, at: datetime) -> ReviewState:
    """A question whose row was skipped (a cap, a festival, nobody to reach) was never asked: no silence is counted."""
    return replace(state, due_at=at + ASK_AGAIN)


def answered(state: ReviewState, right: bool, at: datetime) -> ReviewState:
    """Right climbs a rung; wrong starts again at 3 days, at most twice, then `read_aloud`."""
    heard = replace(state, asked=None, silent=0)
    if right:
        rung = state.rung + 1
        due = at + LADDER[rung] if rung < len(LADDER) else None
        return replace(heard, rung=rung, due_at=due)
    restarts = state.restarts + 1
    due = at + LADDER[0] if restarts <= MOST_RESTARTS else None
    return replace(heard, rung=0, restarts=restarts, due_at=due)
