"""Claim → hand over → mark: planned rows leave through their channel, and the row tells what came of it (design §4)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from lianbot.domain.calendar import crowded, may_leave
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Delivery, Reason, defer, hand_over, skip
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.messages import (
    Accepted,
    MessageForm,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendAction,
    SendOutcome,
)
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.domain.posts import PostProfile
from lianbot.domain.ways import Way
from lianbot.flows.places import Places
from lianbot.flows.settling import (
    ALERTS,
    BACK_OFF,
    CHANNEL_REST,
    SAFETY,
    STOPS_CHANNEL,
    TELLS_REPEATS_APART,
    hold_back,
    settle,
)
from lianbot.flows.slots import cap_blocking, over
from lianbot.ports.channel import Channel, ManyAtOnce
from lianbot.ports.clock import Clock
from lianbot.ports.enclosures import CardBook
from lianbot.ports.hours import HoursBook
from lianbot.ports.outbox import Outbox, Parcel, RenderTogether, Staff

CIRCULARS = 4
"""Calls to many people under way at once: each stands for hundreds of rows, and all of them are in doubt if it breaks off."""


@dataclass(slots=True)
class Tally:
    """What one drain did."""

    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    held: int = 0

    def add(self, other: "Tally") -> None:
        self.accepted += other.accepted
        self.refused += other.refused
        self.unknown += other.unknown
        self.held += other.held


Dress = Callable[[Parcel], OutboundMessage]


class Gate(Protocol):
    """What stands before and after every hand-over (flows.ways.WayGate)."""

    async def refresh(self) -> None: ...

    async def before(self, delivery: Delivery, now: datetime) -> Delivery | None: ...

    async def after(self, delivery: Delivery, outcome: SendOutcome, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One person's message."""

    message: OutboundMessage
    parcel: Parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Circular:
    """The same message for several people, in one call."""

    message: OutboundMessage
    parcels: Sequence[Parcel]


Mail = Letter | Circular


