"""Alive, ready, metrics, and the platforms' check files at the root."""

import pytest

from fakes.house import people
from fakes.platform_calls import Caller


@pytest.fixture
async def stage(staged, tmp_path):
    folder = tmp_path / "verify"
    folder.mkdir()
    (folder / "WW_verify_Ab12.txt").write_text("Ab12")
    (folder / "secret.txt").write_text("no")
    async with staged(people(1), verify_files=folder) as stage:
        yield stage


@pytest.fixture
def caller(stage) -> Caller:
    return Caller(stage.twin, stage.base)


async def test_it_is_alive(caller):
    assert (await caller.get("/healthz")).status == 200


async def test_it_is_ready_with_a_database_that_fits(caller):
    assert (await caller.get("/readyz")).text == "ok\n"


async def test_it_is_not_ready_with_another_schema_and_says_the_mend(stage, caller):
    async with stage.house.database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    answered = await caller.get("/readyz")
    assert answered.status == 503
    assert "lianbot db upgrade" in answered.text
    assert (await caller.get("/healthz")).status == 200


async def test_metrics_name_kinds_and_nobody(stage, caller):
    await stage.twin.type_text("hq000", "帮助")
    page = (await caller.get("/metrics")).text
    assert 'lianbot_callbacks_total{channel="wecom",kind="text"}' in page
    assert "hq000" not in page


async def test_the_check_file_lies_at_the_root(caller):
    assert (await caller.get("/WW_verify_Ab12.txt")).text == "Ab12"


@pytest.mark.parametrize(
    "path",
    ["/WW_verify_none.txt", "/secret.txt", "/WW_verify_..%2fsecret.txt", "/MP_verify_é.txt"],
)
async def test_nothing_else_of_that_folder_is_given_out(caller, path):
    assert (await caller.get(path)).status == 404
