"""Claim → hand over → mark: planned rows leave through their channel, and the row tells what came of it (design §4)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lianbot.domain.calendar import crowded, local, may_leave, next_chance
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import (
    Delivery,
    Reason,
    accept,
    defer,
    hand_over,
    lose_sight,
    refuse,
    skip,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.messages import (
    Accepted,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendAction,
    SendOutcome,
)
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.domain.posts import PostProfile
from lianbot.flows.planning import cap_blocking, choose_slot
from lianbot.ports.channel import Channel
from lianbot.ports.clock import Clock
from lianbot.ports.hours import HoursBook
from lianbot.ports.outbox import Lost, Outbox, Parcel, Staff

MOST_TRIES = 3
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
CHANNEL_REST = timedelta(minutes=15)
QUOTA_REST = timedelta(hours=6)
SAFETY = timedelta(minutes=5)
"""Kept from the platform's duplicate interval: a repeat must arrive well inside it."""

FINAL: dict[SendAction, Reason] = {
    SendAction.UNSUBSCRIBED: Reason.NOT_FOLLOWING,
    SendAction.OPTED_OUT: Reason.OPTED_OUT,
    SendAction.RECIPIENT: Reason.NOT_MEMBER,
    SendAction.VISIBILITY: Reason.NOT_VISIBLE,
    SendAction.LICENSE: Reason.NOT_LICENSED,
    SendAction.WINDOW_CLOSED: Reason.WINDOW_CLOSED,
    SendAction.PAYLOAD: Reason.BAD_CONTENT,
    SendAction.OAUTH_RESTART: Reason.BAD_CONFIG,
    SendAction.UNLISTED: Reason.UNLISTED_CODE,
}
"""Answers that end the hand-over, with what the row says then."""
WAITS: dict[SendAction, tuple[Reason, timedelta]] = {
    SendAction.QUOTA: (Reason.QUOTA, QUOTA_REST),
    SendAction.CONFIG: (Reason.BAD_CONFIG, CHANNEL_REST),
    SendAction.REFRESH_TOKEN: (Reason.BAD_CONFIG, BACK_OFF[0]),
}
"""Answers about the account, not about the worker: the channel rests, staff are told, the row waits its
turn however long the mend takes, so that a wrong secret loses nobody's message."""
STOPS_CHANNEL = tuple(WAITS)
ALERTS = (*STOPS_CHANNEL, SendAction.UNLISTED, SendAction.PAYLOAD)
TELLS_REPEATS_APART = frozenset({ChannelKind.WECOM})
"""Channels whose every message carries a duplicate check; elsewhere an unknown row waits for a person."""


def settle(delivery: Delivery, outcome: SendOutcome, now: datetime) -> Delivery:
    """The retry policy: pure, and the same for every channel. `delivery` is in hand-over."""
    match outcome:
        case Accepted():
            return accept(delivery, outcome.platform_id)
        case NoAnswer():
            return lose_sight(delivery, Reason.NO_ANSWER, outcome.detail)
        case NotSent():
            if was_unknown(delivery):
                return lose_sight(delivery, Reason.NO_ANSWER, outcome.detail)
            return defer(delivery, Reason.CHANNEL_DOWN, now + _rest(delivery))
        case Refused():
            return _settle_refusal(delivery, outcome, now)


def _settle_refusal(delivery: Delivery, refusal: Refused, now: datetime) -> Delivery:
    action = refusal.action
    if action in (SendAction.OK, SendAction.DUPLICATE_OK):
        return accept(delivery, f"duplicate:{refusal.errcode}")
    if was_unknown(delivery):
        # the first copy may have gone out; a refusal of the second proves nothing about it
        return lose_sight(delivery, Reason.NO_ANSWER, refusal.detail)
    if action in FINAL:
        return refuse(delivery, FINAL[action], refusal.errcode, refusal.detail)
    if action in WAITS:
        reason, rest = WAITS[action]
        return defer(delivery, reason, now + rest)
    if delivery.attempts >= MOST_TRIES:
        return refuse(delivery, Reason.TOO_MANY_TRIES, refusal.errcode, refusal.detail)
    return defer(delivery, Reason.CHANNEL_DOWN, now + _rest(delivery))


