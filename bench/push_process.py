"""lianbot's sender as a process of a run: opens the house as `serve` does and drains the outbox once an errand."""

import asyncio
import gc
import resource
import time
from typing import Any

from bench.children import run_errands
from lianbot.bootstrap import open_house
from lianbot.settings import load_settings


async def drain(width: int) -> dict[str, Any]:
    """Everything claimable, handed over with `width` at a time; every state committed on the way."""
    async with open_house(load_settings(send_width=width)) as house:
        # as `serve` does
        gc.collect()
        gc.freeze()
        started, cpu = time.perf_counter(), _cpu()
        tally = await house.sender.drain()
        seconds = time.perf_counter() - started
        return {
            "seconds": seconds,
            "cpu": _cpu() - cpu,
            "accepted": tally.accepted,
            "others": tally.refused + tally.unknown + tally.held,
        }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    asyncio.run(run_errands({"drain": drain}))
