"""Where terms are kept: bundles of campaigns that are approved in one sitting."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.campaigns import Campaign, Term
from lianbot.domain.codes import Post


class TermBook(Protocol):
    """Every change with its audit row in the same transaction."""

    async def add(self, term: Term, bundle: Sequence[Campaign]) -> None:
        """All or nothing."""
        ...

    async def get(self, term_id: UUID) -> Term:
        """Raises NotFoundError."""
        ...

    async def all(self) -> list[Term]:
        """Newest first."""
        ...

    async def campaigns(self, term_id: UUID) -> list[Campaign]:
        """In order of title."""
        ...

    async def replace_week(
        self,
        monday: date,
        post: Post,
        taken: Sequence[Campaign],
        fresh: Sequence[Campaign],
        by: UUID,
        now: datetime,
    ) -> None:
        """That week of `taken` falls silent for the people of that post and `fresh` drafts stand in its place,
        all or nothing."""
        ...
