"""The quick question at every start agrees with Alembic about the newest revision."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from lianbot.storage.revision import MIGRATIONS, newest, outdated


def test_the_newest_revision_is_alembics_only_head():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [newest()]


async def test_a_database_of_today_is_not_outdated(school):
    assert await outdated(school.database) == ""


async def test_an_older_database_is_named_with_the_mend(school):
    async with school.database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert "lianbot db upgrade" in await outdated(school.database)


async def test_a_database_without_tables_is_empty(school):
    async with school.database.write() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    assert "空" in await outdated(school.database)
