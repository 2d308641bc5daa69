"""A process of the web alone beside another process: what that one changes is known here soon."""

import asyncio

import pytest
from sqlalchemy import insert, select, update

from fakes.house import Person, give_phones, text_of
from fakes.postgres import fresh_database, postgres, template
from lianbot.storage.tables import bindings, installation, workers

__all__ = ["postgres", "template"]
pytestmark = pytest.mark.postgres
NEW = Person(account="newcomer", name="周敏")


@pytest.fixture
async def database_url(template: str) -> str:
    return await fresh_database(template)


async def bind_elsewhere(house) -> None:
    """As another process would leave it: the binding, and the roster's next version."""
    async with house.database.write() as connection:
        worker = (await connection.execute(select(workers.c.id).limit(1))).scalar_one()
        await connection.execute(
            insert(bindings).values(worker_id=worker, channel="wecom", account=NEW.account)
        )
        await connection.execute(
            update(installation).values(roster_version=installation.c.roster_version + 1)
        )


async def test_who_is_bound_by_another_process_is_known_without_a_restart(drill):
    await drill.serve.start("--only", "web")
    drill.twin.world.wecom.callback_url = f"{drill.serve.base}/wechat/wecom"
    give_phones(drill.twin, [NEW])
    before = text_of((await drill.twin.type_text(NEW.account, "帮助")).reply)
    await bind_elsewhere(drill.house)
    said = before
    async with asyncio.timeout(30):
        while said == before:
            await asyncio.sleep(0.1)
            said = text_of((await drill.twin.type_text(NEW.account, "帮助")).reply)
    assert await drill.serve.stop() == 0
