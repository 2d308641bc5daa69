"""The schema's version: bring a database up to date, or say what is behind."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from lianbot.storage.database import Database
from lianbot.storage.revision import MIGRATIONS, newest, wrong_revision
from lianbot.storage.tables import metadata


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Brings the schema to the newest revision, in one transaction."""
    async with database.write() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))


async def behind(database: Database) -> list[str]:
    """What keeps the database from being used: an older revision, or tables that differ. Empty when fit."""
    async with database.read() as connection:
        return await connection.run_sync(_differences)


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = context.get_current_revision()
    if found != newest():
        return [wrong_revision(found)]
    return [f"表结构不一致：{_name(change)}" for change in compare_metadata(context, metadata)]


def _name(change: object) -> str:
    """Alembic's tuple in short: what is missing or too much, and of which table."""
    parts = change if isinstance(change, tuple) else (change,)
    return " ".join(getattr(part, "name", None) or str(part) for part in parts[:4] if part)
