"""绑定: who waits for a decision, what is printed, and who is bound on which channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from lianbot.domain.binding import BindOutcome, Newcomer, plain_name
from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind, Worker
from lianbot.phrases import binding as words
from lianbot.phrases import console as say
from lianbot.ports.desk import Listed
from lianbot.web.console.files import PDF, download
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import (
    Shell,
    chosen,
    form_of,
    key_of,
    paging_of,
    text_of,
    to,
    uuid_of,
    visitor,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A newcomer, and the numbers of the team's people by that name who have no account there yet."""

    newcomer: Newcomer
    same_name: Sequence[str]


class BindingPages:
    """One page; every button leads back to it."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._page(request)

    async def _page(self, request: web.Request, fault: str = "") -> web.StreamResponse:
        text = request.query.get("words", "").strip()[:40]
        rows = [
            one
            for one in await self._parts.bind_desk.bound_accounts()
            if text in one.worker.name or text in one.worker.number or text in one.worker.team
        ]
        paging = paging_of(request)
        return await self._shell.page(
            request,
            "bindings.html",
            status=400 if fault else 200,
            fault=fault,
            waiting=await self._waiting(),
            listed=Listed(
                rows=tuple(rows[paging.offset : paging.offset + paging.size]),
                total=len(rows),
                paging=paging,
            ),
            looked_for=text,
            teams=await self._parts.places.teams(),
            contractors=await self._parts.places.contractors(),
            posts={code: one.short for code, one in self._parts.profiles.items()},
            words=words,
        )

    async def _waiting(self) -> list[Waiting]:
        newcomers = await self._parts.bind_desk.newcomers()
        if not newcomers:
            return []
        bound = await self._parts.places.bound()
        people = await self._parts.places.workers()
        return [
            Waiting(newcomer=one, same_name=_same_name(one, people, bound)) for one in newcomers
        ]

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """The scheduler says who it is: a number of the roster, so the person has to be on it first."""
        newcomer_id = uuid_of(request)
        number = text_of(await form_of(request), "number", 40)
        worker = next(
            (one for one in await self._parts.places.workers() if one.number == number), None
        )
        if worker is None:
            return await self._page(request, fault=words.not_on_roster(number))
        outcome = await self._parts.bind_desk.accept(
            newcomer_id, worker.id, by=visitor(request).account.id, now=self._shell.now()
        )
        if outcome not in (BindOutcome.BOUND, BindOutcome.ALREADY):
            return await self._page(request, fault=words.NOT_ACCEPTED[outcome])
        return to("/bindings", "accepted")

    async def refuse(self, request: web.Request) -> web.StreamResponse:
        await self._parts.bind_desk.refuse(
            uuid_of(request), by=visitor(request).account.id, now=self._shell.now()
        )
        return to("/bindings", "refused")

    async def end(self, request: web.Request) -> web.StreamResponse:
        await self._parts.bind_desk.unbind_row(
            key_of(request), by=visitor(request).account.id, now=self._shell.now()
        )
        return to("/bindings", "unbound")

    async def slips(self, request: web.Request) -> web.StreamResponse:
        """The codes are on the paper and nowhere else: what is not saved has to be printed anew."""
        form = await form_of(request)
        team, contractor = _place(form, "team"), _place(form, "contractor")
        again = text_of(form, "again", 8) == "yes"
        people = await self._parts.places.workers(team_id=team, contractor_id=contractor)
        bound = await self._parts.places.bound()
        printer = self._parts.bind_printer
        wanted = [
            one.id for one in people if again or printer.channel not in bound.get(one.id, ())
        ]
        try:
            body = await printer.slips(wanted, visitor(request).account.id)
        except InvalidInputError as error:
            return await self._page(request, fault=str(error))
        return download(body, say.file_name(words.SLIP_TITLE, self._day(), "pdf"), PDF)

    async def posters(self, request: web.Request) -> web.StreamResponse:
        team = _place(await form_of(request), "team")
        teams = [one for one in await self._parts.places.teams() if team in (None, one.id)]
        try:
            body = await self._parts.bind_printer.posters(teams, visitor(request).account.id)
        except InvalidInputError as error:
            return await self._page(request, fault=str(error))
        return download(body, say.file_name(words.POSTER_FILE, self._day(), "pdf"), PDF)

    def _day(self) -> str:
        return f"{local(self._shell.now()):%Y%m%d}"


def _place(form: Mapping[str, Any], field: str) -> int | None:
    return chosen({field: text_of(form, field, 12)}, field)


def _same_name(
    newcomer: Newcomer, people: Sequence[Worker], bound: Mapping[Any, set[ChannelKind]]
) -> list[str]:
    return [
        one.number
        for one in people
        if one.team_id == newcomer.team_id
        and plain_name(one.name) == plain_name(newcomer.name)
        and newcomer.channel not in bound.get(one.id, ())
    ]
