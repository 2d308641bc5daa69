"""One Official Account in each callback mode."""

from typing import Any

import aiohttp
import pytest

from lianbot.channels.official import (
    CallbackMode,
    OfficialAccount,
    OfficialChannel,
    TemplateShape,
)

APPID = "wx5823bf96d3bd56c7"
TOKEN = "officialToken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TEMPLATE = TemplateShape(
    template_id="tpl-1",
    fields=(("thing1", "{title}"), ("thing2", "{lead}"), ("phrase3", "待阅读")),
)


def an_account(api_base: str, **changes: Any) -> OfficialAccount:
    settings: dict[str, Any] = {
        "appid": APPID,
        "secret": "the-app-secret",
        "token": TOKEN,
        "aes_key": AES_KEY,
        "api_base": api_base,
        "template": TEMPLATE,
        **changes,
    }
    return OfficialAccount(**settings)


@pytest.fixture
def make_account() -> Any:
    return an_account


@pytest.fixture
def envelope(make_envelope: Any) -> Any:
    return make_envelope(token=TOKEN, aes_key=AES_KEY, receiver=APPID)


@pytest.fixture
async def channel(session: aiohttp.ClientSession, shelf: Any, clock: Any) -> OfficialChannel:
    """In safe mode; for calls that never leave: its address is a port where nobody listens."""
    account = an_account("http://127.0.0.1:9/official")
    return OfficialChannel(account, session=session, shelf=shelf, clock=clock)


@pytest.fixture
async def plain(session: aiohttp.ClientSession, shelf: Any, clock: Any) -> OfficialChannel:
    account = an_account("http://127.0.0.1:9/official", mode=CallbackMode.PLAIN)
    return OfficialChannel(account, session=session, shelf=shelf, clock=clock)


@pytest.fixture
async def online(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, platform: Any
) -> OfficialChannel:
    """Joined to the platform on loopback, with limits that a busy machine keeps."""
    account = an_account(platform.base, timeout=20.0, connect_timeout=20.0)
    return OfficialChannel(account, session=session, shelf=shelf, clock=clock)


@pytest.fixture
async def impatient(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, platform: Any
) -> OfficialChannel:
    """The same with short limits, for calls that hang."""
    account = an_account(platform.base, timeout=1.0, connect_timeout=1.0)
    return OfficialChannel(account, session=session, shelf=shelf, clock=clock)
