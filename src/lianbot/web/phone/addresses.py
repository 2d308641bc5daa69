"""Addresses that name an edition, and the mark that ties a page's token to it."""

from uuid import UUID

from aiohttp import web

from lianbot.domain.errors import NotFoundError
from lianbot.phrases import pages as say

_HEX = frozenset("0123456789abcdef")


def edition_in(request: web.Request) -> str:
    """The hash in the address; anything else is no page of ours."""
    sha = request.match_info["sha"]
    if len(sha) != 64 or set(sha) - _HEX:
        raise NotFoundError(say.NO_SUCH_PAGE)
    return sha


def mark_of(sha: str) -> UUID:
    """Stands in the token where an item page has its occurrence."""
    return UUID(hex=sha[:32])
