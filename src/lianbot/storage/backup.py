"""Copies of a SQLite database, whole or not at all, and what is wrong with one."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path


def copy_database(source: Path, target: Path) -> None:
    """SQLite's own online backup into a new file that is renamed when it is complete."""
    copy_beside(source, target).rename(target)


def copy_beside(source: Path, target: Path) -> Path:
    """The complete copy next to `target`, which is not touched; nothing stays when the copy fails.

    Raises OSError and sqlite3.Error, for instance when the disk is full.
    """
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        _copy(source, fresh)
    except (OSError, sqlite3.Error):
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def _copy(source: Path, fresh: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(fresh)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def problems_of(file: Path) -> list[str]:
    """Whole as a file, and every ledger entry in its place under its own hash. Empty when fit."""
    if not file.is_file():
        return [f"没有文件 {file}"]
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            whole = database.execute("PRAGMA integrity_check").fetchone()[0]
            if whole != "ok":
                return [f"{file} 损坏：{whole}"]
            return _ledger_problems(database)
    except sqlite3.Error as error:
        return [f"{file} 不是 lianbot 的数据库：{error}"]


def _ledger_problems(database: sqlite3.Connection) -> list[str]:
    expected = 0
    for seq, body, leaf in database.execute(
        "SELECT seq, body, leaf FROM ledger_entries ORDER BY seq"
    ):
        if seq != expected:
            return [f"确认账缺第 {expected} 条"]
        if hashlib.sha256(b"\x00" + body).digest() != leaf:
            return [f"确认账第 {seq} 条与它的校验不符"]
        expected += 1
    size = database.execute("SELECT size FROM ledger_head").fetchone()
    if size is not None and size[0] != expected:
        return [f"确认账应有 {size[0]} 条，只有 {expected} 条"]
    return []
