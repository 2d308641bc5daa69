"""The roster as a sheet that lianbot reads back without a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lianbot.domain.posts import PostProfile
from lianbot.domain.roster import Column, RosterSnapshot
from lianbot.flows.enrolment_facts import Records
from lianbot.flows.enrolment_match import Register
from lianbot.phrases import roster as say

_COLUMNS = (
    Column.NUMBER, Column.NAME, Column.PHONE, Column.CONTRACTOR, Column.TEAM, Column.SITE, Column.POST,
    Column.LEVEL, Column.EMPLOYMENT, Column.SHIFT, Column.STARTED, Column.WECOM, Column.TAGS,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSheet:
    """Head and rows, all text; a writer neutralises formulas."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def export_roster(
    current: RosterSnapshot,
    *,
    profiles: Sequence[PostProfile],
    contractors: Iterable[int] | None = None,
    with_employment: bool = False,
) -> RosterSheet:
    """The workers of today, by contractor, team and number.

    `contractors`: ids to hold the export to (None: all). The employment type decides legal paths, so it is left out
    unless the reader's role needs it (domain reference §2a).
    """
    register = Register(current)
    records = Records(current, register)
    names = {profile.code: profile.name for profile in profiles}
    chosen = None if contractors is None else frozenset(contractors)
    facts = sorted(
        (
            records.facts(worker)
            for worker in current.workers
            if worker.ended is None and (chosen is None or worker.contractor_id in chosen)
        ),
        key=lambda f: (f.contractor, f.team, f.number),
    )
    columns = [c for c in _COLUMNS if with_employment or c is not Column.EMPLOYMENT]
    rows = [
        {
            Column.NUMBER: f.number,
            Column.NAME: f.name,
            Column.PHONE: f.phone or "",
            Column.CONTRACTOR: f.contractor,
            Column.TEAM: f.team,
            Column.SITE: f.site,
            Column.POST: say.post_list(f.posts, names),
            Column.LEVEL: f.level.value,
            Column.EMPLOYMENT: say.EMPLOYMENT_NAMES[f.employment],
            Column.SHIFT: f.shift,
            Column.STARTED: f.started.isoformat() if f.started else "",
            Column.WECOM: f.wecom or "",
            Column.TAGS: "、".join(f.tags),
        }
        for f in facts
    ]
    return RosterSheet(
        head=tuple(say.COLUMN_NAMES[c] for c in columns),
        rows=tuple(tuple(row[c] for c in columns) for row in rows),
    )
