"""A campaign's life at the desk: who may do what, what is refused with its field, and the trace it leaves."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from fakes.ports import FakeCampaignBook, FakeShelf, an_account, an_edition
from lianbot.domain.campaigns import (
    Audience,
    CampaignState,
    Course,
    Cron,
    Festival,
    Once,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from lianbot.domain.people import ChannelKind, Employment, Role
from lianbot.flows.campaign import CampaignDesk, Draft
from lianbot.timetable.moments import CronMoments

AUTHOR = an_account("editor", "scheduler", "reviewer")
REVIEWER = an_account("reviewer")
SCHEDULER = an_account("scheduler")


FOR_GUARDS = an_edition(item="LSN-GUARD-001", posts=(Post.GUARD,))


@pytest.fixture
def book() -> FakeCampaignBook:
    return FakeCampaignBook()


@pytest.fixture
def desk(book, clock) -> CampaignDesk:
    shelf = FakeShelf(an_edition(), FOR_GUARDS, course={("COOK", "L6"): ("LSN-COOK-001",)})
    return CampaignDesk(book=book, shelf=shelf, moments=CronMoments(), clock=clock)


@pytest.fixture
def draft(clock):
    def make(**changes: object) -> Draft:
        values = {
            "title": "第一课",
            "audience": Audience(),
            "schedule": Once(at=clock.now() + timedelta(hours=1)),
            "items": ("LSN-COOK-001",),
        } | changes
        return Draft(**values)

    return make


async def test_a_draft_waits_for_somebody_else(desk, draft):
    made = await desk.create(draft(), AUTHOR)
    assert made.state is CampaignState.DRAFT
    with pytest.raises(NotAllowedError):
        await desk.approve(made.id, AUTHOR)
    assert (await desk.approve(made.id, REVIEWER)).state is CampaignState.APPROVED


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.EDITOR, Role.SCHEDULER}))
async def test_only_editors_and_schedulers_write(desk, book, draft, role):
    with pytest.raises(NotAllowedError, match="不能写推送计划"):
        await desk.create(draft(), an_account(role))
    assert book.kept == {}


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("名称", {"title": "  "}),
        ("名称", {"title": "长" * 121}),
        ("节前节后", {"schedule": Festival(node="spring", offset=-(10**9))}),
        ("审批级数", {"steps": 0}),
        ("审批级数", {"steps": 5}),
        ("渠道", {"channels": ()}),
        ("内容", {"items": ()}),
        ("内容 LSN-NONE-001", {"items": ("LSN-NONE-001",)}),
        ("时间表 every tuesday", {"schedule": Cron(expression="every tuesday")}),
        ("时间表 7 14 * * *", {"schedule": Cron(expression="7 14 * * *", zone="Asia/Nowhere")}),
        ("时间表 99 14 * * *", {"schedule": Course(shelf="s", expression="99 14 * * *")}),
        ("收件人", {"audience": Audience(workers=tuple(UUID(int=n) for n in range(4)))}),
    ],
    ids=str,
)
async def test_a_wrong_draft_names_its_field_and_is_not_kept(desk, book, draft, place, changes):
    with pytest.raises(InvalidInputError) as refused:
        await desk.create(draft(**changes), AUTHOR)
    assert refused.value.place == place
    assert book.kept == {}


async def test_a_moment_that_is_over_is_refused(desk, draft, clock):
    with pytest.raises(InvalidInputError, match="推送时间"):
        await desk.create(draft(schedule=Once(at=clock.now() - timedelta(minutes=1))), AUTHOR)


async def test_an_audience_of_nobody_is_refused(desk, book, draft):
    book.size = lambda _campaign: 0
    with pytest.raises(InvalidInputError, match="一个人也没有"):
        await desk.create(draft(), AUTHOR)


async def test_five_picked_by_hand_are_enough(desk, draft):
    five = Audience(workers=tuple(uuid4() for _ in range(5)))
    assert (await desk.create(draft(audience=five), AUTHOR)).audience == five


@pytest.mark.parametrize(
    "audience",
    [
        Audience(teams=(1,)),
        Audience(contractors=(1,)),
        Audience(sites=(1,)),
        Audience(posts=(Post.COOK,), employment=(Employment.OUTSOURCED,)),
        Audience(posts=(Post.COOK,), workers=tuple(UUID(int=n) for n in range(30))),
    ],
    ids=str,
)
async def test_a_rule_that_leaves_fewer_than_five_people_is_refused(desk, book, draft, audience):
    book.size = lambda _campaign: 4
    with pytest.raises(InvalidInputError, match="只有 4 人"):
        await desk.create(draft(audience=audience), AUTHOR)


async def test_a_text_that_only_few_of_a_large_team_draw_is_refused(desk, book, draft):
    """Twelve cooks hide no message to the two guards of the team, whatever the cooks get."""
    book.posts = {((Post.COOK,), Level.L6): 12, ((Post.GUARD,), Level.L6): 2}
    for_guards = {"items": ("LSN-GUARD-001",), "audience": Audience(teams=(7,))}
    for_all = {"items": ("LSN-GUARD-001", "LSN-COOK-001")}
    for items in ({}, for_all):
        with pytest.raises(InvalidInputError, match="LSN-GUARD-001 的只有 2 人"):
            await desk.create(draft(**for_guards | items), AUTHOR)
    assert book.kept == {}
    for_cooks = {"items": ("LSN-COOK-001",)}
    await desk.create(draft(**for_guards | for_cooks), AUTHOR)
    await desk.create(draft(**for_guards | {"audience": Audience()}), AUTHOR)


async def test_a_post_with_one_worker_still_gets_its_lesson(desk, book, draft):
    book.size = lambda _campaign: 1
    by_post = Audience(posts=(Post.COOK,), levels=(Level.L6,))
    assert (await desk.create(draft(audience=by_post), AUTHOR)).audience == by_post


async def test_a_course_that_nobody_published_is_refused(book, draft, clock):
    desk = CampaignDesk(book=book, shelf=FakeShelf(), moments=CronMoments(), clock=clock)
    course = Course(shelf="standing", expression="7 14 * * tue")
    with pytest.raises(InvalidInputError, match="课程表"):
        await desk.create(draft(schedule=course, items=()), AUTHOR)


async def test_approving_after_its_moment_is_refused_and_changes_nothing(desk, book, draft, clock):
    made = await desk.create(draft(), AUTHOR)
    clock.pass_(hours=2)
    with pytest.raises(InvalidInputError, match="已经过了"):
        await desk.approve(made.id, REVIEWER)
    assert book.kept[made.id].approvals == ()


async def test_an_audience_that_emptied_before_approval_is_refused(desk, book, draft):
    made = await desk.create(draft(), AUTHOR)
    book.size = lambda _campaign: 0
    with pytest.raises(InvalidInputError, match="收件人"):
        await desk.approve(made.id, REVIEWER)


@pytest.mark.parametrize("act", ["pause", "resume", "stop"])
async def test_only_schedulers_hold_the_switch(desk, draft, act):
    made = await desk.create(draft(), AUTHOR)
    with pytest.raises(NotAllowedError, match="推送管理员"):
        await getattr(desk, act)(made.id, REVIEWER)


async def approved(desk, draft):
    made = await desk.create(draft(), AUTHOR)
    return await desk.approve(made.id, REVIEWER)


async def test_it_is_paused_resumed_and_stopped(desk, draft):
    made = await approved(desk, draft)
    assert (await desk.pause(made.id, SCHEDULER)).state is CampaignState.PAUSED
    assert (await desk.resume(made.id, SCHEDULER)).state is CampaignState.APPROVED
    assert (await desk.stop(made.id, SCHEDULER)).state is CampaignState.STOPPED


@pytest.mark.parametrize(
    ("before", "act"),
    [("stop", "resume"), ("stop", "pause"), ("stop", "stop"), ("pause", "pause")],
)
async def test_what_ended_does_not_come_back(desk, draft, before, act):
    made = await approved(desk, draft)
    await getattr(desk, before)(made.id, SCHEDULER)
    with pytest.raises(InvalidInputError, match="不能改成"):
        await getattr(desk, act)(made.id, SCHEDULER)


async def test_a_draft_can_be_stopped_but_never_resumed_past_its_approval(desk, draft):
    made = await desk.create(draft(), AUTHOR)
    with pytest.raises(InvalidInputError):
        await desk.resume(made.id, SCHEDULER)
    assert (await desk.stop(made.id, SCHEDULER)).state is CampaignState.STOPPED


async def test_every_step_is_noted_with_who_did_it(desk, book, draft):
    made = await approved(desk, draft)
    await desk.pause(made.id, SCHEDULER)
    assert book.noted == [
        ("campaign.approved", REVIEWER.id),
        ("campaign.paused", SCHEDULER.id),
    ]


async def test_what_does_not_exist_is_said(desk):
    with pytest.raises(NotFoundError):
        await desk.approve(uuid4(), REVIEWER)


async def test_a_channel_that_is_not_set_up_cannot_be_chosen(book, clock, draft):
    desk = CampaignDesk(
        book=book,
        shelf=FakeShelf(),
        moments=CronMoments(),
        clock=clock,
        channels=frozenset({ChannelKind.WECOM}),
    )
    with pytest.raises(InvalidInputError, match="official"):
        await desk.create(draft(channels=(ChannelKind.OFFICIAL,)), AUTHOR)


@pytest.mark.parametrize(
    ("expression", "times"), [("* * * * *", 1_440), ("7 9,14 * * tue", 2), ("0 * * * *", 24)]
)
async def test_a_timetable_that_is_due_more_than_once_a_day_is_refused(
    desk, book, draft, expression, times
):
    with pytest.raises(InvalidInputError) as refused:
        await desk.create(draft(schedule=Cron(expression=expression)), AUTHOR)
    assert f"时间表 {expression}" in str(refused.value)
    assert f"{times} 次" in str(refused.value)
    assert "7 14 * * tue" in str(refused.value)
    assert book.kept == {}
