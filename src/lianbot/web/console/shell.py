"""The frame that all pages share: templates, who is looking, forms and their errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import jinja2
from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import Account
from lianbot.phrases import console as say
from lianbot.phrases.audit import in_words
from lianbot.ports.desk import Paging, Session
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.rights import may

HERE = Path(__file__).parent
PREFIX = "/console"
PAGE_SIZE = 50
LAST_PAGE = 100_000
NOTHING_KEPT: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is looking: the session of the request, with its token."""

    session: Session
    token: str

    @property
    def account(self) -> Account:
        return self.session.account

    def may(self, name: str) -> bool:
        return may(self.session.account, name)


VISITOR = web.RequestKey("visitor", Visitor)


def visitor(request: web.Request) -> Visitor:
    """The signed-in visitor; the gate has put it there."""
    return request[VISITOR]


class Shell:
    """Renders pages inside the frame."""

    def __init__(self, parts: ConsoleParts) -> None:
        self.parts = parts
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.globals.update(say=say, prefix=PREFIX, shown=shown)
        self._templates.filters.update(
            when=when, day=day, clock=clock_time, number=number, share=share
        )

    def now(self) -> datetime:
        return self.parts.clock.now()

    async def page(
        self, request: web.Request, template: str, *, status: int = 200, **context: Any
    ) -> web.Response:
        """A whole page; `template` extends base.html."""
        seen: Visitor | None = request.get(VISITOR)
        frame: dict[str, Any] = {
            "visitor": seen,
            "path": request.path,
            "demo": self.parts.demo,
            "demo_accounts": await self.parts.accounts.all() if self.parts.demo and seen else [],
            "now": self.now(),
            "said": say.SAID.get(request.query.get("said", ""), ""),
            "pages_of": lambda listed: pager(request, listed.paging, listed.pages),
        }
        return self.fragment(template, status=status, **frame, **context)

    def fragment(self, template: str, *, status: int = 200, **context: Any) -> web.Response:
        """A piece of a page, for htmx."""
        text = self._templates.get_template(template).render(**context)
        return web.Response(text=text, content_type="text/html", status=status)


def to(
    path: str, said: str = "", *, kept: Mapping[str, str] = NOTHING_KEPT, place: str = ""
) -> web.Response:
    """After a change: look at the result with a GET, so that reloading repeats nothing.

    `kept` stays in the address, and the browser goes to the `place` of the page.
    """
    query = urlencode({**kept, **({"said": said} if said else {})})
    address = f"{PREFIX}{path}{query and '?'}{query}{place and '#'}{place}"
    return web.Response(status=303, headers={"Location": address})


# ---- what comes in -------------------------------------------------------------------------------------------


async def form_of(request: web.Request) -> Mapping[str, Any]:
    """The form's fields; the gate has looked at the CSRF token already."""
    return await request.post()


def text_of(form: Mapping[str, Any], field: str, most: int = 200, *, strip: bool = True) -> str:
    """A field as text, without surrounding spaces unless asked. Raises InvalidInputError when it is too long or a file."""
    value = form.get(field, "")
    label = say.FIELDS.get(field, field)
    if not isinstance(value, str) or "\x00" in value:
        raise InvalidInputError(label, say.NOT_TEXT)
    if len(value) > most:
        raise InvalidInputError(label, say.too_long(most))
    return value.strip() if strip else value


def number_of(form: Mapping[str, Any], field: str, least: int, most: int) -> int:
    """Raises InvalidInputError naming the field."""
    text = text_of(form, field)
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:9]) <= most:
        raise InvalidInputError(say.FIELDS.get(field, field), say.between(least, most))
    return int(text)


def uuid_of(request: web.Request, field: str = "id") -> UUID:
    """Raises NotFoundError for anything that is no id: such a page does not exist."""
    try:
        return UUID(request.match_info[field])
    except ValueError as error:
        raise NotFoundError(say.NO_SUCH_PAGE) from error


def key_of(request: web.Request, field: str = "id") -> int:
    text = request.match_info[field]
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise NotFoundError(say.NO_SUCH_PAGE)
    return int(text)


def chosen(query: Mapping[str, str], field: str) -> int | None:
    """A number from the address for a filter; nonsense filters nothing."""
    text = query.get(field, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def paging_of(request: web.Request, size: int = PAGE_SIZE) -> Paging:
    number = chosen(request.query, "page") or 1
    return Paging(number=min(max(number, 1), LAST_PAGE), size=size)


# ---- what goes out -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Links to the pages beside this one."""

    number: int
    pages: int
    before: str | None
    after: str | None


def pager(request: web.Request, paging: Paging, pages: int) -> Pager:
    def link(number: int) -> str | None:
        if not 1 <= number <= pages:
            return None
        rest = {k: v for k, v in request.query.items() if k not in ("page", "said")}
        return f"{request.path}?{urlencode({**rest, 'page': str(number)})}"

    return Pager(
        number=paging.number,
        pages=pages,
        before=link(min(paging.number - 1, pages)),
        after=link(paging.number + 1),
    )


def when(moment: datetime | None) -> str:
    """On the wall clock, with the year only when a reader would ask for it."""
    return "" if moment is None else f"{local(moment):%Y-%m-%d %H:%M}"


def day(moment: datetime) -> str:
    here = local(moment)
    return f"{here.month} 月 {here.day} 日 星期{say.WEEKDAYS[here.weekday()]}"


def clock_time(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def number(value: int) -> str:
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage that never rounds up to everybody or down to nobody."""
    if whole == 0:
        return "—"
    percent = round(100 * part / whole)
    if percent == 100 and part < whole:
        percent = 99
    if percent == 0 and part > 0:
        percent = 1
    return f"{percent}%"


MOST_SHOWN = 300


def shown(changes: Mapping[str, object]) -> str:
    """What changed, in words; the row itself stays whole in the database."""
    words = in_words(changes)
    return words if len(words) <= MOST_SHOWN else words[:MOST_SHOWN] + "…"
