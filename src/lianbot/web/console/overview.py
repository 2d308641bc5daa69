"""今日概览: what is due today, what is under way, what needs a hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from lianbot.domain.amendments import Amendment
from lianbot.domain.calendar import local, start_of_local_day
from lianbot.domain.campaigns import Campaign, CampaignState
from lianbot.domain.people import Role
from lianbot.flows.duties import NOT_FETCHED
from lianbot.phrases.duties import DIGEST_LINE
from lianbot.ports.answers import FollowUp
from lianbot.ports.desk import AlertSeen, Dimension, OccurrenceSeen, Paging, Standing, TaskFilter
from lianbot.web.console.bars import Stretch, Sums, state_bar, sums
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.rights import OUTSIDE
from lianbot.web.console.shell import Shell, Visitor, to, visitor
from lianbot.web.console.tasks import kinds_for

RECENT = timedelta(days=7)
SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A push of the last days with its figures."""

    seen: OccurrenceSeen
    sums: Sums
    bar: list[Stretch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A moment of today at which a campaign will go out."""

    campaign: Campaign
    at: datetime


class OverviewPages:
    """The first page after signing in."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        seen = visitor(request)
        if seen.account.may(*OUTSIDE):
            return to("/team")
        now = self._shell.now()
        planning = seen.may("campaigns")
        campaigns = await self._parts.campaigns.all() if planning else []
        return await self._shell.page(
            request,
            "overview.html",
            stopped=await self._parts.switches.stopped(),
            running=await self._running(now) if planning else [],
            due=self._due(campaigns, now),
            waiting=[one for one in campaigns if one.state is CampaignState.DRAFT],
            changes=await self._changes(seen) if planning else [],
            alerts=await self._parts.reading.alerts() if seen.may("health") else [],
            tasks=await self._tasks(seen),
            standing=await self._standing(seen),
            monday=DIGEST_LINE if seen.may("letters") else "",
            unfetched=await self._unfetched(seen),
        )

    async def _changes(self, seen: Visitor) -> Sequence[Amendment]:
        """Additions and corrections whose next step may be this account's."""
        if not seen.may("change.approve"):
            return []
        waiting = await self._parts.control.amendments.waiting()
        return [one for one in waiting if one.waits_for(seen.account)]

    async def _unfetched(self, seen: Visitor) -> list[AlertSeen]:
        """For those above the officer; whoever sees all alerts has it among them."""
        if not seen.account.may(Role.REVIEWER) or seen.may("health"):
            return []
        return [one for one in await self._parts.reading.alerts() if one.kind == NOT_FETCHED]

    async def _running(self, now: datetime) -> list[Running]:
        recent = await self._parts.reading.occurrences(
            Paging(number=1, size=SHOWN), since=now - RECENT
        )
        return [
            Running(
                seen=one,
                sums=sums(one.figures, await self._parts.reading.reasons(one.occurrence.id)),
                bar=state_bar(one.figures),
            )
            for one in recent.rows
        ]

    def _due(self, campaigns: list[Campaign], now: datetime) -> list[Due]:
        tomorrow = start_of_local_day(start_of_local_day(now) + timedelta(hours=36))
        found = [
            Due(campaign=one, at=at)
            for one in campaigns
            if one.state is CampaignState.APPROVED
            for at in self._parts.upcoming(one.schedule, now, tomorrow)
        ]
        return sorted(found, key=lambda due: local(due.at))

    async def _tasks(self, seen: Visitor) -> dict[FollowUp, int]:
        """How many are open of each kind that this role may see."""
        if not seen.may("tasks"):
            return {}
        counts: dict[FollowUp, int] = {}
        for kind in sorted(kinds_for(seen.account)):
            wanted = TaskFilter(kinds=frozenset({kind}))
            counts[kind] = (await self._parts.reading.tasks(wanted, Paging(size=1))).total
        return counts

    async def _standing(self, seen: Visitor) -> tuple[int, int] | None:
        """On the roster, and reachable; only where the figures may be seen."""
        if not seen.may("stats"):
            return None
        found = await self._parts.statistics.standing(Dimension.ALL)
        everybody = found.get("", Standing())
        return everybody.on_roster, everybody.reachable
