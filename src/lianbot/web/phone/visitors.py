"""Who is it? Silent sign-in (snsapi_base) on the channel the visitor reads with, or on both in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from lianbot.domain.people import ChannelKind, KnownWorker
from lianbot.phrases import pages as say
from lianbot.ports.channel import CodeRejectedError, PlatformSilentError
from lianbot.web.parts import PARTS

HINT: Final = "c"
"""Of a page's address: the channel by which it was sent. The same for all its readers, so it names nobody."""
_LETTER: Final = {ChannelKind.WECOM: "w", ChannelKind.OFFICIAL: "o"}
_KIND: Final = {letter: kind for kind, letter in _LETTER.items()}
_TRIES: Final = "12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """An account that a platform vouches for, and the worker it is bound to, if any."""

    channel: ChannelKind
    account: str
    worker: KnownWorker | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One question to one platform: `again` after a code that was no good, `then` whom to ask next.

    It travels as OAuth's `state`, letters and digits only: `w1o` is WeCom, first try, then the
    Official Account. Whoever makes one up is only asked by another way.
    """

    kind: ChannelKind
    again: bool = False
    then: ChannelKind | None = None

    def __str__(self) -> str:
        after = _LETTER[self.then] if self.then else ""
        return f"{_LETTER[self.kind]}{_TRIES[self.again]}{after}"


async def sign_in(request: web.Request) -> KnownWorker | None:
    """The one worker behind this visit; None when nobody we know, or when two share the account:
    what asks for one person, an approval above all, is not done from there. Redirects like `guest`."""
    readers = await signed_in(request)
    return readers[0] if len(readers) == 1 else None


async def signed_in(request: web.Request) -> tuple[KnownWorker, ...]:
    """Everybody who reads on this account: a couple may share one phone."""
    found = await guest(request)
    if found is None:
        return ()
    return request.app[PARTS].directory.sharers(found.channel, found.account)


async def guest(request: web.Request, only: ChannelKind | None = None) -> Guest | None:
    """The account behind this visit, known to us or not; None in a browser that cannot sign in.

    Raises a redirect to a platform when the browser can sign in and has not yet. The code in the
    address works once [S94], so an address that was passed on signs its new reader in, not the old one.
    Ordinary WeChat reads both channels: whoever is nobody on the first is asked for on the second.
    """
    parts = request.app[PARTS]
    if not parts.in_app(request.headers.get("User-Agent", "")):
        return None
    code, step = request.query.get("code"), _step(request.query.get("state", ""))
    if not code or step is None or step.kind not in parts.channels:
        ways = _ways(request, only)
        if not ways:
            return None
        raise _to_platform(request, _Step(kind=ways[0], then=ways[1] if ways[1:] else None))
    found = await _identified(request, step, code)
    if step.then is not None and (found is None or found.worker is None):
        raise _to_platform(request, _Step(kind=step.then))
    return found


async def _identified(request: web.Request, step: _Step, code: str) -> Guest | None:
    parts = request.app[PARTS]
    try:
        account = await parts.channels[step.kind].identify(code)
    except CodeRejectedError:
        if step.again:
            return None
        raise _to_platform(request, _Step(kind=step.kind, again=True, then=step.then)) from None
    except PlatformSilentError as error:
        if step.then is not None:
            return None
        raise web.HTTPServiceUnavailable(text=say.TRY_LATER) from error
    if not account:
        return None
    worker = parts.directory.who(step.kind, account)
    return Guest(channel=step.kind, account=account, worker=worker)


def _ways(request: web.Request, only: ChannelKind | None) -> Sequence[ChannelKind]:
    """Whom to ask, in order. The WeCom client cannot sign in to an Official Account."""
    kinds = [only] if only else list(ChannelKind)
    if "wxwork" in request.headers.get("User-Agent", ""):
        kinds = [kind for kind in kinds if kind is ChannelKind.WECOM]
    elif request.query.get(HINT) == ChannelKind.OFFICIAL:
        kinds.reverse()
    return [kind for kind in kinds if kind in request.app[PARTS].channels]


def _step(state: str) -> _Step | None:
    kind, then = _KIND.get(state[:1]), _KIND.get(state[2:3])
    if kind is None or state[1:2] not in _TRIES or len(state) not in (2, 3):
        return None
    return _Step(kind=kind, again=state[1] == _TRIES[1], then=then if then is not kind else None)


def _to_platform(request: web.Request, step: _Step) -> web.HTTPFound:
    parts = request.app[PARTS]
    here = f"{parts.public_url.rstrip('/')}{request.path}"
    return web.HTTPFound(parts.channels[step.kind].authorize_url(here, str(step)))
