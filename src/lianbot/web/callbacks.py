"""The platforms' callbacks: verified, understood, answered inside the platform's 5 seconds."""

import asyncio
import logging
from collections.abc import Coroutine

from aiohttp import web

from lianbot.domain.messages import InboundKind, PlatformCall, Reply, WireAnswer
from lianbot.domain.people import ChannelKind
from lianbot.ports.channel import Channel, ForgedCallError, MalformedCallError
from lianbot.web.metrics import CALLBACKS
from lianbot.web.parts import PARTS, WebParts

ANSWER_WITHIN = 4.0
"""The platform cuts at 5 s and pushes again [S4][S6]; without a commit by then there is no thank-you."""
BODY_LIMIT = 256 * 1024
log = logging.getLogger("lianbot.callbacks")


def add_callbacks(app: web.Application) -> None:
    for kind in ChannelKind:
        app.router.add_get(f"/wechat/{kind}", _verify(kind), allow_head=False)
        app.router.add_post(f"/wechat/{kind}", _receive(kind))


def _verify(kind: ChannelKind):  # type: ignore[no-untyped-def]  # aiohttp's handler type is its own
    async def verify(request: web.Request) -> web.Response:
        channel = _channel(request, kind)
        try:
            return _response(channel.verify_address(_call(request, b"")))
        except ForgedCallError:
            return _refused(kind, "forged", 403)
        except MalformedCallError:
            return _refused(kind, "malformed", 400)

    return verify


def _receive(kind: ChannelKind):  # type: ignore[no-untyped-def]  # aiohttp's handler type is its own
    async def receive(request: web.Request) -> web.Response:
        parts = request.app[PARTS]
        channel = _channel(request, kind)
        call = _call(request, await request.read())
        try:
            message = channel.receive(call)
        except ForgedCallError:
            return _refused(kind, "forged", 403)
        except MalformedCallError:
            return _refused(kind, "malformed", 400)
        if message.kind is InboundKind.DROPPED:
            # who opened a page, and when, would tie a concern to a person: not even a counter (P3)
            return _response(channel.answer(call, None, message))
        CALLBACKS.labels(channel=kind, kind=message.kind).inc()
        try:
            reply = parts.inbound.at_once(message)
            if isinstance(reply, Coroutine):
                reply = await _in_time(reply)
        except Exception:
            log.exception("a callback of kind %s failed", message.kind)
            return _response(channel.answer(call, None, message))
        return _response(channel.answer(call, reply, message))

    return receive


async def _in_time(work: Coroutine[None, None, Reply]) -> Reply:
    """The reply once its answer is committed; the no-op when that takes too long."""
    task = asyncio.ensure_future(work)
    # unlike wait_for(), this leaves the task alone: the commit goes on whatever becomes of the call
    done, _ = await asyncio.wait((task,), timeout=ANSWER_WITHIN)
    if done:
        return task.result()
    _forget(task)
    return None


_running: set[asyncio.Task[Reply]] = set()


def _forget(work: "asyncio.Task[Reply]") -> None:
    """The commit goes on without the caller; the platform's repeat will find its effect."""
    _running.add(work)
    work.add_done_callback(_done)


def _done(work: "asyncio.Task[Reply]") -> None:
    _running.discard(work)
    if not work.cancelled() and work.exception() is not None:
        log.error("a late callback failed", exc_info=work.exception())


def _channel(request: web.Request, kind: ChannelKind) -> Channel:
    channel = request.app[PARTS].channels.get(kind)
    if channel is None:
        raise web.HTTPNotFound(text="没有配置这个渠道")
    return channel


def _call(request: web.Request, body: bytes) -> PlatformCall:
    return PlatformCall(method=request.method, query=dict(request.query), body=body)


def _response(answer: WireAnswer) -> web.Response:
    return web.Response(
        status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type}
    )


def _refused(kind: ChannelKind, why: str, status: int) -> web.Response:
    CALLBACKS.labels(channel=kind, kind=why).inc()
    return web.Response(status=status, text="")


async def close_callbacks(_parts: WebParts) -> None:
    """Late commits are awaited on shutdown."""
    if _running:
        await asyncio.wait(_running, timeout=ANSWER_WITHIN)
