"""WeCom message kinds: what each must hold, what is cut and what is refused (§C3)."""

from __future__ import annotations

from collections.abc import Callable

from lianbot.twin.answers import RefusedError
from lianbot.twin.media import voice_seconds
from lianbot.twin.phones import Content
from lianbot.twin.world import World, as_object, bytes_cut


def checked_content(body: Content, world: World) -> tuple[str, Content]:
    """The kind and the content as it will be shown; lengths cut or refused as in §C3."""
    kind = str(body.get("msgtype", ""))
    check = _CHECKS.get(kind)
    if check is None:
        raise RefusedError(40008, f"invalid msgtype {kind!r}")
    part = body.get(kind)
    if not isinstance(part, dict):
        raise RefusedError(40063, f"{kind} missing")
    return kind, {"msgtype": kind, kind: check(part, world)}


def _text(part: Content, _world: World) -> Content:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise RefusedError(44004, "text content is empty")
    return {"content": bytes_cut(content, 2048)}  # longer is cut [S67]


def _markdown(part: Content, _world: World) -> Content:
    content = part.get("content")
    if not isinstance(content, str) or not content:
        raise RefusedError(44004, "markdown content is empty")
    if len(content.encode()) > 2048:
        raise RefusedError(45002, "content size out of limit")
    return {"content": content}


def _textcard(part: Content, _world: World) -> Content:
    if not part.get("title"):
        raise RefusedError(41016, "title missing")
    if not part.get("description"):
        raise RefusedError(41033, "description missing")
    url = _url(part.get("url"))
    return {
        "title": bytes_cut(str(part["title"]), 128),
        "description": bytes_cut(str(part["description"]), 512),
        "url": url,
        "btntxt": str(part.get("btntxt") or "详情")[:4],
    }


def _url(url: object) -> str:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise RefusedError(40058, "url missing or without http(s)://")
    if len(url.encode()) > 2048:
        raise RefusedError(40058, "url longer than 2048 bytes")
    return url


def _news(part: Content, _world: World) -> Content:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise RefusedError(40063, "news.articles missing")
    if len(articles) > 8:
        raise RefusedError(45008, "article size out of limit")
    return {"articles": [_article(as_object(each)) for each in articles]}


def _article(article: Content) -> Content:
    if not article.get("title"):
        raise RefusedError(41016, "title missing")
    return {
        **article,
        "title": bytes_cut(str(article["title"]), 128),
        "description": bytes_cut(str(article.get("description", "")), 512),
    }


def _media(part: Content, world: World) -> Content:
    media_id = part.get("media_id")
    if not media_id:
        raise RefusedError(41006, "media_id missing")
    media = world.media.get(f"wecom:{media_id}")
    if media is None or media.expires <= world.clock.now():
        # Three days, shared inside the corp [S67].
        raise RefusedError(40007, "invalid media_id")
    shown = {**part, "name": media.name}
    return {**shown, "seconds": voice_seconds(media.body)} if media.kind == "voice" else shown


def _video(part: Content, world: World) -> Content:
    shown = _media(part, world)
    shown["title"] = bytes_cut(str(part.get("title", "")), 128)
    shown["description"] = bytes_cut(str(part.get("description", "")), 512)
    return shown


def _card(part: Content, _world: World) -> Content:
    return part


_CHECKS: dict[str, Callable[[Content, World], Content]] = {
    "text": _text,
    "markdown": _markdown,
    "textcard": _textcard,
    "news": _news,
    "image": _media,
    "voice": _media,
    "file": _media,
    "video": _video,
    "template_card": _card,
}
