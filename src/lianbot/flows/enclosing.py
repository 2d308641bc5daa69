"""After the messages: the voice or picture that a campaign asks for, and cards greyed that were answered another way."""

from datetime import datetime, timedelta

from lianbot.domain.messages import Refused
from lianbot.phrases import replies
from lianbot.ports.clock import Clock
from lianbot.ports.enclosures import CardBook, EnclosureBook, EnclosureCarrier
from lianbot.ports.outbox import Staff

FRESH = timedelta(minutes=10)
"""A voice follows its message; later it would be a second message at an hour nobody looked at."""
GREYING_EVERY = timedelta(minutes=1)


class Enclosing:
    """One round after the drain. Text and link have arrived by then: nothing here may harm their rows (P7)."""

    def __init__(
        self, *, book: EnclosureBook, carrier: EnclosureCarrier, staff: Staff, clock: Clock
    ) -> None:
        self._book = book
        self._carrier = carrier
        self._staff = staff
        self._clock = clock

    async def run(self) -> None:
        """Sends what is due, up to 1,000 workers a call; written down before the call, never sent twice."""
        if await self._staff.stopped():
            return
        now = self._clock.now()
        for batch in await self._book.begin(now - FRESH, now):
            accounts = {one.account: one.delivery_id for one in batch.to}
            outcomes = await self._carrier.enclose(batch.file, list(accounts))
            moment = self._clock.now()
            for refusal in {one for one in outcomes.values() if isinstance(one, Refused)}:
                detail = f"{batch.file.name}：{refusal.errcode} {refusal.detail}"
                await self._staff.alert("wecom:enclosure", detail, moment)
            by_row = {accounts[account]: outcome for account, outcome in outcomes.items()}
            await self._book.mark(batch.file.kind, by_row, moment)


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
