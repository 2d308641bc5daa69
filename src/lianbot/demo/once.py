"""`lianbot demo --once`: the main job head-less, from roster to verified ledger, with simulated workers."""

import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from lianbot.bootstrap import House, make_ticker, make_web
from lianbot.demo import phones
from lianbot.demo.behaviour import Crowd
from lianbot.demo.concerns import DoorRun
from lianbot.demo.opening import open_school
from lianbot.demo.school import DemoSchool
from lianbot.demo.seeding import START, Cast, first_campaign
from lianbot.demo.stage import listening_socket
from lianbot.domain.calendar import local
from lianbot.evidence.verify_bundle import Report, verify
from lianbot.logs import set_up_logs
from lianbot.runner.ticker import Ticker
from lianbot.storage.statistics import Dimension
from lianbot.timetable.clocks import FileClock, move_clock
from lianbot.twin import Twin

DAYS = 4
LOOKS = ((9, 17), (9, 41), (12, 21), (14, 41), (17, 13), (20, 17))
"""Local times of each day: every post and every shift finds its own window open at one of them."""
ALOUD = 6
FIRST_DUE = timedelta(seconds=5)


@dataclass(slots=True)
class Stage:
    """Everything of one head-less run."""

    house: House
    twin: Twin
    ticker: Ticker
    crowd: Crowd
    school: DemoSchool
    cast: Cast
    door: DoorRun
    clock_file: Path


@asynccontextmanager
async def open_stage(
    folder: Path, workers: int, dice: int, *, frame: bool = False
) -> AsyncIterator[Stage]:
    """Twin, database, bot and phones in one process, over real HTTP on loopback.

    `frame`: the twin's phones may show the item pages in a frame, as people see them in the demo.
    """
    clock_file = folder / "clock"
    move_clock(clock_file, START)
    clock = f"file:{clock_file}"
    async with AsyncExitStack() as stack:
        twin = await stack.enter_async_context(Twin.start(port=0, clock=clock, seed=dice))
        bound = listening_socket()
        opened = await open_school(
            stack,
            twin,
            folder=folder,
            port=bound.getsockname()[1],
            workers=workers,
            dice=dice,
            clock=clock,
            frame=frame,
        )
        house = opened.house
        runner = web.AppRunner(make_web(house), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, bound).start()
        yield Stage(
            house=house,
            twin=twin,
            ticker=make_ticker(house, alone=True),
            crowd=Crowd(
                twin=twin,
                school=opened.school,
                seed=dice,
                public_url=house.settings.public_url,
                right={},
            ),
            school=opened.school,
            cast=opened.cast,
            door=opened.door,
            clock_file=clock_file,
        )


async def run_once(*, workers: int, dice: int, keep: Path | None) -> dict[str, Any]:
    """Plays the main job and says what came of it: the object of design §9."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lianbot-demo-") as scratch:
        folder = keep or Path(scratch)
        set_up_logs(phones.SECRETS, file=folder / "lianbot.log")
        async with open_stage(folder, workers, dice) as stage:
            await _play(stage)
            report = await stage.house.ledgering.export(folder / "evidence")
            verified = verify(folder / "evidence") == report
            if keep is not None:
                _keep_phones(stage.twin, keep)
            return await _result(stage, report, verified, time.monotonic() - started)


async def _play(stage: Stage) -> None:
    """Four days: the push as each post's window opens, answers, one reminder, one lead reading aloud."""
    stage.crowd.right = await right_answers(stage.house)
    await first_campaign(stage.house, stage.cast, after=FIRST_DUE)
    await stage.ticker.start_up()
    aloud = False
    day = START.date()
    await stage.door.file_two(day)
    for moment in _moments():
        _move(stage, moment)
        if local(moment).date() != day:
            day = local(moment).date()
            await _door_day(stage, day)
        await stage.ticker.tick()
        await stage.crowd.react()
        if moment.date() == (START + timedelta(days=1)).date() and not aloud:
            aloud = await _read_aloud(stage) > 0
    await stage.ticker.stop()


def _move(stage: Stage, moment: datetime) -> None:
    """Both sides look at the clock's file at once instead of at their next chance."""
    move_clock(stage.clock_file, moment)
    assert isinstance(stage.house.clock, FileClock)  # noqa: S101 - the demo's own settings
    stage.house.clock.look()
    assert stage.twin.clock.offset is not None  # noqa: S101 - reading it makes the twin look too


def _moments() -> list[datetime]:
    first = local(START)
    found = [START + timedelta(seconds=30)]
    for day in range(DAYS):
        for hour, minute in LOOKS:
            moment = first.replace(hour=hour, minute=minute) + timedelta(days=day)
            if moment > local(START) + timedelta(minutes=1):
                found.append(moment.astimezone(START.tzinfo))
    return found


async def _door_day(stage: Stage, day: date) -> None:
    """Nights: flush; first morning: the officer answers one; then the reporter finds the answer."""
    await stage.door.flush()
    if not stage.door.counts["replied"]:
        await stage.door.answer_one(day)
    else:
        await stage.door.pick_up()


async def _read_aloud(stage: Stage) -> int:
    lead = next(one for one in stage.school.workers if one.lead and one.account)
    assert lead.account is not None  # noqa: S101 - just looked
    return await stage.crowd.read_aloud(lead.account, ALOUD)


async def right_answers(house: House) -> dict[str, str]:
    """Stem → index of the right option: what a worker who understood the lesson knows."""
    hashes = [quiz for stored in await house.content.all() for quiz in stored.edition.quizzes]
    found = await house.content.quizzes(hashes)
    return {quiz.stem: str(quiz.answer) for quiz in found.values()}


def _keep_phones(twin: Twin, keep: Path) -> None:
    text = json.dumps(twin.export(), ensure_ascii=False, indent=1)
    (keep / "twin.json").write_text(text, encoding="utf-8")


async def _result(stage: Stage, report: Report, verified: bool, seconds: float) -> dict[str, Any]:
    statistics = stage.house.statistics
    total = await statistics.total()
    return {
        "workers": len(stage.school.workers),
        "planned": total["total"],
        "skipped": total["skipped"],
        "deferred": total["deferred"] + total["planned"],
        "accepted": total["accepted"] + total["platform_failed"],
        "refused": total["refused"],
        "unknown": total["unknown"] + total["handing_over"],
        "opened": total["opened"],
        "acknowledged": total.answered,
        "assisted": total["spoken"],
        "answered": stage.crowd.asked,
        "concerns": dict(stage.door.counts),
        "ledger": {"size": report.size, "root": report.root_b64, "verified": verified},
        "stats": {
            row.name: {name: value for name, value in row.plain().items() if value}
            for row in await statistics.by(Dimension.TEAM)
        },
        "seconds": round(seconds, 1),
    }