def was_unknown(delivery: Delivery) -> bool:
    """Whether this hand-over repeats one whose answer was lost: those carry `detail` of the loss."""
    return delivery.reason in (Reason.NO_ANSWER, Reason.PROCESS_DIED)


def _rest(delivery: Delivery) -> timedelta:
    return BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]


def hold_back(parcel: Parcel, profile: PostProfile, now: datetime) -> Delivery | None:
    """Checked again at sending: what must not leave now, or not any more. None when it may leave."""
    delivery = parcel.delivery
    if parcel.left:
        return skip(delivery, Reason.LEFT)
    if parcel.acknowledged:
        return skip(delivery, Reason.ACKNOWLEDGED)
    if cap_blocking(parcel.pushes, now):
        # planned when there was room; another campaign has taken it meanwhile
        slot = choose_slot(profile, parcel.pushes, now)
        return defer(delivery, slot.reason, slot.at) if slot.at else skip(delivery, slot.reason)
    if may_leave(profile, now) and not crowded(now):
        return None
    chance = next_chance(profile, now)
    reason = Reason.QUIET if local(now).date() in profile.quiet else Reason.WINDOW
    return defer(delivery, reason, chance) if chance else skip(delivery, reason)


@dataclass(slots=True)
class Tally:
    """What one drain did."""

    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    held: int = 0


Dress = Callable[[Parcel], OutboundMessage]


