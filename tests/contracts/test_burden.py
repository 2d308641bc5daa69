"""What left weighs on a worker's month; what a campaign would add is said before, on both databases."""

from datetime import timedelta

from sqlalchemy import delete

from lianbot.domain.burden import Burden
from lianbot.domain.campaigns import Once
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import Reason, accept, hand_over
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.posts import PostProfile
from lianbot.flows.forecast import weigh
from lianbot.flows.planning import Planner
from lianbot.flows.rhythms import Rules
from lianbot.storage.burden import BurdenStore
from lianbot.storage.tables import deliveries
from lianbot.timetable.moments import CronMoments

PROFILES = {
    Post.COOK: PostProfile(
        code=Post.COOK, name="厨师", short="厨师", aliases=(), send=(), never=(), topics=()
    )
}
LESSON = Burden(messages=1, seconds=4)
"""今天只说一件事。: eight characters, no question."""


async def push(school, most: int = 100) -> int:
    """One campaign planned and handed over to the first `most` workers."""
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(seconds=1)))
    school.clock.pass_(seconds=1)
    await Planner(
        book=school.plans,
        shelf=school.content,
        moments=CronMoments(),
        profiles=PROFILES,
        clock=school.clock,
    ).plan_due()
    parcels = await school.outbox.claim("me", 100, school.clock.now())
    for parcel in parcels[:most]:
        begun = hand_over(parcel.delivery, b"body", school.clock.now())
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(accept(begun, f"m{begun.id}"), "me")
    return len(parcels)


async def forecast(school):
    campaign = await school.campaign()
    rules = Rules(book=school.plans, shelf=school.content, moments=CronMoments(), rhythm=None)
    rule = await rules.rule(campaign, school.clock.now())
    return await weigh(rule, school.plans, PROFILES, NO_HOURS, school.clock.now())


async def test_only_what_left_weighs(school):
    await push(school, most=3)
    start = school.clock.now() - timedelta(days=1)
    found = await BurdenStore(school.database).between(start, start + timedelta(days=31))
    assert list(found.values()) == [LESSON] * 3


async def test_another_month_has_its_own_account(school):
    await push(school)
    later = school.clock.now() + timedelta(days=1)
    store = BurdenStore(school.database)
    assert await store.between(later, later + timedelta(days=31)) == {}


async def test_a_forecast_says_what_the_campaign_would_add(school):
    weight = await forecast(school)
    assert weight.added == LESSON.times(10), "two of twelve are not bound"
    assert weight.over == ()


async def test_a_forecast_names_whom_it_would_push_over_a_cap(school):
    await push(school, most=4)
    async with school.database.write() as connection:
        await connection.execute(delete(deliveries).where(deliveries.c.state == "planned"))
    weight = await forecast(school)
    assert [one.reason for one in weight.over] == [Reason.CAPPED_DAY] * 4
    assert all(one.waits for one in weight.over)
