"""Shared by all tests: a clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fakes.content import write_content


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


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content folder of three lessons: fast, and independent of what the repository teaches today."""
    return write_content(tmp_path_factory.mktemp("content"))