class Sender:
    """Drains the outbox with `width` calls to the platform at a time.

    Two commits stand around every call, so more hand-overs than calls are under way: half of `width`
    may have begun before their call has a place. After a crash those few are `unknown`
    although nothing left; without them a third of the places would wait for the disk.

    `allowed` are the numbers of a pilot; while it is not empty nothing leaves for anybody else.
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
        duplicate_interval: timedelta = timedelta(minutes=30),
        allowed: frozenset[str] = frozenset(),
        hours: HoursBook | None = None,
    ) -> None:
        self._book = hours
        self._hours = NO_HOURS
        self._laid: dict[tuple[Post, int, str, PreferredTime], PostProfile] = {}
        self._outbox = outbox
        self._staff = staff
        self._channels = channels
        self._dress = dress
        self._profiles = profiles
        self._clock = clock
        self._owner = owner
        self._width = width
        self._interval = duplicate_interval
        self._allowed = allowed
        self._finishing = False
        self._resting: dict[ChannelKind, datetime] = {}
        self._stale_since: dict[ChannelKind, datetime] = {}
        self._calls = asyncio.Semaphore(width)
        self._begun = asyncio.Semaphore(width + width // 2)

    async def drain(self) -> Tally:
        """Hand over everything that may leave now; returns when nothing claimable is left."""
        tally = Tally()
        if await self._staff.stopped():
            return tally
        await self._read_hours()
        workers = 2 * self._width
        queue: asyncio.Queue[Parcel | None] = asyncio.Queue(maxsize=self._width)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(queue, tally))
            async for parcel in self._parcels():
                await queue.put(parcel)
            for _ in range(workers):
                await queue.put(None)
        await self._outbox.release(self._owner)
        return tally

    async def _read_hours(self) -> None:
        if self._book is not None:
            self._hours = await self._book.hours()
        self._laid = {}

    async def _parcels(self) -> AsyncIterator[Parcel]:
        """Claims ahead while the calls are under way; ends when a claim comes back empty."""
        ahead = asyncio.create_task(self._claim())
        try:
            while batch := await ahead:
                ahead = asyncio.create_task(self._claim())
                for parcel in batch:
                    if self._finishing:
                        return
                    yield parcel
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
        return await self._outbox.claim(self._owner, 2 * self._width, self._clock.now())

    async def _work(self, queue: "asyncio.Queue[Parcel | None]", tally: Tally) -> None:
        while (parcel := await queue.get()) is not None:
            await self._one(parcel, tally)

    async def _one(self, parcel: Parcel, tally: Tally) -> None:
        now = self._clock.now()
        held = self._held(parcel, now)
        if held is not None:
            tally.held += 1
            await self._outbox.mark(held, self._owner)
            return
        kind = parcel.delivery.channel
        assert kind is not None  # noqa: S101 - a planned row has a channel
        try:
            body = self._channels[kind].render(self._dress(parcel))
        except InvalidInputError as error:
            # one message that can never be sent must not hold up everybody behind it
            tally.held += 1
            await self._outbox.mark(skip(parcel.delivery, Reason.BAD_CONTENT), self._owner)
            await self._staff.alert(f"{kind}:content", f"{parcel.delivery.item}：{error}", now)
            return
        await self._hand_over(hand_over(parcel.delivery, body, now), tally)

    def _held(self, parcel: Parcel, now: datetime) -> Delivery | None:
        delivery = parcel.delivery
        if self._allowed and parcel.number not in self._allowed:
            return skip(delivery, Reason.NOT_IN_PILOT)
        rest = self._rest_of(delivery.channel, now)
        if delivery.channel not in self._channels or rest:
            return defer(delivery, Reason.CHANNEL_DOWN, rest or now + CHANNEL_REST)
        return hold_back(parcel, self._profile_of(parcel), now)

    def _profile_of(self, one: Parcel | Lost) -> PostProfile:
        key = (one.delivery.post, one.delivery.team_id, one.shift, one.preferred)
        if key not in self._laid:
            self._laid[key] = self._hours.of(self._profiles[key[0]], *key[1:])
        return self._laid[key]

    def _rest_of(self, kind: ChannelKind | None, now: datetime) -> datetime | None:
        """Until when the channel rests; None when it does not."""
        until = self._resting.get(kind) if kind else None
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
        now = self._clock.now()
        settled = settle(delivery, outcome, now)
        await self._outbox.mark(settled, self._owner)
        await self._notice(kind, outcome, now)
        _count(tally, outcome)

    def _rest_after(self, kind: ChannelKind, action: SendAction, now: datetime) -> timedelta:
        """A token refused although it was fresh may have been replaced by somebody else in that second.

        The channel rests a minute then; only when nothing was accepted since does it rest as for a wrong secret.
        """
        if action is not SendAction.REFRESH_TOKEN:
            return CHANNEL_REST
        since = self._stale_since.setdefault(kind, now)
        return BACK_OFF[0] if now - since < BACK_OFF[0] else CHANNEL_REST

    async def _notice(self, kind: ChannelKind, outcome: SendOutcome, now: datetime) -> None:
        if isinstance(outcome, Accepted):
            self._stale_since.pop(kind, None)
        if isinstance(outcome, NotSent):
            self._resting[kind] = now + BACK_OFF[0]
            await self._staff.alert(f"{kind}:down", outcome.detail, now)
        if isinstance(outcome, Refused) and outcome.action in ALERTS:
            if outcome.action in STOPS_CHANNEL:
                self._resting[kind] = now + self._rest_after(kind, outcome.action, now)
            await self._staff.alert(f"{kind}:{outcome.errcode}", outcome.detail, now)

    async def resolve_unknown(self) -> Tally:
        """Send again, byte-identical, what the platform's own de-duplication can still tell apart."""
        tally = Tally()
        if await self._staff.stopped():
            return tally
        await self._read_hours()
        now = self._clock.now()
        since = now - self._interval + SAFETY
        for kind in self._channels:
            if kind not in TELLS_REPEATS_APART or self._rest_of(kind, now):
                continue
            batch = await self._outbox.claim_unknown(self._owner, kind, since, self._width, now)
            async with asyncio.TaskGroup() as group:
                for one in batch:
                    # the first copy may never have arrived: the repeat keeps to the worker's hours too
                    if may_leave(self._profile_of(one), now):
                        group.create_task(self._again(one.delivery, tally))
        await self._outbox.release(self._owner)
        return tally

    async def _again(self, delivery: Delivery, tally: Tally) -> None:
        assert delivery.body is not None  # noqa: S101 - claim_unknown gives only rows with a body
        again = hand_over(delivery, delivery.body, self._clock.now())
        # the row remembers, while it is handed over again, that an answer was lost before
        await self._hand_over(replace(again, reason=delivery.reason), tally)


def _count(tally: Tally, outcome: SendOutcome) -> None:
    match outcome:
        case Accepted():
            tally.accepted += 1
        case Refused():
            tally.refused += 1
        case NoAnswer() | NotSent():
            tally.unknown += 1
