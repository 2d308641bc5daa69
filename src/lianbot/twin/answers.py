"""How both platforms answer a call: HTTP 200 with JSON, errors as `errcode` in the body [S8]."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from lianbot.twin.phones import Content
from lianbot.twin.tokens import Refusal
from lianbot.twin.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class RefusedError(Exception):
    """A call the platform answers with an errcode."""

    def __init__(self, errcode: int, errmsg: str, **extra: Any) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.extra = extra


def answer(payload: Content) -> web.Response:
    """A platform's JSON answer."""
    return web.Response(
        body=_dumps(payload).encode(),
        headers={"Content-Type": "application/json; charset=UTF-8"},
    )


def done(**fields: Any) -> web.Response:
    """errcode 0 with fields."""
    return answer({"errcode": 0, "errmsg": "ok", **fields})


def raise_refusal(refusal: Refusal | None) -> None:
    """Turn a token's refusal into an answer; nothing for None."""
    if refusal is not None:
        raise RefusedError(refusal.errcode, refusal.errmsg)


async def json_body(request: web.Request, malformed: int, *, escapes_refused: bool) -> Content:
    """The body as a JSON object; `malformed` is the platform's code for anything else.

    Literal backslash-u escapes are an error of their own: 40033 [S44].
    """
    raw = await request.read()
    if escapes_refused and b"\\u" in raw and _ESCAPE.search(raw):
        raise RefusedError(40033, "invalid charset, body holds \\uxxxx escapes")
    try:
        body = json.loads(raw)
    except ValueError:
        raise RefusedError(malformed, "data format error") from None
    if not isinstance(body, dict):
        raise RefusedError(malformed, "data format error, an object is expected")
    return body


def official_errors(world: World, handler: Handler) -> Handler:
    """Official Account: every errmsg ends in a `rid` [S8]."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except RefusedError as refusal:
            world.count(f"official.errcode.{refusal.errcode}")
            rid = f"{world.next_serial():08x}-twin"
            errmsg = f"{refusal.errmsg} rid: {rid}"
            return answer({"errcode": refusal.errcode, "errmsg": errmsg, **refusal.extra})

    return run


def wecom_errors(world: World, handler: Handler) -> Handler:
    """WeCom: a hint and the caller's address follow the errmsg."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except RefusedError as refusal:
            world.count(f"wecom.errcode.{refusal.errcode}")
            hint = f"hint: [{world.next_serial()}], from ip: {request.remote}"
            errmsg = f"{refusal.errmsg}, {hint}"
            return answer({"errcode": refusal.errcode, "errmsg": errmsg, **refusal.extra})

    return run
