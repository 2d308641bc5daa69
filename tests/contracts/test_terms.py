"""A term: drafted by one, approved by another in one sitting, edited by the week, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import STANDING, CampaignState, Course, Festival, Once, Since
from lianbot.domain.codes import ItemType, Level, Post, Topic
from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.festivals import Almanac
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.posts import PostProfile
from lianbot.flows.bundling import TermCourse, TermReminder, TermSources, TermWish
from lianbot.flows.planning import Planner
from lianbot.flows.preview import preview, stock_of
from lianbot.flows.term import TermDesk
from lianbot.storage.content import Publication
from lianbot.storage.rhythm import SqlRhythm
from lianbot.storage.tables import audit, deliveries, workers
from lianbot.storage.terms import TermStore
from lianbot.timetable.moments import CronMoments

PROFILES = {
    post: PostProfile(code=post, name=post, short="", aliases=(), send=(), never=(), topics=())
    for post in Post
}
ALMANAC = Almanac(days={"anti-corruption-day": (date(2026, 12, 9),)})
WISH = TermWish(
    title="2026冬",
    first=date(2026, 12, 1),
    last=date(2027, 1, 20),
    weekday="wed",
    remind_after_days=None,
)
SECOND_WEEK, THIRD_WEEK = date(2026, 12, 7), date(2026, 12, 14)


class Office:
    """The school with a term desk over it."""

    def __init__(self, school) -> None:
        self.school = school
        self.moments = CronMoments(ALMANAC)
        self.book = TermStore(school.database)
        self.desk = TermDesk(
            book=self.book,
            campaigns=school.campaigns,
            shelf=school.content,
            moments=self.moments,
            clock=school.clock,
            names={post: post.value for post in Post},
        )
        self.sources = TermSources(
            courses=(
                TermCourse(
                    id="COOK",
                    name="厨师",
                    post=Post.COOK,
                    levels=(Level.L6,),
                    items=("LSN-COOK-001", "LSN-2", "LSN-3", "LSN-4"),
                    rests=lambda day: day > date(2027, 1, 10),
                ),
                TermCourse(
                    id="BUY",
                    name="采购",
                    post=Post.BUY,
                    levels=(Level.L6,),
                    items=("LSN-2",),
                    rests=lambda _day: False,
                ),
            ),
            reminders=(
                TermReminder(
                    item="RMD-A",
                    node="anti-corruption-day",
                    offset=-1,
                    group="A",
                    posts=(Post.COOK,),
                    levels=(),
                ),
            ),
            almanac=ALMANAC,
            profiles=PROFILES,
        )

    async def stock(self) -> "Office":
        for n, item in enumerate(("LSN-2", "LSN-3", "LSN-4", "LSN-X", "RMD-A")):
            sha256 = f"{n}{n}" * 32
            await self.school.content.publish(
                [
                    Publication(
                        sha256=sha256,
                        body=item.encode(),
                        item=item,
                        type=ItemType.LESSON,
                        title=item,
                        topic=Topic.TAKE_FOOD,
                        meta={
                            "text": "话。",
                            "posts": [],
                            "levels": [],
                            "version": 1,
                            "quizzes": [],
                        },
                    )
                ],
                self.school.editor.id,
                self.school.clock.now(),
            )
            await self.school.content.adopt(
                [sha256], self.school.reviewer.id, self.school.clock.now(), ""
            )
        await self.school.content.keep_course(
            STANDING, {("COOK", "L6"): self.sources.courses[0].items}
        )
        return self

    async def draft(self):
        return await self.desk.draft(self.sources, WISH, self.school.editor)

    async def approved(self):
        drafted = await self.draft()
        await self.desk.approve(drafted.term.id, self.school.reviewer)
        return drafted.term

    async def kinds(self, term_id) -> dict[type, set[CampaignState]]:
        found: dict[type, set[CampaignState]] = {}
        for one in await self.book.campaigns(term_id):
            found.setdefault(type(one.schedule), set()).add(one.state)
        return found

    async def run_until(self, day: date) -> list[str]:
        """What the planner makes of it: items of one worker in order."""
        planner = Planner(
            book=self.school.plans,
            shelf=self.school.content,
            moments=self.moments,
            profiles=PROFILES,
            clock=self.school.clock,
            rhythm=SqlRhythm(self.school.database),
        )
        while local(self.school.clock.now()).date() < day:
            self.school.clock.pass_(days=1)
            await planner.plan_due()
            await self.send()
        return await self.items_of(self.school.worker_ids[0])

    async def send(self) -> None:
        """What is never sent would come to its end."""
        outbox, now = self.school.outbox, self.school.clock.now()
        for parcel in await outbox.claim("me", 100, now):
            begun = hand_over(parcel.delivery, b"body", now)
            assert await outbox.begin(begun, "me")
            await outbox.mark(accept(begun, f"m{begun.id}"), "me")

    async def items_of(self, worker) -> list[str]:
        async with self.school.database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.item)
                .where(
                    deliveries.c.worker_id == worker,
                    deliveries.c.state != DeliveryState.SKIPPED,
                )
                .order_by(deliveries.c.id)
            )
            return list(rows.scalars())


@pytest.fixture
async def office(school) -> Office:
    return await Office(school).stock()


async def test_a_term_is_one_bundle_of_drafts_for_posts_that_have_people(office):
    drafted = await office.draft()
    assert await office.kinds(drafted.term.id) == {
        Course: {CampaignState.DRAFT},
        Since: {CampaignState.DRAFT},
        Festival: {CampaignState.DRAFT},
    }
    assert "BUY：名册里现在一个人也没有" in drafted.gaps


async def test_one_sitting_of_a_second_account_approves_it_all(office):
    term = await office.approved()
    states = set().union(*(await office.kinds(term.id)).values())
    assert states == {CampaignState.APPROVED}


async def test_the_author_cannot_approve_any_of_it(office):
    drafted = await office.draft()
    both = office.school.editor.__class__(
        id=office.school.editor.id,
        name="editor",
        display="编辑",
        roles=office.school.editor.roles | office.school.reviewer.roles,
    )
    with pytest.raises(NotAllowedError):
        await office.desk.approve(drafted.term.id, both)
    states = set().union(*(await office.kinds(drafted.term.id)).values())
    assert states == {CampaignState.DRAFT}


async def test_editing_a_week_reopens_that_week_only(office):
    term = await office.approved()
    (fresh,) = await office.desk.edit_week(
        term.id, Post.COOK, date(2026, 12, 16), ["LSN-X"], office.school.editor
    )
    assert fresh.state is CampaignState.DRAFT
    assert fresh.schedule == Once(at=datetime(2026, 12, 16, 6, 7, tzinfo=UTC))
    kinds = await office.kinds(term.id)
    assert kinds.pop(Once) == {CampaignState.DRAFT}
    assert set().union(*kinds.values()) == {CampaignState.APPROVED}


async def test_editing_a_week_of_one_post_leaves_the_week_of_the_others(office):
    """Both posts are in one campaign; the guard's week goes on when the cook's is edited."""
    sources = office.sources
    guard = replace(sources.courses[0], id="GUARD", post=Post.GUARD)
    office.sources = replace(sources, courses=(*sources.courses, guard))
    await office.school.content.keep_course(
        STANDING,
        {("COOK", "L6"): sources.courses[0].items, ("GUARD", "L6"): ("LSN-2", "LSN-3", "LSN-4")},
    )
    watcher = office.school.worker_ids[1]
    async with office.school.database.write() as connection:
        await connection.execute(
            update(workers).where(workers.c.id == watcher).values(posts=["GUARD"])
        )
    term = await office.approved()
    (course,) = [
        one
        for one in await office.book.campaigns(term.id)
        if isinstance(one.schedule, Course) and Post.GUARD in one.audience.posts
    ]
    assert course.audience.posts == (Post.COOK, Post.GUARD)
    await office.desk.edit_week(term.id, Post.COOK, THIRD_WEEK, (), office.school.editor)
    assert await office.run_until(date(2026, 12, 18)) == ["LSN-COOK-001", "RMD-A"]
    assert await office.items_of(watcher) == ["LSN-2", "LSN-3", "LSN-4"]


async def test_an_edited_week_stays_silent_until_it_is_approved(office):
    term = await office.approved()
    await office.desk.edit_week(term.id, Post.COOK, THIRD_WEEK, ["LSN-X"], office.school.editor)
    assert await office.run_until(date(2026, 12, 24)) == ["LSN-COOK-001", "RMD-A", "LSN-2"]


async def test_an_approved_edit_takes_the_place_of_the_weeks_lesson(office):
    term = await office.approved()
    await office.desk.edit_week(term.id, Post.COOK, THIRD_WEEK, ["LSN-X"], office.school.editor)
    await office.desk.approve(term.id, office.school.reviewer)
    assert await office.run_until(date(2026, 12, 24)) == [
        "LSN-COOK-001",
        "RMD-A",
        "LSN-X",
        "LSN-2",
    ]


async def test_a_week_can_be_edited_twice_and_only_the_last_word_counts(office):
    term = await office.approved()
    for item in ("LSN-X", "LSN-4"):
        await office.desk.edit_week(term.id, Post.COOK, THIRD_WEEK, [item], office.school.editor)
    approved = await office.desk.approve(term.id, office.school.reviewer)
    assert [one.items for one in approved] == [("LSN-4",)]


async def test_a_week_that_is_over_or_has_no_lesson_cannot_be_edited(office):
    term = await office.approved()
    office.school.clock.pass_(days=20)
    with pytest.raises(InvalidInputError, match="已经发过"):
        await office.desk.edit_week(
            term.id, Post.COOK, SECOND_WEEK, ["LSN-X"], office.school.editor
        )
    with pytest.raises(InvalidInputError, match="没有课"):
        await office.desk.edit_week(
            term.id, Post.COOK, date(2027, 1, 13), ["LSN-X"], office.school.editor
        )


async def test_every_step_of_a_term_leaves_its_audit_row(office):
    term = await office.approved()
    await office.desk.edit_week(term.id, Post.COOK, THIRD_WEEK, (), office.school.editor)
    async with office.school.database.read() as connection:
        acts = set((await connection.execute(select(audit.c.action))).scalars())
    assert {
        "term.created",
        "campaign.created",
        "campaign.approved",
        "term.week_reopened",
    } <= acts


async def test_the_preview_says_what_the_planner_then_does(office):
    term = await office.approved()
    now = office.school.clock.now()
    campaigns = await office.book.campaigns(term.id)
    course = next(one for one in campaigns if isinstance(one.schedule, Course))
    async for chunk in office.school.plans.audience(course, now):
        candidate = next(one for one in chunk if one.worker.id == office.school.worker_ids[0])
        found = preview(
            candidate,
            campaigns,
            moments=office.moments,
            stock=await stock_of(campaigns, office.school.content),
            profiles=PROFILES,
            hours=NO_HOURS,
            milestones={},
            now=now,
            until=now + timedelta(days=90),
        )
        break
    else:
        pytest.fail("nobody in the audience")
    sent = [one.item for one in found if one.state is not DeliveryState.SKIPPED]
    skipped = [one.reason for one in found if one.state is DeliveryState.SKIPPED]
    assert skipped == [Reason.FESTIVAL]
    assert sent == await office.run_until(date(2027, 1, 20))
