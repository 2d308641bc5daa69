"""WeCom as a Channel: verified calls in, dressed replies out, bodies handed over."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import aiohttp

from lianbot.channels.replies import says_nothing
from lianbot.channels.signature import param, require_fresh, require_signature
from lianbot.channels.wecom.account import LONGEST_INTERVAL, REAL_PLATFORM, WeComAccount
from lianbot.channels.wecom.client import WeComClient
from lianbot.channels.wecom.crypto import wecom_envelope
from lianbot.channels.wecom.inbound import parse
from lianbot.channels.wecom.outbound import Replies, render_for, render_message
from lianbot.channels.xml import read_flat
from lianbot.domain.enclosures import MediaFile
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    InboundMessage,
    MessageForm,
    OutboundMessage,
    PlatformCall,
    Reply,
    SendOutcome,
    WireAnswer,
)
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import MalformedCallError
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf

__all__ = ["WeComAccount", "WeComChannel", "open_wecom"]

NO_REPLY: Final = WireAnswer(status=200, content_type="text/plain", body=b"")
"""200 with an empty body is the no-op; anything but 200 is repeated by the platform [S4]."""

_OAUTH: Final = "https://open.weixin.qq.com"
MOST_ACCOUNTS: Final = 1000
"""In one call [S71]."""

_LONGEST_STATE: Final = 128
_CONNECTIONS: Final = 200


class WeComChannel:
    """One WeCom app; fulfils ports.channel.Channel."""

    kind: ChannelKind = ChannelKind.WECOM
    recall_within: timedelta | None = timedelta(hours=24)
    """The platform's own limit [S80]."""
    most_at_once: int = 1000
    """`touser` names at most so many [S71]."""

    def __init__(
        self,
        account: WeComAccount,
        *,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        clock: Clock,
    ) -> None:
        _check(account)
        self._account = account
        self._clock = clock
        self._envelope = wecom_envelope(
            token=account.token, aes_key=account.aes_key, corp_id=account.corp_id
        )
        self._replies = Replies(corp_id=account.corp_id, agent_id=account.agent_id)
        self._client = WeComClient(account, session=session, shelf=shelf, clock=clock)

    def verify_address(self, call: PlatformCall) -> WireAnswer:
        """Answer the GET check with the plain echo, nothing around it [S4]."""
        echo = self._open(call, param(call.query, "echostr"))
        return WireAnswer(status=200, content_type="text/plain", body=echo.encode())

    def receive(self, call: PlatformCall) -> InboundMessage:
        """Verify, decrypt and parse a push. Raises ForgedCallError, MalformedCallError."""
        # asked for before the body is parsed: a call without a signature costs nothing
        param(call.query, "msg_signature")
        encrypted = read_flat(call.body).get("Encrypt")
        if not encrypted:
            raise MalformedCallError("no Encrypt")
        return parse(self._open(call, encrypted))

    def answer(self, call: PlatformCall, reply: Reply, inbound: InboundMessage) -> WireAnswer:
        """Dress a reply: rendered, encrypted, signed with the call's nonce; None is an empty 200."""
        if reply is None or not inbound.account or says_nothing(reply):
            return NO_REPLY
        timestamp = int(self._clock.now().timestamp())
        xml = self._replies.render(reply, inbound, timestamp)
        sealed = self._envelope.seal(xml, timestamp=timestamp, nonce=param(call.query, "nonce"))
        return WireAnswer(status=200, content_type="application/xml", body=sealed)

    def render(self, message: OutboundMessage) -> bytes:
        """The body of message/send. Raises InvalidInputError naming the field that cannot be sent."""
        return render_message(
            message,
            agent_id=self._account.agent_id,
            duplicate_interval=self._account.duplicate_check_interval,
        )

    async def send(self, body: bytes) -> SendOutcome:
        """Hand one rendered body to the platform once."""
        return await self._client.send(body)

    def same_for_many(self, message: OutboundMessage) -> bool:
        """A button card carries a task of its own; text and text card lead to one address for everybody."""
        return message.form is not MessageForm.BUTTON_CARD

    def render_for(self, message: OutboundMessage, accounts: Sequence[str]) -> bytes:
        """One body for all of `accounts`. Raises InvalidInputError naming the field that cannot be sent."""
        return render_for(
            message,
            accounts,
            agent_id=self._account.agent_id,
            duplicate_interval=self._account.duplicate_check_interval,
        )

    async def send_to(self, body: bytes, accounts: Sequence[str]) -> Sequence[SendOutcome]:
        """Hand the body over once; what came of it for each account."""
        return await self._client.send_to(body, accounts)

    async def update_card(self, account: str, code: str, label: str) -> SendOutcome:
        """Grey a card that was answered another way (page, text, read-aloud)."""
        return await self._client.update_card(account, code, label)

    async def enclose(self, file: MediaFile, accounts: Sequence[str]) -> Mapping[str, SendOutcome]:
        """One voice or picture to up to 1,000 workers; an id that the platform forgot is renewed once."""
        if not 1 <= len(accounts) <= MOST_ACCOUNTS:
            raise InvalidInputError("accounts", f"一次 1 到 {MOST_ACCOUNTS} 人")
        return await self._client.enclose(file, accounts)

    async def recall(self, platform_id: str) -> SendOutcome:
        """Copies in the WeCom client only: what was read in ordinary WeChat stays [S80]."""
        return await self._client.recall(platform_id)

    async def identify(self, code: str) -> str | None:
        """The userid behind an OAuth code, None for a visitor who is not a member."""
        return await self._client.member(code)

    def authorize_url(self, redirect: str, state: str) -> str:
        """The silent OAuth start (snsapi_base) [S94]; `state` is letters and digits only."""
        if not (state.isascii() and state.isalnum() and len(state) <= _LONGEST_STATE):
            raise InvalidInputError("state", "只能是字母和数字，1 到 128 位")
        query = urlencode(
            {
                "appid": self._account.corp_id,
                "redirect_uri": redirect,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
                "agentid": self._account.agent_id,
            }
        )
        return f"{_oauth_base(self._account)}/connect/oauth2/authorize?{query}#wechat_redirect"

    def _open(self, call: PlatformCall, encrypted: str) -> str:
        query = call.query
        timestamp, nonce = param(query, "timestamp"), param(query, "nonce")
        given = param(query, "msg_signature")
        require_signature(given, self._account.token, timestamp, nonce, encrypted)
        require_fresh(timestamp, self._clock.now())
        return self._envelope.open(encrypted)


def _oauth_base(account: WeComAccount) -> str:
    if account.oauth_base is not None:
        return account.oauth_base.rstrip("/")
    base = account.api_base.rstrip("/")
    return _OAUTH if base == REAL_PLATFORM else base


def _check(account: WeComAccount) -> None:
    if not account.corp_id:
        raise InvalidInputError("LIANBOT_WECOM_CORP_ID", "没有填企业 ID")
    if not account.secret:
        raise InvalidInputError("LIANBOT_WECOM_SECRET", "没有填应用的 Secret")
    if not account.token:
        raise InvalidInputError("LIANBOT_WECOM_TOKEN", "没有填接收消息的 Token")
    if not 1 <= account.duplicate_check_interval <= LONGEST_INTERVAL:
        raise InvalidInputError("duplicate_check_interval", f"应是 1 到 {LONGEST_INTERVAL} 秒")


@asynccontextmanager
async def open_wecom(
    account: WeComAccount, *, shelf: TokenShelf, clock: Clock
) -> AsyncIterator[WeComChannel]:
    """A channel with an HTTP session of its own, closed with it.

    Cookies are refused and connections bounded; the pool is a little larger than the pace of a push.
    """
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield WeComChannel(account, session=session, shelf=shelf, clock=clock)
