"""The binding dialogue as a page: the same words as in the chat, with buttons instead of typing (P7)."""

from typing import Final

from aiohttp import web

from lianbot.domain.binding import claim_of
from lianbot.domain.screens import Screen
from lianbot.phrases import binding as words
from lianbot.phrases import pages as say
from lianbot.web.parts import PARTS, WebParts
from lianbot.web.phone.forms import read_form
from lianbot.web.phone.render import render
from lianbot.web.phone.visitors import guest
from lianbot.web.signing import SignedIn

FACTS: Final = ("number", "name", "tail")
_LONGEST: Final = 120


def add_bind_page(app: web.Application) -> None:
    app.router.add_get("/m/bind", show)
    app.router.add_get("/m/bind/{scene:[bt][0-9A-Za-z]{6,40}}", show)
    app.router.add_post("/m/bind", said)


async def show(request: web.Request) -> web.Response:
    """The code of a slip or poster stands in the address; it may be made up, so it counts as a try."""
    parts = request.app[PARTS]
    visitor = await guest(request)
    if visitor is None:
        return render(
            parts, "bind.html", text=words.OPEN_IN_APP, buttons=(), facts=False, token=""
        )
    me = SignedIn(channel=visitor.channel, account=visitor.account)
    sharers = parts.directory.sharers(me.channel, me.account)
    scene = request.match_info.get("scene", "")
    screen = await parts.binding.scanned(me.channel, me.account, scene, sharers, trusted=False)
    if screen is not None:
        return _page(parts, me, screen)
    if sharers:
        return _page(parts, me, parts.binding.settled())
    return _page(parts, me, Screen(text=words.HOW_TO), facts=True)


async def said(request: web.Request) -> web.Response:
    """A button's label, or the three facts from their fields."""
    parts, form = request.app[PARTS], await read_form(request)
    me = parts.tokens.open_account(form.get("t", ""), parts.clock.now())
    if me is None:
        raise web.HTTPForbidden(text=say.PAGE_TOO_OLD)
    facts = [form.get(name, "").strip()[:_LONGEST] for name in FACTS]
    if all(facts):
        screen = await parts.binding.claimed(me.channel, me.account, claim_of(*facts))
    else:
        text = form.get("say", "")[:_LONGEST]
        sharers = parts.directory.sharers(me.channel, me.account)
        screen = await parts.binding.typed(me.channel, me.account, text, sharers)
    if screen == parts.binding.how_to():
        screen = Screen(text=words.HOW_TO)
    again = screen.text in (words.HOW_TO, words.NO_MATCH, words.NOTHING_ASKED)
    return _page(parts, me, screen, facts=again)


def _page(parts: WebParts, me: SignedIn, screen: Screen, *, facts: bool = False) -> web.Response:
    return render(
        parts,
        "bind.html",
        text=screen.text,
        buttons=[one.label for one in screen.buttons],
        facts=facts,
        name_asked=screen.text == words.NAME_PLEASE,
        token=parts.tokens.seal_account(me, parts.clock.now()),
    )
