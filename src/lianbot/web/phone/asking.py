"""/m/ask: says who reads it, takes what is written here, and keeps a name only when it was ticked."""

import secrets
from uuid import UUID

from aiohttp import web

from lianbot.flows.asking import MOST, Answered, Handed, Question
from lianbot.phrases import asking as words
from lianbot.phrases import pages as say
from lianbot.web.parts import PARTS
from lianbot.web.phone.forms import read_form
from lianbot.web.phone.render import render
from lianbot.web.phone.visitors import signed_in
from lianbot.web.signing import Visitor

THIS_PAGE = UUID(int=1)
"""Stands in the token in place of an occurrence, so that a token of a lesson does not open this page."""
FAULTS = {Handed.EMPTY: words.EMPTY, Handed.LONG: words.LONG, Handed.FULL: words.FULL}


def add_asking(app: web.Application) -> None:
    app.router.add_get("/m/ask", show)
    app.router.add_post("/m/ask", hand_over)


async def show(request: web.Request) -> web.Response:
    """Only somebody on the roster may write here: the page is open to nobody else's flood."""
    who = next(iter(await signed_in(request)), None)
    if who is None:
        return render(request.app[PARTS], "stranger.html")
    return _form(request, who.id, secrets.token_hex(16))


async def hand_over(request: web.Request) -> web.Response:
    parts, form = request.app[PARTS], await read_form(request)
    visitor = parts.tokens.open(form.get("t", ""), parts.clock.now())
    if visitor is None or visitor.occurrence_id != THIS_PAGE:
        raise web.HTTPForbidden(text=say.PAGE_TOO_OLD)
    question = Question(
        text=form.get("q", ""),
        worker_id=visitor.worker_id,
        named=form.get("name") == "yes",
        mark=form.get("n", ""),
        sure=form.get("sure") == "yes",
    )
    found = await parts.questions.hand_over(question)
    if found.handed is Handed.KEPT:
        done = words.DONE_NAMED if question.named else words.DONE
        return render(parts, "asked.html", asks=words, done=done)
    return _form(request, visitor.worker_id, question.mark, found=found, question=question)


def _form(
    request: web.Request,
    worker_id: UUID,
    mark: str,
    *,
    found: Answered | None = None,
    question: Question | None = None,
) -> web.Response:
    parts = request.app[PARTS]
    visitor = Visitor(worker_id=worker_id, occurrence_id=THIS_PAGE)
    return render(
        parts,
        "ask.html",
        asks=words,
        most=MOST,
        mark=mark,
        typed=question.text if question else "",
        named=question.named if question else False,
        warning=found.warning if found else "",
        fault=FAULTS.get(found.handed, "") if found else "",
        token=parts.tokens.seal(visitor, parts.clock.now()),
    )
