"""Where tests put what they throw away."""

import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
DISK = Path("/tmp")
ENOUGH = 4 << 30
"""Bytes; a whole run leaves about one GiB at a time."""


def throwaway() -> Path:
    """Memory where the machine has plenty of it, else the disk.

    A test's database commits with fsync thousands of times; nobody pulls a plug here, and what a SIGKILL leaves is
    the same in both.
    """
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH else DISK
    except OSError:
        return DISK
