"""Wrong settings stop the start and are named; OAuth starts where the platform is."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from lianbot.channels.wecom import WeComChannel
from lianbot.domain.errors import InvalidInputError

PAGE = "https://lianbot.example.edu.cn/m/in?next=/m/i/abc"


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"aes_key": ""}, "LIANBOT_WECOM_AES_KEY"),
        ({"aes_key": "a" * 42}, "LIANBOT_WECOM_AES_KEY"),
        ({"aes_key": "汉" * 43}, "LIANBOT_WECOM_AES_KEY"),
        ({"aes_key": "!" * 43}, "LIANBOT_WECOM_AES_KEY"),
        ({"token": ""}, "LIANBOT_WECOM_TOKEN"),
        ({"corp_id": ""}, "LIANBOT_WECOM_CORP_ID"),
        ({"secret": ""}, "LIANBOT_WECOM_SECRET"),
        ({"duplicate_check_interval": 0}, "duplicate_check_interval"),
        ({"duplicate_check_interval": 14_401}, "duplicate_check_interval"),
    ],
)
async def test_a_wrong_setting_is_named(
    session: aiohttp.ClientSession,
    shelf: Any,
    clock: Any,
    make_account: Any,
    changes: dict[str, Any],
    setting: str,
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        account = make_account("http://x", **changes)
        WeComChannel(account, session=session, shelf=shelf, clock=clock)
    assert raised.value.place == setting


@pytest.mark.parametrize(
    ("api_base", "oauth_base", "start"),
    [
        ("https://qyapi.weixin.qq.com", None, "https://open.weixin.qq.com"),
        ("https://qyapi.weixin.qq.com/", None, "https://open.weixin.qq.com"),
        ("http://127.0.0.1:9/wecom", None, "http://127.0.0.1:9/wecom"),
        ("http://127.0.0.1:9/wecom", "https://proxy.example/", "https://proxy.example"),
    ],
)
async def test_oauth_starts_where_the_platform_is(
    session: aiohttp.ClientSession,
    shelf: Any,
    clock: Any,
    make_account: Any,
    api_base: str,
    oauth_base: str | None,
    start: str,
) -> None:
    account = make_account(api_base, oauth_base=oauth_base)
    channel = WeComChannel(account, session=session, shelf=shelf, clock=clock)
    url = urlsplit(channel.authorize_url(PAGE, "abc123"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{start}/connect/oauth2/authorize"
    assert url.fragment == "wechat_redirect"
    assert parse_qs(url.query) == {
        "appid": ["wx5823bf96d3bd56c7"],
        "redirect_uri": [PAGE],
        "response_type": ["code"],
        "scope": ["snsapi_base"],
        "state": ["abc123"],
        "agentid": ["218"],
    }


@pytest.mark.parametrize("state", ["", "a b", "a-b", "状态", "a" * 129])
def test_a_state_that_wecom_refuses_is_refused_here(channel: WeComChannel, state: str) -> None:
    with pytest.raises(InvalidInputError):
        channel.authorize_url(PAGE, state)
