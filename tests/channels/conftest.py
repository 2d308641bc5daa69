"""A clock that stands still, a token shelf in memory, the platforms' envelope, and a platform that answers as told."""

import asyncio
import base64
import hashlib
import json
import os
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lianbot.domain.messages import PlatformCall
from lianbot.ports.tokens import AccessToken

NOON = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)


class FixedClock:
    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def move(self, **span: float) -> None:
        self.moment += timedelta(**span)


class MemoryShelf:
    """One process's view of the tokens' row, with a notebook of what was asked."""

    def __init__(self) -> None:
        self.rows: dict[str, AccessToken] = {}
        self.replaced: list[tuple[str, str | None]] = []

    async def current(self, name: str) -> AccessToken | None:
        return self.rows.get(name)

    async def replace(
        self, name: str, stale: str | None, fetch: Callable[[], Awaitable[AccessToken]]
    ) -> AccessToken:
        self.replaced.append((name, stale))
        held = self.rows.get(name)
        if held is None or held.value == stale:
            self.rows[name] = await fetch()
        return self.rows[name]


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


@dataclass
class Platform:
    """Answers each path from its own list; the last answer stays. A path nobody prepared fails the test."""

    base: str = ""
    asked: list[Asked] = field(default_factory=list)
    prepared: dict[str, list[Any]] = field(default_factory=dict)
    unprepared: list[str] = field(default_factory=list)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    def on(self, path: str, *answers: Any) -> None:
        self.prepared[path] = list(answers)

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.path, dict(request.query), body))
        answers = self.prepared.get(request.path)
        if answers is None:
            self.unprepared.append(request.path)
            return web.Response(status=404)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return await self._give(answer, request)

    async def _give(self, answer: Any, request: web.Request) -> web.StreamResponse:
        match answer:
            case "hang":
                self.hanging.set()
                await asyncio.Event().wait()
            case "reset":
                assert request.transport is not None
                request.transport.abort()
            case (int(status), str(text)):
                return web.Response(status=status, text=text, content_type="text/html")
            case dict():
                # the platforms label their JSON as text/plain now and then
                return web.Response(text=json.dumps(answer), content_type="text/plain")
        return web.Response()


class Envelope:
    """The platforms' side of the envelope, written a second time so that bugs are not shared."""

    def __init__(self, clock: FixedClock, *, token: str, aes_key: str, receiver: str) -> None:
        self.clock = clock
        self.token = token
        self.key = base64.b64decode(aes_key + "=")
        self.receiver = receiver

    def _cipher(self) -> Any:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))

    def encrypt_frame(self, frame: bytes) -> str:
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(frame) + encryptor.finalize()).decode()

    def encrypt(self, text: str, receiver: str | None = None) -> str:
        message = text.encode()
        frame = (
            os.urandom(16)
            + struct.pack(">I", len(message))
            + message
            + (receiver or self.receiver).encode()
        )
        pad = 32 - len(frame) % 32
        return self.encrypt_frame(frame + bytes([pad]) * pad)

    def sign(self, *parts: str) -> str:
        joined = "".join(sorted((self.token, *parts)))
        return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's choice

    def query(self, encrypted: str, *, age: int = 0, nonce: str = "1372623149") -> dict[str, str]:
        timestamp = str(int(self.clock.now().timestamp()) - age)
        signature = self.sign(timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def push_cipher(self, encrypted: str, **how: Any) -> PlatformCall:
        body = (
            f"<xml><ToUserName><![CDATA[{self.receiver}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"
        )
        query = self.query(encrypted, **how)
        return PlatformCall(method="POST", query=query, body=body.encode())

    def push(self, xml: str, *, receiver: str | None = None, **how: Any) -> PlatformCall:
        return self.push_cipher(self.encrypt(xml, receiver), **how)

    def open(self, body: bytes) -> str:
        """Check and decrypt an answer of ours."""
        root = ElementTree.fromstring(body)  # noqa: S314 - our own answer
        leaves = {leaf.tag: leaf.text or "" for leaf in root}
        signed = self.sign(leaves["TimeStamp"], leaves["Nonce"], leaves["Encrypt"])
        assert leaves["MsgSignature"] == signed
        decryptor = self._cipher().decryptor()
        frame = decryptor.update(base64.b64decode(leaves["Encrypt"])) + decryptor.finalize()
        assert len(frame) % 32 == 0
        content = frame[16 : -frame[-1]]
        (length,) = struct.unpack(">I", content[:4])
        assert content[4 + length :].decode() == self.receiver
        return content[4 : 4 + length].decode()


@pytest.fixture
def make_envelope(clock: FixedClock) -> Any:
    def make(**how: str) -> Envelope:
        return Envelope(clock, **how)

    return make


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.handle)
    server = TestServer(app, host="127.0.0.1", shutdown_timeout=0.1)
    await server.start_server()
    platform.base = str(server.make_url("")).rstrip("/")
    yield platform
    await server.close()
    assert platform.unprepared == []


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
