"""Bad weather on a platform: each kind of fault strikes one call in ten, and what the rows say is held against the phones."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select

from fakes.house import Stage
from lianbot.domain.acknowledgements import Answer
from lianbot.domain.deliveries import DeliveryState
from lianbot.domain.people import ChannelKind
from lianbot.storage.tables import acknowledgements, deliveries
from lianbot.twin.phones import Phone

SHARE: Final = 0.1
SLOW: Final = 0.5
"""Longer than the bot waits here: the platform works on after the bot has given up."""
SETTINGS: Final = {"platform_timeout": 0.35, "send_width": 100}

SENDS: Final = {
    ChannelKind.WECOM: "/wecom/cgi-bin/message/send",
    ChannelKind.OFFICIAL: "/official/cgi-bin/message/*/send",
}
TOKENS: Final = {
    ChannelKind.WECOM: "/wecom/cgi-bin/gettoken",
    ChannelKind.OFFICIAL: "/official/cgi-bin/stable_token",
}

# every kind of fault of a call, and whether the platform did its work all the same: half the share each
CALLS: Final[tuple[tuple[str, Sequence[dict[str, Any]]], ...]] = (
    ("latency", ({"seconds": 0.02, "jitter": 0.02}, {"seconds": SLOW})),
    ("5xx", ({"status": 502}, {"status": 500, "accepted": True})),
    ("drop_before", ({},)),
    ("drop_after_accept", ({},)),
    ("reset", ({}, {"accepted": True})),
    ("html200", ({}, {"accepted": True})),
    ("empty", ({}, {"accepted": True})),
    ("errcode", ({"errcode": -1}, {"errcode": -1, "accepted": True})),
)
BUSY: Final = {ChannelKind.WECOM: 45033, ChannelKind.OFFICIAL: 45011}
"""A code of each table that asks to come again."""
UNDER_WAY: Final = (
    DeliveryState.PLANNED,
    DeliveryState.DEFERRED,
    DeliveryState.HANDING_OVER,
)
STEP: Final = timedelta(seconds=10)
MOST_ROUNDS: Final = 600
RESOLVABLE: Final = {
    ChannelKind.WECOM: timedelta(minutes=26),
    ChannelKind.OFFICIAL: timedelta(minutes=11),
}
"""A little more than the interval in which the platform's own de-duplication can still tell."""


def worsen(stage: Stage, channel: ChannelKind, seed: int = 11) -> None:
    """All faults at once: on sends, on token fetches, on pushes to the bot."""
    faults = stage.twin.faults
    faults.seed(seed)
    # each ends the one token that all calls on their way carry: far more than these meet an expired one
    faults.add("token_expiry", SENDS[channel], every=400, after=50)
    for kind, variants in CALLS:
        for options in variants:
            share = SHARE / len(variants)
            faults.add(kind, SENDS[channel], probability=share, **options)
            faults.add(kind, TOKENS[channel], probability=share, **options)
    faults.add("errcode", SENDS[channel], probability=SHARE, errcode=BUSY[channel])
    for kind in ("duplicate_callback", "out_of_order", "latency"):
        faults.add(kind, f"/callback/{channel}", probability=SHARE, seconds=0.05)


async def calm(stage: Stage, channel: ChannelKind, after: int = 0) -> Counter[str]:
    """Rounds until nothing waits to leave and nothing more can be found out; the states then."""
    quiet_since = None
    for _ in range(MOST_ROUNDS):
        await stage.ticker.tick()
        states, now = await states_of(stage, after), stage.house.clock.now()
        if any(states[one] for one in UNDER_WAY):
            quiet_since = None
        elif not states[DeliveryState.UNKNOWN]:
            break
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > RESOLVABLE[channel]:
            break
        stage.move(seconds=STEP.total_seconds())
    return await states_of(stage, after)


async def newest(stage: Stage) -> int:
    """The last row so far."""
    async with stage.house.database.read() as connection:
        found = await connection.execute(select(func.max(deliveries.c.id)))
        return found.scalar_one() or 0


async def states_of(stage: Stage, after: int = 0) -> Counter[str]:
    """How many rows are in which state; only those after that one."""
    async with stage.house.database.read() as connection:
        rows = await connection.execute(
            select(deliveries.c.state, func.count())
            .where(deliveries.c.id > after)
            .group_by(deliveries.c.state)
        )
        return Counter({row[0]: row[1] for row in rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the rows say beside what the phones have."""

    false_accepted: tuple[str, ...]
    doubled: tuple[str, ...]
    denied: tuple[str, ...]
    states: Mapping[str, int]

    @property
    def holds(self) -> bool:
        return not (self.false_accepted or self.doubled or self.denied)


async def compare(stage: Stage, channel: ChannelKind, after: int = 0) -> Truth:
    """`denied` are on a phone although their row says that nothing left."""
    async with stage.house.database.read() as connection:
        rows = (
            await connection.execute(
                select(deliveries.c.account, deliveries.c.state).where(
                    deliveries.c.channel == channel, deliveries.c.id > after
                )
            )
        ).all()
    on_phone = arrived(stage, channel)
    unsure = (DeliveryState.UNKNOWN,)
    told = (DeliveryState.ACCEPTED, DeliveryState.PLATFORM_FAILED)
    return Truth(
        false_accepted=tuple(
            row.account
            for row in rows
            if row.state == DeliveryState.ACCEPTED and not on_phone[row.account]
        ),
        doubled=tuple(
            row.account for row in rows if on_phone[row.account] > 1 and row.state not in unsure
        ),
        denied=tuple(
            row.account
            for row in rows
            if on_phone[row.account] and row.state not in (*told, *unsure)
        ),
        states=Counter(row.state for row in rows),
    )


def arrived(stage: Stage, channel: ChannelKind) -> Counter[str]:
    """account → how many pushed messages the phone holds; answers inside a callback are not pushes."""
    found: Counter[str] = Counter()
    for phone in stage.twin.world.phones.values():
        account = phone.userid if channel is ChannelKind.WECOM else phone.openid
        found[account] = sum(
            bubble.channel.value == channel.value and bubble.by_api for bubble in phone.received
        )
    return found


def strikes(stage: Stage, channel: ChannelKind) -> tuple[int, dict[str, int]]:
    """How many sends the platform saw, and how many each kind of fault struck."""
    rules = [rule for rule in stage.twin.faults.rules if rule.path == SENDS[channel]]
    hits: Counter[str] = Counter()
    for rule in rules:
        if rule.kind != "token_expiry":
            hits[rule.kind.value] += rule.struck
    expired = stage.twin.world.counters
    hits["token_expiry"] = expired.get(f"{channel}.errcode.42001", 0)
    return max(rule.seen for rule in rules), dict(hits)


async def tap_all(stage: Stage, count: int) -> tuple[int, Counter[str]]:
    """The first `count` phones tap 懂了 in the same weather; how many cards were greyed, and rows by worker."""

    at_once = asyncio.Semaphore(50)

    async def tap(phone: Phone) -> None:
        card = next(one for one in phone.received if one.kind == "template_card")
        async with at_once:
            await stage.twin.tap(phone.id, card.id, Answer.UNDERSTOOD.value)

    phones = [one for one in stage.twin.world.phones.values() if one.received][:count]
    await asyncio.gather(*map(tap, phones))
    greyed = sum(bool(one.received[0].replaced) for one in phones)
    async with stage.house.database.read() as connection:
        rows = await connection.execute(select(acknowledgements.c.worker_id))
        return greyed, Counter(str(row.worker_id) for row in rows)
