"""Health for people and machines: alive, ready, metrics."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from lianbot.web.parts import PARTS


def add_health(app: web.Application) -> None:
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready)
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/{name:(?:WW|MP)_verify_[0-9A-Za-z]{1,64}\\.txt}", _verify_file)


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _ready(request: web.Request) -> web.Response:
    problem = await request.app[PARTS].ready()
    return web.Response(status=503 if problem else 200, text=(problem or "ok") + "\n")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _verify_file(request: web.Request) -> web.StreamResponse:
    """The platforms' domain check files lie at the root of the host [S92]."""
    folder = request.app[PARTS].verify_files
    path = folder / request.match_info["name"] if folder else None
    if path is None or not path.is_file():
        raise web.HTTPNotFound()
    return web.FileResponse(path, headers={"Content-Type": "text/plain"})
