"""A whole term: courses, festivals and onboarding drafted as one bundle, approved in one sitting, edited by the week."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from lianbot.domain.calendar import SHANGHAI, local
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Course,
    Festival,
    Milestone,
    Once,
    Since,
    Term,
    approve,
    monday_of,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.festivals import Almanac
from lianbot.domain.people import Account, Role
from lianbot.domain.posts import PostProfile
from lianbot.flows.campaign import Draft, campaign_from
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.clock import Clock
from lianbot.ports.planning import Moments, Shelf
from lianbot.ports.terms import TermBook

ONBOARDING = 3
ONBOARDING_DAYS = (1, 4, 8)
"""入职三课: three lessons within ten days, inside the caps."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
LONGEST = timedelta(days=250)
INTO_THE_WINDOW = timedelta(minutes=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCourse:
    """A course as the content folder has it; `rests` says on which days it is silent."""

    id: str
    name: str
    post: Post
    levels: tuple[Level, ...]
    items: tuple[str, ...]
    rests: Callable[[date], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermReminder:
    """A festival message as the content folder has it."""

    item: str
    node: str
    offset: int
    group: str
    posts: tuple[Post, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSources:
    """What a term is made of."""

    courses: Sequence[TermCourse]
    reminders: Sequence[TermReminder]
    almanac: Almanac
    profiles: Mapping[Post, PostProfile]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPlan:
    """`drafts` by kind of thing; `gaps` are sentences on what the term lacks and who mends it."""

    drafts: tuple[Draft, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermWish:
    """What the author asks for."""

    title: str
    first: date
    last: date
    weekday: str = "tue"
    steps: int = 1
    remind_after_days: int | None = 2


def plan_term(sources: TermSources, wish: TermWish, approved: Iterable[str]) -> TermPlan:
    """Pure: the drafts of a term out of approved items, one calendar a post, and what is missing."""
    usable = frozenset(approved)
    drafts: list[Draft] = []
    gaps: list[str] = []
    for course in sources.courses:
        items = [item for item in course.items if item in usable]
        if items:
            drafts.append(_course(course, sources.profiles[course.post], wish))
            drafts.append(_onboarding(course, items, wish))
        else:
            gaps.append(f"{course.name}：没有已审核的内容，请审核人先 lianbot content adopt")
    taught = {course.post for course in sources.courses}
    gaps += [
        f"{profile.name}：没有课程表，请编辑写 content/courses/{post}.yaml"
        for post, profile in sources.profiles.items()
        if post not in taught
    ]
    festivals, lacking = _festivals(sources, wish, usable)
    return TermPlan(drafts=(*drafts, *festivals), gaps=(*gaps, *lacking))


def _course(course: TermCourse, profile: PostProfile, wish: TermWish) -> Draft:
    clock = weekly_clock(profile)
    weekday = WEEKDAYS.index(wish.weekday)
    days = (monday + timedelta(days=weekday) for monday in weeks(wish.first, wish.last))
    return Draft(
        title=f"{wish.title} {course.name}",
        audience=Audience(posts=(course.post,), levels=course.levels),
        schedule=Course(
            shelf=course.id, expression=f"{clock.minute} {clock.hour} * * {wish.weekday}"
        ),
        remind_after_days=wish.remind_after_days,
        steps=wish.steps,
        first=wish.first,
        last=wish.last,
        silent=tuple(monday_of(day) for day in days if course.rests(day)),
    )


def _onboarding(course: TermCourse, items: Sequence[str], wish: TermWish) -> Draft:
    return Draft(
        title=f"{wish.title} {course.name} 入职三课",
        audience=Audience(posts=(course.post,), levels=course.levels),
        schedule=Since(event=Milestone.START, days=ONBOARDING_DAYS),
        items=tuple(items[:ONBOARDING]),
        remind_after_days=wish.remind_after_days,
        steps=wish.steps,
        first=wish.first,
        last=wish.last,
    )


def _festivals(
    sources: TermSources, wish: TermWish, usable: frozenset[str]
) -> tuple[list[Draft], list[str]]:
    groups: dict[tuple[str, int, tuple[Post, ...], tuple[Level, ...]], list[TermReminder]] = {}
    for one in sorted(sources.reminders, key=lambda one: (one.node, one.offset, one.group)):
        groups.setdefault((one.node, one.offset, one.posts, one.levels), []).append(one)
    drafts: list[Draft] = []
    ready: set[str] = set()
    for (node, offset, posts, levels), found in groups.items():
        items = tuple(one.item for one in found if one.item in usable)
        if not items or not _within(sources.almanac, node, offset, wish):
            continue
        ready.add(node)
        side = f"前 {-offset} 天" if offset < 0 else f"后 {offset} 天"
        drafts.append(
            Draft(
                title=f"{wish.title} {sources.almanac.name_of(node)}{side} {'、'.join(posts)}",
                audience=Audience(posts=posts, levels=levels),
                schedule=Festival(node=node, offset=offset),
                items=items,
                remind_after_days=None,
                steps=wish.steps,
                first=wish.first,
                last=wish.last,
            )
        )
    lacking = [
        f"{sources.almanac.name_of(node)}（{day.isoformat()}）：没有已审核的提醒，请编辑写一组 A、B、C"
        for node, days in sources.almanac.days.items()
        for day in days
        if wish.first <= day <= wish.last and node not in ready
    ]
    return drafts, lacking


def _within(almanac: Almanac, node: str, offset: int, wish: TermWish) -> bool:
    return any(
        wish.first <= day + timedelta(days=offset) <= wish.last
        for day in almanac.days.get(node, ())
    )


def weekly_clock(profile: PostProfile) -> time:
    """Seven minutes into the post's first send window: odd enough, and the window decides in the end."""
    start = profile.send[0].start if profile.send else time(14)
    return (datetime.combine(date.min, start) + INTO_THE_WINDOW).time()


def weeks(first: date, last: date) -> list[date]:
    """Mondays of the weeks that a term touches."""
    monday = monday_of(first)
    return [monday + timedelta(weeks=n) for n in range((last - monday).days // 7 + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A term as it was written down."""

    term: Term
    campaigns: tuple[Campaign, ...]
    gaps: tuple[str, ...]


class TermDesk:
    """What people do with terms; console and command line both come through here."""

    def __init__(
        self,
        *,
        book: TermBook,
        campaigns: CampaignBook,
        shelf: Shelf,
        moments: Moments,
        clock: Clock,
    ) -> None:
        self._book = book
        self._campaigns = campaigns
        self._shelf = shelf
        self._moments = moments
        self._clock = clock

    async def draft(self, sources: TermSources, wish: TermWish, author: Account) -> Drafted:
        """One bundle awaiting approval. Raises NotAllowedError, InvalidInputError naming the field."""
        _check(wish, author)
        now = self._clock.now()
        named = {item for course in sources.courses for item in course.items}
        named |= {one.item for one in sources.reminders}
        plan = plan_term(sources, wish, await self._shelf.current(sorted(named)))
        term = Term(
            id=uuid4(),
            title=wish.title.strip(),
            first=wish.first,
            last=wish.last,
            created_by=author.id,
            created_at=now,
        )
        made = [campaign_from(draft, author, now, term.id) for draft in plan.drafts]
        today = local(now).date()
        reached = [one for one in made if await self._campaigns.audience_size(one, today)]
        if not reached:
            raise InvalidInputError(
                "学期", "没有一个岗位既有人又有已审核的内容；" + "；".join(plan.gaps)
            )
        nobody = [f"{one.title}：现在一个人也没有，没有排" for one in made if one not in reached]
        await self._book.add(term, reached)
        return Drafted(term=term, campaigns=tuple(reached), gaps=(*plan.gaps, *nobody))

    async def approve(self, term_id: UUID, account: Account) -> list[Campaign]:
        """The next step of everything in the bundle that still waits; what is approved stays so.

        Raises NotAllowedError for the author before anything is written (P5), InvalidInputError when
        nothing waits.
        """
        term = await self._book.get(term_id)
        now = self._clock.now()
        waiting = [
            one
            for one in await self._book.campaigns(term_id)
            if one.state is CampaignState.DRAFT and not _too_late(one, now)
        ]
        if not waiting:
            raise InvalidInputError(f"学期 {term.title}", "没有待审的了")
        approved = [approve(one, account, now) for one in waiting]
        for before, one in zip(waiting, approved, strict=True):
            detail: dict[str, object] = {"step": len(one.approvals), "term": term.title}
            await self._campaigns.save(
                before, one, now, action="campaign.approved", by=account.id, detail=detail
            )
        return approved

    async def edit_week(
        self, term_id: UUID, post: Post, week: date, items: Sequence[str], account: Account
    ) -> list[Campaign]:
        """That week of that post gets other items, or silence; only this week waits for approval again.

        The course falls silent in that week at once, so that what nobody wants any more never leaves.
        """
        _check_author(account)
        now, monday = self._clock.now(), monday_of(week)
        found = [one for one in await self._book.campaigns(term_id) if _is_lesson(one, post)]
        moments = {one.id: self._moment(one, monday) for one in found}
        courses = [one for one in found if moments[one.id] is not None]
        if not courses:
            raise InvalidInputError(
                f"{monday.isoformat()} 这一周", f"岗位 {post} 没有课，没有可改的"
            )
        missing = set(items) - set(await self._shelf.current(items))
        if missing:
            raise InvalidInputError(f"内容 {min(missing)}", "没有已审核的版本，请先审核内容")
        fresh = [_instead(one, moments[one.id], items, account, now) for one in courses if items]
        if any(isinstance(one.schedule, Once) and one.schedule.at <= now for one in fresh):
            raise InvalidInputError(f"{monday.isoformat()} 这一周", "已经发过了，只能改以后的周")
        await self._book.replace_week(monday, [one.id for one in courses], fresh, account.id, now)
        return fresh

    def _moment(self, campaign: Campaign, monday: date) -> datetime | None:
        """When its lesson of that week is due; None when there is none (any more)."""
        start = datetime.combine(monday, time(0), tzinfo=SHANGHAI) - timedelta(seconds=1)
        found = self._moments.due_between(campaign, start, start + timedelta(days=7))
        return found[0] if found else None


def _is_lesson(campaign: Campaign, post: Post) -> bool:
    """The weekly course of the post, or what stands in the place of one of its weeks."""
    return (
        isinstance(campaign.schedule, Course | Once)
        and campaign.state is not CampaignState.STOPPED
        and post in campaign.audience.posts
    )


def _instead(
    course: Campaign, at: datetime | None, items: Sequence[str], author: Account, now: datetime
) -> Campaign:
    assert at is not None  # noqa: S101 - only weeks with a lesson are replaced
    return replace(
        course,
        id=uuid4(),
        title=f"{course.title.split(' 改')[0]} 改 {at.astimezone(SHANGHAI):%m-%d}",
        schedule=Once(at=at),
        items=tuple(items),
        created_by=author.id,
        created_at=now,
        state=CampaignState.DRAFT,
        approvals=(),
        silent=(),
    )


def _too_late(campaign: Campaign, now: datetime) -> bool:
    """A week that is over, or that was edited once more: nothing would ever leave."""
    schedule = campaign.schedule
    return isinstance(schedule, Once) and (
        schedule.at < now or not campaign.covers(local(schedule.at).date())
    )


def _check(wish: TermWish, author: Account) -> None:
    _check_author(author)
    if not wish.title.strip():
        raise InvalidInputError("名称", "不能空着，例如 2027 春")
    if not wish.first < wish.last <= wish.first + LONGEST:
        raise InvalidInputError("起止", f"从早到晚，最长 {LONGEST.days} 天")
    if wish.weekday not in WEEKDAYS:
        raise InvalidInputError(f"星期 {wish.weekday}", f"写 {'、'.join(WEEKDAYS)} 中的一个")


def _check_author(account: Account) -> None:
    if not account.may(Role.EDITOR, Role.SCHEDULER):
        raise NotAllowedError(f"账号 {account.name} 没有编辑或推送管理员角色，不能排学期")
