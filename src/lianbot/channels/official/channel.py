"""The Official Account as a Channel: verified calls in, dressed replies out, bodies handed over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import aiohttp

from lianbot.channels.official.account import (
    REAL_PLATFORM,
    CallbackMode,
    OfficialAccount,
    TemplateShape,
)
from lianbot.channels.official.client import OfficialClient
from lianbot.channels.official.crypto import official_envelope
from lianbot.channels.official.desk import OfficialDesk
from lianbot.channels.official.inbound import parse
from lianbot.channels.official.outbound import render_message, render_reply
from lianbot.channels.official.template_fields import kind_of
from lianbot.channels.replies import says_nothing
from lianbot.channels.signature import param, require_fresh, require_signature
from lianbot.channels.xml import BODY_LIMIT, read_flat
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    InboundMessage,
    OutboundMessage,
    PlatformCall,
    Refused,
    Reply,
    SendAction,
    SendOutcome,
    WireAnswer,
)
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import ForgedCallError, MalformedCallError, PlatformSilentError
from lianbot.ports.clock import Clock
from lianbot.ports.tokens import TokenShelf

__all__ = ["CallbackMode", "OfficialAccount", "OfficialChannel", "TemplateShape", "open_official"]

NO_REPLY: Final = WireAnswer(status=200, content_type="text/plain", body=b"success")
"""The preferred no-op: no repeat, and no fault shown to the worker [S7]; allowed unencrypted in safe mode [S3]."""

_OAUTH: Final = "https://open.weixin.qq.com"
_LONGEST_STATE: Final = 128
_CONNECTIONS: Final = 200


class OfficialChannel:
    """One Official Account; fulfils ports.channel.Channel."""

    kind: ChannelKind = ChannelKind.OFFICIAL
    recall_within: timedelta | None = None
    """The platform has no call that takes a message back."""

    def __init__(
        self,
        account: OfficialAccount,
        *,
        session: aiohttp.ClientSession,
        shelf: TokenShelf,
        clock: Clock,
    ) -> None:
        _check(account)
        self._account = account
        self._clock = clock
        self._envelope = (
            None
            if account.callback_mode is CallbackMode.PLAIN
            else official_envelope(
                token=account.token, aes_key=account.aes_key, appid=account.appid
            )
        )
        self._client = OfficialClient(account, session=session, shelf=shelf, clock=clock)
        self.desk = OfficialDesk(self._client.calls)

    def verify_address(self, call: PlatformCall) -> WireAnswer:
        """Answer the GET check with the echo as it came; it is never encrypted here [S3]."""
        self._require_signature(call, "signature")
        echo = call.query.get("echostr")
        if not echo:
            raise ForgedCallError("no echostr")
        body = echo.encode("utf-8", "replace")
        return WireAnswer(status=200, content_type="text/plain", body=body)

    def receive(self, call: PlatformCall) -> InboundMessage:
        """Verify, decrypt and parse a push. Raises ForgedCallError, MalformedCallError."""
        if self._envelope is None:
            self._require_signature(call, "signature")
            return parse(_plain_text(call.body))
        # in compatible mode the plain copy beside Encrypt is signed by nobody: it is not read
        param(call.query, "msg_signature")
        encrypted = read_flat(call.body).get("Encrypt")
        if not encrypted:
            raise MalformedCallError("no Encrypt")
        self._require_signature(call, "msg_signature", encrypted)
        return parse(self._envelope.open(encrypted))

    def answer(self, call: PlatformCall, reply: Reply, inbound: InboundMessage) -> WireAnswer:
        """Dress a reply, encrypted where pushes are; None is `success`."""
        if reply is None or not inbound.account or says_nothing(reply):
            return NO_REPLY
        timestamp = int(self._clock.now().timestamp())
        xml = render_reply(reply, inbound, timestamp)
        if self._envelope is None:
            return WireAnswer(status=200, content_type="application/xml", body=xml.encode())
        nonce = param(call.query, "nonce")
        sealed = self._envelope.seal(xml, timestamp=timestamp, nonce=nonce)
        return WireAnswer(status=200, content_type="application/xml", body=sealed)

    def render(self, message: OutboundMessage) -> bytes:
        """The body of custom/send or template/send. Raises InvalidInputError naming what cannot be sent."""
        return render_message(message, self._account.template)

    async def send(self, body: bytes) -> SendOutcome:
        """Hand one rendered body to the platform once."""
        return await self._client.send(body)

    async def check_template(self) -> str:
        """What keeps template messages from leaving; empty when nothing does. For doctor."""
        template = self._account.template
        if template is None:
            return ""
        try:
            known = await self._client.templates()
        except PlatformSilentError as error:
            return str(error)
        return "" if template.template_id in known else f"没有编号 {template.template_id} 的模板"

    async def recall(self, platform_id: str) -> SendOutcome:
        """Never asked for: `recall_within` is None."""
        return Refused(errcode=0, action=SendAction.UNLISTED, detail="no recall on this platform")

    async def identify(self, code: str) -> str | None:
        """The openid behind an OAuth code."""
        return await self._client.visitor(code)

    def authorize_url(self, redirect: str, state: str) -> str:
        """The silent OAuth start (snsapi_base) [S54]; the order of the parameters is the documented one."""
        if not (state.isascii() and state.isalnum() and len(state) <= _LONGEST_STATE):
            raise InvalidInputError("state", "只能是字母和数字，1 到 128 位")
        query = urlencode(
            {
                "appid": self._account.appid,
                "redirect_uri": redirect,
                "response_type": "code",
                "scope": "snsapi_base",
                "state": state,
            }
        )
        return f"{_oauth_base(self._account)}/connect/oauth2/authorize?{query}#wechat_redirect"

    def _require_signature(self, call: PlatformCall, name: str, *signed: str) -> None:
        query = call.query
        given = param(query, name)
        timestamp, nonce = param(query, "timestamp"), param(query, "nonce")
        require_signature(given, self._account.token, timestamp, nonce, *signed)
        require_fresh(timestamp, self._clock.now())


def _plain_text(body: bytes) -> str:
    if len(body) > BODY_LIMIT:
        raise MalformedCallError("body too large")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise MalformedCallError("not UTF-8") from error


def _oauth_base(account: OfficialAccount) -> str:
    if account.oauth_base is not None:
        return account.oauth_base.rstrip("/")
    base = account.api_base.rstrip("/")
    return _OAUTH if base == REAL_PLATFORM else base


def _check(account: OfficialAccount) -> None:
    if not account.appid:
        raise InvalidInputError("LIANBOT_OFFICIAL_APPID", "没有填 AppID")
    if not account.secret:
        raise InvalidInputError("LIANBOT_OFFICIAL_SECRET", "没有填 AppSecret")
    if not account.token:
        raise InvalidInputError("LIANBOT_OFFICIAL_TOKEN", "没有填消息推送的 Token")
    for key, _ in account.template.fields if account.template else ():
        kind_of(key)


@asynccontextmanager
async def open_official(
    account: OfficialAccount, *, shelf: TokenShelf, clock: Clock
) -> AsyncIterator[OfficialChannel]:
    """A channel with an HTTP session of its own, closed with it."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield OfficialChannel(account, session=session, shelf=shelf, clock=clock)
