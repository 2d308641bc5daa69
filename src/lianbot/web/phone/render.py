"""Templates and headers of the phone pages."""

from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from lianbot.phrases import binding as words
from lianbot.phrases import pages as say
from lianbot.web.parts import PARTS, WebParts

HERE = Path(__file__).parent
STATIC = {
    "phone.css": "text/css",
    "phone.js": "text/javascript",
    "voice.js": "text/javascript",
}


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_headers(parts: WebParts) -> dict[str, str]:
    """Nothing from elsewhere, nothing kept, nobody may frame it but the demo's phones."""
    framing = parts.frame_ancestors or "'none'"
    return {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
            f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {framing}"
        ),
        "Cache-Control": "no-store",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def render(parts: WebParts, template: str, **values: Any) -> web.Response:
    values.setdefault("lead", False)
    text = (
        _templates()
        .get_template(template)
        .render(say=say, words=words, front_url=parts.front_url or "/m/", **values)
    )
    return web.Response(text=text, content_type="text/html", headers=page_headers(parts))


async def static_file(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound()
    headers = page_headers(request.app[PARTS]) | {"Cache-Control": "max-age=3600"}
    return web.Response(
        text=_static(name), content_type=STATIC[name], charset="utf-8", headers=headers
    )


@cache
def _static(name: str) -> str:
    return (HERE / "static" / name).read_text(encoding="utf-8")
