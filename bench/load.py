"""The load: prepared requests over kept connections, each answer timed; cheap enough to leave the server the bottleneck."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.figures import share

OK = b"HTTP/1.1 200"
LENGTH = b"content-length:"


class LoadError(Exception):
    """An answer that was not what a platform expects."""


@dataclass(slots=True)
class Leg:
    """One stretch of load: seconds in all, seconds of each answer, and the answers' bodies."""

    seconds: float
    waits: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def wait_ms(self, part: float) -> float:
        return share(self.waits, part) * 1000


class _Caller(asyncio.Protocol):
    """One connection: sends the next request as soon as the answer of the last is complete."""

    def __init__(self, requests: deque[bytes], leg: Leg, done: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._leg = leg
        self._done = done
        self._buffer = b""
        self._started = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP
        self._transport = transport

    def start(self) -> None:
        assert self._transport is not None  # noqa: S101 - connected before
        if not self._requests:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._started = time.perf_counter()
        self._transport.write(self._requests.popleft())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap or len(body) < _length(head):
            return
        if not head.startswith(OK):
            self._fail(head)
            return
        self._leg.waits.append(time.perf_counter() - self._started)
        self._leg.bodies.append(body)
        self._buffer = b""
        self.start()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._fail(b"connection lost")

    def _fail(self, what: bytes) -> None:
        if not self._done.done():
            self._done.set_exception(LoadError(what.decode(errors="replace")[:200]))


def _length(head: bytes) -> int:
    low = head.lower()
    at = low.find(LENGTH)
    if at < 0:
        return 0
    return int(low[at + len(LENGTH) :].split(b"\r\n", 1)[0])


async def press(host: str, port: int, requests: Sequence[bytes], connections: int) -> Leg:
    """Every request once, over `connections` connections that are always busy. Raises LoadError."""
    loop = asyncio.get_running_loop()
    queue, leg = deque(requests), Leg(seconds=0.0)
    callers: list[_Caller] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        end: asyncio.Future[None] = loop.create_future()
        caller = _Caller(queue, leg, end)
        await loop.create_connection(lambda caller=caller: caller, host, port)  # type: ignore[misc]
        callers.append(caller)
        ends.append(end)
    started = time.perf_counter()
    for caller in callers:
        caller.start()
    await asyncio.gather(*ends)
    leg.seconds = time.perf_counter() - started
    return leg


async def pace(host: str, port: int, requests: Sequence[bytes], rate: float) -> Leg:
    """One request every 1/`rate` seconds whatever became of those before; waits count from its moment. Raises LoadError."""
    loop = asyncio.get_running_loop()
    leg = Leg(seconds=0.0)
    idle: list[_Paced] = []
    sent: list[asyncio.Future[None]] = []
    started = loop.time()
    for number, request in enumerate(requests):
        due = started + number / rate
        await asyncio.sleep(due - loop.time())
        if idle:
            caller = idle.pop()
        else:
            caller = _Paced(leg, idle)
            await loop.create_connection(lambda caller=caller: caller, host, port)  # type: ignore[misc]
        sent.append(caller.ask(request, time.perf_counter() - (loop.time() - due)))
    await asyncio.gather(*sent)
    leg.seconds = loop.time() - started
    for caller in idle:
        caller.close()
    return leg


class _Paced(_Caller):
    """One connection that asks when it is told to."""

    def __init__(self, leg: Leg, idle: "list[_Paced]") -> None:
        loop = asyncio.get_running_loop()
        super().__init__(deque(), leg, loop.create_future())
        self._idle = idle
        self._closing = False

    def ask(self, request: bytes, due: float) -> "asyncio.Future[None]":
        assert self._transport is not None  # noqa: S101 - connected before
        self._done = asyncio.get_running_loop().create_future()
        self._started = due
        self._transport.write(request)
        return self._done

    def start(self) -> None:
        """The answer is complete."""
        self._done.set_result(None)
        self._idle.append(self)

    def close(self) -> None:
        assert self._transport is not None  # noqa: S101 - connected before
        self._transport.close()
