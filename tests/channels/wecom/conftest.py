"""One WeCom app, joined to nothing or to the platform on loopback."""

from typing import Any

import aiohttp
import pytest

from lianbot.channels.wecom import WeComAccount, WeComChannel

CORP = "wx5823bf96d3bd56c7"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SECRET = "the-app-secret"


@pytest.fixture
def envelope(make_envelope: Any) -> Any:
    return make_envelope(token=TOKEN, aes_key=AES_KEY, receiver=CORP)


def an_account(api_base: str, **changes: Any) -> WeComAccount:
    settings: dict[str, Any] = {
        "corp_id": CORP,
        "agent_id": 218,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "api_base": api_base,
        **changes,
    }
    return WeComAccount(**settings)


@pytest.fixture
def make_account() -> Any:
    return an_account


@pytest.fixture
async def channel(session: aiohttp.ClientSession, shelf: Any, clock: Any) -> WeComChannel:
    """For calls that never leave: its address is a port where nobody listens."""
    account = an_account("http://127.0.0.1:9/wecom")
    return WeComChannel(account, session=session, shelf=shelf, clock=clock)


@pytest.fixture
async def online(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, platform: Any
) -> WeComChannel:
    """Joined to the platform on loopback, with short limits so that a hanging call ends soon."""
    account = an_account(platform.base, timeout=2, connect_timeout=1)
    return WeComChannel(account, session=session, shelf=shelf, clock=clock)
