"""The delivery row that tells the truth, and the only ways it may move (design §4)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Post, Topic
from lianbot.domain.errors import IllegalTransitionError
from lianbot.domain.people import ChannelKind
from lianbot.domain.ways import Way


class DeliveryState(StrEnum):
    """The hand-over only; opening and acknowledgement are rows of their own."""

    PLANNED = "planned"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    HANDING_OVER = "handing_over"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    PLATFORM_FAILED = "platform_failed"


class Reason(StrEnum):
    """Why a delivery is where it is; each has its sentence and mend in phrases."""

    NONE = ""
    LEFT = "left"
    UNBOUND = "unbound"
    OPTED_OUT = "opted_out"
    PAPER_ONLY = "paper_only"
    CAPPED_DAY = "capped_day"
    CAPPED_WEEK = "capped_week"
    CAPPED_FESTIVAL = "capped_festival"
    FESTIVAL = "festival"
    WINDOW = "window"
    QUIET = "quiet"
    SUPERSEDED = "superseded"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"
    STOPPED = "stopped"
    CHANNEL_DOWN = "channel_down"
    QUOTA = "quota"
    WINDOW_CLOSED = "window_closed"
    NOT_MEMBER = "not_member"
    NOT_VISIBLE = "not_visible"
    NOT_LICENSED = "not_licensed"
    NOT_FOLLOWING = "not_following"
    BAD_CONTENT = "bad_content"
    BAD_CONFIG = "bad_config"
    UNLISTED_CODE = "unlisted_code"
    NO_ANSWER = "no_answer"
    PROCESS_DIED = "process_died"
    TOO_MANY_TRIES = "too_many_tries"
    NOT_IN_PILOT = "not_in_pilot"
    STAGED = "staged"
    HELD = "held"
    NO_CONSENT = "no_consent"
    NO_RIGHT = "no_right"
    TOO_FEW = "too_few"


LEGAL_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PLANNED: frozenset(
        {DeliveryState.SKIPPED, DeliveryState.DEFERRED, DeliveryState.HANDING_OVER}
    ),
    DeliveryState.DEFERRED: frozenset({DeliveryState.PLANNED, DeliveryState.SKIPPED}),
    DeliveryState.HANDING_OVER: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.REFUSED,
            DeliveryState.UNKNOWN,
            DeliveryState.PLANNED,
            DeliveryState.DEFERRED,
        }
    ),
    DeliveryState.UNKNOWN: frozenset({DeliveryState.HANDING_OVER, DeliveryState.ACCEPTED}),
    DeliveryState.ACCEPTED: frozenset({DeliveryState.PLATFORM_FAILED}),
    DeliveryState.REFUSED: frozenset({DeliveryState.PLANNED}),
    DeliveryState.SKIPPED: frozenset(),
    DeliveryState.PLATFORM_FAILED: frozenset(),
}
"""Where each state may go. `unknown → handing_over` is the platform's own de-duplication at work
(WeCom's duplicate check with the identical body) or a person's decision; `handing_over → planned`
only when it is certain that nothing left (no connection, no token, an errcode that asks to come again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """送达记录: one item edition to one worker in one occurrence.

    `handed_at` is the moment of the last hand-over, `first_handed_at` of the first: the platform's
    duplicate interval counts from there. `body` are the bytes that were handed over; a repeat sends
    the same ones. `shared_body` is the number of a call that carried them to several people. `counts`: it weighs
    against the caps; corrections do not. `way` is how it leaves; `tried` are those that refused the person before.
    """

    id: int
    occurrence_id: UUID
    worker_id: UUID
    edition: str
    item: str
    quiz: str | None
    topic: Topic
    team_id: int
    post: Post
    channel: ChannelKind | None
    account: str | None
    state: DeliveryState
    reason: Reason = Reason.NONE
    not_before: datetime | None = None
    attempts: int = 0
    first_handed_at: datetime | None = None
    handed_at: datetime | None = None
    platform_id: str | None = None
    errcode: int | None = None
    detail: str | None = None
    body: bytes | None = None
    shared_body: int | None = None
    counts: bool = True
    way: Way | None = None
    tried: frozenset[Way] = frozenset()


def _move(delivery: Delivery, to: DeliveryState, **changes: object) -> Delivery:
    if to not in LEGAL_MOVES[delivery.state]:
        raise IllegalTransitionError(
            f"送达记录 {delivery.id}：不能从 {delivery.state} 变成 {to}，没有改动"
        )
    return replace(delivery, state=to, **changes)  # type: ignore[arg-type]


def skip(delivery: Delivery, reason: Reason) -> Delivery:
    """Never to be sent."""
    return _move(delivery, DeliveryState.SKIPPED, reason=reason, not_before=None)


def defer(delivery: Delivery, reason: Reason, until: datetime) -> Delivery:
    """Not now: window, cap, quota or a channel that is down."""
    return _move(delivery, DeliveryState.DEFERRED, reason=reason, not_before=until)


def plan_again(delivery: Delivery) -> Delivery:
    """A deferred row whose time has come, or a hand-over that certainly did not happen."""
    return _move(delivery, DeliveryState.PLANNED, reason=Reason.NONE, not_before=None)


def hold(delivery: Delivery, until: datetime) -> Delivery:
    """Kept for the worker's next visit, until then at most."""
    tried = delivery.tried | {delivery.way} if delivery.way else delivery.tried
    return _move(
        delivery,
        DeliveryState.DEFERRED,
        reason=Reason.HELD,
        not_before=until,
        way=Way.HELD,
        tried=tried,
    )


def plan_another_way(delivery: Delivery, way: Way, channel: ChannelKind, account: str) -> Delivery:
    """A refusal of the person on one way: the same message by the next one, as if it were new there."""
    tried = delivery.tried | {delivery.way} if delivery.way else delivery.tried
    return _move(
        delivery,
        DeliveryState.PLANNED,
        reason=Reason.NONE,
        not_before=None,
        attempts=0,
        first_handed_at=None,
        handed_at=None,
        way=way,
        tried=tried,
        channel=channel,
        account=account,
    )


def hand_over(delivery: Delivery, body: bytes | None, now: datetime) -> Delivery:
    """Written before the call; after a crash this row is the one that may have gone out.

    `body` is None where it is made for all that begin together.
    """
    return _move(
        delivery,
        DeliveryState.HANDING_OVER,
        reason=Reason.NONE,
        body=body,
        attempts=delivery.attempts + 1,
        first_handed_at=delivery.first_handed_at or now,
        handed_at=now,
    )


def accept(delivery: Delivery, platform_id: str) -> Delivery:
    """The platform said errcode 0 for this worker."""
    return _move(
        delivery, DeliveryState.ACCEPTED, reason=Reason.NONE, platform_id=platform_id, body=None
    )


def refuse(delivery: Delivery, reason: Reason, errcode: int | None, detail: str) -> Delivery:
    """The platform refused for good."""
    return _move(
        delivery, DeliveryState.REFUSED, reason=reason, errcode=errcode, detail=detail, body=None
    )


def lose_sight(delivery: Delivery, reason: Reason, detail: str) -> Delivery:
    """No answer, or the process died in between; the body stays for the platform's de-duplication."""
    return _move(delivery, DeliveryState.UNKNOWN, reason=reason, detail=detail)


def platform_failed(delivery: Delivery, detail: str) -> Delivery:
    """The platform's result event took the acceptance back."""
    return _move(delivery, DeliveryState.PLATFORM_FAILED, detail=detail)
