"""统计: told, reachable, on the roster; understanding of groups; never a ranking, never a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import TELLS
from lianbot.domain.suppression import (
    Cell,
    rounded_count,
    rounded_share,
    suppress,
    suppress_within,
    tells_too_much,
)
from lianbot.phrases import console as say
from lianbot.ports.desk import (
    AuditRow,
    Dimension,
    Figures,
    OccurrenceSeen,
    Paging,
    SheetPage,
    Standing,
)
from lianbot.web.console.files import XLSX, download, sheet
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, share, visitor

SHOWN = (Dimension.TEAM, Dimension.CONTRACTOR, Dimension.POST, Dimension.TOPIC)
TREND = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group. `told` counts a push once, however the person heard of it; `understanding` is words or a share."""

    key: str
    name: str
    standing: Standing | None
    planned: int
    accepted: int
    otherwise: int
    answered: int
    unknown: int
    understanding: str
    level: int | None

    @property
    def told(self) -> int:
        return self.accepted + self.otherwise

    @property
    def outstanding(self) -> int:
        return max(0, self.told - self.answered)


def cell_of(figures: Figures) -> Cell:
    return Cell(asked=figures["first_asked"], right=figures["first_right"])


def understanding(cell: Cell, hidden: bool) -> tuple[str, int | None]:
    """What is said of a group: nothing asked, too small, or a rounded share of a rounded number."""
    if cell.asked == 0:
        return say.NO_QUESTION, None
    if hidden:
        return say.HIDDEN, None
    level = rounded_share(cell)
    return f"{level}%（约 {rounded_count(cell.asked)} 人次）", level


