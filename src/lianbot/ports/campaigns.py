"""Where campaigns are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.campaigns import Campaign, OccurrenceState


class CampaignBook(Protocol):
    """Campaigns with their approvals; every change with its audit row in the same transaction."""

    async def add(self, campaign: Campaign) -> None: ...

    async def get(self, campaign_id: UUID) -> Campaign:
        """Raises NotFoundError."""
        ...

    async def all(self) -> list[Campaign]:
        """Newest first."""
        ...

    async def save(
        self,
        campaign: Campaign,
        now: datetime,
        *,
        action: str,
        by: UUID,
        detail: Mapping[str, object],
    ) -> None: ...

    async def set_occurrences(
        self, campaign_id: UUID, before: OccurrenceState, after: OccurrenceState
    ) -> int:
        """Moves the campaign's occurrences from one state to another; how many."""
        ...

    async def skip_waiting(self, campaign_id: UUID) -> int:
        """Every row of the campaign that has not left becomes skipped(stopped); how many."""
        ...

    async def audience_size(self, campaign: Campaign) -> int:
        """How many workers the audience has now."""
        ...
