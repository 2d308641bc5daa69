"""Shared by all tests: a clock that stands still until it is moved."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fakes.content import write_content
from fakes.folders import throwaway

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(throwaway()))

# a busy machine is no fault of the code: time decides nothing in a test
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


REQUIRED = {
    "LIANBOT_REQUIRE_BROWSER": Path("/usr/bin/chromium"),
    "LIANBOT_REQUIRE_NGINX": Path("/usr/sbin/nginx"),
}


def pytest_configure(config: pytest.Config) -> None:
    """CI sets these variables: there a missing program is a failure, not a skip."""
    for name, program in REQUIRED.items():
        if os.environ.get(name) and not program.exists():
            raise pytest.UsageError(f"{name} is set, but {program} is missing")


class StandingClock:
    """Starts on Tuesday 2026-12-01 14:07 Asia/Shanghai, as the demo does."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **how: float) -> None:
        self.moment += timedelta(**how)


@pytest.fixture(autouse=True)
def loggers_as_found() -> Iterator[None]:
    """A test that sets up logs leaves them as it found them: another one proves what aiohttp writes by itself."""
    names = ("aiohttp.server", "aiohttp.access", "alembic", "sqlalchemy", "apscheduler")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.level, one.filters[:]) for one in loggers]
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    for one, (found_level, filters) in zip(loggers, before, strict=True):
        one.setLevel(found_level)
        one.filters[:] = filters
    root.setLevel(level)
    for handler in root.handlers[:]:
        if handler not in handlers and type(handler) in (
            logging.FileHandler,
            logging.StreamHandler,
        ):
            root.removeHandler(handler)
            handler.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A content folder of three lessons: fast, and independent of what the repository teaches today."""
    return write_content(tmp_path_factory.mktemp("content"))
