"""The answer book as a process of a run: taps of many workers at once, each durable with leaf and counters."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bench.children import run_errands
from bench.school import ORIGIN
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Receipt, Via
from lianbot.flows.acknowledgement import decide
from lianbot.settings import load_settings
from lianbot.storage.answers import SqlAnswerBook
from lianbot.storage.database import open_database
from lianbot.timetable.clocks import SystemClock


async def answer(taps: Sequence[tuple[str, int]], at_once: int) -> dict[str, Any]:
    """One tap for each (worker, delivery), `at_once` under way."""
    database = open_database(load_settings().database_url)
    book = SqlAnswerBook(
        database, decide=decide, clock=SystemClock(), origin=ORIGIN, repeat_key=b"b" * 32
    )
    waiting = [_tap(worker, delivery) for worker, delivery in taps]
    kept = 0

    async def work() -> None:
        nonlocal kept
        while waiting:
            outcome = await book.answer(waiting.pop())
            kept += isinstance(outcome, Receipt) and not outcome.repeated

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    seconds = time.perf_counter() - started
    await database.close()
    return {"seconds": seconds, "kept": kept}


def _tap(worker: str, delivery: int) -> AnswerGiven:
    return AnswerGiven(
        worker_id=UUID(worker),
        answer=Answer.UNDERSTOOD,
        method=Method.TAP,
        via=Via.CALLBACK,
        wording="懂了",
        repeat_key=f"tap {delivery}",
        msgid=str(delivery),
        delivery_id=delivery,
    )


if __name__ == "__main__":
    asyncio.run(run_errands({"answer": answer}))
