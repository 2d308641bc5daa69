"""Access tokens as rows: all processes share one, and only one of them fetches the next."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import delete, func, insert, select

from lianbot.ports.tokens import AccessToken
from lianbot.storage.database import Database
from lianbot.storage.tables import platform_tokens


class SqlTokenShelf:
    """ports.tokens.TokenShelf over SQL.

    The platform call happens outside any transaction on SQLite (a write lock held across a call
    would stop every callback) and under an advisory lock on PostgreSQL, so that two processes
    never fetch at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fetching = asyncio.Lock()

    async def current(self, name: str) -> AccessToken | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(platform_tokens).where(platform_tokens.c.name == name)
                )
            ).first()
        return AccessToken(value=row.value, expires_at=row.expires_at) if row else None

    async def replace(
        self, name: str, stale: str | None, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> AccessToken:
        async with self._fetching:
            if self._database.is_sqlite:
                return await self._replace(name, stale, fetch)
            async with self._database.engine.connect() as connection:
                key = func.hashtextextended(f"lianbot token {name}", 0)
                await connection.execute(select(func.pg_advisory_lock(key)))
                try:
                    return await self._replace(name, stale, fetch)
                finally:
                    await connection.execute(select(func.pg_advisory_unlock(key)))

    async def _replace(
        self, name: str, stale: str | None, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> AccessToken:
        kept = await self.current(name)
        if kept is not None and kept.value != stale:
            return kept
        fresh = await fetch()
        async with self._database.write() as connection:
            await connection.execute(delete(platform_tokens).where(platform_tokens.c.name == name))
            await connection.execute(
                insert(platform_tokens).values(
                    name=name, value=fresh.value, expires_at=fresh.expires_at
                )
            )
        return fresh
