"""Quiet days and the teams' own windows."""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lianbot.domain.errors import NotFoundError
from lianbot.domain.hours import Hours, TeamHours
from lianbot.domain.posts import DayWindow
from lianbot.storage.audit import AuditRow, write_audit
from lianbot.storage.database import Database
from lianbot.storage.tables import quiet_days, team_hours, teams


class HoursStore:
    """ports.hours.HoursBook over SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hours(self) -> Hours:
        async with self._database.read() as connection:
            quiet = await connection.execute(select(quiet_days))
            own = await connection.execute(select(team_hours))
            return Hours(
                quiet={row.day: row.note for row in quiet},
                teams={
                    row.team_id: TeamHours(send=_read(row.send), never=_read(row.never))
                    for row in own
                },
            )

    async def keep_quiet(self, day: date, note: str, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            # two people may set the same day at the same instant: the later word stands
            await connection.execute(
                dialect.insert(quiet_days)
                .values(day=day, note=note)
                .on_conflict_do_update(index_elements=[quiet_days.c.day], set_={"note": note})
            )
            row = AuditRow(action="hours.quiet", subject=day.isoformat(), after={"note": note})
            await write_audit(connection, [row], by, now)

    async def drop_quiet(self, day: date, by: UUID, now: datetime) -> bool:
        async with self._database.write() as connection:
            gone = await connection.execute(delete(quiet_days).where(quiet_days.c.day == day))
            if gone.rowcount:
                row = AuditRow(action="hours.not_quiet", subject=day.isoformat())
                await write_audit(connection, [row], by, now)
            return bool(gone.rowcount)

    async def keep_team(self, team_id: int, own: TeamHours, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            found = await connection.execute(select(teams.c.name).where(teams.c.id == team_id))
            name = found.scalar_one_or_none()
            if name is None:
                raise NotFoundError(f"没有编号为 {team_id} 的班组，请看 lianbot roster export")
            after = {"send": _write(own.send), "never": _write(own.never)}
            if own.send or own.never:
                dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
                await connection.execute(
                    dialect.insert(team_hours)
                    .values(team_id=team_id, **after)
                    .on_conflict_do_update(index_elements=[team_hours.c.team_id], set_=after)
                )
            else:
                await connection.execute(delete(team_hours).where(team_hours.c.team_id == team_id))
            row = AuditRow(action="hours.team", subject=name, after=after)
            await write_audit(connection, [row], by, now)


def _write(windows: Sequence[DayWindow]) -> list[list[str]]:
    return [[_clock(one.start), _clock(one.end)] for one in windows]


def _clock(moment: time) -> str:
    return moment.isoformat(timespec="minutes")


def _read(pairs: Sequence[Sequence[str]]) -> tuple[DayWindow, ...]:
    return tuple(
        DayWindow(start=time.fromisoformat(start), end=time.fromisoformat(end))
        for start, end in pairs
    )
