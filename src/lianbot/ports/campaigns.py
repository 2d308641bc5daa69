"""Where campaigns are kept."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.campaigns import Campaign
from lianbot.domain.codes import Level, Post


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
        before: Campaign,
        after: Campaign,
        now: datetime,
        *,
        action: str,
        by: UUID,
        detail: Mapping[str, object],
    ) -> None:
        """State and new approvals of `after`, and its occurrences follow, in one transaction.

        A stopped campaign's rows that have not left become skipped(stopped). Raises OutdatedError
        when somebody changed the campaign since `before` was read.
        """
        ...

    async def audience_size(self, campaign: Campaign, on: date) -> int:
        """How many workers the audience has on that local day."""
        ...

    async def audience_posts(
        self, campaign: Campaign, on: date
    ) -> Mapping[tuple[tuple[Post, ...], Level], int]:
        """The same by posts and level."""
        ...
