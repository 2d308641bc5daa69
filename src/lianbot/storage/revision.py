"""Which revision the database is at and which this program needs: asked at every start, so without Alembic."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from lianbot.storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
_NAMES = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)
_version = Table("alembic_version", MetaData(), Column("version_num", String(32)))


@cache
def newest() -> str:
    """The revision that no other follows (a test holds them to one line)."""
    found = [
        dict(_NAMES.findall(path.read_text(encoding="utf-8")))
        for path in (MIGRATIONS / "versions").glob("[0-9]*.py")
    ]
    followed = {one["down_revision"] for one in found}
    last: str = max(one["revision"] for one in found if one["revision"] not in followed)
    return last


async def outdated(database: Database) -> str:
    """What is to be done before the database can be used; empty when it is at the newest revision.

    Whether the tables are as they should be is `schema.behind`'s question: it compares all of them.
    """
    async with database.read() as connection:
        found = await connection.run_sync(_found)
    return "" if found == newest() else wrong_revision(found)


def wrong_revision(found: str | None) -> str:
    return f"数据库版本是 {found or '空'}，需要 {newest()}：请运行 lianbot db upgrade"


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_version.name):
        return None
    version: str | None = connection.execute(select(_version.c.version_num)).scalar_one_or_none()
    return version
