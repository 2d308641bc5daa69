"""推送计划: the list, the form, the forecast, approval by a second account, pause and stop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from lianbot.domain.amendments import is_notice
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    STANDING,
    Audience,
    Campaign,
    CampaignState,
    Course,
    Cron,
    Festival,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.codes import ItemType, Level
from lianbot.domain.errors import LianbotError
from lianbot.domain.items import EditionState
from lianbot.domain.people import Contractor, Site, Team
from lianbot.domain.rollouts import stages_in_words
from lianbot.flows.forecast import Weight
from lianbot.phrases import console as say
from lianbot.phrases.control import caution_words
from lianbot.phrases.schedules import MILESTONES, schedule_words
from lianbot.ports.desk import Listed, Paging, PlacesDesk, StoredEdition
from lianbot.web.console.bars import state_bar
from lianbot.web.console.campaign_form import Asked, read_draft
from lianbot.web.console.forecast import Forecast, forecast, make_draw
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, paging_of, to, uuid_of, visitor, when

AHEAD = timedelta(days=62)
A_YEAR = timedelta(days=400)
NO_NAMES: Mapping[str, str] = {}
NEXT_SHOWN = 3
PUSHED = (ItemType.LESSON, ItemType.CASE, ItemType.STORY, ItemType.REMINDER, ItemType.POLICY)
"""What goes out by itself; answers to questions and the questions of lessons do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What the form offers and the pages name."""

    contractors: Sequence[Contractor]
    teams: Sequence[Team]
    sites: Sequence[Site]

    def names(self, audience: Audience, posts: Mapping[str, str]) -> str:
        return say.audience_words(
            audience,
            [posts.get(code, code) for code in audience.posts],
            [one.name for one in self.contractors if one.id in audience.contractors],
            [one.name for one in self.teams if one.id in audience.teams],
            [one.name for one in self.sites if one.id in audience.sites],
        )


def soonest_first(
    campaigns: Sequence[Campaign],
    due_between: Callable[[Campaign, datetime, datetime], list[datetime]],
    now: datetime,
) -> list[Campaign]:
    """As the year will bring them; what waits for people instead of for a day (onboarding) comes first."""

    def first(one: Campaign) -> datetime:
        return next(iter(due_between(one, now, now + A_YEAR)), now)

    return sorted(campaigns, key=lambda one: (first(one), one.title))


async def places_of(desk: PlacesDesk) -> Places:
    return Places(
        contractors=await desk.contractors(), teams=await desk.teams(), sites=await desk.sites()
    )


class CampaignPages:
    """Everything about a campaign but the rows of its pushes."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell
        self._posts = {code.value: profile.name for code, profile in parts.profiles.items()}

    async def _authors(self) -> dict[UUID, str]:
        return {
            one.account.id: one.account.display for one in await self._parts.accounts.everyone()
        }

    # ---- list ----------------------------------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.StreamResponse:
        wanted = request.query.get("state", "")
        found = [
            one for one in await self._parts.campaigns.all() if wanted in ("", one.state.value)
        ]
        paging = paging_of(request, 20)
        places = await places_of(self._parts.places)
        rows = found[paging.offset : paging.offset + paging.size]
        return await self._shell.page(
            request,
            "campaigns.html",
            listed=Listed(rows=tuple(rows), total=len(found), paging=paging),
            wanted=wanted,
            states=CampaignState,
            authors=await self._authors(),
            audience={one.id: places.names(one.audience, self._posts) for one in rows},
            rhythm={one.id: rhythm(one.schedule, self._parts.ahead.nodes) for one in rows},
        )

    # ---- the form ------------------------------------------------------------------------------------------

    async def form(self, request: web.Request) -> web.StreamResponse:
        channels = tuple(kind.value for kind in self._parts.desk.channels)
        return await self._form(request, Asked(channels=channels) if channels else Asked())

    async def _form(self, request: web.Request, asked: Asked, fault: str = "") -> web.Response:
        editions = [
            one
            for one in await self._parts.content.all()
            if one.current
            and one.edition.state is EditionState.APPROVED
            and one.edition.type in PUSHED
            and not is_notice(one.edition.item)
        ]
        places = await places_of(self._parts.places)
        return await self._shell.page(
            request,
            "campaign_form.html",
            status=400 if fault else 200,
            fault=fault,
            asked=asked,
            editions=editions,
            places=places,
            contractor_names={one.id: one.name for one in places.contractors},
            site_names={one.id: one.name for one in places.sites},
            posts=self._posts,
            shelves=await self._parts.content.shelves(),
            tags=await self._parts.places.tags(),
            levels=Level,
            nodes=self._parts.ahead.nodes,
            milestones=MILESTONES,
            caution_words=caution_words(self._parts.control.caution),
        )

    async def create(self, request: web.Request) -> web.StreamResponse:
        """A draft that somebody else approves. What was filled in comes back when something is wrong."""
        form = await form_of(request)
        asked = Asked.from_form(form)
        try:
            draft = read_draft(form, demo=self._parts.demo)
            campaign = await self._parts.desk.create(draft, visitor(request).account)
        except LianbotError as error:
            return await self._form(request, asked, str(error))
        return to(f"/campaigns/{campaign.id}", "created")

    # ---- one campaign --------------------------------------------------------------------------------------

    async def one(self, request: web.Request) -> web.StreamResponse:
        return await self._one(request, uuid_of(request))

    async def _one(
        self, request: web.Request, campaign_id: UUID, fault: str = "", status: int = 200
    ) -> web.Response:
        campaign = await self._parts.campaigns.get(campaign_id)
        seen = visitor(request)
        pushes = await self._parts.reading.occurrences(
            Paging(number=1, size=20), campaign_id=campaign.id
        )
        places = await places_of(self._parts.places)
        open_still = campaign.state is CampaignState.DRAFT
        return await self._shell.page(
            request,
            "campaign.html",
            status=status,
            fault=fault,
            campaign=campaign,
            audience=places.names(campaign.audience, self._posts),
            rhythm=rhythm(campaign.schedule, self._parts.ahead.nodes),
            upcoming=self._next_moments(campaign),
            forecast=await self._forecast(campaign),
            weight=await self._weight(campaign),
            items=await self._items(campaign),
            authors=await self._authors(),
            stages=stages_in_words(campaign.stages),
            pushes=pushes,
            bars={one.occurrence.id: state_bar(one.figures) for one in pushes.rows},
            may_approve=open_still
            and may_approve(campaign, seen.account.id)
            and seen.may("campaign.approve"),
            own=campaign.created_by == seen.account.id,
        )

    def _next_moments(self, campaign: Campaign) -> list[datetime]:
        if campaign.state is CampaignState.STOPPED:
            return []
        now = self._shell.now()
        return self._parts.upcoming(campaign.schedule, now, now + AHEAD)[:NEXT_SHOWN]

    async def _forecast(self, campaign: Campaign) -> Forecast:
        now = self._shell.now()
        shelf = (
            await self._parts.content.course(campaign.schedule.shelf)
            if isinstance(campaign.schedule, Course)
            else {}
        )
        wanted = sorted({item for items in shelf.values() for item in items} | {*campaign.items})
        editions = await self._parts.content.current(wanted)
        draw = make_draw(campaign, editions, shelf, now)
        audience = await self._parts.reading.candidates(campaign.audience, local(now).date())
        return forecast(campaign, audience, draw)

    async def _weight(self, campaign: Campaign) -> Weight | None:
        """What it adds at its next due moment, and whom it would push over a cap; None when it is over."""
        if campaign.state is CampaignState.STOPPED:
            return None
        return await self._parts.ahead.weigh(campaign)

    async def _items(self, campaign: Campaign) -> list[StoredEdition]:
        current = {one.edition.item: one for one in await self._parts.content.all() if one.current}
        return [current[item] for item in campaign.items if item in current]

    async def approve(self, request: web.Request) -> web.StreamResponse:
        campaign_id = uuid_of(request)
        approved = await self._parts.desk.approve(campaign_id, visitor(request).account)
        said = "approved" if approved.state is CampaignState.APPROVED else "step"
        return to(f"/campaigns/{campaign_id}", said)

    async def pause(self, request: web.Request) -> web.StreamResponse:
        campaign_id = uuid_of(request)
        await self._parts.desk.pause(campaign_id, visitor(request).account)
        return to(f"/campaigns/{campaign_id}", "paused")

    async def resume(self, request: web.Request) -> web.StreamResponse:
        campaign_id = uuid_of(request)
        await self._parts.desk.resume(campaign_id, visitor(request).account)
        return to(f"/campaigns/{campaign_id}", "resumed")

    async def stop(self, request: web.Request) -> web.StreamResponse:
        campaign_id = uuid_of(request)
        await self._parts.desk.stop(campaign_id, visitor(request).account)
        return to(f"/campaigns/{campaign_id}", "stopped")


def may_approve(campaign: Campaign, account_id: UUID) -> bool:
    """Author ≠ approver, and nobody approves two steps (P5)."""
    return account_id != campaign.created_by and all(
        one.account_id != account_id for one in campaign.approvals
    )


def rhythm(schedule: Schedule, nodes: Mapping[str, str] = NO_NAMES) -> str:
    """When it goes out, in words; `nodes` are names by node of the almanac."""
    match schedule:
        case Once():
            return f"{when(schedule.at)} 发一次"
        case Cron():
            return say.cron_words(schedule.expression)
        case Course():
            shelf = (
                "各岗位自己的课程表" if schedule.shelf == STANDING else f"课程表“{schedule.shelf}”"
            )
            return f"{say.cron_words(schedule.expression)}，按{shelf}往下讲"
        case Festival():
            return schedule_words(schedule, nodes.get(schedule.node, ""))
        case Since() | Review():
            return schedule_words(schedule)
