"""Where quiet days and the teams' own windows are kept."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.hours import Hours, TeamHours


class HoursBook(Protocol):
    """Few rows, read once a round; every change with its audit row."""

    async def hours(self) -> Hours: ...

    async def keep_quiet(self, day: date, note: str, by: UUID, now: datetime) -> None: ...

    async def drop_quiet(self, day: date, by: UUID, now: datetime) -> bool:
        """Whether the day had been quiet."""
        ...

    async def keep_team(self, team_id: int, own: TeamHours, by: UUID, now: datetime) -> None:
        """Empty windows bring the posts' own back. Raises NotFoundError when there is no such team."""
        ...
