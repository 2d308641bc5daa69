"""Durable whole-file writes: a file is either the old one or the new one, and its time says only the day."""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from lianbot.door.clock import midnight

PRIVATE = 0o600
SHELF = 0o640
"""out/ is read by the group that carries files to the rest of the house; all else is the door's own."""


def replace_file(path: Path, parts: Iterable[bytes], day: date, mode: int = PRIVATE) -> None:
    """Write beside, fsync, set the time to midnight, rename, fsync the folder."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    settle(fresh, path, day)


def settle(fresh: Path, path: Path, day: date) -> None:
    """Put a finished file in its place; its content is already on the disk."""
    os.utime(fresh, (midnight(day), midnight(day)))
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_unfinished(folder: Path) -> None:
    """Delete *.new: what was not renamed was never answered for."""
    for leftover in folder.glob("*.new"):
        leftover.unlink()


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep `door flush` on the command line and the running door from writing at once."""
    # append, never truncate: a new file time would be a clock of the last request
    with (folder / "door.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
