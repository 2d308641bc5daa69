"""A push over the contracts' school, at any hour, and what leaves of it."""

from collections import Counter
from datetime import timedelta

from lianbot.domain.campaigns import Occurrence, Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import accept, hand_over
from lianbot.domain.posts import PostProfile
from lianbot.flows.planning import Planner
from lianbot.timetable.moments import CronMoments

ALWAYS = PostProfile(
    code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
)
"""Somebody who can read at any hour: windows are not what these tests are about."""


def planner_of(school) -> Planner:
    return Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles={Post.COOK: ALWAYS},
        clock=school.clock,
    )


async def pushed(school, **changes) -> Occurrence:
    """One push, due and planned now."""
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(seconds=1)), **changes)
    school.clock.pass_(seconds=1)
    (push,) = await planner_of(school).plan_due()
    return push


async def leaving(school, most: int = 100) -> Counter[str]:
    """What a claim gives out and nobody stopped meanwhile, accepted; by edition."""
    found: Counter[str] = Counter()
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", most, now):
        assert parcel.edition.sha256 == parcel.delivery.edition
        begun = hand_over(parcel.delivery, b"body", now)
        if await school.outbox.begin(begun, "me"):
            await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
            found[begun.edition] += 1
    return found
