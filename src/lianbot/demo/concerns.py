"""The concern door in the demo: a process of its own, two reporters nobody can name, and an officer at the own desk."""

import asyncio
import json
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from lianbot.bootstrap import NotReadyError
from lianbot.door.clock import open_clock
from lianbot.door.keeper import open_keeper
from lianbot.officer.casework import State, advance, answer
from lianbot.officer.desk import Desk, make_key_files, make_recipients
from lianbot.officer.keyfile import OfficerKeys, new_keys
from lianbot.officer.weekly import make_pack
from lianbot.phrases import demo as say
from lianbot.sealing.recipients import Recipients, read_recipients
from lianbot.sealing.reporter import Reporter
from lianbot.sealing.weeks import epoch_of
from lianbot.settings import environment

READY_WITHIN = 90.0
ANSWER_WITHIN = 30.0


@dataclass(slots=True)
class DoorRun:
    """A door with one office that answers and its superior, in `folder`; files as design §9 names them."""

    folder: Path
    clock: str
    keys: OfficerKeys
    recipients: Recipients
    process: asyncio.subprocess.Process | None = None
    url: str = ""
    reporters: list[Reporter] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: {
            "filed": 0,
            "opened_by_officer": 0,
            "replied": 0,
            "picked_up": 0,
        }
    )

    @property
    def door_dir(self) -> Path:
        return self.folder / "door"

    async def start(self) -> None:
        """Raises NotReadyError when the door does not open (its page not built, say)."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lianbot",
            "door",
            "serve",
            "--json",
            env=environment()
            | {
                "LIANBOT_DOOR_DIR": str(self.door_dir),
                "LIANBOT_DOOR_PORT": "0",
                "LIANBOT_CLOCK": self.clock,
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self.process.stdout is not None and self.process.stderr is not None  # noqa: S101 - PIPE above
        async with asyncio.timeout(READY_WITHIN):
            line = await self.process.stdout.readline()
        if not line:
            words = (await self.process.stderr.read()).decode("utf-8", "replace").strip()
            raise NotReadyError(f"意见箱没有打开：{words}")
        self.url = json.loads(line)["url"]

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    # --- the reporters -----------------------------------------------------------------------

    async def file_two(self, day: date) -> None:
        """Two concerns, sealed before they leave; what is written is never kept by anybody else."""
        for text in say.CONCERNS:
            reporter = Reporter(recipients=self.recipients, day=day, post=self._post)
            await asyncio.to_thread(reporter.file, text)
            self.reporters.append(reporter)
            self.counts["filed"] += 1

    async def pick_up(self) -> None:
        """The reporters come back with their receipts; how many found an answer."""
        found = [await asyncio.to_thread(reporter.replies) for reporter in self.reporters]
        self.counts["picked_up"] = sum(bool(replies) for replies in found)

    def _post(self, path: str, body: bytes) -> bytes:
        origin = self.url.removesuffix("/m/")
        request = urllib.request.Request(f"{origin}{path}", data=body, method="POST")  # noqa: S310 - our own door
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as got:  # noqa: S310 - likewise
            found: bytes = got.read()
            return found

    # --- the door's day, and the officer -----------------------------------------------------

    async def flush(self) -> None:
        """What happens every night at 03:10."""
        keeper = open_keeper(self.door_dir, open_clock(self.clock), time.monotonic)
        await asyncio.to_thread(keeper.flush)

    async def answer_one(self, day: date) -> None:
        """The officer opens what came, answers the first, and hands in the week's pack."""
        await asyncio.to_thread(self._answer_one, day)

    def _answer_one(self, day: date) -> None:
        desk = Desk(keys=self.keys, book_path=self.folder / "officer" / "hq.book", today=day)
        harvest = desk.open(self.door_dir / "out" / "sealed.bin", self.recipients)
        self.counts["opened_by_officer"] = len(harvest.new)
        book = harvest.book
        case = advance(book.case(harvest.new[0]), State.INVESTIGATING, day=day, by="hq")
        book = book.with_case(answer(case, say.OFFICER_REPLY))
        book, pack = make_pack(book, desk.keys, self.recipients, day, again=True)
        desk.keep(book, "pack")
        (self.door_dir / "in").mkdir(exist_ok=True)
        (self.door_dir / "in" / "hq.pack").write_text(pack, encoding="utf-8")
        self.counts["replied"] = 1


def make_door(folder: Path, *, origin: str, now: datetime, clock: str) -> DoorRun:
    """Keys of two offices, the signed list, and the officer's files with the passphrase beside them."""
    today = now.date()
    officer = folder / "officer"
    officer.mkdir(parents=True, exist_ok=True)
    (folder / "door").mkdir(exist_ok=True)
    keys = new_keys("hq", say.OFFICE, epoch_of(today))
    superior = new_keys("jw", say.SUPERIOR, epoch_of(today), superior=True)
    words = make_key_files(keys, officer / "hq.key")
    (officer / "hq.pass").write_text(words + "\n", encoding="utf-8")
    listed = make_recipients(superior, (keys.public, superior.public), origin, today, None)
    (folder / "door" / "recipients.json").write_text(listed, encoding="utf-8")
    return DoorRun(folder=folder, clock=clock, keys=keys, recipients=read_recipients(listed))
