"""A whole term: courses, festivals and onboarding drafted as one bundle, approved in one sitting, edited by the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from lianbot.domain.calendar import SHANGHAI, local
from lianbot.domain.campaigns import (
    Audience,
    Campaign,
    CampaignState,
    Course,
    Once,
    Term,
    approve,
    monday_of,
)
from lianbot.domain.codes import Post
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.flows.bundling import WEEKDAYS, TermSources, TermWish, plan_term
from lianbot.flows.campaign import campaign_from
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.clock import Clock
from lianbot.ports.planning import Moments, Shelf
from lianbot.ports.terms import TermBook

LONGEST = timedelta(days=250)
MOST_TITLE = 60
"""The titles of its campaigns begin with it."""


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
        names: Mapping[Post, str],
        channels: Sequence[ChannelKind] = (),
    ) -> None:
        """`names` are the posts' short names, for titles; `channels` those that are set up, in their order."""
        self._names = names
        self._channels = tuple(channels)
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
        drafts = [
            replace(draft, channels=self._channels or draft.channels) for draft in plan.drafts
        ]
        made = [campaign_from(draft, author, now, term.id) for draft in drafts]
        today = local(now).date()
        reached = [one for one in made if await self._campaigns.audience_size(one, today)]
        if not reached:
            raise InvalidInputError(
                "学期", "没有一个岗位既有人又有已审核的内容；" + "；".join(plan.gaps)
            )
        nobody = await self._without_people(sources, made, today)
        nobody += [f"{one.title}：现在一个人也没有，没有排" for one in made if one not in reached]
        await self._book.add(term, reached)
        return Drafted(term=term, campaigns=tuple(reached), gaps=(*plan.gaps, *nobody))

    async def _without_people(
        self, sources: TermSources, made: Sequence[Campaign], today: date
    ) -> list[str]:
        """Posts that have lessons and nobody to teach: a post word that was read wrongly shows here."""
        found = []
        for post in dict.fromkeys(course.post for course in sources.courses):
            only = replace(made[0], audience=Audience(posts=(post,)))
            if not await self._campaigns.audience_size(only, today):
                found.append(f"{sources.profiles[post].name}：名册里现在一个人也没有")
        return found

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
        term = await self._book.get(term_id)
        found = [one for one in await self._book.campaigns(term_id) if _is_lesson(one, post)]
        moments = {
            one.id: None if one.edited_for(monday, post) else self._moment(one, monday)
            for one in found
        }
        courses = [one for one in found if moments[one.id] is not None]
        if not courses:
            raise InvalidInputError(
                f"{monday.isoformat()} 这一周", f"岗位 {post} 没有课，没有可改的"
            )
        missing = set(items) - set(await self._shelf.current(items))
        if missing:
            raise InvalidInputError(f"内容 {min(missing)}", "没有已审核的版本，请先审核内容")
        title = f"{term.title} {self._names.get(post, post)} 改"
        fresh = [
            _instead(one, post, title, moments[one.id], items, account, now)
            for one in courses
            if items
        ]
        if any(isinstance(one.schedule, Once) and one.schedule.at <= now for one in fresh):
            raise InvalidInputError(f"{monday.isoformat()} 这一周", "已经发过了，只能改以后的周")
        await self._book.replace_week(monday, post, courses, fresh, account.id, now)
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
    course: Campaign,
    post: Post,
    title: str,
    at: datetime | None,
    items: Sequence[str],
    author: Account,
    now: datetime,
) -> Campaign:
    assert at is not None  # noqa: S101 - only weeks with a lesson are replaced
    return replace(
        course,
        id=uuid4(),
        title=f"{title} {local(at):%m-%d} {'、'.join(course.audience.levels)}".strip(),
        audience=replace(course.audience, posts=(post,)),
        schedule=Once(at=at),
        items=tuple(items),
        created_by=author.id,
        created_at=now,
        state=CampaignState.DRAFT,
        approvals=(),
        silent=(),
        edited=(),
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
    if len(wish.title.strip()) > MOST_TITLE:
        raise InvalidInputError("名称", f"最多 {MOST_TITLE} 个字")
    if not wish.first < wish.last <= wish.first + LONGEST:
        raise InvalidInputError("起止", f"从早到晚，最长 {LONGEST.days} 天")
    if wish.weekday not in WEEKDAYS:
        raise InvalidInputError(f"星期 {wish.weekday}", f"写 {'、'.join(WEEKDAYS)} 中的一个")


def _check_author(account: Account) -> None:
    if not account.may(Role.EDITOR, Role.SCHEDULER):
        raise NotAllowedError(f"账号 {account.name} 没有编辑或推送管理员角色，不能排学期")