class FigurePages:
    """Tables by team, company, post and topic, the trend, and the export of what is on the screen."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell

    async def show(self, request: web.Request) -> web.StreamResponse:
        dimension, campaign_id = _asked(request)
        campaigns = await self._parts.campaigns.all()
        rows = await self._rows(dimension, campaign_id)
        return await self._shell.page(
            request,
            "stats.html",
            dimension=dimension,
            dimensions=SHOWN,
            campaign_id=campaign_id,
            campaigns=campaigns[:200],
            rows=rows,
            total=await self._total(campaign_id, rows),
            trend=await self._trend(campaign_id),
        )

    async def _total(self, campaign_id: UUID | None, rows: Sequence[Row]) -> Row:
        figures = await self._parts.statistics.by(
            Dimension.ALL, campaign_id=campaign_id, reminders=False
        )
        otherwise = {"": sum(row.otherwise for row in rows)}
        standing = await self._parts.statistics.standing(Dimension.ALL)
        found = figures[0] if figures else None
        cell = cell_of(found) if found and campaign_id is None else Cell()
        return row_of("", "合计", found, otherwise, standing, cell, tells_too_much(cell))

    async def _rows(self, dimension: Dimension, campaign_id: UUID | None) -> list[Row]:
        """By name, never by figure. Understanding stands only in the table over everything: two filters of the
        same figure would give the difference away."""
        statistics = self._parts.statistics
        found = await statistics.by(dimension, campaign_id=campaign_id, reminders=False)
        otherwise = await statistics.told_otherwise(dimension, campaign_id=campaign_id)
        standing = await statistics.standing(dimension) if dimension is not Dimension.TOPIC else {}
        cells = {one.key: cell_of(one) for one in found} if campaign_id is None else {}
        hidden = await self._hidden(dimension, cells)
        names = await self._names(dimension)
        known = {one.key: one for one in found}
        keys = set(known) | (set(standing) if campaign_id is None else set())
        rows = [
            row_of(
                key,
                names.get(key, known[key].name if key in known else key),
                known.get(key),
                otherwise,
                standing,
                cells.get(key, Cell()),
                key in hidden,
            )
            for key in keys
        ]
        return sorted(rows, key=lambda row: row.name)

    async def _hidden(self, dimension: Dimension, cells: Mapping[str, Cell]) -> frozenset[str]:
        if dimension is not Dimension.TEAM:
            return suppress(cells)
        companies = await self._parts.statistics.by(Dimension.CONTRACTOR, reminders=False)
        parents = {one.key: cell_of(one) for one in companies}
        teams = await self._parts.places.teams()
        parent = {str(one.id): str(one.contractor_id) for one in teams}
        return suppress_within(cells, parent, parents)

    async def _names(self, dimension: Dimension) -> dict[str, str]:
        match dimension:
            case Dimension.TEAM:
                return {str(one.id): one.name for one in await self._parts.places.teams()}
            case Dimension.CONTRACTOR:
                found = await self._parts.places.contractors()
                return {str(one.id): one.name for one in found}
            case Dimension.POST:
                return {code.value: one.name for code, one in self._parts.profiles.items()}
            case Dimension.TOPIC:
                return dict(self._parts.topic_names)
            case Dimension.OCCURRENCE | Dimension.ALL:
                return {}

    async def _trend(self, campaign_id: UUID | None) -> list[dict[str, object]]:
        """The last pushes, oldest first, for the chart; coverage only."""
        found = await self._parts.reading.occurrences(
            Paging(number=1, size=TREND), campaign_id=campaign_id
        )
        pushes = [one for one in found.rows if one.occurrence.kind in TELLS]
        return [_point(one) for one in reversed(pushes)]

    async def export(self, request: web.Request) -> web.StreamResponse:
        """What is on the screen, nothing more; the first line says what it must not be used for."""
        dimension, campaign_id = _asked(request)
        now = self._shell.now()
        rows = await self._rows(dimension, campaign_id)
        total = await self._total(campaign_id, rows)
        row = AuditRow(
            action="stats.exported",
            subject=say.DIMENSIONS[dimension],
            after={"campaign": str(campaign_id) if campaign_id else None},
        )
        await self._parts.audit.note(row, visitor(request).account.id, now)
        page = SheetPage(
            name=f"统计-{say.DIMENSIONS[dimension]}",
            head=(say.DIMENSIONS[dimension], *say.STATS_HEAD),
            rows=[_cells(one) for one in (*rows, total)],
            caption=say.EXPORT_CAPTION,
            widths=(28, 8, 8, 8, 12, 22, 10, 10, 10, 8, 24),
        )
        name = say.file_name(f"统计-{say.DIMENSIONS[dimension]}", f"{local(now):%Y%m%d}", "xlsx")
        return download(await sheet(self._parts.sheets, [page]), name, XLSX)


def row_of(
    key: str,
    name: str,
    found: Figures | None,
    otherwise: Mapping[str, int],
    standing: Mapping[str, Standing],
    cell: Cell,
    hidden: bool,
) -> Row:
    text, level = understanding(cell, hidden)
    return Row(
        key=key,
        name=name,
        standing=standing.get(key),
        planned=found["total"] if found else 0,
        accepted=found["accepted"] if found else 0,
        otherwise=otherwise.get(key, 0),
        answered=found.answered if found else 0,
        unknown=found["unknown"] if found else 0,
        understanding=text,
        level=level,
    )


def _cells(row: Row) -> Sequence[str | int | None]:
    return (
        row.name,
        row.standing.on_roster if row.standing else None,
        row.standing.reachable if row.standing else None,
        row.planned,
        row.accepted,
        row.otherwise,
        share(row.told, row.planned),
        row.answered,
        row.outstanding,
        row.unknown,
        row.understanding,
    )


def _point(one: OccurrenceSeen) -> dict[str, object]:
    figures = one.figures
    return {
        "day": f"{local(one.occurrence.due_at):%m-%d}",
        "title": one.title,
        "planned": figures["total"],
        "accepted": figures["accepted"],
        "answered": figures.answered,
        "unknown": figures["unknown"],
    }


def _asked(request: web.Request) -> tuple[Dimension, UUID | None]:
    wanted = request.query.get("by", "")
    dimension = next((one for one in SHOWN if one.value == wanted), Dimension.TEAM)
    try:
        return dimension, UUID(request.query.get("campaign", ""))
    except ValueError:
        return dimension, None
