"""JSON in and out of the people's API: bodies, fields, errors with the right status."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from lianbot.twin.accounts import ConfigError
from lianbot.twin.acts import ActError
from lianbot.twin.clock import ClockError
from lianbot.twin.phones import Channel, Content, Phone
from lianbot.twin.world import World

ApiHandler = Callable[[web.Request], Awaitable[Any]]
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class UnknownPhoneError(LookupError):
    """No phone with this id."""


def phone_named(world: World, phone_id: str) -> Phone:
    """The phone, or UnknownPhoneError."""
    phone = world.phones.get(phone_id)
    if phone is None:
        raise UnknownPhoneError(f"no phone {phone_id!r}")
    return phone


def channel_of(value: object) -> Channel:
    """`wecom` or `official`."""
    try:
        return Channel(str(value))
    except ValueError:
        raise ConfigError(f"channel: {value!r} is not wecom or official") from None


def string_of(body: Content, name: str) -> str:
    """A field that must be a text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{name}: a text is expected")
    return value


async def object_body(request: web.Request) -> Content:
    """The body as a JSON object; none at all is an empty one."""
    raw = await request.read()
    if not raw:
        return {}
    # A foreign web page can post forms without asking, but not JSON.
    if request.content_type != "application/json":
        raise ConfigError("Content-Type: application/json is expected")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ConfigError(f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise ConfigError("the body must be a JSON object")
    return body


def as_json(handler: ApiHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler with its result or its error as JSON: 400, 404, 409 or 502."""

    async def run(request: web.Request) -> web.Response:
        status = 200
        try:
            payload = await handler(request)
        except UnknownPhoneError as error:
            status, payload = 404, {"error": str(error)}
        except ActError as error:
            status, payload = 409, {"error": str(error)}
        except (ConfigError, ClockError) as error:
            status, payload = 400, {"error": str(error)}
        except (aiohttp.ClientError, TimeoutError) as error:
            status, payload = 502, {"error": f"{type(error).__name__}: {error}"}
        return web.Response(status=status, text=_dumps(payload), content_type="application/json")

    return run
