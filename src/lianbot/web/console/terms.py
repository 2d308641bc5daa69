"""学期: draft a whole term, look at it as one calendar a post, approve it in one sitting, edit one week."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from lianbot.domain.campaigns import Campaign, CampaignState, Course, Once
from lianbot.domain.codes import ItemType, Post
from lianbot.domain.errors import InvalidInputError, LianbotError
from lianbot.domain.people import Account
from lianbot.flows.bundling import WEEKDAYS, TermWish, weeks
from lianbot.flows.campaign import MOST_STEPS
from lianbot.phrases import console as say
from lianbot.ports.desk import StoredEdition
from lianbot.web.console.campaigns import may_approve, rhythm, soonest_first
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, number_of, text_of, to, uuid_of, visitor

PUT_IN = (ItemType.LESSON, ItemType.CASE, ItemType.STORY, ItemType.POLICY, ItemType.REMINDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The fields as they were typed, to show them again."""

    title: str = ""
    first: str = ""
    last: str = ""
    weekday: str = "tue"
    steps: str = "1"


class TermPages:
    """The list with its form, and one term."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request, Asked())

    async def _list(self, request: web.Request, asked: Asked, fault: str = "") -> web.Response:
        found = await self._parts.ahead.book.all()
        waiting = {
            one.id: sum(
                campaign.state is CampaignState.DRAFT
                for campaign in await self._parts.ahead.book.campaigns(one.id)
            )
            for one in found
        }
        return await self._shell.page(
            request,
            "terms.html",
            status=400 if fault else 200,
            fault=fault,
            asked=asked,
            terms=found,
            waiting=waiting,
            weekdays={day: say.CRON_DAYS[day] for day in WEEKDAYS},
        )

    async def create(self, request: web.Request) -> web.StreamResponse:
        """The whole bundle awaits approval; what was typed comes back when something is wrong."""
        form = await form_of(request)
        asked = Asked(
            **{name: str(form.get(name, ""))[:60] for name in Asked.__dataclass_fields__}
        )
        try:
            wish = TermWish(
                title=text_of(form, "title", 60),
                first=_day(text_of(form, "first"), "first"),
                last=_day(text_of(form, "last"), "last"),
                weekday=text_of(form, "weekday"),
                steps=number_of(form, "steps", 1, MOST_STEPS),
            )
            # the content folder is read whole: some hundred files
            sources = await asyncio.to_thread(self._parts.ahead.sources)
            account = visitor(request).account
            drafted = await self._parts.ahead.desk.draft(sources, wish, account)
        except LianbotError as error:
            return await self._list(request, asked, str(error))
        return to(f"/terms/{drafted.term.id}", "term")

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request)

    async def _one(self, request: web.Request, fault: str = "") -> web.Response:
        term = await self._parts.ahead.book.get(uuid_of(request))
        campaigns = soonest_first(
            await self._parts.ahead.book.campaigns(term.id),
            self._parts.due_between,
            self._parts.clock.now(),
        )
        account = visitor(request).account
        calendars = await self._parts.ahead.calendar(term.id)
        return await self._shell.page(
            request,
            "term.html",
            status=400 if fault else 200,
            fault=fault,
            term=term,
            campaigns=campaigns,
            rhythm={one.id: rhythm(one.schedule, self._parts.ahead.nodes) for one in campaigns},
            calendars=calendars,
            posts={code: one.name for code, one in self._parts.profiles.items()},
            authors={
                one.account.id: one.account.display
                for one in await self._parts.accounts.everyone()
            },
            waiting=[one for one in campaigns if one.state is CampaignState.DRAFT],
            approvable=_approvable(campaigns, account) if self._may(request) else [],
            own=any(one.created_by == account.id for one in campaigns),
            mondays=weeks(term.first, term.last),
            items=await self._items(),
            taught=_taught(campaigns),
        )

    def _may(self, request: web.Request) -> bool:
        return visitor(request).may("term.approve")

    async def _items(self) -> list[StoredEdition]:
        return [
            one
            for one in await self._parts.content.all()
            if one.current and one.edition.type in PUT_IN
        ]

    async def approve(self, request: web.Request) -> web.StreamResponse:
        """Everything of the term that waits for this step, in one act (P5: never by its author)."""
        term_id = uuid_of(request)
        approved = await self._parts.ahead.desk.approve(term_id, visitor(request).account)
        done = all(one.state is CampaignState.APPROVED for one in approved)
        return to(f"/terms/{term_id}", "approved" if done else "step")

    async def week(self, request: web.Request) -> web.StreamResponse:
        """Another lesson, or silence, in one week of one post; only that waits for approval again."""
        term_id, form = uuid_of(request), await form_of(request)
        try:
            item = text_of(form, "item", 60)
            fresh = await self._parts.ahead.desk.edit_week(
                term_id,
                _post(text_of(form, "post")),
                _day(text_of(form, "week"), "week"),
                [item] if item else [],
                visitor(request).account,
            )
        except InvalidInputError as error:
            return await self._one(request, str(error))
        return to(f"/terms/{term_id}", "week" if fresh else "week-silent")


def _approvable(campaigns: Sequence[Campaign], account: Account) -> list[Campaign]:
    """What waits for a step that this account may give."""
    return [
        one
        for one in campaigns
        if one.state is CampaignState.DRAFT and may_approve(one, account.id)
    ]


def _taught(campaigns: Sequence[Campaign]) -> list[Post]:
    lessons = (one for one in campaigns if isinstance(one.schedule, Course | Once))
    return sorted({post for one in lessons for post in one.audience.posts}, key=list(Post).index)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(say.FIELDS[field], "请选一个日子") from error


def _post(text: str) -> Post:
    try:
        return Post(text)
    except ValueError as error:
        raise InvalidInputError(say.FIELDS["posts"], say.NOT_CHOSEN) from error
