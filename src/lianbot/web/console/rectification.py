"""整改台账 and 选题: the lists, one item with its acts, and the export."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Account
from lianbot.domain.rectification import (
    MAY_OWN,
    MAY_VERIFY,
    TEXT_MOST,
    Charge,
    Rectification,
    RectificationSource,
    RectificationState,
)
from lianbot.flows.rectification import Wish, account_of
from lianbot.phrases import console as say
from lianbot.phrases import rectification as words
from lianbot.ports.desk import AuditRow, SheetPage
from lianbot.ports.rectification import RectificationFilter
from lianbot.web.console.files import XLSX, download, sheet
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, key_of, text_of, to, visitor

UNFINISHED = frozenset(
    {RectificationState.DRAFT, RectificationState.OPEN, RectificationState.DONE}
)
RAISED_HERE = (
    RectificationSource.CASE,
    RectificationSource.INSPECTION,
    RectificationSource.MEETING,
)
"""Sources of the general form; workers' answers come from 待办, the officer's words from the officer's page."""


class RectificationPages:
    """The ledger of what has to be mended."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        chosen = request.query.get("show", "open")
        chosen = chosen if chosen in words.SHOW else "open"
        return await self._shell.page(
            request,
            "rectifications.html",
            words=words,
            chosen=chosen,
            rows=await self._parts.rectifications.all(self._wanted(request, chosen)),
            names=await self._names(),
            today=self._today(),
            sources=RAISED_HERE,
            units=await self._parts.rectifying.units(),
            late=len(await self._parts.rectifications.all(self._wanted(request, "late"))),
        )

    def _wanted(self, request: web.Request, chosen: str) -> RectificationFilter:
        return RectificationFilter(
            states=frozenset(RectificationState) if chosen == "all" else UNFINISHED,
            owner=visitor(request).account.id if chosen == "mine" else None,
            overdue_on=self._today() if chosen == "late" else None,
        )

    async def one(self, request: web.Request) -> web.StreamResponse:
        item = await self._parts.rectifications.get(key_of(request))
        accounts = await self._parts.accounts.all()
        return await self._shell.page(
            request,
            "rectification.html",
            words=words,
            item=item,
            steps=await self._parts.rectifications.steps(item.number),
            names=await self._names(),
            today=self._today(),
            owners=[one for one in accounts if one.may(*MAY_OWN)],
            verifiers=[one for one in accounts if one.may(*MAY_VERIFY)],
        )

    async def add(self, request: web.Request) -> web.StreamResponse:
        form = await form_of(request)
        wish = wish_of(form, _source(form))
        made = await self._parts.rectifying.raise_item(wish, visitor(request).account)
        return to(f"/rectifications/{made.number}", "raised")

    async def from_task(self, request: web.Request) -> web.StreamResponse:
        """做不到 or 不同意 → a draft for the department; the 待办 is closed with its number."""
        task = await self._parts.reading.task(key_of(request))
        wish = wish_of(await form_of(request), RectificationSource.WORKERS)
        made = await self._parts.rectifying.from_task(task, wish, visitor(request).account)
        return to(f"/rectifications/{made.number}", "raised")

    async def charge(self, request: web.Request) -> web.StreamResponse:
        form = await form_of(request)
        accounts = await self._parts.accounts.all()
        charge = Charge(
            owner=_account(form, "owner", accounts),
            verifier=_account(form, "verifier", accounts),
            due=day_of(form, "due"),
        )
        return await self._acted(
            request,
            lambda number, by: self._parts.rectifying.charge(
                number, charge, by, text_of(form, "note", TEXT_MOST)
            ),
        )

    async def done(self, request: web.Request) -> web.StreamResponse:
        evidence = text_of(await form_of(request), "evidence", TEXT_MOST)
        return await self._acted(
            request, lambda number, by: self._parts.rectifying.show_done(number, evidence, by)
        )

    async def close(self, request: web.Request) -> web.StreamResponse:
        note = text_of(await form_of(request), "note", TEXT_MOST)
        return await self._acted(
            request, lambda number, by: self._parts.rectifying.close(number, by, note)
        )

    async def send_back(self, request: web.Request) -> web.StreamResponse:
        why = text_of(await form_of(request), "why", TEXT_MOST)
        return await self._acted(
            request, lambda number, by: self._parts.rectifying.send_back(number, by, why)
        )

    async def reopen(self, request: web.Request) -> web.StreamResponse:
        form = await form_of(request)
        due, why = day_of(form, "due"), text_of(form, "why", TEXT_MOST)
        return await self._acted(
            request, lambda number, by: self._parts.rectifying.reopen(number, due, why, by)
        )

    async def drop(self, request: web.Request) -> web.StreamResponse:
        why = text_of(await form_of(request), "why", TEXT_MOST)
        return await self._acted(
            request, lambda number, by: self._parts.rectifying.drop(number, why, by)
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        now = self._shell.now()
        every = RectificationFilter(states=frozenset(RectificationState))
        rows = await self._parts.rectifications.all(every)
        names = await self._names()
        page = SheetPage(
            name="整改台账",
            head=words.HEAD,
            rows=[_cells(one, names, self._today()) for one in rows],
            caption=words.CAPTION,
            widths=(6, 30, 40, 18, 18, 14, 12, 12, 6, 40, 14, 12, 12, 8),
        )
        row = AuditRow(action="rectification.exported", subject="整改台账")
        await self._parts.audit.note(row, visitor(request).account.id, now)
        name = say.file_name("整改台账", f"{local(now):%Y%m%d}", "xlsx")
        return download(await sheet(self._parts.sheets, [page]), name, XLSX)

    async def proposals(self, request: web.Request) -> web.StreamResponse:
        open_only = request.query.get("show") != "all"
        return await self._shell.page(
            request,
            "proposals.html",
            words=words,
            rows=await self._parts.proposals.proposals(open_only=open_only),
            open_only=open_only,
        )

    async def close_proposal(self, request: web.Request) -> web.StreamResponse:
        note = text_of(await form_of(request), "note")
        if not note:
            raise InvalidInputError(say.FIELDS["note"], say.CLOSE_NOTE)
        await self._parts.proposals.close(
            key_of(request), note, visitor(request).account.id, self._shell.now()
        )
        return to("/proposals", "closed")

    async def _acted(self, request: web.Request, act: Any) -> web.StreamResponse:
        item: Rectification = await act(key_of(request), visitor(request).account)
        return to(f"/rectifications/{item.number}", "rectified")

    async def _names(self) -> Mapping[UUID | None, str]:
        return {
            one.account.id: one.account.display for one in await self._parts.accounts.everyone()
        }

    def _today(self) -> date:
        return local(self._shell.now()).date()


def wish_of(form: Mapping[str, Any], source: RectificationSource) -> Wish:
    return Wish(
        title=text_of(form, "title"),
        measure=text_of(form, "measure", TEXT_MOST),
        source=source,
        unit=text_of(form, "unit"),
    )


def day_of(form: Mapping[str, Any], field: str) -> date:
    """Raises InvalidInputError naming the field."""
    try:
        return date.fromisoformat(text_of(form, field))
    except ValueError as error:
        raise InvalidInputError(say.FIELDS[field], words.DAY_UNREADABLE) from error


def _source(form: Mapping[str, Any]) -> RectificationSource:
    chosen = text_of(form, "source")
    if chosen not in [one.value for one in RAISED_HERE]:
        raise InvalidInputError(say.FIELDS["source"], say.NOT_CHOSEN)
    return RectificationSource(chosen)


def _account(form: Mapping[str, Any], field: str, accounts: list[Account]) -> Account:
    try:
        found = account_of(accounts, UUID(text_of(form, field)))
    except ValueError:
        found = None
    if found is None:
        raise InvalidInputError(say.FIELDS[field], words.NO_OWNER)
    return found


def _cells(
    item: Rectification, names: Mapping[UUID | None, str], today: date
) -> list[str | int | date | None]:
    return [
        item.number,
        item.title,
        item.measure,
        words.SOURCES[item.source],
        item.unit,
        names.get(item.owner, ""),
        item.due,
        words.STATES[item.state],
        "超期" if item.overdue(today) else "",
        item.evidence,
        names.get(item.verifier, ""),
        item.raised_on,
        item.closed_on,
        item.reopened,
    ]
