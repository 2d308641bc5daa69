"""A push under way: people added, corrections, recalls, lost answers; what each may is in the table of rights."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from aiohttp import web

from lianbot.domain.amendments import Amendment, AmendmentState, Choice
from lianbot.domain.campaigns import Audience, OccurrenceKind
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.errors import InvalidInputError
from lianbot.phrases import console as say
from lianbot.phrases import control as words
from lianbot.ports.control import LostRow
from lianbot.ports.desk import DeliverySeen, OccurrenceSeen, Paging
from lianbot.web.console.campaign_form import codes, many, numbers
from lianbot.web.console.campaigns import places_of
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, text_of, to, uuid_of, visitor

AUDIT_READ = 60
AUDIT_SHOWN = 12
MOST_NUMBERS = 4000
ROW_FILTER = ("state", "reason", "team", "words")
"""What narrows the table of rows, in the address."""


class ControlPages:
    """What people do to a push; every change lands on the push's page again."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._control = parts.control
        self._shell = shell

    async def around(self, request: web.Request, push: OccurrenceSeen) -> dict[str, Any]:
        """What the push's page shows beside its figures."""
        seen = visitor(request)
        occurrence = push.occurrence
        root = occurrence.amends or occurrence.reminds or occurrence.id
        changes = await self._control.amendments.of(push=root)
        rollout = await self._control.stages.seen(occurrence.id)
        mends = seen.may("push.rows")
        return {
            "words": words,
            "rollout": rollout,
            "rollout_words": words.rollout_words(rollout) if rollout else "",
            "caution_words": words.caution_words(self._control.caution),
            "root": root if root != occurrence.id else None,
            "changes": changes,
            "mine": {one.id for one in changes if one.asked_by == seen.account.id},
            "signed": {one.id for one in changes if one.signed_by(seen.account)},
            "whom": await self._whom(changes),
            "people": await self._names(changes),
            "undecided": await self._control.resending.undecided(occurrence.id),
            "outdated": await self._control.amendments.outdated(occurrence.id),
            "recalls": await self._control.recalls.seen(occurrence.id),
            "may_add": seen.may("push.add") and occurrence.kind is OccurrenceKind.PUSH,
            "may_correct": seen.may("push.correct")
            and occurrence.kind is not OccurrenceKind.CORRECTION,
            "sent": (await self._control.amendments.told(root)).sent,
            "all_posts": {code.value: one.name for code, one in self._parts.profiles.items()},
            "trail": await self._trail(push, root) if mends else (),
        }

    async def lost(self, push: UUID, shown: Sequence[DeliverySeen]) -> Mapping[int, LostRow]:
        """Of the rows shown those whose answer was lost, with what may be decided about each."""
        rows = [one.id for one in shown if one.state is DeliveryState.UNKNOWN]
        if not rows:
            return {}
        return {one.id: one for one in await self._control.resending.lost(push, rows=rows)}

    async def _whom(self, changes: Sequence[Amendment]) -> dict[UUID, str]:
        """Of additions: whom somebody wants to add; who approves it has to know."""
        if not any(one.audience for one in changes):
            return {}
        places = await places_of(self._parts.places)
        posts = {code.value: one.name for code, one in self._parts.profiles.items()}
        return {one.id: places.names(one.audience, posts) for one in changes if one.audience}

    async def _names(self, changes: Any) -> dict[UUID, str]:
        if not changes:
            return {}
        everyone = await self._parts.accounts.everyone()
        return {one.account.id: one.account.display for one in everyone}

    async def _trail(self, push: OccurrenceSeen, root: UUID) -> Any:
        """The audit rows about this push and its campaign, newest first; another campaign may have the same title."""
        found = await self._parts.audit.page(Paging(number=1, size=AUDIT_READ), push.title)
        about = {str(push.occurrence.id), str(root)}
        mine = [one for one in found.rows if (one.after or {}).get("push") in {None, *about}]
        return mine[:AUDIT_SHOWN]

    async def add(self, request: web.Request) -> web.StreamResponse:
        push = uuid_of(request)
        form = await form_of(request)
        audience = Audience(posts=codes(form, "posts", Post), teams=numbers(form, "teams"))
        named = text_of(form, "numbers", MOST_NUMBERS).replace("，", " ").replace(",", " ").split()
        made = await self._control.additions.ask(
            push, audience, visitor(request).account, list(dict.fromkeys(named))
        )
        return to(f"/pushes/{push}", _said(made))

    async def correct(self, request: web.Request) -> web.StreamResponse:
        push = uuid_of(request)
        form = await form_of(request)
        made = await self._control.corrections.ask(
            push,
            visitor(request).account,
            wrong=text_of(form, "wrong"),
            right=text_of(form, "right"),
            item=text_of(form, "item", 60),
            material=form.get("typo") != "on",
        )
        return to(f"/pushes/{push}", _said(made))

    async def approve(self, request: web.Request) -> web.StreamResponse:
        return await self._decide(request, approved=True)

    async def decline(self, request: web.Request) -> web.StreamResponse:
        return await self._decide(request, approved=False)

    async def _decide(self, request: web.Request, *, approved: bool) -> web.StreamResponse:
        made = await self._control.deciding.decide(
            uuid_of(request), visitor(request).account, approved=approved
        )
        return to(f"/pushes/{made.amends}", _said(made))

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        push = uuid_of(request)
        form = await form_of(request)
        choice = form.get("choice")
        if choice not in set(Choice):
            raise InvalidInputError(say.FIELDS["choice"], say.NOT_CHOSEN)
        rows = _rows(form)
        await self._control.resending.decide(
            push, Choice(str(choice)), visitor(request).account, rows
        )
        said, where = f"unknown-{choice}", f"/pushes/{push}"
        if rows is None:
            return to(where, said)
        return to(where, said, kept=_kept(form), place="rows")

    async def recall(self, request: web.Request) -> web.StreamResponse:
        push = uuid_of(request)
        await self._control.recalling.ask(push, visitor(request).account)
        return to(f"/pushes/{push}", "recall")


def _rows(form: Mapping[str, Any]) -> list[int] | None:
    """None: all that wait. What cannot be read as a row must not become all of them."""
    if "row" not in form:
        return None
    named = many(form, "row")
    if not all(row.isascii() and row.isdecimal() and len(row) < 19 for row in named):
        raise InvalidInputError(say.FIELDS["row"], say.NOT_CHOSEN)
    return [int(row) for row in named]


def _kept(form: Mapping[str, Any]) -> dict[str, str]:
    """The filter and the page on which the button stood; anything else is dropped."""
    pairs = parse_qsl(text_of(form, "filter", 400))
    return {name: value[:40] for name, value in pairs if name in (*ROW_FILTER, "page")}


def _said(made: Amendment) -> str:
    match made.state:
        case AmendmentState.APPROVED:
            return "change-open"
        case AmendmentState.DECLINED:
            return "change-declined"
        case AmendmentState.ASKED:
            return "change-step" if made.approvals else "change-asked"