class Sender:
    """Drains the outbox with `width` calls to the platform at a time.

    Two commits stand around every call, so more hand-overs than calls are under way: half of `width`
    may have begun before their call has a place. After a crash those few are `unknown`
    although nothing left; without them a third of the places would wait for the disk.

    What is the same for many people goes out in one call where the channel can (`ManyAtOnce`);
    every row still has its own state. `allowed` are the numbers of a pilot; while it is not empty
    nothing leaves for anybody else.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        staff: Staff,
        channels: Mapping[ChannelKind, Channel],
        dress: Dress,
        profiles: Mapping[Post, PostProfile],
        clock: Clock,
        owner: str,
        width: int = 100,
        allowed: frozenset[str] = frozenset(),
        hours: HoursBook | None = None,
        gate: Gate | None = None,
        watch: Callable[[], Awaitable[None]] | None = None,
        cards: CardBook | None = None,
    ) -> None:
        """`watch` is called before every claim: a push that goes wrong is stopped while it goes out."""
        self._gate = gate
        self._watch = watch
        self._book = hours
        self._hours = NO_HOURS
        self._laid: dict[tuple[tuple[Post, ...], int, str, PreferredTime], PostProfile] = {}
        self._outbox = outbox
        self._staff = staff
        self._channels = channels
        self._many = {
            kind: channel for kind, channel in channels.items() if isinstance(channel, ManyAtOnce)
        }
        self._dress = dress
        self._profiles = profiles
        self._clock = clock
        self._owner = owner
        self._width = width
        self._reach = 2 * width
        self._allowed = allowed
        self._finishing = False
        self._resting: dict[ChannelKind | Way, datetime] = {}
        self._stale_since: dict[ChannelKind, datetime] = {}
        self._cards = cards
        self._codes: dict[int, str] = {}
        self._calls = Places(width)
        self._begun = Places(width + width // 2)
        self._circulars = Places(CIRCULARS)

    async def drain(self) -> Tally:
        """Hand over everything that may leave now; returns when nothing claimable is left."""
        tally = Tally()
        if await self._staff.stopped():
            return tally
        await self._read_hours()
        if self._gate is not None:
            await self._gate.refresh()
        workers = 2 * self._width
        queue: asyncio.Queue[Mail | None] = asyncio.Queue(maxsize=self._width)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(queue, tally))
            async for mail in self._mail():
                await queue.put(mail)
            for _ in range(workers):
                await queue.put(None)
        await self._outbox.release(self._owner)
        await self._keep_codes()
        return tally

    async def _read_hours(self) -> None:
        if self._book is not None:
            self._hours = await self._book.hours()
        self._laid = {}

    async def _mail(self) -> AsyncIterator[Mail]:
        """Claims ahead while the calls are under way; ends when a claim comes back empty."""
        ahead = asyncio.create_task(self._claim())
        try:
            while batch := await ahead:
                sorted_ = self._sorted(batch)
                ahead = asyncio.create_task(self._claim())
                for mail in sorted_:
                    if self._finishing:
                        return
                    yield mail
                if await self._staff.stopped():
                    return
        finally:
            await ahead

    def finish_soon(self) -> None:
        """For good: what is on its way arrives, nothing more is claimed, and the drain under way ends."""
        self._finishing = True

    async def _claim(self) -> Sequence[Parcel]:
        if self._finishing:
            return ()
        if self._watch is not None:
            await self._watch()
        return await self._outbox.claim(self._owner, self._reach, self._clock.now())

    def _sorted(self, batch: Sequence[Parcel]) -> list[Mail]:
        """One letter a person, or one circular for all who get the same."""
        letters: list[Mail] = []
        alike: dict[tuple[UUID, OutboundMessage], list[Parcel]] = {}
        for parcel in batch:
            message = self._dress(parcel)
            many = self._many.get(message.channel) if self._many else None
            if many is not None and many.same_for_many(message):
                same = replace(message, account="", task="")
                alike.setdefault((parcel.delivery.occurrence_id, same), []).append(parcel)
            else:
                letters.append(Letter(message=message, parcel=parcel))
        # where nothing is one person's own, a claim as large as a call spares calls
        self._reach = max(2 * self._width, 0 if letters else self._most_at_once())
        return letters + [
            Circular(message=same, parcels=part)
            for (_, same), parcels in alike.items()
            for part in _parts(parcels, self._many[same.channel].most_at_once)
        ]

    def _most_at_once(self) -> int:
        return max((one.most_at_once for one in self._many.values()), default=0)

    async def _work(self, queue: "asyncio.Queue[Mail | None]", tally: Tally) -> None:
        while (mail := await queue.get()) is not None:
            match mail:
                case Letter(message=message, parcel=parcel):
                    await self._one(message, parcel, tally)
                case Circular(message=message, parcels=parcels):
                    await self._several(message, parcels, tally)

    async def _one(self, message: OutboundMessage, parcel: Parcel, tally: Tally) -> None:
        now = self._clock.now()
        if not await self._leaving([parcel], now, tally):
            return
        kind = parcel.delivery.channel
        assert kind is not None  # noqa: S101 - a planned row has a channel
        try:
            body = self._channels[kind].render(message)
        except InvalidInputError as error:
            await self._spoilt([parcel.delivery], error, now, tally)
            return
        await self._hand_over(hand_over(parcel.delivery, body, now), tally)

    async def _several(
        self, message: OutboundMessage, parcels: Sequence[Parcel], tally: Tally
    ) -> None:
        now = self._clock.now()
        leaving = await self._leaving(parcels, now, tally)
        if not leaving:
            return
        channel = self._many[message.channel]

        def render(deliveries: Sequence[Delivery]) -> bytes:
            return channel.render_for(message, [one.account or "" for one in deliveries])

        try:
            await self._hand_over_together(
                [hand_over(one, None, now) for one in leaving], render, tally
            )
        except InvalidInputError as error:
            await self._spoilt(leaving, error, now, tally)

    async def _leaving(
        self, parcels: Sequence[Parcel], now: datetime, tally: Tally
    ) -> list[Delivery]:
        """What may leave of them; the rest is marked with its reason."""
        leaving: list[Delivery] = []
        held: list[Delivery] = []
        for parcel in parcels:
            stays = self._held(parcel, now)
            if stays is None and self._gate is not None:
                stays = await self._gate.before(parcel.delivery, now)
            if stays is None:
                leaving.append(parcel.delivery)
            else:
                held.append(stays)
        tally.held += len(held)
        await self._mark(held)
        return leaving

    async def _spoilt(
        self, deliveries: Sequence[Delivery], error: InvalidInputError, now: datetime, tally: Tally
    ) -> None:
        """One message that can never be sent must not hold up everybody behind it."""
        tally.held += len(deliveries)
        await self._mark([skip(one, Reason.BAD_CONTENT) for one in deliveries])
        first = deliveries[0]
        await self._staff.alert(f"{first.channel}:content", f"{first.item}：{error}", now)

    async def _mark(self, deliveries: Sequence[Delivery]) -> None:
        if len(deliveries) == 1:
            await self._outbox.mark(deliveries[0], self._owner)
        elif deliveries:
            await asyncio.gather(*(self._outbox.mark(one, self._owner) for one in deliveries))

    def _held(self, parcel: Parcel, now: datetime) -> Delivery | None:
        delivery = parcel.delivery
        if self._allowed and parcel.number not in self._allowed:
            return skip(delivery, Reason.NOT_IN_PILOT)
        rest = self._rest_of(delivery.channel, now)
        if delivery.channel not in self._channels or rest:
            return defer(delivery, Reason.CHANNEL_DOWN, rest or now + CHANNEL_REST)
        if spent := self._rest_of(delivery.way, now):
            return defer(delivery, Reason.QUOTA, spent)
        return hold_back(parcel, self._profile_of(parcel), now)

    def _profile_of(self, one: Parcel) -> PostProfile:
        key = (one.posts or (one.delivery.post,), one.delivery.team_id, one.shift, one.preferred)
        if key not in self._laid:
            self._laid[key] = self._hours.of_posts(self._profiles, *key)
        return self._laid[key]

    def _rest_of(self, what: ChannelKind | Way | None, now: datetime) -> datetime | None:
        """Until when the channel, or one way of it, rests; None when it does not."""
        until = self._resting.get(what) if what else None
        return until if until and until > now else None

    async def _hand_over(self, delivery: Delivery, tally: Tally) -> None:
        kind, body = delivery.channel, delivery.body
        assert kind is not None and body is not None  # noqa: S101 - hand_over() set the body
        async with self._begun:
            if not await self._outbox.begin(delivery, self._owner):
                tally.held += 1
                return
            async with self._calls:
                outcome = await self._channels[kind].send(body)
        await self._settle([delivery], [outcome], tally)

    async def _hand_over_together(
        self, deliveries: Sequence[Delivery], render: RenderTogether, tally: Tally
    ) -> None:
        kind = deliveries[0].channel
        assert kind is not None  # noqa: S101 - a planned row has a channel
        async with self._circulars:
            begun = await self._outbox.begin_together(deliveries, self._owner, render)
            tally.held += len(deliveries) - len(begun)
            if not begun:
                return
            body = begun[0].body
            assert body is not None  # noqa: S101 - begin_together() set it
            async with self._calls:
                outcomes = await self._many[kind].send_to(
                    body, [one.account or "" for one in begun]
                )
        await self._settle(begun, outcomes, tally)

    async def _settle(
        self, deliveries: Sequence[Delivery], outcomes: Sequence[SendOutcome], tally: Tally
    ) -> None:
        now = self._clock.now()
        pairs = list(zip(deliveries, outcomes, strict=True))
        await self._mark([settle(delivery, outcome, now) for delivery, outcome in pairs])
        noticed: set[SendOutcome] = set()
        for delivery, outcome in pairs:
            _count(tally, outcome)
            if isinstance(outcome, Accepted) and outcome.reply_code:
                self._codes[delivery.id] = outcome.reply_code
            if outcome not in noticed and delivery.channel is not None:
                noticed.add(outcome)
                await self._notice(delivery.channel, delivery.way, outcome, now)
            if self._gate is not None:
                await self._gate.after(delivery, outcome, now)

    def _rest_after(self, kind: ChannelKind, action: SendAction, now: datetime) -> timedelta:
        """A token refused although it was fresh may have been replaced by somebody else in that second.

        The channel rests a minute then; only when nothing was accepted since does it rest as for a wrong secret.
        """
        if action is not SendAction.REFRESH_TOKEN:
            return CHANNEL_REST
        since = self._stale_since.setdefault(kind, now)
        return BACK_OFF[0] if now - since < BACK_OFF[0] else CHANNEL_REST

    async def _notice(
        self, kind: ChannelKind, way: Way | None, outcome: SendOutcome, now: datetime
    ) -> None:
        if isinstance(outcome, Accepted):
            self._stale_since.pop(kind, None)
        if isinstance(outcome, NotSent):
            self._resting[kind] = now + BACK_OFF[0]
            await self._staff.alert(f"{kind}:down", outcome.detail, now)
        if isinstance(outcome, Refused) and outcome.action in ALERTS and not outcome.no_right:
            if outcome.action in STOPS_CHANNEL:
                # each API of the Official Account has a daily quota of its own [S32]
                what = way if way and outcome.action is SendAction.QUOTA else kind
                self._resting[what] = now + self._rest_after(kind, outcome.action, now)
            await self._staff.alert(f"{kind}:{outcome.errcode}", outcome.detail, now)

    async def resolve_unknown(self) -> Tally:
        """Send again, byte-identical, what the platform's own de-duplication can still tell apart, and what a
        person decided to send again."""
        tally = Tally()
        if await self._staff.stopped():
            return tally
        await self._read_hours()
        now = self._clock.now()
        most = max(self._width, self._most_at_once())
        for kind in self._channels:
            if self._rest_of(kind, now):
                continue
            if kind in TELLS_REPEATS_APART:
                since = now - TELLS_REPEATS_APART[kind] + SAFETY
                lost = await self._outbox.claim_unknown(self._owner, kind, since, most, now)
                calls = [one for one in _by_body(lost) if self._may_repeat(one, now)]
                async with asyncio.TaskGroup() as group:
                    for together in calls:
                        group.create_task(self._again([one.delivery for one in together], tally))
            await self._send_decided(kind, tally, now)
        await self._outbox.release(self._owner)
        await self._keep_codes()
        return tally

    async def _send_decided(self, kind: ChannelKind, tally: Tally, now: datetime) -> None:
        """No platform can tell this copy from the first: it is one message more and waits for the caps."""
        chosen = await self._outbox.claim_decided(self._owner, kind, self._width, now)
        async with asyncio.TaskGroup() as group:
            for parcel in chosen:
                if self._may_repeat([parcel], now) and not cap_blocking(parcel.pushes, now):
                    alone = [self._for_one(parcel)]
                    group.create_task(self._again(alone, tally))

    def _for_one(self, parcel: Parcel) -> Delivery:
        """The bytes of the first copy, where they can go out once more and only to this worker.

        A card's task id works once, so that a card would be refused; the bytes of a call to many would go to all of
        them. Then it is plain text and the link, which always suffice (P7).
        """
        message = self._dress(parcel)
        card = message.form is MessageForm.BUTTON_CARD
        if parcel.delivery.shared_body is None and not card:
            return parcel.delivery
        plain = replace(message, form=MessageForm.TEXT, buttons=()) if card else message
        body = self._channels[message.channel].render(plain)
        return replace(parcel.delivery, body=body, shared_body=None)

    def _may_repeat(self, together: Sequence[Parcel], now: datetime) -> bool:
        """The first copy may never have arrived: the repeat keeps to all that the message itself keeps to.

        The bytes of a call to many go to each of them, so one who left or is not in the pilot keeps back the call.
        What must not be repeated stays unknown: skipping it would say that it never left.
        """
        if crowded(now) or all(one.acknowledged for one in together):
            return False
        return not any(
            one.left
            or over(one.ends_at, now)
            or (self._allowed and one.number not in self._allowed)
            or not may_leave(self._profile_of(one), now)
            for one in together
        )

    async def _keep_codes(self) -> None:
        """Kept after the messages are marked: a code lost with the process costs a card that stays open, no more."""
        codes, self._codes = self._codes, {}
        if codes and self._cards is not None:
            await self._cards.keep(codes, self._clock.now())

    async def _again(self, deliveries: Sequence[Delivery], tally: Tally) -> None:
        now = self._clock.now()
        # the rows remember, while they are handed over again, that an answer was lost before
        again = [replace(hand_over(one, one.body, now), reason=one.reason) for one in deliveries]
        body = again[0].body
        assert body is not None  # noqa: S101 - only rows that have their bytes are given out
        if again[0].shared_body is None:
            await self._hand_over(again[0], tally)
        else:
            await self._hand_over_together(again, lambda _: body, tally)


def _parts(parcels: Sequence[Parcel], most: int) -> Iterable[Sequence[Parcel]]:
    return (parcels[start : start + most] for start in range(0, len(parcels), most))


def _by_body(lost: Sequence[Parcel]) -> Iterable[list[Parcel]]:
    """The rows of one call together: its body goes out again as it was, for all of them."""
    calls: dict[tuple[int | None, int | None], list[Parcel]] = {}
    for one in lost:
        shared = one.delivery.shared_body
        calls.setdefault((shared, one.delivery.id if shared is None else None), []).append(one)
    return calls.values()


def _count(tally: Tally, outcome: SendOutcome) -> None:
    match outcome:
        case Accepted():
            tally.accepted += 1
        case Refused():
            tally.refused += 1
        case NoAnswer() | NotSent():
            tally.unknown += 1
