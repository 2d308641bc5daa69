"""补人与更正: what is added to a push that was planned already, and what takes something back (design §4, §8)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lianbot.domain.campaigns import Approval, Audience, OccurrenceKind
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role

NOTICE = "COR-"


def notice_item(amendment_id: UUID) -> str:
    """The item id of a correction's notice."""
    return f"{NOTICE}{amendment_id.hex[:12].upper()}"


def is_notice(item: str) -> bool:
    """Whether it is a correction's own text: it goes to those who had the error and to nobody else."""
    return item.upper().startswith(NOTICE)


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
    `material` makes older acknowledgements `outdated`. `steps` is how many people have to approve it: as many as the
    chain of the campaign that is amended, one after the other in `approvals`.
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
    steps: int = 1
    approvals: tuple[Approval, ...] = ()
    decided_by: UUID | None = None
    decided_at: datetime | None = None

    @property
    def missing(self) -> int:
        """How many people still have to approve it; nobody once it is decided."""
        waits = self.state is AmendmentState.ASKED
        return max(self.steps - len(self.approvals), 0) if waits else 0

    def waits_for(self, account: Account) -> bool:
        """Whether the next step of its chain may be this account's."""
        return self.missing > 0 and account.id not in {self.asked_by, *self._signed()}

    def signed_by(self, account: Account) -> bool:
        """Whether one of the steps is this account's already."""
        return account.id in self._signed()

    def _signed(self) -> set[UUID]:
        return {one.account_id for one in self.approvals}


def approve(amendment: Amendment, account: Account, at: datetime) -> Amendment:
    """The next step of the chain by one more person; the last one lets it take effect (P5).

    Raises NotAllowedError when the account is no reviewer, asked for it, or approved it already, InvalidInputError
    when it is decided.
    """
    _require_reviewer(amendment, account)
    if account.id == amendment.asked_by:
        raise NotAllowedError("写的人不能自己批：请另一位审核人来批")
    if amendment.signed_by(account):
        raise NotAllowedError("同一个人不能批两级：请下一级审核人来批")
    step = Approval(account_id=account.id, step=len(amendment.approvals), at=at)
    signed = replace(amendment, approvals=(*amendment.approvals, step))
    return signed if signed.missing else _decided(signed, AmendmentState.APPROVED, account, at)


def decline(amendment: Amendment, account: Account, at: datetime) -> Amendment:
    """One reviewer's no ends it at any step, also that of somebody who approved before and thinks better of it.

    Raises NotAllowedError, InvalidInputError as `approve` does.
    """
    _require_reviewer(amendment, account)
    return _decided(amendment, AmendmentState.DECLINED, account, at)


def _decided(
    amendment: Amendment, state: AmendmentState, account: Account, at: datetime
) -> Amendment:
    return replace(amendment, state=state, decided_by=account.id, decided_at=at)


def _require_reviewer(amendment: Amendment, account: Account) -> None:
    if not account.may(Role.REVIEWER):
        raise NotAllowedError(f"账号 {account.name} 没有审核角色，请换审核人来批")
    if amendment.state is not AmendmentState.ASKED:
        raise InvalidInputError("补人或更正", "不是待批的，已经有人处理过")


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
