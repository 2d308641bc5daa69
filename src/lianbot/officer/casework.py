"""Casework: the states of a concern, who may do what next, and by when; pure, no files."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from lianbot.sealing.weeks import monday_of


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    ACKED = "acked"
    ACCEPTED = "accepted"
    REFERRED = "referred"
    DECLINED = "declined"
    NEED_INFO = "need_info"
    INVESTIGATING = "investigating"
    FEEDBACK = "feedback"
    CLOSED = "closed"
    REOPENED = "reopened"


NAMES = {
    State.RECEIVED: "收到",
    State.ACKED: "已回执",
    State.ACCEPTED: "受理",
    State.REFERRED: "转办",
    State.DECLINED: "不予受理",
    State.NEED_INFO: "请补充",
    State.INVESTIGATING: "核查中",
    State.FEEDBACK: "已反馈",
    State.CLOSED: "办结销号",
    State.REOPENED: "复查",
}
_OPEN = {State.ACCEPTED, State.REFERRED, State.DECLINED, State.NEED_INFO, State.INVESTIGATING}
NEXT: dict[State, set[State]] = {
    State.RECEIVED: {State.ACKED, *_OPEN},
    State.ACKED: _OPEN,
    State.ACCEPTED: {*_OPEN, State.FEEDBACK},
    State.REFERRED: {State.INVESTIGATING, State.NEED_INFO, State.FEEDBACK},
    State.DECLINED: {State.CLOSED, State.ACCEPTED},
    State.NEED_INFO: {*_OPEN, State.FEEDBACK},
    State.INVESTIGATING: {State.REFERRED, State.NEED_INFO, State.FEEDBACK},
    State.FEEDBACK: {State.CLOSED, State.INVESTIGATING},
    State.CLOSED: {State.REOPENED},
    State.REOPENED: {State.INVESTIGATING, State.REFERRED, State.FEEDBACK},
}
SHOWN = {
    State.RECEIVED: "received",
    State.ACKED: "received",
    State.ACCEPTED: "received",
    State.NEED_INFO: "received",
    State.INVESTIGATING: "passed",
    State.REFERRED: "passed",
    State.DECLINED: "result",
    State.FEEDBACK: "result",
    State.REOPENED: "passed",
    State.CLOSED: "done",
}
"""What the reporter's page shows: 收到 / 已转 / 有结果 / 办完."""

ACK_WORKDAYS = 3
REFER_WORKDAYS = 5
INTERIM_DAYS = 30
FEEDBACK_DAYS = 90
OBJECTION_DAYS = 30
LONGEST_REPLY = 4000
"""As on the page; what fits no envelope would stop every later pack."""
CARE: dict[int, str] = {
    30: "过了一个月，问您一句：有没有人因为这件事为难您、报复您？有就在这里补一句，或打 12388；人身受威胁打 110。没有就不用回。",
    90: "过了三个月，再问您一句：有没有人因为这件事为难您、报复您？有就在这里补一句，或打 12388；人身受威胁打 110。没有就不用回。",
}
"""Day 30 and day 90 after the letter: the question about retaliation waits in the mailbox for the next visit."""
CARE_UNTIL = 182
"""Older letters are gone from the door, and so is whoever would look."""


