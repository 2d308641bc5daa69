"""A clock that stands still, a token shelf in memory, and a platform on loopback that answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

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
