"""The demo needs no password, so it opens on this machine only and never with the real platform."""

from datetime import UTC, datetime

import pytest

from lianbot.bootstrap import open_house
from lianbot.domain.errors import InvalidInputError
from lianbot.settings import REAL_WECOM, Settings
from lianbot.timetable.clocks import move_clock

TWIN = "http://127.0.0.1:9"


async def opened(**values: object) -> None:
    async with open_house(Settings.model_validate(values), check_schema=False):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.8", "lj.example"])  # noqa: S104
async def test_a_demo_that_others_could_reach_is_refused(host):
    with pytest.raises(InvalidInputError, match="LIANBOT_HTTP_HOST") as refused:
        await opened(demo=True, http_host=host, wecom_api_base=TWIN)
    assert refused.value.place == "LIANBOT_DEMO"


async def test_a_demo_with_the_real_platform_is_refused():
    with pytest.raises(InvalidInputError, match="真平台") as refused:
        await opened(demo=True, wecom_api_base=REAL_WECOM)
    assert refused.value.place == "LIANBOT_DEMO"


async def test_a_demo_with_the_real_official_account_is_refused():
    with pytest.raises(InvalidInputError, match="真平台") as refused:
        await opened(demo=True, wecom_api_base=TWIN, official_secret="s" * 32)
    assert refused.value.place == "LIANBOT_DEMO"


async def test_a_moved_clock_with_the_real_official_account_is_refused(tmp_path):
    move_clock(tmp_path / "clock", datetime(2026, 12, 1, 6, 7, tzinfo=UTC))
    clock = f"file:{tmp_path / 'clock'}"
    with pytest.raises(InvalidInputError, match="真平台") as refused:
        await opened(clock=clock, official_secret="s" * 32)
    assert refused.value.place == "LIANBOT_CLOCK"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
async def test_a_demo_on_this_machine_is_not_refused_for_being_a_demo(host, tmp_path):
    """On an empty database the house stays shut, but for that reason only."""
    database = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(Exception) as refused:
        await opened(demo=True, http_host=host, wecom_api_base=TWIN, database_url=database)
    assert "LIANBOT_DEMO" not in str(refused.value)
