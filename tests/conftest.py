"""Shared by all tests: a clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

import pytest


class StandingClock:
    """Starts on Tuesday 2026-12-01 14:07 Asia/Shanghai, as the demo does."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **how: float) -> None:
        self.moment += timedelta(**how)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()
