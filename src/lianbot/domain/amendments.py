"""补人与更正: what is added to a push that was planned already, and what takes something back (design §4, §8)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lianbot.domain.campaigns import Audience, OccurrenceKind

_NOTICE = "COR-"


def notice_item(amendment_id: UUID) -> str:
    """The item id of a correction's notice."""
    return f"{_NOTICE}{amendment_id.hex[:12].upper()}"


def is_notice(item: str) -> bool:
    """Whether it is a correction's own text: it goes to those who had the error and to nobody else."""
    return item.upper().startswith(_NOTICE)


class AmendmentState(StrEnum):
    """Nothing that somebody asked for alone goes to workers (P5)."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """An occurrence that follows from another one: `kind` says whether it adds people or corrects.

    `id` is the id of the occurrence it becomes. `amends` is the push it belongs to. An addition has its own
    `audience`; `beyond` says that it goes further than the audience that was approved. A correction has `notice`,
    the edition that is sent, and `corrects`, the edition that was wrong (None: whatever that push sent);
    `material` makes older acknowledgements `outdated`.
    """

    id: UUID
    kind: OccurrenceKind
    campaign_id: UUID
    amends: UUID
    asked_by: UUID
    asked_at: datetime
    state: AmendmentState
    size: int
    note: str = ""
    audience: Audience | None = None
    beyond: bool = False
    notice: str | None = None
    corrects: str | None = None
    material: bool = False
    decided_by: UUID | None = None
    decided_at: datetime | None = None


class Choice(StrEnum):
    """What a person decides about a row whose answer was lost."""

    AGAIN = "again"
    LEAVE = "leave"


class Standing(StrEnum):
    """Where a row whose answer was lost stands.

    `waiting` is for a person to decide, `by_itself` is still being checked with the platform, `again` and `left`
    were decided, `frozen` must not be sent again any more.
    """

    WAITING = "waiting"
    FROZEN = "frozen"
    BY_ITSELF = "by_itself"
    AGAIN = "again"
    LEFT = "left"


class RecallState(StrEnum):
    """撤回: `recalled` only where the platform said so (P1)."""

    ASKED = "asked"
    TRYING = "trying"
    RECALLED = "recalled"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    TOO_LATE = "too_late"
    IMPOSSIBLE = "impossible"
