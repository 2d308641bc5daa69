"""What came of a hand-over, and what must not leave now: the pure half of delivery (design §4)."""

from datetime import datetime, timedelta

from lianbot.domain.budgets import member_may_get_more
from lianbot.domain.calendar import crowded, local, may_leave, next_chance
from lianbot.domain.deliveries import (
    Delivery,
    Reason,
    accept,
    defer,
    lose_sight,
    refuse,
    skip,
)
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction, SendOutcome
from lianbot.domain.people import ChannelKind
from lianbot.domain.posts import PostProfile
from lianbot.flows.slots import cap_blocking, choose_slot, over
from lianbot.ports.outbox import Parcel

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
TELLS_REPEATS_APART = {
    ChannelKind.WECOM: timedelta(minutes=30),
    ChannelKind.OFFICIAL: timedelta(minutes=10),
}
"""How long a channel tells a repeat apart: WeCom's duplicate check with the identical body [S71], a template's
`client_msg_id` [S14]. A customer message carries nothing of the kind: its unknown row waits for a person."""


def told_apart_at(now: datetime) -> dict[ChannelKind, datetime]:
    """By channel: what was first handed over after that moment the platform itself can still tell apart."""
    return {kind: now - known + SAFETY for kind, known in TELLS_REPEATS_APART.items()}


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
    if refusal.no_right:
        return refuse(delivery, Reason.NO_RIGHT, refusal.errcode, refusal.detail)
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
    if not parcel.edition.valid_on(local(now).date()):
        # planned in time, but a pause or a channel that was down took too long
        return skip(delivery, Reason.EXPIRED)
    if over(parcel.ends_at, now):
        return skip(delivery, Reason.EXPIRED)
    if more := member_may_get_more(parcel.pushes, now):
        return defer(delivery, Reason.QUOTA, more)
    if cap_blocking(parcel.pushes, now):
        # planned when there was room; another campaign has taken it meanwhile
        slot = choose_slot(profile, parcel.pushes, now, parcel.ends_at)
        return defer(delivery, slot.reason, slot.at) if slot.at else skip(delivery, slot.reason)
    if may_leave(profile, now) and not crowded(now):
        return None
    chance = next_chance(profile, now)
    if chance and over(parcel.ends_at, chance):
        return skip(delivery, Reason.EXPIRED)
    reason = Reason.QUIET if local(now).date() in profile.quiet else Reason.WINDOW
    return defer(delivery, reason, chance) if chance else skip(delivery, reason)
