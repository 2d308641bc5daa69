"""A term's drafts: as few campaigns as say honestly who gets what, out of courses, reminders and the almanac; pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lianbot.domain.campaigns import (
    STANDING,
    Audience,
    Course,
    Festival,
    Milestone,
    Since,
    monday_of,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.festivals import Almanac
from lianbot.domain.posts import PostProfile
from lianbot.flows.campaign import Draft

ONBOARDING = 3
ONBOARDING_DAYS = (1, 4, 8)
"""入职三课: three lessons within ten days, inside the caps."""
BY_TALK = frozenset({Level.L1, Level.L2})
"""Few people, met face to face (domain reference §2b, R3): no onboarding series."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
INTO_THE_WINDOW = timedelta(minutes=7)
MOST_NAMES = 4


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
    """A festival message as the content folder has it; no posts mean all."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Courses that one campaign can hold: posts × levels is exactly whom they are for, no pair is anybody else's."""

    posts: tuple[Post, ...]
    levels: tuple[Level, ...]
    courses: tuple[TermCourse, ...]


def blocks(courses: Iterable[TermCourse], alike: Callable[[TermCourse], Hashable]) -> list[Block]:
    """Courses that agree in `alike`, joined as far as posts × levels allows."""
    by_post: dict[tuple[Hashable, Post], list[TermCourse]] = {}
    for course in courses:
        by_post.setdefault((alike(course), course.post), []).append(course)
    joined: dict[tuple[Hashable, tuple[Level, ...]], list[TermCourse]] = {}
    for (key, _), mine in by_post.items():
        levels = tuple(sorted({level for one in mine for level in one.levels or tuple(Level)}))
        joined.setdefault((key, levels), []).extend(mine)
    return [
        Block(
            posts=tuple(sorted({one.post for one in found}, key=list(Post).index)),
            levels=levels,
            courses=tuple(found),
        )
        for (_, levels), found in joined.items()
    ]


def plan_term(sources: TermSources, wish: TermWish, approved: Iterable[str]) -> TermPlan:
    """Pure: the drafts of a term out of approved items, and what is missing."""
    usable = frozenset(approved)
    ready = [one for one in sources.courses if usable.intersection(one.items)]
    lessons = blocks(ready, lambda one: _silent(one, wish))
    newcomers = blocks(
        (one for one in ready if not one.levels or not BY_TALK.issuperset(one.levels)),
        lambda one: _first_items(one, usable),
    )
    festivals, lacking = _festivals(sources, wish, usable)
    drafts = (
        *(_course(block, sources.profiles, wish) for block in lessons),
        *(_onboarding(block, sources.profiles, wish, usable) for block in newcomers),
        *festivals,
    )
    return TermPlan(drafts=drafts, gaps=(*_course_gaps(sources, ready), *lacking))


def _course_gaps(sources: TermSources, ready: Sequence[TermCourse]) -> list[str]:
    taught = {course.post for course in sources.courses}
    return [
        *(
            f"{one.name}：没有已审核的内容，请审核人先 lianbot content adopt"
            for one in sources.courses
            if one not in ready
        ),
        *(
            f"{profile.name}：没有课程表，请编辑写 content/courses/{post}.yaml"
            for post, profile in sources.profiles.items()
            if post not in taught
        ),
    ]


def _silent(course: TermCourse, wish: TermWish) -> tuple[date, ...]:
    """Mondays of the weeks in which the course rests."""
    weekday = timedelta(days=WEEKDAYS.index(wish.weekday))
    return tuple(
        monday for monday in weeks(wish.first, wish.last) if course.rests(monday + weekday)
    )


def _first_items(course: TermCourse, usable: frozenset[str]) -> tuple[str, ...]:
    return tuple(item for item in course.items if item in usable)[:ONBOARDING]


def _course(block: Block, profiles: Mapping[Post, PostProfile], wish: TermWish) -> Draft:
    """Due before the first window of its posts; each worker gets it in the own window."""
    clock = min(weekly_clock(profiles[post]) for post in block.posts)
    return Draft(
        title=f"{wish.title} 每周一课 {_names(block, profiles)}",
        audience=Audience(posts=block.posts, levels=block.levels),
        schedule=Course(
            shelf=STANDING, expression=f"{clock.minute} {clock.hour} * * {wish.weekday}"
        ),
        remind_after_days=wish.remind_after_days,
        steps=wish.steps,
        first=wish.first,
        last=wish.last,
        silent=_silent(block.courses[0], wish),
    )


def _onboarding(
    block: Block, profiles: Mapping[Post, PostProfile], wish: TermWish, usable: frozenset[str]
) -> Draft:
    return Draft(
        title=f"{wish.title} 入职三课 {_names(block, profiles)}",
        audience=Audience(posts=block.posts, levels=block.levels),
        schedule=Since(event=Milestone.START, days=ONBOARDING_DAYS),
        items=_first_items(block.courses[0], usable),
        remind_after_days=wish.remind_after_days,
        steps=wish.steps,
        first=wish.first,
        last=wish.last,
    )


def _names(block: Block, profiles: Mapping[Post, PostProfile]) -> str:
    shorts = [profiles[post].short or profiles[post].name for post in block.posts]
    posts = "、".join(shorts) if len(shorts) <= MOST_NAMES else f"{len(shorts)} 个岗位"
    return f"{posts} {'、'.join(block.levels)}"


def _festivals(
    sources: TermSources, wish: TermWish, usable: frozenset[str]
) -> tuple[list[Draft], list[str]]:
    """One campaign a node and day; each worker draws what was written for the own post."""
    groups: dict[tuple[str, int], list[TermReminder]] = {}
    for one in sorted(sources.reminders, key=lambda one: (one.node, one.offset, one.group)):
        if one.item in usable:
            groups.setdefault((one.node, one.offset), []).append(one)
    drafts: list[Draft] = []
    ready: set[str] = set()
    for (node, offset), found in groups.items():
        if not _within(sources.almanac, node, offset, wish):
            continue
        ready.add(node)
        side = f"前 {-offset} 天" if offset < 0 else f"后 {offset} 天"
        drafts.append(
            Draft(
                title=f"{wish.title} {sources.almanac.name_of(node)}{side}",
                audience=Audience(posts=_posts(found), levels=_levels(found)),
                schedule=Festival(node=node, offset=offset),
                items=tuple(one.item for one in found),
                remind_after_days=None,
                steps=wish.steps,
                first=wish.first,
                last=wish.last,
            )
        )
    written = {node for node, _ in groups}
    lacking = [
        f"{sources.almanac.name_of(node)}（{day.isoformat()}）："
        + ("提醒的日子不在学期里，学期要早几天开始" if node in written else _NO_WORDS)
        for node, days in sources.almanac.days.items()
        for day in days
        if wish.first <= day <= wish.last and node not in ready
    ]
    return drafts, lacking


_NO_WORDS = "没有已审核的提醒，请编辑写一组 A、B、C"


def _posts(found: Sequence[TermReminder]) -> tuple[Post, ...]:
    """Of all of them; empty, which is everybody, when one is for everybody."""
    if not all(one.posts for one in found):
        return ()
    return tuple(sorted({post for one in found for post in one.posts}, key=list(Post).index))


def _levels(found: Sequence[TermReminder]) -> tuple[Level, ...]:
    if not all(one.levels for one in found):
        return ()
    return tuple(sorted({level for one in found for level in one.levels}))


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
