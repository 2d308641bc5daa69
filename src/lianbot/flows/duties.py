"""Monday 08:31: one constant line to the officers, and a word to the superior when nobody has fetched for a week.

The server cannot know whether anything real lies in the box, so the line comes whatever the content, and what is
watched is the signed word "fetched up to week W" (anonymity reference §3.8).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol

from lianbot.domain.calendar import local
from lianbot.domain.messages import (
    Accepted,
    MessageForm,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendOutcome,
)
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.evidence.entries import Attested, Fact
from lianbot.evidence.keys import officer_id
from lianbot.phrases import duties as say
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.door_shelf import DoorShelf
from lianbot.ports.duties import Addressee, Duty, DutyBook, DutyState
from lianbot.ports.outbox import Staff

AT = time(8, 31)
LOST_AFTER = timedelta(minutes=10)
REST = timedelta(minutes=5)
"""After a channel that was down; the week is long enough."""
NOT_FETCHED = "door:fetch"
"""The alert's kind."""
LATEST = 2
"""On Monday of week n, week n − 2 has been there to be fetched for more than seven days."""


class AttestBook(Protocol):
    """The ledger's attestations, as the duties ask for them."""

    async def facts_of(self, kind: str) -> list[Fact]: ...


class Duties:
    """Looked at on every tick; rows decide whether anything is still to be done this week."""

    def __init__(
        self,
        *,
        book: DutyBook,
        facts: AttestBook,
        shelf: DoorShelf | None,
        staff: Staff,
        channels: Mapping[ChannelKind, Channel],
        clock: Clock,
        superiors: frozenset[str] = frozenset(),
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """`superiors`: names of accounts; empty means reviewers who are no officers. `allowed`: the pilot's numbers."""
        self._book = book
        self._facts = facts
        self._shelf = shelf
        self._staff = staff
        self._channel = channels.get(ChannelKind.WECOM)
        self._clock = clock
        self._superiors = superiors
        self._allowed = allowed
        self._done: str | None = None
        self._rest_until: datetime | None = None

    async def look(self) -> None:
        """Does what this week still asks for; nothing before Monday 08:31, nothing for weeks gone by."""
        now = self._clock.now()
        week = week_on_duty(now)
        if self._shelf is None or week is None or week == self._done:
            return
        if (self._rest_until and now < self._rest_until) or await self._staff.stopped():
            return
        await self._book.name_lost(now - LOST_AFTER)
        people = await self._book.addressees()
        told = await self._tell(Duty.DIGEST, week, _officers(people), say.DIGEST, now)
        if await self._nobody_fetched(week, now):
            above = [one for one in people if is_above(one.account, self._superiors)]
            told &= await self._tell(Duty.ESCALATION, week, above, say.ESCALATION, now)
        if told:
            self._done = week
        else:
            self._rest_until = now + REST

    async def _nobody_fetched(self, week: str, now: datetime) -> bool:
        """Whether some office is late; the alert is raised once a week."""
        assert self._shelf is not None  # noqa: S101 - look() returned otherwise
        officers = [officer_id(pub) for pub in await self._shelf.officers()]
        since = await self._book.watched_since(officers, week)
        said = newest(await self._facts.facts_of("attest"))
        late = [one for one in officers if is_late(said.get(one), since[one], week)]
        if not late:
            return False
        weeks = [said[one] for one in late if one in said]
        detail = say.not_fetched(min(weeks)) if len(weeks) == len(late) else say.NEVER_FETCHED
        await self._book.alert_once(week, NOT_FETCHED, detail, now)
        return True

    async def _tell(
        self, duty: Duty, week: str, people: Sequence[Addressee], text: str, now: datetime
    ) -> bool:
        """False when somebody could not be told yet and is to be tried again."""
        whole = True
        for one in people:
            who = str(one.account.id)
            if not await self._book.begin(duty, week, who, now):
                continue
            outcome = await self._send(one, duty, week, text)
            if isinstance(outcome, NotSent):
                await self._book.give_back(duty, week, who)
                whole = False
            else:
                await self._book.mark(duty, week, who, state_of(outcome))
        return whole

    async def _send(self, to: Addressee, duty: Duty, week: str, text: str) -> SendOutcome | None:
        """None where only the console says it: nothing bound, or not in the pilot."""
        if self._allowed and to.number not in self._allowed:
            return None
        return await send_line(self._channel, to, f"{duty}-{week}", text)


async def send_line(
    channel: Channel | None, to: Addressee, task: str, text: str
) -> SendOutcome | None:
    """A plain text to the WeCom account of that person; None where nothing is bound."""
    if channel is None or not to.wecom:
        return None
    body = channel.render(
        OutboundMessage(
            channel=ChannelKind.WECOM,
            account=to.wecom,
            form=MessageForm.TEXT,
            task=task,
            title=text,
            text=text,
            lead=text,
            url="",
        )
    )
    return await channel.send(body)


def is_above(account: Account, named: frozenset[str]) -> bool:
    """Whether this account is told when nobody fetches: those named, else reviewers who are no officers."""
    if named:
        return account.name in named
    return account.may(Role.REVIEWER) and not account.may(Role.OFFICER)


def week_on_duty(now: datetime) -> str | None:
    """This week as 2026-W49 from its Monday 08:31 on, None before."""
    here = local(now)
    monday = here.date() - timedelta(days=here.weekday())
    if here < datetime.combine(monday, AT, tzinfo=here.tzinfo):
        return None
    return week_of(monday)


def newest(facts: Sequence[Fact]) -> dict[str, str]:
    """The last week each officer signed for."""
    found: dict[str, str] = {}
    for fact in facts:
        if isinstance(fact, Attested):
            found[fact.officer] = max(fact.week, found.get(fact.officer, ""))
    return found


def is_late(fetched: str | None, since: str, week: str) -> bool:
    """More than seven days without the word that was due. A new office has the same time from its first week on."""
    return (fetched or weeks_before(since, 1)) < weeks_before(week, LATEST)


def week_of(day: date) -> str:
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def weeks_before(week: str, count: int) -> str:
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    return week_of(monday - timedelta(weeks=count))


def _officers(people: Sequence[Addressee]) -> list[Addressee]:
    return [one for one in people if one.account.may(Role.OFFICER)]


def state_of(outcome: SendOutcome | None) -> DutyState:
    """What the row says of an answer; `console` where nothing was sent."""
    match outcome:
        case None:
            return DutyState.CONSOLE
        case Accepted():
            return DutyState.ACCEPTED
        case Refused():
            return DutyState.REFUSED
        case NoAnswer() | NotSent():
            return DutyState.UNKNOWN
