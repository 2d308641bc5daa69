"""The round: in which order, never two at once, and the day's chores that a stop must not swallow."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from fakes.ports import FakeOutbox, FakeStaff, a_delivery
from lianbot.domain.deliveries import DeliveryState, hand_over
from lianbot.domain.errors import LedgerClockError
from lianbot.flows.delivery import Tally
from lianbot.runner.ticker import Ticker


@dataclass
class Notebook:
    """Everything the tick drives, as a list of what was asked in which order."""

    asked: list[str] = field(default_factory=list)
    wiped: list[datetime] = field(default_factory=list)
    caught_up: list[datetime] = field(default_factory=list)
    hold: asyncio.Event | None = None
    fail: Exception | None = None
    duties_fail: Exception | None = None

    async def plan_due(self) -> list[object]:
        self.asked.append("plan")
        if self.fail:
            raise self.fail
        if self.hold is not None:
            await self.hold.wait()
        return []

    async def resume(self, *, alone: bool) -> list[object]:
        self.asked.append(f"resume alone={alone}")
        return []

    async def look(self) -> None:
        self.asked.append("look")

    async def resolve_unknown(self) -> Tally:
        self.asked.append("resolve")
        return Tally()

    async def drain(self) -> Tally:
        self.asked.append("drain")
        return Tally()

    def finish_soon(self) -> None:
        self.asked.append("finish soon")

    async def checkpoint(self) -> None:
        self.asked.append("checkpoint")

    async def catch_up(self, due: datetime) -> None:
        self.caught_up.append(due)

    async def refresh_directory(self) -> None:
        self.asked.append("refresh")

    async def wipe_repeats(self, before: datetime) -> None:
        self.wiped.append(before)

    async def roll_up(self) -> None:
        self.asked.append("roll up")

    async def record_intake(self) -> None:
        self.asked.append("intake")

    async def look_at_duties(self) -> None:
        self.asked.append("duties")
        if self.duties_fail:
            raise self.duties_fail

    async def keep_topics(self) -> None:
        self.asked.append("topics")


@dataclass(slots=True)
class Clearings:
    """Rows that shall not leave."""

    notes: Notebook

    async def look(self, most: int | None = None) -> int:
        self.notes.asked.append("clear")
        return 0


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def outbox() -> FakeOutbox:
    return FakeOutbox([])


@pytest.fixture
def staff() -> FakeStaff:
    return FakeStaff()


@pytest.fixture
def ticker(notes, outbox, staff, clock) -> Ticker:
    return Ticker(
        planner=notes,
        clearings=Clearings(notes),
        rollouts=notes,
        recalling=notes,
        sender=notes,
        outbox=outbox,
        ledgering=notes,
        upkeep=notes,
        staff=staff,
        clock=clock,
        owner="me",
        alone=True,
        seconds=5.0,
    )


async def test_a_round_plans_before_it_sends_and_repeats_before_it_sends_new(ticker, notes):
    await ticker.tick()
    assert notes.asked == [
        "refresh",
        "clear",
        "plan",
        "look",
        "look",
        "resolve",
        "drain",
        "intake",
        "duties",
        "roll up",
    ]


async def test_a_start_after_a_crash_names_what_may_have_gone_out(ticker, notes, outbox, clock):
    outbox.rows[1] = hand_over(a_delivery(), b"body", clock.now())
    await ticker.start_up()
    assert outbox.rows[1].state is DeliveryState.UNKNOWN
    assert notes.asked == ["resume alone=True"]


async def test_a_round_under_way_is_not_joined_by_another(ticker, notes):
    notes.hold = asyncio.Event()
    first = asyncio.create_task(ticker.tick())
    await asyncio.sleep(0)
    await asyncio.wait_for(ticker.tick(), 1)
    notes.hold.set()
    await first
    assert notes.asked.count("plan") == 1


async def test_a_failed_round_is_logged_and_the_next_one_comes(ticker, notes, caplog):
    notes.fail = ConnectionError("no database")
    await ticker.tick_safely()
    notes.fail = None
    await ticker.tick_safely()
    assert "a round failed" in caplog.text
    assert notes.asked[-1] == "duties"


async def test_stopping_waits_for_the_round_under_way_and_gives_claims_back(ticker, notes, outbox):
    notes.hold = asyncio.Event()
    outbox.claimed = {7: "me", 8: "another"}
    round_ = asyncio.create_task(ticker.tick())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(ticker.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    notes.hold.set()
    await asyncio.gather(round_, stopping)
    assert outbox.claimed == {8: "another"}


async def test_stopping_ends_claiming_at_once_and_no_round_begins_after_it(ticker, notes):
    notes.hold = asyncio.Event()
    round_ = asyncio.create_task(ticker.tick())
    await asyncio.sleep(0)
    stopping = asyncio.create_task(ticker.stop())
    await asyncio.sleep(0)
    assert notes.asked[-1] == "finish soon"
    notes.hold.set()
    await asyncio.gather(round_, stopping)
    before = list(notes.asked)
    await ticker.tick()
    assert notes.asked == before


async def test_a_clock_behind_the_ledger_is_told_to_staff(ticker, notes, staff):
    notes.fail = LedgerClockError("先校准时钟再记账")
    await ticker.tick_safely()
    assert staff.alerts == [("ledger:clock", "先校准时钟再记账")]


async def test_the_checkpoint_comes_at_five_to_midnight_and_once(ticker, notes, clock):
    await ticker.tick()
    clock.pass_(hours=9, minutes=47)
    await ticker.tick()
    assert "checkpoint" not in notes.asked
    clock.pass_(minutes=2)
    await ticker.tick()
    await ticker.tick()
    assert notes.asked.count("checkpoint") == notes.asked.count("topics") == 1


async def test_a_checkpoint_that_fell_into_a_stop_is_made_up_for_at_the_start(
    ticker, notes, clock
):
    await ticker.tick()
    await ticker.tick()
    yesterday = clock.now().replace(day=30, month=11, hour=15, minute=55)
    assert notes.caught_up == [yesterday]


async def test_repeat_hashes_are_forgotten_a_day_later_and_not_two(ticker, notes, clock):
    await ticker.tick()
    assert notes.wiped == [clock.now() - timedelta(hours=24)]
    clock.pass_(minutes=59)
    await ticker.tick()
    assert len(notes.wiped) == 1
    clock.pass_(minutes=1)
    await ticker.tick()
    assert len(notes.wiped) == 2


def test_the_scheduler_never_runs_two_rounds_and_catches_up_with_one(ticker):
    (job,) = ticker.schedule().get_jobs()
    assert (job.max_instances, job.coalesce, job.misfire_grace_time) == (1, True, None)


async def test_a_part_that_fails_every_round_holds_up_no_other(ticker, notes):
    notes.fail = ConnectionError("the plan cannot be read")
    with pytest.raises(ConnectionError):
        await ticker.tick()
    assert notes.asked.index("plan") < notes.asked.index("drain") < notes.asked.index("duties")


async def test_the_ledgers_clock_is_told_whatever_else_failed(ticker, notes):
    notes.fail = ConnectionError("the plan cannot be read")
    notes.duties_fail = LedgerClockError("behind")
    with pytest.raises(LedgerClockError):
        await ticker.tick()
