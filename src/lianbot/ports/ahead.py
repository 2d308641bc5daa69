"""Where a worker stands now, as far as it decides what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A push to the worker that nobody has answered: `leaves_at` is when it left or will, None when nobody knows.

    `waits`: it has not left. `reminds`: the one reminder of its push is still to come. `reminder`: it is that one.
    """

    campaign_id: UUID
    campaign: str
    due_at: datetime
    edition: Edition
    state: DeliveryState
    reason: Reason
    leaves_at: datetime | None
    waits: bool
    reminds: bool
    reminder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`festivals` are the nodes of festival messages that count, with their due moments. `tried` are the items of each
    series that were tried, by campaign; `reminded` items of which the worker was reminded once."""

    festivals: tuple[tuple[str, datetime], ...] = ()
    tried: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    reminded: frozenset[str] = frozenset()
    open: tuple[Open, ...] = ()


NOTHING_YET = Standing()


class AheadBook(Protocol):
    """What was planned for one worker so far."""

    async def standing(self, worker_id: UUID, now: datetime) -> Standing: ...
