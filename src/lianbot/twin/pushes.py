"""Pushing messages and events to the bot: signed, sealed, cut at 5 s, repeated, muted."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import aiohttp

from lianbot.twin.accounts import ConfigError, Mode
from lianbot.twin.envelope import signature
from lianbot.twin.faults import FaultKind
from lianbot.twin.phones import Channel, Content
from lianbot.twin.replies import Expected, Reply, ReplyError, read_reply
from lianbot.twin.world import World
from lianbot.twin.xmlbody import Fields, render, write_json

_XML = {"Content-Type": "text/xml"}


@dataclass(slots=True, kw_only=True)
class PushResult:
    """What came of one push, all attempts together."""

    attempts: int = 0
    status: int | None = None
    seconds: float = 0.0  # of the attempt that was answered
    error: str = ""  # why the last attempt failed; empty when the bot answered well
    muted: bool = False
    body: str = ""
    reply: Reply | None = None
    note: str = ""  # why a well-formed reply was not shown

    @property
    def ok(self) -> bool:
        """Whether the bot answered usably."""
        return not self.error and not self.muted

    def as_json(self) -> Content:
        """For the people's API."""
        return {"ok": self.ok, **asdict(self)}


@dataclass(slots=True)
class _Mute:
    failures: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Call:
    url: str
    body: bytes
    nonce: str


