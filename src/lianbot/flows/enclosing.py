"""After the messages: the voice or picture that a campaign asks for, and cards greyed that were answered another way."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from lianbot.domain.calendar import crowded, may_leave
from lianbot.domain.codes import Post
from lianbot.domain.enclosures import MediaFile
from lianbot.domain.hours import NO_HOURS, Hours
from lianbot.domain.messages import Refused
from lianbot.domain.posts import PostProfile
from lianbot.phrases import replies
from lianbot.ports.clock import Clock
from lianbot.ports.enclosures import Accompanied, CardBook, EnclosureBook, EnclosureCarrier
from lianbot.ports.hours import HoursBook
from lianbot.ports.outbox import Staff

FRESH = timedelta(minutes=10)
"""A voice follows its message; later it would be a second message at an hour nobody looked at."""
GREYING_EVERY = timedelta(minutes=1)


class Enclosing:
    """One round after the drain. Text and link have arrived by then: nothing here may harm their rows (P7)."""

    def __init__(
        self,
        *,
        book: EnclosureBook,
        carrier: EnclosureCarrier,
        staff: Staff,
        clock: Clock,
        profiles: Mapping[Post, PostProfile],
        hours: HoursBook,
    ) -> None:
        self._book = book
        self._carrier = carrier
        self._staff = staff
        self._clock = clock
        self._profiles = profiles
        self._hours = hours

    async def run(self) -> None:
        """Sends what is due, up to 1,000 workers a call; written down before the call, never sent twice.

        It is one message more on the phone: it keeps to the hours that the message itself keeps to.
        """
        now = self._clock.now()
        if crowded(now) or await self._staff.stopped():
            return
        due = await self._book.due(now - FRESH)
        hours = await self._hours.hours() if due else NO_HOURS
        for batch in due:
            may = [one for one in batch.to if self._reads_now(one, hours, now)]
            begun = await self._book.begin(batch.file.kind, may, now) if may else ()
            if begun:
                await self._send(batch.file, begun)

    def _reads_now(self, one: Accompanied, hours: Hours, now: datetime) -> bool:
        laid = hours.of_posts(self._profiles, one.posts, one.team_id, one.shift, one.preferred)
        return may_leave(laid, now)

    async def _send(self, file: MediaFile, to: Sequence[Accompanied]) -> None:
        accounts = {one.account: one.delivery_id for one in to}
        outcomes = await self._carrier.enclose(file, list(accounts))
        moment = self._clock.now()
        for refusal in {one for one in outcomes.values() if isinstance(one, Refused)}:
            detail = f"{file.name}：{refusal.errcode} {refusal.detail}"
            await self._staff.alert("wecom:enclosure", detail, moment)
        by_row = {accounts[account]: outcome for account, outcome in outcomes.items()}
        await self._book.mark(file.kind, by_row, moment)


class Greying:
    """A card whose item was answered on the page, by text or in person stops asking."""

    def __init__(self, *, book: CardBook, carrier: EnclosureCarrier, clock: Clock) -> None:
        self._book = book
        self._carrier = carrier
        self._clock = clock
        self._next: datetime | None = None

    async def run(self) -> None:
        """Once a minute. A code works once [S79]: a lost answer leaves a card that can still be tapped, no harm."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return
        self._next = now + GREYING_EVERY
        for card in await self._book.take_answered(now):
            label = replies.AFTER_TAP[card.answer]
            await self._carrier.update_card(card.account, card.code, label)
