"""The short tour: cook's lesson, lead's read-aloud page, the pulled plug, the edited ledger."""

import asyncio
import json
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from aiohttp import web

from lianbot.bootstrap import House
from lianbot.demo.concerns import DoorRun
from lianbot.demo.school import DemoSchool, DemoWorker
from lianbot.demo.seeding import Cast, lesson_ids
from lianbot.domain.campaigns import Audience, Campaign, Once
from lianbot.domain.codes import Post
from lianbot.domain.errors import LianbotError
from lianbot.domain.people import ClientKind
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.tree import leaf_hash
from lianbot.evidence.verify_bundle import BundleError, verify
from lianbot.flows.campaign import Draft
from lianbot.phrases import demo as say
from lianbot.twin import Twin

SLOW = 0.4
PUSH_WITHIN = 40.0
LOOK = 0.5
CALM_LOOKS = 5
"""Longer than the bot's tick of one second: a row that may leave has begun to."""


class Plug(Protocol):
    """The bot's process."""

    async def start(self) -> None: ...

    async def pull_the_plug(self) -> None: ...


@dataclass(slots=True)
class Tour:
    """What the buttons above the wall do."""

    house: House
    twin: Twin
    bot: Plug
    school: DemoSchool
    cast: Cast
    folder: Path
    door: DoorRun
    address: str = ""
    exports: int = 0
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/plug", self._plug)
        app.router.add_post("/ledger", self._ledger)
        app.router.add_post("/concern", self._concern)
        return app

    def steps(self, console: str) -> list[dict[str, str]]:
        """The tour as the wall shows it."""
        cook, lead = self._cook(), self._lead()
        team = f"{self.house.settings.public_url}/m/team"
        return [
            {
                "title": say.COOK[0],
                "text": say.COOK[1],
                "link": f"/twin/phone/{cook.account}",
                "link_text": say.OPEN_PHONE,
            },
            {
                "title": say.LEAD[0],
                "text": say.LEAD[1],
                "link": f"/twin/phone/{lead.account}/open?url={team}",
                "link_text": say.OPEN_PAGE,
            },
            {
                "title": say.PLUG[0],
                "text": say.PLUG[1],
                "action_url": f"{self.address}/plug",
                "action": say.PULL,
            },
            {
                "title": say.LEDGER[0],
                "text": say.LEDGER[1],
                "action_url": f"{self.address}/ledger",
                "action": say.EDIT,
            },
            {
                "title": say.ASK[0],
                "text": say.ASK[1],
                "link": f"/twin/phone/{cook.account}",
                "link_text": say.OPEN_PHONE,
            },
            {
                "title": say.CONCERN[0],
                "text": say.CONCERN[1],
                "link": self.door.url,
                "link_text": say.OPEN_DOOR,
                "action_url": f"{self.address}/concern",
                "action": say.PLAY_CONCERN,
            },
            {
                "title": say.CONSOLE[0],
                "text": say.CONSOLE[1],
                "link": console,
                "link_text": say.OPEN_CONSOLE,
            },
        ]

    def _cook(self) -> DemoWorker:
        return next(
            one
            for one in self.school.workers
            if one.facts.wecom and one.client is ClientKind.WECOM and Post.COOK in one.facts.posts
        )

    def _lead(self) -> DemoWorker:
        return next(one for one in self.school.workers if one.lead and one.facts.wecom)

    # --- pull the plug ---------------------------------------------------------------------

    async def _plug(self, _request: web.Request) -> web.Response:
        if self._one.locked():
            return web.Response(text=say.BUSY)
        async with self._one:
            return web.Response(text=await _in_words(self._pull()))

    async def _pull(self) -> str:
        """A push with a slow platform, killed in the middle, started again; rows compared with phones."""
        await self._next_day()
        await self._quiet()
        before = self._on_phones()
        campaign = await self._campaign()
        rule = self.twin.faults.add("latency", "*/message/send", seconds=SLOW)
        try:
            await self._until(lambda: self._on_phones() > before + 10)
            await self.bot.pull_the_plug()
            reached = self._on_phones() - before
            await self.bot.start()
        finally:
            self.twin.faults.remove(rule.id)
        await self._settled(campaign)
        total = (await self.house.statistics.total(campaign_id=campaign.id)).values
        return say.plug_pulled(
            reached=reached,
            accepted=total["accepted"],
            unknown=total["unknown"],
            waiting=total["deferred"] + total["skipped"],
            phones=self._on_phones() - before,
        )

    async def _next_day(self) -> None:
        """Caps allow one push a day: the drill is tomorrow at the same hour."""
        now = self.twin.clock.local()
        later = (now + timedelta(days=1)).replace(hour=14, minute=11, second=0, microsecond=0)
        if self.twin.clock.movable:
            self.twin.clock.move_to(later)

    def _on_phones(self) -> int:
        return sum(
            len(self.twin.received(one.account)) for one in self.school.workers if one.account
        )

    async def _campaign(self) -> Campaign:
        lessons = [item for item in await lesson_ids(self.house) if item.endswith("2")]
        draft = Draft(
            title=say.DRILL,
            audience=Audience(),
            schedule=Once(at=self.house.clock.now() + timedelta(seconds=2)),
            items=lessons,
            channels=tuple(self.house.channels),
            remind_after_days=None,
            demo=True,
        )
        made = await self.house.desk.create(draft, self.cast.scheduler)
        return await self.house.desk.approve(made.id, self.cast.reviewer)

    async def _until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(PUSH_WITHIN):
            while not reached():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.05)

    async def _quiet(self) -> None:
        """Until yesterday's deferred rows have left: nothing under way in several looks."""
        async with asyncio.timeout(PUSH_WITHIN):
            calm = 0
            while calm < CALM_LOOKS:
                await asyncio.sleep(LOOK)
                total = (await self.house.statistics.total()).values
                moving = total["planned"] or total["handing_over"] or total["unknown"]
                calm = 0 if moving else calm + 1

    async def _settled(self, campaign: Campaign) -> None:
        """Until no row of the campaign is waiting to leave or under way."""
        async with asyncio.timeout(PUSH_WITHIN):
            while True:
                total = (await self.house.statistics.total(campaign_id=campaign.id)).values
                if total["total"] and not (
                    total["planned"] or total["handing_over"] or total["unknown"]
                ):
                    return
                await asyncio.sleep(LOOK)

    # --- a concern's way there and back ------------------------------------------------------

    async def _concern(self, _request: web.Request) -> web.Response:
        if self._one.locked():
            return web.Response(text=say.BUSY)
        async with self._one:
            return web.Response(text=await _in_words(self._there_and_back()))

    async def _there_and_back(self) -> str:
        """File two, let a night pass, answer one, let another pass, pick it up with the receipt."""
        await self.door.file_two(self.twin.clock.local().date())
        for step in (self.door.answer_one, None):
            await self._next_day()
            await self.door.flush()
            if step is not None:
                await step(self.twin.clock.local().date())
        await self.door.pick_up()
        return say.concern_played(**self.door.counts)

    # --- edit the ledger -------------------------------------------------------------------

    async def _ledger(self, _request: web.Request) -> web.Response:
        if self._one.locked():
            return web.Response(text=say.BUSY)
        async with self._one:
            return web.Response(text=await _in_words(self._edit()))

    async def _edit(self) -> str:
        """Exports the ledger, changes one answer in a copy, and lets the verifier find it."""
        self.exports += 1
        good = self.folder / f"evidence-{self.exports}"
        report = await self.house.ledgering.export(good)
        bad = self.folder / f"evidence-{self.exports}-edited"
        await asyncio.to_thread(shutil.copytree, good, bad)
        change = await asyncio.to_thread(_change_one_answer, bad / "entries.jsonl")
        if change is None:
            return say.NOTHING_TO_EDIT
        try:
            verify(bad)
        except BundleError as error:
            receipt, now = leaf_start(change.before), leaf_start(change.after)
            return say.edited(
                line=change.seq, size=report.size, verdict=str(error), receipt=receipt, now=now
            )
        return say.NOT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry before and after somebody edited it."""

    seq: int
    before: bytes
    after: bytes


def leaf_start(entry: bytes) -> str:
    """What a worker's receipt shows of an entry."""
    return leaf_hash(entry).hex()[:10]


def _change_one_answer(file: Path) -> Change | None:
    """Makes one worker's answer another one."""
    lines = file.read_bytes().split(b"\n")
    for index, line in enumerate(lines):
        if line and json.loads(line).get("answer") == "understood":
            lines[index] = line.replace(b'"answer":"understood"', b'"answer":"disagree"')
            file.write_bytes(b"\n".join(lines))
            return Change(seq=index, before=line, after=lines[index])
    return None


async def _in_words(step: Coroutine[None, None, str]) -> str:
    """What a step says, or why it could not be done: the button never just fails."""
    try:
        return await step
    except (LianbotError, EvidenceError, BundleError) as error:
        return str(error)
    except TimeoutError:
        return say.TOO_SLOW
