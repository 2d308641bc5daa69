"""The HTTP application: callbacks, phone pages, health; the console is mounted beside them."""

import logging
import traceback
from collections.abc import Awaitable, Callable

from aiohttp import web

from lianbot.domain.errors import InvalidInputError, LianbotError, NotAllowedError, NotFoundError
from lianbot.phrases import pages as say
from lianbot.web.callbacks import BODY_LIMIT, add_callbacks, close_callbacks
from lianbot.web.health import add_health
from lianbot.web.parts import PARTS, WebParts
from lianbot.web.phone.pages import add_phone_pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


@web.middleware
async def faults_in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost: a fault of ours is logged by its kind and place, never by who asked for what.

    Left to aiohttp it would be logged with the caller's address; an exception's own words may carry
    what somebody wrote, so only its kind and the lines of code are kept.
    """
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the person gets a sentence
        places = "".join(traceback.format_tb(error.__traceback__))
        log.error("a request failed: %s\n%s", type(error).__name__, places)
        return web.Response(status=500, text=say.OUR_FAULT)


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
    app = web.Application(
        middlewares=[faults_in_words, errors_in_words], client_max_size=BODY_LIMIT
    )
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
