"""A process of the web alone: it learns what others change, and keeps the day's counts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from lianbot.runner.ticker import day_ended
from lianbot.runner.watch import Watch


@dataclass
class Notebook:
    asked: list[str] = field(default_factory=list)
    fail: Exception | None = None

    async def refresh_directory(self) -> None:
        self.asked.append("refresh")
        if self.fail:
            raise self.fail

    async def keep_topics(self) -> None:
        self.asked.append("topics")


@pytest.fixture
def book() -> Notebook:
    return Notebook()


@pytest.fixture
def watch(book, clock) -> Watch:
    return Watch(upkeep=book, clock=clock, seconds=5)


async def test_every_look_learns_what_others_changed(watch, book):
    await watch.look()
    await watch.look()
    assert book.asked == ["refresh", "refresh"]


async def test_the_days_counts_are_kept_once_after_2355(watch, book, clock):
    await watch.look()
    clock.pass_(hours=9, minutes=47)  # 23:54
    await watch.look()
    clock.pass_(minutes=1)
    await watch.look()
    clock.pass_(hours=1)
    await watch.look()
    assert book.asked.count("topics") == 1


async def test_a_failed_look_does_not_end_the_looking(watch, book):
    book.fail = OSError("the database is away")
    await watch.look_safely()
    book.fail = None
    await watch.look_safely()
    assert book.asked == ["refresh", "refresh"]


@pytest.mark.parametrize(
    ("now", "ended"),
    [
        (datetime(2026, 12, 1, 15, 54, tzinfo=UTC), datetime(2026, 11, 30, 15, 55, tzinfo=UTC)),
        (datetime(2026, 12, 1, 15, 55, tzinfo=UTC), datetime(2026, 12, 1, 15, 55, tzinfo=UTC)),
        (datetime(2026, 12, 1, 17, 0, tzinfo=UTC), datetime(2026, 12, 1, 15, 55, tzinfo=UTC)),
    ],
)
def test_a_day_ends_five_minutes_before_midnight(now, ended):
    assert day_ended(now) == ended