class CaseworkError(ValueError):
    """The step is not allowed; the message says why, in Chinese, for the officer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of the reporter. `kind` is concern, more or object; photos are tags in hex."""

    number: int
    kind: str
    day: str
    text: str
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done, with the day and the officers who did and approved it."""

    day: str
    state: str
    by: str
    second: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer to the reporter; `week` is empty until a weekly pack carried it."""

    number: int
    shown: str
    text: str
    week: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One concern with its letters, steps and replies. Keys are base64 as they came in the letter."""

    id: str
    opened: str
    category: str
    place: str
    knowing: str
    state: State
    rpk: str
    ko: str
    kb: str
    letters: tuple[Letter, ...]
    steps: tuple[Step, ...] = ()
    replies: tuple[Reply, ...] = ()
    objected: bool = False

    @property
    def begun(self) -> date:
        """T0: the day that the reporter's page wrote inside the sealed body."""
        return date.fromisoformat(self.letters[0].day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something that is due."""

    what: str
    due: date
    late: bool = field(default=False)


def advance(
    case: Case, state: State, *, day: date, by: str, second: str = "", note: str = ""
) -> Case:
    """The case after one step; closing needs a second person who is not the first."""
    if state not in NEXT[case.state]:
        allowed = "、".join(NAMES[one] for one in State if one in NEXT[case.state])
        raise CaseworkError(f"“{NAMES[case.state]}”之后不能直接“{NAMES[state]}”，可以：{allowed}")
    if state is State.CLOSED and (not second or second == by):
        raise CaseworkError("办结要由另一个人用自己的钥匙同意")
    step = Step(day=day.isoformat(), state=state.value, by=by, second=second, note=note)
    return replace(case, state=state, steps=(*case.steps, step))


def receive(case: Case, letter: Letter, day: date) -> Case:
    """A follow-up or an objection; the one objection in time reopens what was closed or answered."""
    grown = replace(case, letters=(*case.letters, letter))
    if letter.kind != "object" or case.objected:
        return grown
    last = objection_until(case)
    if last is not None and date.fromisoformat(letter.day) > last:
        return grown
    grown = replace(grown, objected=True)
    if case.state not in {State.CLOSED, State.FEEDBACK, State.DECLINED}:
        return grown
    step = Step(day=day.isoformat(), state=State.REOPENED.value, by="reporter", note="提出不同意")
    return replace(grown, state=State.REOPENED, steps=(*grown.steps, step))


def objection_until(case: Case) -> date | None:
    """The last day for the one objection; None while the reporter has not been told the result yet.

    Thirty days from the end of the week whose pack carried it: the four look-days are as far apart as that.
    """
    if case.state not in {State.CLOSED, State.FEEDBACK, State.DECLINED}:
        return None
    told = _told(case)
    return None if told is None else max(told, _last_day(case)) + timedelta(days=OBJECTION_DAYS)


def care(case: Case, today: date) -> Case:
    """The case with the question about retaliation queued when its day has come; only ever the latest, once."""
    age = (today - case.begun).days
    due = [text for days, text in CARE.items() if days <= age <= CARE_UNTIL]
    asked = {reply.text for reply in case.replies}
    if not due or not case.steps or due[-1] in asked or not (case.ko and case.rpk):
        return case
    return answer(case, due[-1])


def answer(case: Case, text: str, shown: str | None = None) -> Case:
    """Queue a reply for the next weekly pack."""
    if not text.strip():
        raise CaseworkError("回音不能是空的")
    if len(text) > LONGEST_REPLY:
        raise CaseworkError(f"回音太长：{len(text)} 字，最多 {LONGEST_REPLY} 字")
    reply = Reply(number=len(case.replies), shown=shown or SHOWN[case.state], text=text.strip())
    return replace(case, replies=(*case.replies, reply))


def deadlines(case: Case, today: date) -> list[Deadline]:
    """What is due on this case, soonest first; nothing once it is closed."""
    if case.state is State.CLOSED:
        return []
    due: list[tuple[str, date]] = []
    taken_up = _first_step(case)
    if not _receipted(case):
        due.append(("三个工作日内回执", add_workdays(case.begun, ACK_WORKDAYS)))
    if case.state in {State.RECEIVED, State.ACKED}:
        due.append(("五个工作日内受理或转办", add_workdays(case.begun, REFER_WORKDAYS)))
    if taken_up is not None:
        if case.state not in {State.FEEDBACK, State.DECLINED}:
            # what was only noted in the book has told the reporter nothing
            told = _told(case)
            if told is not None or not case.replies:
                last = max(taken_up, told or taken_up)
                due.append(("每三十天告知一次进展", last + timedelta(days=INTERIM_DAYS)))
            due.append(("三个月内反馈结果", taken_up + timedelta(days=FEEDBACK_DAYS)))
        else:
            until = objection_until(case) or _last_day(case) + timedelta(days=OBJECTION_DAYS)
            due.append(("等三十天异议期后办结", until))
    return sorted(
        (Deadline(what=what, due=day, late=day < today) for what, day in due),
        key=lambda one: one.due,
    )


def add_workdays(day: date, count: int) -> date:
    """Monday to Friday; make-up days and holidays only ever make the real date later or equal."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _first_step(case: Case) -> date | None:
    return date.fromisoformat(case.steps[0].day) if case.steps else None


def _receipted(case: Case) -> bool:
    """Whether a pack has carried a word of ours: a step in the book tells the reporter nothing.

    The question about retaliation is no receipt. Who left no key to answer to can be told nothing; there the step counts.
    """
    if not (case.ko and case.rpk):
        return bool(case.steps)
    return any(reply.week and reply.text not in CARE.values() for reply in case.replies)


def _told(case: Case) -> date | None:
    """The Sunday of the week whose pack carried the newest answer; None while one still waits, or none was given."""
    weeks = [reply.week for reply in case.replies if reply.text not in CARE.values()]
    if not weeks or "" in weeks:
        return None
    return monday_of(max(weeks)) + timedelta(days=6)


def _last_day(case: Case) -> date:
    return date.fromisoformat(case.steps[-1].day) if case.steps else case.begun
