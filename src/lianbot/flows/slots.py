"""By which way and when a row may leave, or why not: windows, caps and ends (design §4, §5). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lianbot.domain.calendar import (
    local,
    may_leave,
    next_chance,
    start_of_local_day,
)
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.items import Edition
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.domain.posts import PostProfile
from lianbot.domain.routing import Chosen, Contact, choose_way
from lianbot.domain.ways import Way, policy_of
from lianbot.flows.drawing import Draw as Draw
from lianbot.flows.drawing import draw_from as draw_from
from lianbot.flows.drawing import draw_next as draw_next
from lianbot.flows.drawing import draw_variant as draw_variant
from lianbot.ports.planning import (
    Candidate,
    PlannedRow,
)

WEEK = timedelta(days=7)
DAY_CAP = 1
WEEK_CAP = 2
ASLEEP = datetime(9000, 1, 1, tzinfo=UTC)
"""`not_before` of a row whose stage has not come: no clock reaches it, only the release does."""
PATIENCE = timedelta(days=6)
"""A row that cannot leave within this time is skipped with its reason instead of waiting for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When and whether a row may leave."""

    state: DeliveryState
    reason: Reason
    at: datetime | None


def choose_route(candidate: Candidate, channels: Sequence[ChannelKind]) -> Chosen:
    """The first way of the policy by which the worker can be reached."""
    if candidate.worker.preferred is PreferredTime.PAPER_ONLY:
        return Chosen(way=None, binding=None, reason=Reason.PAPER_ONLY)
    contact = candidate.contact or Contact(
        bindings=candidate.bindings,
        opted_out=candidate.opted_out,
        broken=dict.fromkeys(candidate.broken, Reason.NOT_MEMBER),
    )
    return choose_way(contact, policy_of(channels))


def over(ends_at: datetime | None, at: datetime) -> bool:
    """Whether nothing may leave at `at` any more of what ends at `ends_at`."""
    return ends_at is not None and at >= ends_at


def choose_slot(
    profile: PostProfile,
    pushes: Sequence[datetime],
    now: datetime,
    ends_at: datetime | None = None,
) -> Slot:
    """The first moment from `now` on that the post's windows and the caps leave free.

    ≤ 1 push a local day and ≤ 2 in any 7 local days over all campaigns (P4); what does not fit within
    six days is skipped with the cap as its reason, what does not before its end as expired.
    """
    at: datetime | None = now
    reason = Reason.NONE
    while at is not None and at - now <= PATIENCE:
        if over(ends_at, at):
            return Slot(state=DeliveryState.SKIPPED, reason=Reason.EXPIRED, at=None)
        if not may_leave(profile, at):
            reason = reason or _shut(profile, at)
            at = next_chance(profile, at)
            continue
        blocked = cap_blocking(pushes, at)
        if blocked is Reason.NONE:
            state = DeliveryState.PLANNED if at <= now else DeliveryState.DEFERRED
            return Slot(state=state, reason=reason if at > now else Reason.NONE, at=at)
        reason = blocked
        at = next_chance(profile, start_of_local_day(at + timedelta(days=1)))
    return Slot(state=DeliveryState.SKIPPED, reason=reason or Reason.WINDOW, at=None)


def _shut(profile: PostProfile, at: datetime) -> Reason:
    return Reason.QUIET if local(at).date() in profile.quiet else Reason.WINDOW


def cap_blocking(pushes: Sequence[datetime], at: datetime) -> Reason:
    """The cap that another push at `at` would break; NONE when it fits.

    Counted by local days: a lesson that left at 14:01:05 last Tuesday must not hold up the one at 14:01:00 today.
    """
    day, days = local(at).date(), [local(push).date() for push in pushes]
    if days.count(day) >= DAY_CAP:
        return Reason.CAPPED_DAY
    for last in (day, *(one for one in days if day < one < day + WEEK)):
        if sum(last - WEEK < one <= last for one in days) >= WEEK_CAP:
            return Reason.CAPPED_WEEK
    return Reason.NONE


def plan_row(
    candidate: Candidate,
    edition: Edition,
    *,
    occurrence_id: UUID,
    channels: Sequence[ChannelKind],
    profiles: Mapping[Post, PostProfile],
    now: datetime,
    hold: Reason = Reason.NONE,
    staged: bool = False,
    counts: bool = True,
    ends_at: datetime | None = None,
) -> PlannedRow:
    """Pure: the row's first state. Skipped rows are rows too: a skip has a reason and a mend.

    `staged`: what could leave sleeps until its stage is released. `counts`: it weighs against the caps and keeps
    to them; a correction does not (design §5).
    """
    worker = candidate.worker
    route = choose_route(candidate, channels)
    if not counts:
        candidate = replace(candidate, pushes=())
    slot = slot_of(candidate, route, profiles[worker.posts[0]], now, hold, ends_at)
    planned_for = slot.at if counts else None
    # what waits for a visit leaves by the worker's own act: no stage holds it
    if staged and slot.at and slot.reason is not Reason.HELD:
        slot = Slot(state=DeliveryState.DEFERRED, reason=Reason.STAGED, at=ASLEEP)
    return PlannedRow(
        worker_id=worker.id,
        edition=edition.sha256,
        item=edition.item,
        quiz=draw_variant(edition, occurrence_id, worker.id),
        topic=edition.topic,
        team_id=worker.team_id,
        post=worker.posts[0],
        channel=route.binding.channel if route.binding else None,
        account=route.binding.account if route.binding else None,
        state=slot.state,
        reason=slot.reason,
        not_before=slot.at if slot.state is DeliveryState.DEFERRED else None,
        counts_at=planned_for,
        way=route.way,
    )


def slot_of(
    candidate: Candidate,
    route: Chosen,
    profile: PostProfile,
    now: datetime,
    hold: Reason,
    ends_at: datetime | None,
) -> Slot:
    """Of a worker reached by that route; `profile` is laid out for the worker already."""
    if never := hold or route.reason:
        return Slot(state=DeliveryState.SKIPPED, reason=never, at=None)
    if over(ends_at, now):
        return Slot(state=DeliveryState.SKIPPED, reason=Reason.EXPIRED, at=None)
    if route.way is Way.HELD:
        return Slot(state=DeliveryState.DEFERRED, reason=Reason.HELD, at=now + PATIENCE)
    return choose_slot(profile, candidate.pushes, now, ends_at)
