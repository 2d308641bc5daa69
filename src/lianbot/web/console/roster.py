"""花名册: who is on it, whether each can be reached and the mend, and the export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Reason
from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import ChannelKind, ClientKind, PreferredTime
from lianbot.domain.routing import Contact, binding_on, choose_way, reach_by_way
from lianbot.domain.ways import Way, policy_of
from lianbot.flows.enrolment_export import export_roster
from lianbot.phrases import console as say
from lianbot.phrases import roster as roster_say
from lianbot.ports.desk import AuditRow, BindingSeen, SheetPage, WorkerFilter, WorkerSeen
from lianbot.web.console.files import XLSX, download, sheet
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import (
    Shell,
    chosen,
    form_of,
    paging_of,
    text_of,
    to,
    visitor,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a worker can be reached now; the reason and the mend when not."""

    reached: bool
    text: str
    mend: str = ""


def reach_of(seen: WorkerSeen) -> Reach:
    """From what is known of the account; licence and visibility show only when the platform refuses."""
    if seen.worker.preferred is PreferredTime.PAPER_ONLY:
        return _unreached("paper_only")
    if not seen.bindings:
        return _unreached("unbound")
    usable = [one for one in seen.bindings if not one.opted_out and one.broken is None]
    if seen.contact is not None:
        return _by_ways(seen.contact, _also(seen, usable))
    if usable:
        names = "、".join(say.CHANNELS[one.channel] for one in usable)
        return Reach(reached=True, text=names, mend=_also(seen, usable))
    broken = next((one.broken for one in seen.bindings if one.broken), None)
    return _unreached(broken if broken in _REASONS else "not_member" if broken else "opted_out")


def _also(seen: WorkerSeen, usable: Sequence[BindingSeen]) -> str:
    """Channels that are bound but cannot be used now, each with its reason."""
    rest = [one for one in seen.bindings if one not in usable]
    return "；".join(
        f"{say.CHANNELS[one.channel]}：{_unreached(one.broken if one.broken in _REASONS else 'opted_out').text}"
        for one in rest
    )


def _by_ways(contact: Contact, also: str) -> Reach:
    """Every way that can be used now; else why the worker waits, or is not reached at all."""
    policy = policy_of(list(ChannelKind))
    ways = reach_by_way(contact, policy)
    usable = [
        f"{say.WAYS[way]}{_window(contact) if way is Way.CUSTOMER else ''}"
        for way, why in ways.items()
        if why is Reason.NONE and way is not Way.HELD
    ]
    if usable:
        return Reach(reached=True, text="、".join(usable), mend=also)
    chosen = choose_way(contact, policy)
    return _unreached(Reason.HELD if chosen.way is Way.HELD else chosen.reason)


def _window(contact: Contact) -> str:
    fan = binding_on(contact, ChannelKind.OFFICIAL)
    if fan is None or fan.account not in contact.open_until:
        return ""
    until = local(contact.open_until[fan.account])
    return say.open_window(contact.left[fan.account], until.date())


CLIENT_CHOICES: dict[str, ClientKind | None] = {
    "auto": None,
    ClientKind.WECOM.value: ClientKind.WECOM,
    ClientKind.PLAIN.value: ClientKind.PLAIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSeen:
    """Where a worker reads WeCom messages, in words, and the choice that stands."""

    text: str
    chosen: str


def client_of(seen: WorkerSeen) -> ClientSeen | None:
    """None without an account on WeCom: there is nothing to choose then."""
    mine = next((one for one in seen.bindings if one.channel is ChannelKind.WECOM), None)
    if mine is None:
        return None
    words = say.CLIENTS[mine.client]
    if mine.client_by_hand:
        return ClientSeen(text=words + say.CLIENT_BY_HAND, chosen=mine.client)
    return ClientSeen(text=words, chosen="auto")


def _worker_in(form: Mapping[str, Any]) -> UUID:
    try:
        return UUID(text_of(form, "worker", 40))
    except ValueError:
        raise NotFoundError(say.NO_SUCH_PAGE) from None


_REASONS = {reason.value: words for reason, words in say.REASONS.items()}


def _unreached(reason: str | None) -> Reach:
    text, mend = _REASONS[reason or "unbound"]
    return Reach(reached=False, text=text, mend=mend)


class RosterPages:
    """The list and its export."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        wanted = _filter(request)
        listed = await self._parts.reading.workers(wanted, paging_of(request))
        return await self._shell.page(
            request,
            "roster.html",
            listed=listed,
            reach={one.worker.id: reach_of(one) for one in listed.rows},
            wanted=wanted,
            contractors=await self._parts.places.contractors(),
            teams=await self._parts.places.teams(),
            sites=await self._parts.places.sites(),
            clients={one.worker.id: client_of(one) for one in listed.rows},
            choices=CLIENT_CHOICES,
            client_names=say.CLIENTS,
            posts={code: one.name for code, one in self._parts.profiles.items()},
        )

    async def client(self, request: web.Request) -> web.StreamResponse:
        """Where a worker reads, set by hand, or learned again; who set it is written down."""
        form = await form_of(request)
        worker_id, wanted = _worker_in(form), text_of(form, "client", 10)
        if wanted not in CLIENT_CHOICES:
            raise InvalidInputError(say.FIELDS["client"], say.CLIENT_CHOICE)
        client = CLIENT_CHOICES[wanted]
        before = await self._parts.clients.settle(worker_id, client)
        if before is None:
            raise InvalidInputError(say.FIELDS["worker"], say.CLIENT_NOBODY)
        row = AuditRow(
            action="roster.client",
            subject=f"员工 {worker_id}",
            before={"client": before.value},
            after={"client": wanted},
        )
        await self._parts.audit.note(row, visitor(request).account.id, self._shell.now())
        return to("/roster", "client")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The whole roster as it can be imported again; who took it is written down."""
        account = visitor(request).account
        now = self._shell.now()
        current = await self._parts.roster.snapshot()
        exported = export_roster(current, profiles=list(self._parts.profiles.values()))
        row = AuditRow(
            action="roster.exported", subject="花名册", after={"rows": len(exported.rows)}
        )
        await self._parts.audit.note(row, account.id, now)
        page = SheetPage(
            name=roster_say.ROSTER_SHEET,
            head=exported.head,
            rows=exported.rows,
            caption=say.EXPORT_CAPTION,
        )
        body = await sheet(self._parts.sheets, [page])
        name = say.file_name("花名册", f"{local(now):%Y%m%d}", "xlsx")
        return download(body, name, XLSX)


def _filter(request: web.Request) -> WorkerFilter:
    query = request.query
    post = query.get("post", "")
    return WorkerFilter(
        words=query.get("words", "").strip()[:40],
        contractor_id=chosen(query, "contractor"),
        team_id=chosen(query, "team"),
        site_id=chosen(query, "site"),
        post=Post(post) if post in set(Post) else None,
        unreachable=query.get("reach") == "no",
    )
