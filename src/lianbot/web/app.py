"""The HTTP application: callbacks, phone pages, health; the console is mounted beside them."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from lianbot.domain.errors import InvalidInputError, LianbotError, NotAllowedError, NotFoundError
from lianbot.web.callbacks import BODY_LIMIT, add_callbacks, close_callbacks
from lianbot.web.health import add_health
from lianbot.web.parts import PARTS, WebParts
from lianbot.web.phone.pages import add_phone_pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def errors_in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Our own errors become 4xx with their sentence; nobody meets a 5xx for bad input."""
    try:
        return await handler(request)
    except NotFoundError as error:
        return web.Response(status=404, text=str(error))
    except NotAllowedError as error:
        return web.Response(status=403, text=str(error))
    except InvalidInputError as error:
        return web.Response(status=422, text=str(error))
    except LianbotError as error:
        return web.Response(status=409, text=str(error))


def make_app(parts: WebParts, *extra: Callable[[web.Application], None]) -> web.Application:
    """`extra` mount what has its own folder (the console)."""
    app = web.Application(middlewares=[errors_in_words], client_max_size=BODY_LIMIT)
    app[PARTS] = parts
    add_callbacks(app)
    add_phone_pages(app)
    add_health(app)
    for mount in extra:
        mount(app)

    async def close(_app: web.Application) -> None:
        await close_callbacks(parts)

    app.on_shutdown.append(close)
    return app
