"""Faults applied to a call: waits, errors, cut connections, before or after the work was done."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import web

from lianbot.twin.answers import Handler, answer
from lianbot.twin.faults import FaultKind, FaultRule
from lianbot.twin.world import World

_HTML = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


def guarded(world: World, handler: Handler) -> Handler:
    """The handler behind the fault rules; without rules one comparison."""
    faults = world.faults

    async def run(request: web.Request) -> web.StreamResponse:
        if not faults.rules:
            return await handler(request)
        try:
            return await _struck(world, handler, request)
        except ConnectionError:
            # the caller gave up while it was kept waiting; nobody is left to answer
            return web.Response(status=499)

    return run


async def _struck(world: World, handler: Handler, request: web.Request) -> web.StreamResponse:
    for rule in world.faults.strikes(request.path):
        if rule.kind is FaultKind.LATENCY:
            # the platform has the call before it is slow: who hangs up meanwhile has sent it all the same
            if not request.content_type.startswith("multipart/"):
                await request.read()
            await asyncio.sleep(world.faults.delay(rule))
        elif rule.kind is FaultKind.TOKEN_EXPIRY:
            _expire_tokens(world, request.path)
        else:
            world.count(f"fault.{rule.kind}")
            if rule.accepted or rule.kind is FaultKind.DROP_AFTER_ACCEPT:
                await handler(request)
            return _damage(rule, request)
    return await handler(request)


def _expire_tokens(world: World, path: str) -> None:
    now = world.clock.now()
    if path.startswith("/wecom/"):
        world.wecom_tokens.end_all(now)
    else:
        world.official_tokens.end_all(now)
        world.stable_tokens.end_all(now)


def _damage(rule: FaultRule, request: web.Request) -> web.StreamResponse:
    match rule.kind:
        case FaultKind.SERVER_ERROR:
            text = _HTML.format(f"{rule.status} Bad Gateway")
            return web.Response(status=rule.status, text=text, content_type="text/html")
        case FaultKind.HTML_200:
            return web.Response(text=_HTML.format("系统维护中"), content_type="text/html")
        case FaultKind.EMPTY:
            return web.Response(body=b"")
        case FaultKind.ERRCODE:
            return answer({"errcode": rule.errcode, "errmsg": rule.errmsg})
        case FaultKind.RESET:
            return _cut(request, reset=True)
        case FaultKind.DROP_BEFORE | FaultKind.DROP_AFTER_ACCEPT:
            return _cut(request, reset=False)
        case _:
            # Kinds for pushes do nothing to a call of the bot.
            return web.Response(status=500, text=f"{rule.kind} is a fault for pushes")


def _cut(request: web.Request, *, reset: bool) -> web.StreamResponse:
    """End the connection without an answer: quietly (FIN) or hard (RST)."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if reset and sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    # aiohttp finds the transport closed and writes nothing of this.
    return web.Response(status=499)
