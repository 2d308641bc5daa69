"""The machine a run was made on, in words that name no host."""

import os
import platform
from pathlib import Path


def cores() -> list[int]:
    """The cores this process may use."""
    return sorted(os.sched_getaffinity(0))


def describe(usable: int) -> str:
    """Cores, processor, memory, kernel, Python; load at this moment, because others may be working here too."""
    load = " / ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{usable} cores, {_first('/proc/cpuinfo', 'model name')}, "
        f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) // 1024:,} MiB, "
        f"{platform.system()} {platform.release()}, CPython {platform.python_version()}; "
        f"load average at this moment {load}"
    )


def _first(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "0"
