"""The progress of one push: figures that add up, and for those who mend, the rows with reason and mend."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from lianbot.domain.campaigns import OccurrenceState
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.phrases import control as words
from lianbot.ports.desk import DeliveryFilter, OccurrenceSeen, ReasonCount
from lianbot.web.console.bars import ORDER, state_bar, sums
from lianbot.web.console.control import ROW_FILTER, ControlPages
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, chosen, paging_of, uuid_of, visitor

UNDER_WAY = (DeliveryState.PLANNED, DeliveryState.HANDING_OVER, DeliveryState.DEFERRED)
ROWS = 50


class PushPages:
    """One occurrence."""

    def __init__(self, parts: ConsoleParts, shell: Shell, control: ControlPages) -> None:
        self._parts = parts
        self._shell = shell
        self._control = control

    async def show(self, request: web.Request) -> web.StreamResponse:
        seen = visitor(request)
        push = await self._parts.reading.occurrence(uuid_of(request))
        teams = await self._parts.places.teams() if seen.may("push.rows") else []
        return await self._shell.page(
            request,
            "push.html",
            teams=teams,
            wanted=_filter(request),
            states=ORDER,
            **await self._figures(push),
            **await self._rows(request, push),
            **await self._control.around(request, push),
        )

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The part that a browser asks for again and again while something is under way."""
        push = await self._parts.reading.occurrence(uuid_of(request))
        return self._shell.fragment("_push_live.html", **await self._figures(push))

    async def rows(self, request: web.Request) -> web.StreamResponse:
        """The table alone, for filters and for the next page."""
        push = await self._parts.reading.occurrence(uuid_of(request))
        return self._shell.fragment(
            "_push_rows.html",
            push=push,
            visitor=visitor(request),
            words=words,
            **await self._rows(request, push),
        )

    async def _figures(self, push: OccurrenceSeen) -> dict[str, Any]:
        reasons = await self._parts.reading.reasons(push.occurrence.id)
        return {
            "push": push,
            "sums": sums(push.figures, reasons),
            "bar": state_bar(push.figures),
            "reasons": _ordered(reasons),
            "moving": push.occurrence.state is OccurrenceState.PLANNING
            or (
                push.occurrence.state is OccurrenceState.PLANNED
                and any(push.figures[state.value] for state in UNDER_WAY)
            ),
        }

    async def _rows(self, request: web.Request, push: OccurrenceSeen) -> dict[str, Any]:
        if not visitor(request).may("push.rows"):
            return {"listed": None, "posts": {}}
        listed = await self._parts.reading.deliveries(
            push.occurrence.id, _filter(request), paging_of(request, ROWS)
        )
        return {
            "listed": listed,
            "lost": await self._control.lost(push.occurrence.id, listed.rows),
            "query": _query(request),
            "posts": {code: one.short for code, one in self._parts.profiles.items()},
        }


def _filter(request: web.Request) -> DeliveryFilter:
    """Unknown words filter nothing instead of failing: an old link still opens."""
    state, reason = request.query.get("state", ""), request.query.get("reason", "")
    return DeliveryFilter(
        state=DeliveryState(state) if state in set(DeliveryState) else None,
        reason=Reason(reason) if reason and reason in set(Reason) else None,
        team_id=chosen(request.query, "team"),
        words=request.query.get("words", "").strip()[:40],
    )


def _query(request: web.Request) -> str:
    """The filter as it goes into the links of the table."""
    return urlencode({k: request.query[k] for k in ROW_FILTER if request.query.get(k)})


def _ordered(reasons: list[ReasonCount]) -> list[ReasonCount]:
    """What can be mended first: biggest groups on top, the accepted left to the bar."""
    told = [one for one in reasons if one.reason is not Reason.NONE]
    return sorted(told, key=lambda one: (-one.count, one.reason))
