"""Processes of a run: started on a core, spoken to by lines of JSON, ended by their own id."""

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import say
from lianbot.settings import environment

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0
LINE = 1 << 26
TICKS = os.sysconf("SC_CLK_TCK")


class ChildError(Exception):
    """A process of the run did not start or stopped early; the message carries its last words."""


@dataclass(slots=True)
class Child:
    """A running process."""

    process: asyncio.subprocess.Process
    last_words: Path

    async def line(self) -> str:
        assert self.process.stdout is not None  # noqa: S101 - started with a pipe
        found = await self.process.stdout.readline()
        if not found:
            raise ChildError(self.last_words.read_text()[-2_000:])
        return found.decode().strip()

    async def ask(self, **errand: Any) -> dict[str, Any]:
        """One errand, its answer."""
        assert self.process.stdin is not None  # noqa: S101 - started with a pipe
        self.process.stdin.write(json.dumps(errand).encode() + b"\n")
        await self.process.stdin.drain()
        answer: dict[str, Any] = json.loads(await self.line())
        return answer

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mib(self) -> float:
        """The most memory it ever had."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0


@asynccontextmanager
async def child(
    *command: str, core: int | None, folder: Path, variables: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """Started in `folder`, so that no settings file of the checkout counts; pinned to `core`."""
    last_words = folder / f"{command[2]}-{secrets.token_hex(3)}.err"
    with last_words.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env={**environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", **(variables or {})},
            limit=LINE,
        )
    if core is not None:
        os.sched_setaffinity(process.pid, {core})
    try:
        yield Child(process, last_words)
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()


Errand = Callable[..., Awaitable[Mapping[str, Any]]]


async def run_errands(errands: Mapping[str, Errand]) -> None:
    """The child's side of `ask`: one line in, one line out, until the parent goes."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE)
    with open(0, "rb", closefd=False) as stdin:  # noqa: ASYNC230 - the pipe itself
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stdin)
        while line := await reader.readline():
            errand = json.loads(line)
            answer = await errands[errand.pop("do")](**errand)
            say(json.dumps(dict(answer)))
