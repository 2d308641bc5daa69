"""`python -m bench`: callbacks, acknowledgements and pushes beside their ceilings; `--full` adds the rest."""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import (
    answering,
    beside_push,
    callbacks,
    controlling,
    larger,
    machine,
    official,
    planning,
    pushing,
    runners,
)
from bench.figures import Figure, copy_to, say, show
from bench.postgres import fresh_database, server
from lianbot.settings import secret_from

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where and how often to measure. `server_core` and `load_core` differ wherever there are two."""

    folder: Path
    rounds: int
    server_core: int | None
    load_core: int | None
    postgres: str | None

    def sqlite(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}"


Suite = Callable[[Plan], Awaitable[list[Figure]]]


async def _callbacks(plan: Plan) -> list[Figure]:
    return await callbacks.measure(plan.folder, plan.rounds, plan.server_core)


async def _official(plan: Plan) -> list[Figure]:
    return await official.measure(plan.folder, plan.rounds, plan.server_core)


async def _beside_push(plan: Plan) -> list[Figure]:
    return await beside_push.measure(plan.folder, (plan.server_core, plan.load_core))


async def _answers(plan: Plan) -> list[Figure]:
    rounds = max(plan.rounds - 2, 1)
    figures = await answering.measure(
        plan.folder, rounds, plan.sqlite("answers.db"), "SQLite", [plan.server_core]
    )
    if plan.postgres is not None:
        url = await fresh_database(plan.postgres)
        pair = [plan.server_core, plan.load_core]
        figures += await answering.measure(plan.folder, rounds, url, "PostgreSQL", pair)
    return figures


async def _pushes(plan: Plan) -> list[Figure]:
    pair = (plan.server_core, plan.load_core)
    rounds = max(plan.rounds - 2, 1)
    return await pushing.measure(
        plan.folder, rounds, pair, plan.sqlite("push.db"), "SQLite", blocking=True
    )


SHORT: dict[str, tuple[str, Suite]] = {
    "callbacks": ("Callbacks on one core", _callbacks),
    "official": ("The Official Account's callbacks on one core", _official),
    "beside-push": ("Callbacks while a push runs", _beside_push),
    "answers": ("Acknowledgements through the answer book", _answers),
    "push": ("Pushes through the twin, 50 ms answers", _pushes),
}


async def _push_postgres(plan: Plan) -> list[Figure]:
    if plan.postgres is None:
        return []
    pair = (plan.server_core, plan.load_core)
    url = await fresh_database(plan.postgres)
    return await pushing.measure(plan.folder, max(plan.rounds - 2, 1), pair, url, "PostgreSQL")


async def _runners(plan: Plan) -> list[Figure]:
    if plan.postgres is None:
        return []
    url = await fresh_database(plan.postgres)
    pair = (plan.server_core, plan.load_core)
    return await runners.measure(plan.folder, max(plan.rounds - 2, 1), pair, url)


async def _ten_million(plan: Plan) -> list[Figure]:
    return await larger.statistics(plan.sqlite("ten.db"), larger.TEN_MILLION)


async def _planning(plan: Plan) -> list[Figure]:
    return await planning.measure(plan.folder, plan.server_core)


async def _controlling(plan: Plan) -> list[Figure]:
    return await controlling.measure(plan.folder)


async def _larger(plan: Plan) -> list[Figure]:
    return [
        *larger.questions(),
        *await larger.cold_start(plan.folder, plan.sqlite("start.db"), plan.server_core),
        *await larger.roster(plan.folder, plan.sqlite("roster.db")),
        *await larger.statistics(plan.sqlite("events.db")),
    ]


FULL: dict[str, tuple[str, Suite]] = {
    "push-postgres": ("Pushes on PostgreSQL", _push_postgres),
    "runners": ("A second runner", _runners),
    "planning": ("Planning", _planning),
    "control": ("Correct, stop, recall and leave a push of 100,000", _controlling),
    "larger": ("Questions, start, roster, statistics", _larger),
    "ten-million": ("Statistics over ten million events", _ten_million),
}
ALL = SHORT | FULL


async def run(chosen: dict[str, tuple[str, Suite]], rounds: int) -> None:
    usable = machine.cores()
    server_core = usable[0] if len(usable) > 1 else None
    load_core = usable[1] if len(usable) > 1 else None
    if load_core is not None:
        os.sched_setaffinity(0, {load_core})
    say(f"Machine: {machine.describe(len(usable))}")
    if load_core is None:
        say("One core: load and server share it.")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lianbot-bench-")))
        plan = Plan(
            folder=folder,
            rounds=rounds,
            server_core=server_core,
            load_core=load_core,
            postgres=stack.enter_context(server(folder, secret_from("TEST_PG"))),
        )
        for title, suite in chosen.values():
            started = time.perf_counter()
            figures = await suite(plan)
            show(title, figures)
            load = os.getloadavg()[0]
            say(f"\n{time.perf_counter() - started:.0f} s; load average after it {load:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("suites", nargs="*", help=f"only these: {', '.join(ALL)}")
    parser.add_argument("--full", action="store_true", help="everything of design §10")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--markdown", type=Path, help="write the tables to this file too")
    options = parser.parse_args()
    unknown = [name for name in options.suites if name not in ALL]
    if unknown:
        parser.error(f"no such suite: {', '.join(unknown)}")
    names = options.suites or list(ALL if options.full else SHORT)
    if options.markdown:
        copy_to(options.markdown.open("w", encoding="utf-8"))
    asyncio.run(run({name: ALL[name] for name in names}, options.rounds))


if __name__ == "__main__":
    main()
