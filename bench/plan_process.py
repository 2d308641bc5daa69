"""lianbot's planner as a process of a run: opens the house as `serve` does and plans what is due."""

import asyncio
import gc
import time
from typing import Any

from bench.children import run_errands
from lianbot.bootstrap import open_house
from lianbot.settings import load_settings


async def plan() -> dict[str, Any]:
    async with open_house(load_settings()) as house:
        # as `serve` does
        gc.collect()
        gc.freeze()
        started = time.perf_counter()
        found = await house.planner.plan_due()
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "planned": sum(one.planned for one in found)}


if __name__ == "__main__":
    asyncio.run(run_errands({"plan": plan}))
