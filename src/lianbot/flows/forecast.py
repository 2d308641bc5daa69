"""What a campaign would ask of people: messages and seconds it adds, and whom it would push over a cap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lianbot.domain.burden import Burden, burden_of
from lianbot.domain.campaigns import Campaign, Occurrence, OccurrenceKind, OccurrenceState
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Reason
from lianbot.domain.hours import Hours
from lianbot.domain.posts import PostProfile
from lianbot.flows.rhythms import Rule
from lianbot.flows.slots import choose_route, choose_slot
from lianbot.ports.planning import Candidate, PlanBook

CAPS = frozenset({Reason.CAPPED_DAY, Reason.CAPPED_WEEK, Reason.CAPPED_FESTIVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCap:
    """A worker for whom there is no room when it is due: the message would wait, or not come at all."""

    number: str
    reason: Reason
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Of one due moment: what it adds in sum, and who has too much already."""

    added: Burden
    over: tuple[OverCap, ...]


async def weigh(
    rule: Rule,
    book: PlanBook,
    profiles: Mapping[Post, PostProfile],
    hours: Hours,
    now: datetime,
    ends_at: datetime | None = None,
) -> Weight:
    """As planning would do it at `now`; nothing is written."""
    added, over = Burden(), list[OverCap]()
    async for chunk in book.candidates(rule.campaign, _nothing(rule.campaign, now), now):
        more, capped = weigh_chunk(rule, chunk, profiles, hours, now, ends_at)
        added += more
        over += capped
    return Weight(added=added, over=tuple(over))


def weigh_chunk(
    rule: Rule,
    candidates: Sequence[Candidate],
    profiles: Mapping[Post, PostProfile],
    hours: Hours,
    now: datetime,
    ends_at: datetime | None = None,
) -> tuple[Burden, list[OverCap]]:
    """Pure. Who cannot be reached adds nothing."""
    added, over = Burden(), list[OverCap]()
    for one in candidates:
        edition = rule.draw(one)
        if edition is None or choose_route(one, rule.campaign.channels).binding is None:
            continue
        held = rule.hold(one)
        worker = one.worker
        profile = hours.of_posts(
            profiles, worker.posts, worker.team_id, worker.shift, worker.preferred
        )
        slot = None if held else choose_slot(profile, one.pushes, now, ends_at)
        reason = slot.reason if slot else held
        leaves = slot is not None and slot.at is not None
        if leaves:
            added += burden_of(edition.text, asks=bool(edition.quizzes))
        if reason in CAPS:
            over.append(OverCap(number=one.worker.number, reason=reason, waits=leaves))
    return added, over


def _nothing(campaign: Campaign, now: datetime) -> Occurrence:
    """An occurrence that is never stored: nobody has a row in it."""
    return Occurrence(
        id=campaign.id,
        campaign_id=campaign.id,
        kind=OccurrenceKind.PUSH,
        due_at=now,
        state=OccurrenceState.PLANNING,
    )