class Pushes:
    """One HTTP client for both accounts' pushes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._session: aiohttp.ClientSession | None = None
        self._mutes = {Channel.WECOM: _Mute(), Channel.OFFICIAL: _Mute()}
        self._overtaken = asyncio.Event()

    async def open(self) -> None:
        """Make the HTTP client; cookies and redirects play no part in pushes."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def close(self) -> None:
        """End the HTTP client."""
        if self._session is not None:
            await self._session.close()

    async def call(self, url: str) -> str:
        """POST to an address of the demo and give back its text."""
        async with asyncio.timeout(60), self._client.post(url) as got:
            return (await got.read()).decode("utf-8", "replace")

    # verification ------------------------------------------------------------------------

    async def verify(self, channel: Channel) -> Content:
        """The GET that saving the callback address causes: what came back and whether it fits.

        WeCom encrypts echostr and wants the plain text within a second [S4]; the Official
        Account sends it in clear and only signs [S3].
        """
        plain = str(self.world.next_msg_id())
        url, limit = self._verification(channel, plain)
        started = time.monotonic()
        try:
            async with asyncio.timeout(limit), self._client.get(url, allow_redirects=False) as got:
                body = await got.read()
                status = got.status
        except (TimeoutError, aiohttp.ClientError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}", "status": None}
        ok = status == 200 and body == plain.encode()
        error_text = "" if ok else "the answer is not the plain echostr"
        seconds = round(time.monotonic() - started, 4)
        return {"ok": ok, "error": error_text, "status": status, "seconds": seconds}

    def _verification(self, channel: Channel, plain: str) -> tuple[str, float]:
        timestamp, nonce = self._stamp()
        if channel is Channel.WECOM:
            wecom = self.world.wecom.envelope()
            echo = wecom.seal(plain.encode(), self._salt())
            query = {
                "msg_signature": wecom.sign(timestamp, nonce, echo),
                "timestamp": timestamp,
                "nonce": nonce,
                "echostr": echo,
            }
            return _with_query(self._callback_url(channel), query), 1.0
        token = self.world.official.token
        query = {
            "signature": signature(token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": plain,
        }
        return _with_query(self._callback_url(channel), query), 5.0

    # pushes ------------------------------------------------------------------------------

    async def push(self, channel: Channel, fields: Fields) -> PushResult:
        """Push, repeat while unanswered, and read the reply.

        A repeat carries the same MsgId and CreateTime [S6][S7].
        """
        world = self.world
        result = PushResult()
        mute = self._mutes[channel]
        if mute.until > world.clock.now():
            # The platform keeps silent for a minute and does not replay what it missed [S8].
            result.muted, result.error = True, "muted after repeated failures"
            world.count(f"{channel}.muted")
            return result
        twice = await self._struck(channel)
        call = self._call(channel, fields)
        for attempt in range(1 + world.switches.callback_retries):
            if attempt and world.switches.retry_fresh_nonce:
                call = self._call(channel, fields)
            await self._attempt(channel, call, fields, result)
            if not result.error:
                break
        if twice and not result.error:
            again = PushResult()
            await self._attempt(channel, call, fields, again)
            result.attempts += 1
        self._keep_mute(channel, mute, result)
        self._overtaken.set()
        return result

    async def _struck(self, channel: Channel) -> bool:
        """Apply the fault rules for pushes; whether this one is sent twice."""
        twice = False
        for rule in self.world.faults.strikes(f"/callback/{channel}"):
            if rule.kind is FaultKind.LATENCY:
                await asyncio.sleep(self.world.faults.delay(rule))
            elif rule.kind is FaultKind.DUPLICATE_CALLBACK:
                twice = True
            elif rule.kind is FaultKind.OUT_OF_ORDER:
                await self._let_another_pass(rule.seconds)
        return twice

    async def _let_another_pass(self, longest: float) -> None:
        self._overtaken.clear()
        try:
            async with asyncio.timeout(longest):
                await self._overtaken.wait()
        except TimeoutError:
            return

    def _keep_mute(self, channel: Channel, mute: _Mute, result: PushResult) -> None:
        if not result.error:
            mute.failures = 0
            return
        if channel is Channel.WECOM:
            return  # documented for the Official Account only [S8]
        mute.failures += 1
        if mute.failures >= self.world.switches.mute_after_failures:
            mute.failures = 0
            mute.until = self.world.clock.now() + self.world.switches.mute_seconds

    async def _attempt(
        self, channel: Channel, call: _Call, fields: Fields, result: PushResult
    ) -> None:
        result.attempts += 1
        self.world.count(f"{channel}.pushes")
        started = time.monotonic()
        limit = self.world.switches.callback_timeout
        try:
            async with (
                asyncio.timeout(limit),
                self._client.post(
                    call.url, data=call.body, headers=_XML, allow_redirects=False
                ) as got,
            ):
                body = await got.read()
                result.status = got.status
        except TimeoutError:
            result.status, result.error = None, f"no answer within {limit:g} s"
            return
        except aiohttp.ClientError as error:
            result.status, result.error = None, f"{type(error).__name__}: {error}"
            return
        result.seconds = round(time.monotonic() - started, 5)
        result.body = body[:4000].decode("utf-8", "replace")
        self._read(channel, call, fields, body, result)

    def _read(
        self, channel: Channel, call: _Call, fields: Fields, body: bytes, result: PushResult
    ) -> None:
        if result.status != 200:
            result.error = f"HTTP {result.status}"  # any non-200 is a failure, repeated [S4]
            return
        result.error = ""
        try:
            result.reply = read_reply(body, self._expected(channel, call, fields))
        except ReplyError as error:
            result.error = f"unusable reply: {error}"

    def _expected(self, channel: Channel, call: _Call, fields: Fields) -> Expected:
        if channel is Channel.WECOM:
            envelope, sealed, plain = self.world.wecom.envelope(), True, False
        else:
            mode = self.world.official.mode
            envelope = self.world.official.envelope()
            # Compatible mode takes either form, safe mode the sealed one only [S3].
            sealed, plain = mode is not Mode.PLAIN, mode is not Mode.SAFE
        return Expected(
            channel=channel,
            envelope=envelope,
            app_id=str(fields["ToUserName"]),
            person_id=str(fields["FromUserName"]),
            nonce=call.nonce,
            sealed=sealed,
            plain_allowed=plain,
            nonce_must_echo=self.world.switches.reply_nonce_must_echo,
            news_limit=8 if channel is Channel.WECOM else self.world.switches.passive_news_limit,
        )

    def _call(self, channel: Channel, fields: Fields) -> _Call:
        timestamp, nonce = self._stamp()
        url = self._callback_url(channel)
        if channel is Channel.WECOM:
            return self._wecom_call(url, timestamp, nonce, fields)
        return self._official_call(url, timestamp, nonce, fields)

    def _wecom_call(self, url: str, timestamp: str, nonce: str, fields: Fields) -> _Call:
        envelope = self.world.wecom.envelope()
        sealed = envelope.seal(render(fields), self._salt())
        query = {
            "msg_signature": envelope.sign(timestamp, nonce, sealed),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        outer = {
            "ToUserName": self.world.wecom.corp_id,
            "AgentID": str(self.world.wecom.agent_id),
            "Encrypt": sealed,
        }
        return _Call(_with_query(url, query), render(outer), nonce)

    def _official_call(self, url: str, timestamp: str, nonce: str, fields: Fields) -> _Call:
        account = self.world.official
        query = {
            "signature": signature(account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        if self.world.switches.openid_in_query:
            query["openid"] = str(fields["FromUserName"])
        write = write_json if self.world.switches.official_body == "json" else render
        if account.mode is Mode.PLAIN:
            return _Call(_with_query(url, query), write(fields), nonce)
        envelope = account.envelope()
        sealed = envelope.seal(write(fields), self._salt())
        query |= {
            "encrypt_type": "aes",
            "msg_signature": envelope.sign(timestamp, nonce, sealed),
        }
        # Compatible mode carries both forms in one body [S3].
        outer = fields if account.mode is Mode.COMPATIBLE else {"ToUserName": account.gh_id}
        return _Call(_with_query(url, query), write({**outer, "Encrypt": sealed}), nonce)

    def _stamp(self) -> tuple[str, str]:
        return str(int(self.world.clock.now())), str(self.world.dice.randrange(10**8, 10**10))

    def _salt(self) -> bytes:
        return self.world.dice.randbytes(16)

    def _callback_url(self, channel: Channel) -> str:
        account = self.world.wecom if channel is Channel.WECOM else self.world.official
        if not account.callback_url:
            raise ConfigError(f"{channel}.callback_url is not set; PUT /twin/api/accounts")
        return account.callback_url

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the twin's HTTP client is not open")
        return self._session


def _with_query(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
