"""A list as one parameter, and moments: the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, not_, select, text
from sqlalchemy.exc import StatementError

from lianbot.storage.listing import one_of
from lianbot.storage.tables import shared_bodies, sites

NAMES = {1: "东校区", 2: "西校区", 3: "南校区"}


@pytest.fixture
async def three(database):
    async with database.write() as connection:
        await connection.execute(insert(sites), [{"id": n, "name": NAMES[n]} for n in NAMES])
    return database


@pytest.mark.parametrize("numbers", [[], [2], [3, 1, 1], (2, 9), {1, 2, 3}])
async def test_the_rows_of_a_list(three, numbers):
    async with three.read() as connection:
        found = set(
            await connection.scalars(select(sites.c.id).where(one_of(sites.c.id, numbers)))
        )
        others = await connection.scalars(
            select(sites.c.id).where(not_(one_of(sites.c.id, numbers)))
        )
        assert found == set(numbers) & set(NAMES)
        assert set(others) == set(NAMES) - set(numbers)


async def test_the_key_is_used_to_find_them(three):
    if not three.is_sqlite:
        pytest.skip("PostgreSQL reads three rows whole")
    statement = select(sites.c.id).where(one_of(sites.c.id, [1, 2]))
    written = str(statement.compile(three.engine.sync_engine))
    async with three.read() as connection:
        plan = await connection.execute(
            text("EXPLAIN QUERY PLAN " + written.replace("?", "'[1]'"))
        )
        assert any("SEARCH sites USING INTEGER PRIMARY KEY" in row[3] for row in plan)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 1, 6, 7, tzinfo=UTC),
        datetime(2026, 12, 1, 6, 7, 8, 9, tzinfo=UTC),
        datetime(2026, 12, 1, 14, 7, tzinfo=timezone(timedelta(hours=8))),
    ],
)
async def test_a_moment_comes_back_as_it_was_and_in_utc(database, moment):
    async with database.write() as connection:
        await connection.execute(insert(shared_bodies).values(body=b"b", made_at=moment))
        found = await connection.scalar(
            select(shared_bodies.c.made_at).where(shared_bodies.c.made_at == moment)
        )
    assert found == moment
    assert found.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="no moment"):
        async with database.write() as connection:
            await connection.execute(
                insert(shared_bodies).values(body=b"b", made_at=datetime(2026, 12, 1))  # noqa: DTZ001
            )
