"""The connection to SQLite (embedded default) or PostgreSQL (scale-out), and the one way to write."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lianbot.domain.errors import InvalidInputError

BUSY_SECONDS = 30
Outcome = TypeVar("Outcome")


class Database:
    """An engine with the ways to use it: `read()` a connection, `write()` or `transact()` a transaction.

    On SQLite there is one writer at a time in a process (an asyncio lock, cheaper than the busy
    handler) and every write begins IMMEDIATE: a deferred transaction that reads and then writes
    fails at once under WAL, whatever the busy timeout is.
    """

    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self.url = url
        self.engine = engine
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._writing = asyncio.Lock()
        self._writer = _Writer(url) if self.is_sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading; nothing it does is kept."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield connection
            return
        async with self._writing, self.engine.connect() as connection:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                await connection.exec_driver_sql("ROLLBACK")
                raise
            await connection.exec_driver_sql("COMMIT")

    async def transact(self, work: Callable[[Connection], Outcome]) -> Outcome:
        """One transaction on the hot path: `work` runs to its end and is committed; rolled back when it raises.

        `work` must not touch the event loop: on SQLite it runs as a whole in the writer's thread.
        Statement by statement through the loop (`write()`) a transaction changes threads some thirty
        times, which costs more than its statements.
        """
        if self._writer is None:
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)
        async with self._writing:
            return await self._writer.run(work)

    async def transact_gently(self, work: Callable[[Connection], Outcome]) -> Outcome:
        """One of many short transactions in a row: afterwards it rests as long as that one took.

        Who waits in this process comes next anyway; another process waits for SQLite's writer by trying again and
        again, and must find it free.
        """
        started = time.monotonic()
        outcome = await self.transact(work)
        await asyncio.sleep(time.monotonic() - started)
        return outcome

    async def close(self) -> None:
        if self._writer is not None:
            await self._writer.close()
        await self.engine.dispose()


class _Writer:
    """SQLite's writer: one thread with one connection, opened at the first transaction."""

    def __init__(self, url: URL) -> None:
        self._engine = _tuned(
            create_engine(
                url.set(drivername="sqlite+pysqlite"),
                pool_size=1,
                max_overflow=0,
                hide_parameters=True,
                connect_args=_SQLITE,
            )
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lianbot-writer")

    async def run(self, work: Callable[[Connection], Outcome]) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._transaction, work
        )

    def _transaction(self, work: Callable[[Connection], Outcome]) -> Outcome:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                outcome = work(connection)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
            return outcome

    async def close(self) -> None:
        # a connection of sqlite3 may be closed only in the thread that opened it
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


def parse_url(text: str) -> URL:
    """`sqlite:///file`, `postgresql://…` or the full async forms; raises InvalidInputError naming the setting."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise InvalidInputError(
            "LIANBOT_DATABASE_URL", "不是数据库地址，例如 sqlite:///lianbot.db"
        ) from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    if backend == "postgresql":
        # plain `postgresql://` means psycopg in SQLAlchemy 2.1
        return url.set(drivername="postgresql+asyncpg")
    raise InvalidInputError(
        "LIANBOT_DATABASE_URL", f"不认识的数据库 {backend}，只用 sqlite 或 postgresql"
    )


def open_database(text: str, pool_size: int = 8) -> Database:
    """Opens lazily; a missing folder is named at once instead of at the first query."""
    url = parse_url(text)
    if url.get_backend_name() == "sqlite":
        return Database(url, _sqlite_engine(url, pool_size))
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
    )
    return Database(url, engine)


def _sqlite_engine(url: URL, pool_size: int) -> AsyncEngine:
    path = Path(url.database or "")
    if not url.database or url.database == ":memory:":
        raise InvalidInputError("LIANBOT_DATABASE_URL", "SQLite 要写文件路径，不能只在内存里")
    if not path.parent.is_dir():
        raise InvalidInputError(
            "LIANBOT_DATABASE_URL", f"文件夹 {path.parent} 不存在，请先建好再启动"
        )
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args=_SQLITE,
    )
    _tuned(engine.sync_engine)
    return engine


# no transactions of the driver's own: every write says BEGIN IMMEDIATE itself
_SQLITE = {"timeout": BUSY_SECONDS, "isolation_level": None}


def _tuned(engine: Engine) -> Engine:
    event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: an answered acknowledgement survives a power cut, not only a kill (P2)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
