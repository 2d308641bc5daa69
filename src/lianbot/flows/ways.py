"""Around a hand-over on the Official Account: windows taken before, what the platform said learned after, and the next way."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from lianbot.domain.calendar import local
from lianbot.domain.deliveries import (
    Delivery,
    DeliveryState,
    Reason,
    defer,
    hold,
    plan_another_way,
    skip,
)
from lianbot.domain.messages import Refused, SendAction, SendOutcome
from lianbot.domain.routing import Contact, choose_way
from lianbot.domain.ways import CHANNEL_OF, Way, policy_of
from lianbot.flows.slots import PATIENCE
from lianbot.ports.clock import Clock
from lianbot.ports.outbox import Staff
from lianbot.ports.ways import Lost, ResultBook, WayBook, WindowBook

BATCH: Final = 200
OF_THE_PERSON: Final = frozenset(
    {
        Reason.NOT_MEMBER,
        Reason.NOT_FOLLOWING,
        Reason.OPTED_OUT,
        Reason.NOT_VISIBLE,
        Reason.NOT_LICENSED,
        Reason.WINDOW_CLOSED,
        Reason.NO_RIGHT,
    }
)
"""Refusals that another way may not share. A text nobody takes or a wrong secret is not among them."""


OF_THE_ACCOUNT: Final = frozenset(
    {Reason.NOT_MEMBER, Reason.NOT_FOLLOWING, Reason.NOT_VISIBLE, Reason.NOT_LICENSED}
)
"""Refusals that hold for every way of the channel."""


def next_way(lost: Lost, now: datetime) -> Delivery | None:
    """Pure: the row on the next way of the campaign's policy, each way once; None when it stays refused."""
    delivery = lost.delivery
    if delivery.reason not in OF_THE_PERSON:
        return None
    tried = delivery.tried | {delivery.way} if delivery.way else delivery.tried
    chosen = choose_way(_learned(lost), policy_of(lost.channels), tried)
    if chosen.way is None or chosen.binding is None:
        return skip(delivery, delivery.reason) if _waits(delivery) else None
    planned = plan_another_way(
        delivery, chosen.way, CHANNEL_OF[chosen.way], chosen.binding.account
    )
    return planned if chosen.way is not Way.HELD else defer(planned, Reason.HELD, now + PATIENCE)


def _learned(lost: Lost) -> Contact:
    """The contact after the refusal: who does not follow is not reached by the channel's other ways either."""
    contact, delivery = lost.contact, lost.delivery
    if delivery.channel is not None and delivery.reason in OF_THE_ACCOUNT:
        return replace(contact, broken={**contact.broken, delivery.channel: delivery.reason})
    if delivery.channel is not None and delivery.reason is Reason.OPTED_OUT:
        if delivery.way is Way.TEMPLATE:
            return replace(contact, template_consent=False)
        return replace(contact, opted_out=contact.opted_out | {delivery.channel})
    return contact


def _waits(delivery: Delivery) -> bool:
    """Never handed over: the way was shut before its turn came."""
    return delivery.state is DeliveryState.DEFERRED


class WayGate:
    """What a sender asks before a hand-over and tells after it."""

    def __init__(self, *, windows: WindowBook, ways: WayBook, staff: Staff) -> None:
        self._windows = windows
        self._ways = ways
        self._staff = staff
        self._shut: frozenset[Way] = frozenset()

    async def refresh(self) -> None:
        """At the beginning of a drain: ways that another process found shut."""
        self._shut = frozenset(await self._ways.closed())

    async def before(self, delivery: Delivery, now: datetime) -> Delivery | None:
        """The row as it shall stand when it must not leave; None when it may."""
        if delivery.way is Way.HELD:
            # nobody came while there was patience
            return skip(delivery, Reason.HELD)
        if delivery.way in self._shut:
            return defer(delivery, Reason.NO_RIGHT, now)
        if delivery.way is Way.CUSTOMER and delivery.account is not None:
            if await self._windows.take(delivery.account, now):
                return None
            once_more = Way.CUSTOMER not in delivery.tried
            return (
                hold(delivery, now + PATIENCE)
                if once_more
                else skip(delivery, Reason.WINDOW_CLOSED)
            )
        return None

    async def after(self, delivery: Delivery, outcome: SendOutcome, now: datetime) -> None:
        """Puts our picture of windows and rights in line with the platform's."""
        if not isinstance(outcome, Refused) or delivery.way is None:
            return
        if outcome.no_right:
            self._shut |= {delivery.way}
            await self._ways.shut(delivery.way, f"{outcome.errcode} {outcome.detail}")
            await self._staff.alert(f"{delivery.way}:no_right", outcome.detail, now)
        elif outcome.action is SendAction.WINDOW_CLOSED and delivery.account is not None:
            await self._windows.forget(delivery.account)


class Fallback:
    """Refused rows by the next way: looked for by the tick, so that a crash in between loses none.

    Results that came before their delivery was marked are put in their place on the same occasion.
    """

    def __init__(self, *, book: WayBook, results: ResultBook, clock: Clock) -> None:
        self._book = book
        self._results = results
        self._clock = clock

    async def look(self) -> int:
        """How many rows got another way."""
        found = 0
        await self._results.match(self._clock.now())
        while True:
            now = self._clock.now()
            batch = await self._book.lost(BATCH, now)
            if not batch:
                return found
            decided = [(one, next_way(one, now)) for one in batch]
            await self._book.settle(decided, local(now).date())
            found += sum(after is not None for _, after in decided)
