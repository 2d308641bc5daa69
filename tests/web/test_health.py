"""Alive, ready, metrics, and the platforms' check files at the root."""

from ipaddress import ip_network

import pytest
from aiohttp import ClientSession

from fakes.house import people
from fakes.platform_calls import Caller
from lianbot.bootstrap.entrances import proxies_of
from lianbot.domain.errors import InvalidInputError
from lianbot.settings import Settings
from lianbot.web.health import FORWARDED, from_inside


@pytest.fixture
async def stage(staged, tmp_path):
    folder = tmp_path / "verify"
    folder.mkdir()
    (folder / "WW_verify_Ab12.txt").write_text("Ab12")
    (folder / "MP_verify_Cd34.txt").write_text("Cd34")
    (folder / "secret.txt").write_text("no")
    (tmp_path / "MP_verify_above.txt").write_text("no")
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


@pytest.mark.parametrize("header", FORWARDED)
async def test_metrics_are_not_there_for_a_request_that_was_passed_on(stage, header):
    passed_on, url = {header: "203.0.113.9"}, f"{stage.base}/metrics"
    async with ClientSession() as client, client.get(url, headers=passed_on) as got:
        assert got.status == 404


@pytest.mark.parametrize(
    ("peer", "inside"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.2", True),
        ("::ffff:10.0.0.2", True),
        ("10.0.1.2", False),
        ("203.0.113.9", False),
        ("", False),
        (None, False),
    ],
)
def test_metrics_are_for_this_machine_and_trusted_ones(peer, inside):
    assert from_inside(peer, {}, [ip_network("10.0.0.0/24")]) is inside


def test_a_trusted_proxy_may_be_an_address_or_a_network():
    settings = Settings.model_validate({"trusted_proxies": "10.0.0.2，10.1.0.0/16, fd00::/8"})
    assert [str(one) for one in proxies_of(settings)] == ["10.0.0.2/32", "10.1.0.0/16", "fd00::/8"]


def test_a_trusted_proxy_that_is_no_address_is_named():
    settings = Settings.model_validate({"trusted_proxies": "10.0.0.2, proxy.lan"})
    with pytest.raises(InvalidInputError, match=r"proxy\.lan") as refused:
        proxies_of(settings)
    assert refused.value.place == "LIANBOT_TRUSTED_PROXIES"


@pytest.mark.parametrize(
    ("path", "text"), [("/WW_verify_Ab12.txt", "Ab12"), ("/MP_verify_Cd34.txt", "Cd34")]
)
async def test_the_check_files_of_both_platforms_lie_at_the_root(caller, path, text):
    assert (await caller.get(path)).text == text


@pytest.mark.parametrize(
    "path",
    [
        "/WW_verify_none.txt",
        "/secret.txt",
        "/WW_verify_..%2fsecret.txt",
        "/MP_verify_é.txt",
        "/..%2fMP_verify_above.txt",
        "/MP_verify_../MP_verify_above.txt",
        "/MP_verify_Cd34.txt%00",
        "/verify/MP_verify_Cd34.txt",
    ],
)
async def test_nothing_else_of_that_folder_is_given_out(caller, path):
    assert (await caller.get(path)).status == 404
