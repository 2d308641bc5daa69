"""以后 90 天 of anybody, and 负担: how much was asked of people, without a name."""

from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from lianbot.domain.burden import Spread, spread_of
from lianbot.domain.calendar import local
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import NotFoundError
from lianbot.flows.enrolment_posts import default_level
from lianbot.flows.preview import Coming
from lianbot.phrases import console as say
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, visitor

MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of the burden account."""

    first: date
    spread: Spread


class AheadPages:
    """What is coming, and what has been asked."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Of a post for everybody who plans; of a named worker only for who may see the roster."""
        query = request.query
        number = query.get("number", "").strip()[:40] if visitor(request).may("roster") else ""
        post = Post(query["post"]) if query.get("post") in set(Post) else None
        level = Level(query["level"]) if query.get("level") in set(Level) else None
        fault, found = "", list[Coming]()
        try:
            if number:
                found = await self._parts.ahead.worker(number)
            elif post:
                found = await self._parts.ahead.post(post, level or default_level((post,)))
        except NotFoundError as error:
            fault = str(error)
        return await self._shell.page(
            request,
            "ahead.html",
            status=404 if fault else 200,
            fault=fault,
            number=number,
            post=post,
            level=level or (default_level((post,)) if post else None),
            levels=Level,
            posts={code: one.name for code, one in self._parts.profiles.items()},
            found=found,
            asked=bool(number or post),
        )

    async def burden(self, request: web.Request) -> web.StreamResponse:
        today = local(self._shell.now()).date()
        months = [
            Month(first=first, spread=spread_of((await self._parts.ahead.burden(first)).values()))
            for first in _months(today)
        ]
        chosen = request.query.get("month", "")
        shown = next((one for one in months if f"{one.first:%Y-%m}" == chosen), months[0])
        return await self._shell.page(
            request, "burden.html", months=months, shown=shown, caps=say.CAPS
        )


def _months(today: date) -> list[date]:
    """First days of this month and those before it, newest first."""
    found = [today.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
