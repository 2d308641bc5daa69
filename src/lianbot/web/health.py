"""Health for people and machines: alive, ready, metrics."""

from collections.abc import Container, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lianbot.web.parts import PARTS

FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def add_health(app: web.Application) -> None:
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready)
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/favicon.ico", _no_icon)
    app.router.add_get("/{name:(?:WW|MP)_verify_[0-9A-Za-z]{1,64}\\.txt}", _verify_file)


async def _no_icon(_request: web.Request) -> web.Response:
    """Browsers ask by themselves; nothing is an answer too, and no line in their console."""
    return web.Response(status=204)


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ready(request: web.Request) -> web.Response:
    problem = await request.app[PARTS].ready()
    return web.Response(status=503 if problem else 200, text=(problem or "ok") + "\n")


async def _metrics(request: web.Request) -> web.Response:
    if not from_inside(request.remote, request.headers, request.app[PARTS].trusted_proxies):
        raise web.HTTPNotFound
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def from_inside(
    peer: str | None, headers: Container[str], trusted: Iterable[IPv4Network | IPv6Network]
) -> bool:
    """Whether this machine or a trusted one asks for itself: what it passes on for others is not inside.

    Hour by hour, the counts of calls would tell an outsider when people are at their phones.
    """
    if any(name in headers for name in FORWARDED):
        return False
    try:
        address = ip_address(peer or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or any(address in one for one in trusted)


async def _verify_file(request: web.Request) -> web.StreamResponse:
    """The platforms' domain check files lie at the root of the host [S92]."""
    folder = request.app[PARTS].verify_files
    path = folder / request.match_info["name"] if folder else None
    if path is None or not path.is_file():
        raise web.HTTPNotFound()
    return web.FileResponse(path, headers={"Content-Type": "text/plain"})
