"""Every API that is called, every fault one by one: each pair has its defined outcome, and nothing is asked in a loop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from lianbot.channels import table
from lianbot.channels.official import OfficialAccount, OfficialChannel
from lianbot.channels.wecom import WeComAccount, WeComChannel
from lianbot.domain.enclosures import EnclosureKind, MediaFile
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError

KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
TOKENS = {"wecom": "/cgi-bin/gettoken", "official": "/cgi-bin/stable_token"}
TOKEN = {"errcode": 0, "errmsg": "ok", "access_token": "TOKEN-1", "expires_in": 7200}
TEXT = b'{"touser":"wang","msgtype":"text","text":{"content":"a"}}'
TEMPLATE = b'{"touser":"o1","template_id":"t","data":{}}'
VOICE = MediaFile(
    kind=EnclosureKind.VOICE, name="a.amr", sha256="a" * 64, data=b"#!AMR\n" + b"\x04" * 60
)


class Channels:
    """Both channels on one loopback platform, with short limits."""

    def __init__(self, base: str, session: aiohttp.ClientSession, shelf: Any, clock: Any) -> None:
        limits = {"api_base": base, "timeout": 1.0, "connect_timeout": 0.8}
        wecom = WeComAccount(
            corp_id="ww1", agent_id=1, secret="the-app-secret", token="t", aes_key=KEY, **limits
        )
        official = OfficialAccount(
            appid="wx1", secret="the-app-secret", token="t", aes_key=KEY, **limits
        )
        self.wecom = WeComChannel(wecom, session=session, shelf=shelf, clock=clock)
        self.official = OfficialChannel(official, session=session, shelf=shelf, clock=clock)


@pytest.fixture
def channels(platform: Any, session: aiohttp.ClientSession, shelf: Any, clock: Any) -> Channels:
    for path in TOKENS.values():
        platform.on(path, TOKEN)
    return Channels(platform.base, session, shelf, clock)


async def who(asking: Awaitable[str | None]) -> Any:
    """Sign-in tells by exceptions; the kind of one is its outcome."""
    try:
        return await asking
    except (CodeRejectedError, PlatformSilentError) as error:
        return error


async def enclosed(channels: Channels) -> Any:
    return (await channels.wecom.enclose(VOICE, ["wang"]))["wang"]


# name: (channel, path, call)
APIS: dict[str, tuple[str, str, Callable[[Channels], Awaitable[Any]]]] = {
    "message/send": ("wecom", "/cgi-bin/message/send", lambda c: c.wecom.send(TEXT)),
    "update_template_card": (
        "wecom",
        "/cgi-bin/message/update_template_card",
        lambda c: c.wecom.update_card("wang", "code", "已确认"),
    ),
    "media/upload": ("wecom", "/cgi-bin/media/upload", enclosed),
    "auth/getuserinfo": (
        "wecom",
        "/cgi-bin/auth/getuserinfo",
        lambda c: who(c.wecom.identify("code")),
    ),
    "custom/send": (
        "official",
        "/cgi-bin/message/custom/send",
        lambda c: c.official.send(TEXT),
    ),
    "template/send": (
        "official",
        "/cgi-bin/message/template/send",
        lambda c: c.official.send(TEMPLATE),
    ),
    "sns/oauth2": (
        "official",
        "/sns/oauth2/access_token",
        lambda c: who(c.official.identify("code")),
    ),
}
SIGN_IN = ("auth/getuserinfo", "sns/oauth2")

# what the platform does: (answer, the outcome of a send); uploads never leave a send in doubt
FAULTS: dict[str, tuple[Any, type]] = {
    "HTML with 200": ((200, "<html>系统维护</html>"), NoAnswer),
    "empty body": ((200, ""), NoAnswer),
    "502": ((502, "<html>Bad Gateway</html>"), NoAnswer),
    "503": ((503, ""), NoAnswer),
    "408": ((408, ""), NoAnswer),
    "reset": ("reset", NoAnswer),
    "silence": ("hang", NoAnswer),
    "cut off": ((200, '{"errcode": 0'), NoAnswer),
    "no errcode": ((200, "{}"), NoAnswer),
    "-1": ({"errcode": -1, "errmsg": "busy"}, NoAnswer),
    "429": ((429, ""), NotSent),
    "wrong path": ((404, ""), Refused),
    "redirect": ((302, ""), Refused),
    "unlisted code": ({"errcode": 123456, "errmsg": "?"}, Refused),
}


def expected(api: str, fault: str, outcome: type) -> type:
    if api in SIGN_IN:
        return PlatformSilentError
    return NotSent if api == "media/upload" and outcome is NoAnswer else outcome


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("api", APIS)
async def test_a_fault_of_an_api_has_one_outcome(
    channels: Channels, platform: Any, api: str, fault: str
) -> None:
    _, path, call = APIS[api]
    answer, outcome = FAULTS[fault]
    platform.on(path, answer)
    assert type(await call(channels)) is expected(api, fault, outcome)
    # aiohttp itself asks a reset GET once more; nothing else is asked twice
    again = fault == "reset" and api in SIGN_IN
    assert len(platform.calls(path)) == (2 if again else 1)


@pytest.mark.parametrize(
    "fault", sorted(set(FAULTS) - {"unlisted code", "wrong path", "redirect"})
)
@pytest.mark.parametrize("kind", list(TOKENS))
async def test_without_a_token_nothing_is_sent(
    channels: Channels, platform: Any, kind: str, fault: str
) -> None:
    platform.on(TOKENS[kind], FAULTS[fault][0])
    assert isinstance(await getattr(channels, kind).send(TEXT), NotSent)


@pytest.mark.parametrize("kind", list(ChannelKind))
async def test_every_listed_code_has_its_action_and_asks_for_one_refresh_at_most(
    channels: Channels, platform: Any, clock: Any, kind: ChannelKind
) -> None:
    path = "/cgi-bin/message/send" if kind is ChannelKind.WECOM else "/cgi-bin/message/custom/send"
    channel = getattr(channels, kind.value)
    for errcode, entry in table.entries(kind).items():
        platform.asked.clear()
        platform.on(path, {"errcode": errcode, "errmsg": "words, rid: 1-2", "msgid": "m"})
        outcome = await channel.send(TEXT)
        if errcode in (0, -1):
            assert isinstance(outcome, Accepted if errcode == 0 else NoAnswer)
        else:
            assert (outcome.errcode, outcome.action) == (errcode, entry.action)
            assert outcome.detail == "words, rid: 1-2"
        refreshes = entry.action is SendAction.REFRESH_TOKEN
        assert len(platform.calls(path)) == (2 if refreshes else 1)
        assert len(platform.calls(TOKENS[kind.value])) <= 1 + refreshes
        clock.move(minutes=6)


@pytest.mark.parametrize("kind", list(ChannelKind))
async def test_every_listed_code_at_the_token_stops_and_is_not_asked_in_a_loop(
    channels: Channels, platform: Any, clock: Any, kind: ChannelKind
) -> None:
    channel, path = getattr(channels, kind.value), TOKENS[kind.value]
    later = (SendAction.RETRY, SendAction.RETRY_LATER)
    for errcode, entry in table.entries(kind).items():
        if errcode == 0:
            continue
        platform.asked.clear()
        platform.on(path, {"errcode": errcode, "errmsg": "words"})
        outcomes = await asyncio.gather(*(channel.send(TEXT) for _ in range(5)))
        if entry.action in later:
            assert all(isinstance(one, NotSent) for one in outcomes)
        else:
            refused = Refused(errcode=errcode, action=entry.action, detail="token: words")
            assert outcomes == [refused] * 5
            # one caller asks, the others are told; nobody asks again for five minutes
            assert len(platform.calls(path)) == 1
        clock.move(minutes=6)
