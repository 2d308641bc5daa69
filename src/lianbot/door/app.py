"""The door's web application: three exchanges, one page, one constant answer to everything else."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_protocol import RequestHandler

from lianbot.door.clock import school_day
from lianbot.door.keeper import EXCHANGE, PHOTOS, Keeper
from lianbot.door.page import Page
from lianbot.sealing.stamps import SIZE as STAMP

READ_SECONDS = 20
SLICES = 10
FIRST_BYTES = 64 * 1024
"""No more than the library's reader holds of a silent connection anyway."""
NOWHERE = "没有这个页面\n".encode()
OPAQUE = {
    "Access-Control-Allow-Origin": "null",
    "Cache-Control": "no-store",
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotThisError(Exception):
    """The request gets the constant answer, whatever is wrong with it."""


@dataclass(kw_only=True)
class Buffers:
    """A few reused buffers of one size, first come, first served; each is zeroed before the next request gets it.

    Who sends nothing, or drop by drop, holds none: a request gets its buffer once its first bytes (of a letter: all)
    are there, and keeps it while a tenth of the body comes with every `patient` seconds, or `hurried` ones where
    others wait. Nothing is kept of an address.
    """

    size: int
    count: int
    patient: float = READ_SECONDS / SLICES
    hurried: float = 0.5
    _free: list[bytearray] = field(init=False)
    _seats: asyncio.Semaphore = field(init=False)
    _waiting: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._free = [bytearray(self.size) for _ in range(self.count)]
        self._seats = asyncio.Semaphore(self.count)

    @contextlib.asynccontextmanager
    async def filled(self, request: web.Request) -> AsyncIterator[bytearray]:
        """The request's body of exactly `size` bytes, within 20 seconds; NotThisError or TimeoutError otherwise."""
        if request.content_length != self.size:
            raise NotThisError
        buffer: bytearray | None = None
        try:
            async with asyncio.timeout(READ_SECONDS):
                first = await _first(request.content, min(self.size, FIRST_BYTES))
                buffer = await self._taken()
                at = _copied(first, buffer, 0)
                while at < self.size:
                    at = await self._slice(request.content, buffer, at)
            yield buffer
        finally:
            if buffer is not None:
                buffer[:] = bytes(self.size)
                self._free.append(buffer)
                self._seats.release()

    async def _taken(self) -> bytearray:
        """A free buffer; the semaphore lets nobody past those who wait."""
        self._waiting += 1
        try:
            await self._seats.acquire()
        finally:
            self._waiting -= 1
        return self._free.pop()

    async def _slice(self, content: StreamReader, buffer: bytearray, at: int) -> int:
        """Reads on until a tenth of the body has come; too slow is TimeoutError."""
        wanted = min(self.size, at + self.size // SLICES + 1)
        async with asyncio.timeout(self.hurried if self._waiting else self.patient):
            while at < wanted:
                at = _copied([await _part(content)], buffer, at)
        return at


async def _first(content: StreamReader, wanted: int) -> list[bytes]:
    """The pieces as they came, until so many bytes are there: they would lie in the reader all the same."""
    parts: list[bytes] = []
    while sum(map(len, parts)) < wanted:
        parts.append(await _part(content))
    return parts


async def _part(content: StreamReader) -> bytes:
    part = await content.readany()
    if not part:
        raise NotThisError
    return part


def _copied(parts: list[bytes], buffer: bytearray, at: int) -> int:
    """Copies and forgets the pieces; gives back the place behind them."""
    while parts:
        part = parts.pop(0)
        if at + len(part) > len(buffer):
            raise NotThisError
        buffer[at : at + len(part)] = part
        at += len(part)
    return at


@dataclass(kw_only=True)
class Door:
    """The handlers, joined to one keeper and one page."""

    keeper: Keeper
    page: Page
    letters: Buffers = field(default_factory=lambda: Buffers(size=EXCHANGE, count=16))
    photos: Buffers = field(default_factory=lambda: Buffers(size=PHOTOS, count=4))

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """POST /c/x."""
        async with self.letters.filled(request) as body:
            answer = await asyncio.to_thread(self.keeper.exchange, body, _stamp(request))
        return _opaque(answer)

    async def photo_exchange(self, request: web.Request) -> web.StreamResponse:
        """POST /c/m."""
        async with self.photos.filled(request) as body:
            answer = await asyncio.to_thread(self.keeper.photo_exchange, body, _stamp(request))
        return _opaque(answer)

    async def bulletin(self, request: web.Request) -> web.StreamResponse:
        """GET /c/b."""
        return _opaque(await asyncio.to_thread(self.keeper.bulletin))

    async def document(self, request: web.Request) -> web.StreamResponse:
        """GET /m/."""
        answer = await asyncio.to_thread(self.page.answer, school_day(self.keeper.clock))
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return BareResponse(
                body=answer.zipped, headers={**answer.headers, "Content-Encoding": "gzip"}
            )
        return BareResponse(body=answer.plain, headers=answer.headers)

    async def nothing(self, request: web.Request) -> web.StreamResponse:
        """Everything else."""
        raise NotThisError


class BareResponse(web.Response):
    """An answer without Server and Date, also where no application stands behind the request."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        for name in ("Server", "Date"):
            self._headers.popall(name, None)


def nowhere() -> web.Response:
    """The constant answer: it says nothing about what was wrong."""
    headers = {**OPAQUE, "Content-Type": "text/plain; charset=utf-8"}
    answer = BareResponse(status=404, body=NOWHERE, headers=headers)
    answer.force_close()
    return answer


@web.middleware
async def constant(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Any exception becomes the constant answer; no text of it goes anywhere."""
    try:
        answer = await handler(request)
    except Exception:  # noqa: BLE001 - the edge of the process: nothing may leak or be logged
        return nowhere()
    answer.force_close()
    return answer


def make_app(door: Door) -> web.Application:
    """The application with its routes; Server and Date are removed from every answer."""
    app = web.Application(middlewares=[constant], client_max_size=PHOTOS)
    routes: list[tuple[str, str, Handler]] = [
        ("POST", "/c/x", door.exchange),
        ("POST", "/c/m", door.photo_exchange),
        ("GET", "/c/b", door.bulletin),
        ("GET", "/m/", door.document),
        ("*", "/{anything:.*}", door.nothing),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, path, handler, expect_handler=_any_expectation)
    app.on_response_prepare.append(_bare)
    return app


class QuietHandler(RequestHandler):
    """Parser errors bypass the middleware; here they get the same constant answer, unlogged."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The constant answer, whatever the parser says."""
        if request.writer.output_size > 0:
            raise ConnectionError
        request._version = HttpVersion11  # the parser's own error request says 1.0
        return nowhere()


class QuietRunner(web.AppRunner):
    """An AppRunner that logs nothing, keeps little and answers parser errors constantly."""

    def __init__(self, app: web.Application) -> None:
        super().__init__(
            app,
            access_log=None,
            logger=_silence(),
            keepalive_timeout=5,
            lingering_time=0,
            max_line_size=1024,
            max_field_size=2048,
            auto_decompress=False,
            shutdown_timeout=2.0,
        )

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _QuietServer  # the application builds it and offers no other way in
        return server


class _QuietServer(web.Server):
    def __call__(self) -> RequestHandler:
        return QuietHandler(self, loop=self._loop, **self._kwargs)


def silence_libraries() -> None:
    """aiohttp.server would write "Error handling request from ADDRESS"; asyncio shows payloads."""
    names = ("access", "client", "internal", "server", "web", "websocket")
    for name in ("asyncio", "aiohttp", *(f"aiohttp.{part}" for part in names)):
        logging.getLogger(name).disabled = True


def _silence() -> logging.Logger:
    # not getLogger: it must hang in no tree that somebody could attach a handler to
    quiet = logging.Logger("door", 100)  # noqa: LOG001
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    return quiet


def _opaque(body: bytes) -> web.Response:
    return BareResponse(body=body, headers=OPAQUE)


def _stamp(request: web.Request) -> bytes:
    """The stamp travels in the query, because the body's size is fixed and a header would preflight."""
    try:
        stamp = bytes.fromhex(request.query.get("s", ""))
    except ValueError:
        return bytes(STAMP)
    return stamp if len(stamp) == STAMP else bytes(STAMP)


async def _any_expectation(request: web.Request) -> web.StreamResponse | None:
    """100-continue is granted, anything else ignored: the library's 417 would be another answer."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        writer: AbstractStreamWriter = request._payload_writer
        await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.output_size = 0
    return None


async def _bare(request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers.popall("Server", None)
    answer.headers.popall("Date", None)
