"""`lianbot backup create|verify|restore`: the main database. The door's has its own rule."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from lianbot.bootstrap import hold_alone
from lianbot.cli.edge import Exit, fail, run, say
from lianbot.domain.errors import InvalidInputError
from lianbot.settings import load_settings
from lianbot.storage.backup import copy_beside, copy_database, problems_of
from lianbot.storage.database import Database, open_database

app = typer.Typer(help="主库备份（意见箱的库不在里面，另有规矩）。", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="备份文件")]


@app.command()
def create(file: File) -> None:
    """serve 开着也能备份；写完自己核对一遍。"""
    if file.exists():
        fail(f"{file} 已经有了，没有覆盖", Exit.USAGE)
    source = _path()
    if not source.exists():
        fail(f"没有数据库 {source}", Exit.CANNOT_RUN)
    try:
        copy_database(source, file)
    except (OSError, sqlite3.Error) as error:
        fail(f"写不了 {file}：{error}", Exit.CANNOT_RUN)
    problems = problems_of(file)
    if problems:
        file.unlink()
        fail(f"数据库有问题，没有留下备份：{problems[0]}", Exit.PROBLEMS)
    say(f"已备份到 {file}，核对过。签名钥匙 ledger.key 请另外抄存。")


@app.command()
def verify(file: File) -> None:
    """备份能不能用：文件完整、账本每条对得上。"""
    _verify(file)
    say(f"{file} 没有问题。")


def _verify(file: Path) -> None:
    problems = problems_of(file)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(Exit.PROBLEMS)


@app.command()
def restore(file: File) -> None:
    """先停 serve。现在的库会改名留着，不会丢。"""
    _verify(file)
    run(_restore(file))
    say("已恢复。")


async def _restore(file: Path) -> None:
    target = _sqlite_path()
    database: Database = open_database(load_settings().database_url)
    held = hold_alone(database)
    try:
        # the copy is whole before the database of today is put aside: a full disk changes nothing
        fresh = _copy_beside(file, target)
        if target.exists():
            with closing(sqlite3.connect(target)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            target.rename(_free_name(target))
        for suffix in ("-wal", "-shm"):
            await asyncio.to_thread(Path(f"{target}{suffix}").unlink, missing_ok=True)
        fresh.rename(target)
    finally:
        await database.close()
        if held is not None:
            held.close()


def _copy_beside(file: Path, target: Path) -> Path:
    try:
        return copy_beside(file, target)
    except (OSError, sqlite3.Error) as error:
        fail(f"写不了 {target}.new：{error}；现在的库没有动", Exit.CANNOT_RUN)


def _path() -> Path:
    try:
        return _sqlite_path()
    except InvalidInputError as error:
        fail(str(error), Exit.CANNOT_RUN)


def _free_name(target: Path) -> Path:
    """The first free name for the database that is put aside."""
    number = 1
    while (aside := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    return aside


def _sqlite_path() -> Path:
    url = open_database(load_settings().database_url).url
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise InvalidInputError(
            "LIANBOT_DATABASE_URL", "PostgreSQL 请用 pg_dump 和 pg_restore 备份"
        )
    return Path(url.database)
