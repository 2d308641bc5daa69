"""我的班组: a lead's or a company's own page: counts first, names only for a stated purpose."""

from datetime import timedelta

from aiohttp import web

from lianbot.domain.errors import NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.domain.suppression import Cell
from lianbot.phrases import console as say
from lianbot.ports.answers import FollowUp
from lianbot.ports.desk import AuditRow, Dimension, NotCovered, Paging, TaskFilter
from lianbot.web.console.figures import Row, row_of
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, form_of, text_of, to, visitor
from lianbot.web.console.tasks import close_task

NAMES_BACK = timedelta(days=30)
"""Missed items expire after 30 days; no backlog is ever dumped on someone."""
SHORTEST_PURPOSE = 4


class TeamPages:
    """Held to the account's own team (lead) or company (contractor)."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(
        self,
        request: web.Request,
        *,
        names: list[NotCovered] | None = None,
        purpose: str = "",
        fault: str = "",
    ) -> web.Response:
        account = visitor(request).account
        team_id, contractor_id = scope(account)
        wanted = TaskFilter(
            kinds=frozenset({FollowUp.READ_ALOUD}), team_id=team_id, contractor_id=contractor_id
        )
        tasks = await self._parts.reading.tasks(wanted, Paging(number=1, size=100))
        return await self._shell.page(
            request,
            "team.html",
            status=400 if fault else 200,
            fault=fault,
            rows=await self._rows(team_id, contractor_id),
            tasks=tasks,
            lead=account.may(Role.LEAD),
            names=names,
            purpose=purpose,
        )

    async def _rows(self, team_id: int | None, contractor_id: int | None) -> list[Row]:
        """Coverage of the teams in scope; understanding is not shown here."""
        statistics = self._parts.statistics
        found = {one.key: one for one in await statistics.by(Dimension.TEAM, reminders=False)}
        otherwise = await statistics.told_otherwise(Dimension.TEAM)
        standing = await statistics.standing(Dimension.TEAM)
        return [
            row_of(
                str(team.id),
                team.name,
                found.get(str(team.id)),
                otherwise,
                standing,
                Cell(),
                False,
            )
            for team in sorted(await self._parts.places.teams(), key=lambda one: one.name)
            if team.id == team_id or (team_id is None and team.contractor_id == contractor_id)
        ]

    async def names(self, request: web.Request) -> web.StreamResponse:
        """Who was not reached or has not answered. The purpose and the reader are written down before they show."""
        account = visitor(request).account
        team_id, contractor_id = scope(account)
        purpose = text_of(await form_of(request), "purpose", 100)
        if len(purpose) < SHORTEST_PURPOSE:
            return await self._show(request, fault=say.PURPOSE_NEEDED)
        now = self._shell.now()
        row = AuditRow(
            action="team.names",
            subject=f"班组 {team_id}" if team_id is not None else f"公司 {contractor_id}",
            after={"purpose": purpose},
        )
        await self._parts.audit.note(row, account.id, now)
        found = await self._parts.reading.not_covered(
            team_id=team_id, contractor_id=contractor_id, since=now - NAMES_BACK
        )
        return await self._show(request, names=found, purpose=purpose)

    async def close(self, request: web.Request) -> web.StreamResponse:
        await close_task(self._parts, self._shell, request)
        return to("/team", "closed")


def scope(account: Account) -> tuple[int | None, int | None]:
    """(team, None) for a lead, (None, company) for a contractor. Raises NotAllowedError when neither is set."""
    if account.may(Role.LEAD) and account.team_id is not None:
        return account.team_id, None
    if account.may(Role.CONTRACTOR) and account.contractor_id is not None:
        return None, account.contractor_id
    raise NotAllowedError(say.NO_SUCH_TEAM)
