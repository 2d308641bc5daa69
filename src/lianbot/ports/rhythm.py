"""What the schedules that look at each worker ask of the world: festivals told, milestones, reviews due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.campaigns import Milestone


class Rhythm(Protocol):
    """Facts by worker, each in one look for a whole occurrence."""

    async def festival_told(self, node: str, since: datetime) -> Mapping[UUID, int]:
        """How many messages about the node weigh on each worker since then."""
        ...

    async def festival_between(self, start: datetime, end: datetime) -> Collection[UUID]:
        """Workers who got, or are about to get, a festival message that was due in start ≤ t < end."""
        ...

    async def milestones(self, event: Milestone, first: date, last: date) -> Mapping[UUID, date]:
        """Workers whose newest such day lies in first ≤ day ≤ last (local days), with that day."""
        ...

    async def tried(self, campaign_id: UUID) -> Mapping[UUID, frozenset[str]]:
        """Items for which a worker has a row in this campaign, in whatever state."""
        ...

    async def reviews_due(self, now: datetime) -> Mapping[UUID, Sequence[str]]:
        """Takes in new answers, then: items whose question is due, longest waiting first."""
        ...

    async def asked(self, occurrence_id: UUID, now: datetime) -> None:
        """The occurrence's rows carry review questions now, skipped ones are put off; a repeat changes nothing."""
        ...
