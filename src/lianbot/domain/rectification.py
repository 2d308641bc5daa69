"""整改台账: an item with an owner and a day, evidence, and a verifier who is not the owner; pure."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role

TITLE_MOST = 60
TEXT_MOST = 500
SMALLEST_UNIT = 5
"""A unit of fewer people is never named: the item would point at one of them."""
MAY_OWN = (Role.EDITOR, Role.REVIEWER, Role.SCHEDULER, Role.OFFICER)
MAY_VERIFY = (Role.REVIEWER, Role.OFFICER)


class RectificationState(StrEnum):
    """Where an item stands."""

    DRAFT = "draft"
    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"
    DROPPED = "dropped"


class RectificationSource(StrEnum):
    """From where an item came, in steps so coarse that none of them tells of a letter.

    What the officer raises is `officer`, whether it came from concerns or from own eyes (P3).
    """

    WORKERS = "workers"
    CASE = "case"
    OFFICER = "officer"
    INSPECTION = "inspection"
    MEETING = "meeting"


class ProposalKind(StrEnum):
    """What a proposal is: a worker's question that had no answer, or the officer's idea for a lesson."""

    QUESTION = "question"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """One item. `number` is 0 until it is kept; `unit` is a team or company, or empty."""

    number: int = 0
    title: str
    measure: str
    source: RectificationSource
    unit: str
    raised_by: UUID
    raised_on: date
    state: RectificationState = RectificationState.DRAFT
    owner: UUID | None = None
    verifier: UUID | None = None
    due: date | None = None
    evidence: str = ""
    done_by: UUID | None = None
    closed_on: date | None = None
    reopened: int = 0
    version: int = 0

    def overdue(self, today: date) -> bool:
        """Its day is past and the owner has shown nothing yet."""
        return self.state is RectificationState.OPEN and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Who has to do it, who looks whether it was done, and by when."""

    owner: Account
    verifier: Account
    due: date


def draft(
    title: str,
    measure: str,
    source: RectificationSource,
    *,
    unit: str,
    by: Account,
    today: date,
) -> Rectification:
    """Raises InvalidInputError naming the field."""
    return Rectification(
        title=_said("问题", title, TITLE_MOST),
        measure=_said("怎么改", measure, TEXT_MOST),
        source=source,
        unit=unit,
        raised_by=by.id,
        raised_on=today,
    )


def charge(item: Rectification, to: Charge, today: date) -> Rectification:
    """A draft gets an owner, a verifier and a day; what is under way may get others."""
    _must(item, "定人定时间", RectificationState.DRAFT, RectificationState.OPEN)
    if to.owner.id == to.verifier.id:
        raise InvalidInputError("验收人", "不能是责任人自己，请另选一位")
    if not to.owner.may(*MAY_OWN):
        raise InvalidInputError("责任人", "要选办公室的账号（编辑、审核、推送管理员、纪检委员）")
    if not to.verifier.may(*MAY_VERIFY):
        raise InvalidInputError("验收人", "要选审核人或纪检委员")
    if to.due < today:
        raise InvalidInputError("期限", "不能早于今天")
    return replace(
        item,
        state=RectificationState.OPEN,
        owner=to.owner.id,
        verifier=to.verifier.id,
        due=to.due,
    )


def show_done(item: Rectification, evidence: str, by: Account) -> Rectification:
    """The owner says what was done and where it can be seen; the verifier is next."""
    _must(item, "报完成", RectificationState.OPEN)
    if by.id != item.owner:
        raise NotAllowedError("只有责任人能报完成；换了人请先改责任人")
    return replace(
        item,
        state=RectificationState.DONE,
        evidence=_said("怎么改的、在哪能看到", evidence, TEXT_MOST),
        done_by=by.id,
    )


def close(item: Rectification, by: Account, today: date) -> Rectification:
    """销号: by the verifier alone, who is neither owner nor the one who showed the evidence."""
    _must(item, "销号", RectificationState.DONE)
    _only_verifier(item, by)
    return replace(item, state=RectificationState.CLOSED, closed_on=today)


def send_back(item: Rectification, by: Account, why: str) -> Rectification:
    """The verifier has looked and it is not done; the evidence stays readable until the next one."""
    _must(item, "退回", RectificationState.DONE)
    _only_verifier(item, by)
    _said("为什么退回", why, TEXT_MOST)
    return replace(item, state=RectificationState.OPEN, done_by=None)


def reopen(item: Rectification, due: date, why: str, today: date) -> Rectification:
    """It came back: the same item again, with a new day."""
    _must(item, "重开", RectificationState.CLOSED)
    _said("为什么重开", why, TEXT_MOST)
    if due < today:
        raise InvalidInputError("期限", "不能早于今天")
    return replace(
        item,
        state=RectificationState.OPEN,
        due=due,
        done_by=None,
        closed_on=None,
        reopened=item.reopened + 1,
    )


def drop(item: Rectification, why: str) -> Rectification:
    """A draft that is not taken up; the reason stays."""
    _must(item, "不立项", RectificationState.DRAFT)
    _said("为什么不立项", why, TEXT_MOST)
    return replace(item, state=RectificationState.DROPPED)


def names_nobody(place: str, text: str, people: tuple[str, ...]) -> None:
    """Raises InvalidInputError when the text holds the name or number of who said it (P8)."""
    if any(one and one in text for one in people):
        raise InvalidInputError(place, "不要写提出人的姓名或工号，写事情本身")


def _only_verifier(item: Rectification, by: Account) -> None:
    if by.id in (item.owner, item.done_by):
        raise NotAllowedError("责任人不能给自己验收")
    if by.id != item.verifier:
        raise NotAllowedError("只有这一条写明的验收人能验收；换了人请先改验收人")


def _must(item: Rectification, act: str, *states: RectificationState) -> None:
    if item.state not in states:
        raise InvalidInputError(f"整改第 {item.number} 号", f"现在的状态不能{act}，请刷新再看")


def _said(place: str, text: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise InvalidInputError(place, "不能空着")
    if len(text) > most:
        raise InvalidInputError(place, f"最多 {most} 个字")
    return text
