"""Campaigns: what goes to whom by which rule, who approved it, and its due moments."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from lianbot.domain.codes import Level, Post
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, ChannelKind, Employment, Role, Worker
from lianbot.domain.rollouts import Stage

EXPIRES = timedelta(days=30)
"""What could not go out within this time of its due moment never does: no backlog is dumped on anybody."""
SMALLEST_AUDIENCE = 5
"""No hand-picked audience below 5 people (P8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Rules that pick workers; an empty field does not restrict. Fields are joined by AND, values by OR.

    `new_days`: new here for at most so many days; `new_since`: since that day or later (see `Worker.new_on`;
    who has no such day is not new). `posts_since`: the post changed on that day or later. `unanswered`: items of
    which at least one has no answer of the worker by any means, told or not. What points at people (see
    `points_at_people`) falls under P8's floor of 5.
    """

    posts: tuple[Post, ...] = ()
    levels: tuple[Level, ...] = ()
    teams: tuple[int, ...] = ()
    contractors: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    employment: tuple[Employment, ...] = ()
    workers: tuple[UUID, ...] = ()
    tags: tuple[str, ...] = ()
    new_days: int | None = None
    new_since: date | None = None
    posts_since: date | None = None
    unanswered: tuple[str, ...] = ()

    def includes(self, worker: Worker, on: date, answered: Collection[str] = ()) -> bool:
        """Whether the rules pick the worker on that local day; `answered` are items with an answer of the worker."""
        return (
            worker.ended is None
            and (not self.posts or bool(set(self.posts) & set(worker.posts)))
            and (not self.levels or worker.level in self.levels)
            and (not self.teams or worker.team_id in self.teams)
            and (not self.contractors or worker.contractor_id in self.contractors)
            and (not self.sites or worker.site_id in self.sites)
            and (not self.employment or worker.employment in self.employment)
            and (not self.workers or worker.id in self.workers)
            and (not self.tags or bool(set(self.tags) & set(worker.tags)))
            and _since(worker.new_on, self.newest(on), on)
            and _since(worker.posts_changed, self.posts_since, on)
            and (not self.unanswered or not set(self.unanswered) <= set(answered))
        )

    def newest(self, on: date) -> date | None:
        """The first day that still counts as new; None when being new does not matter."""
        days = [] if self.new_since is None else [self.new_since]
        if self.new_days is not None:
            days.append(on - timedelta(days=self.new_days))
        return max(days, default=None)

    def points_at_people(self) -> bool:
        """Whether it can be narrowed down to chosen people: anything but a rule by post and level.

        Onboarding and change of post by rule are schedules (`Since`), not audiences: a day chosen by hand
        can be one person's.
        """
        return self != Audience(posts=self.posts, levels=self.levels)


def _since(day: date | None, first: date | None, on: date) -> bool:
    """A day to come does not count yet."""
    return first is None or (day is not None and first <= day <= on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One due moment (UTC)."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Due moments by APScheduler's CronTrigger fields in crontab form, local time of `zone`."""

    expression: str
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The standing rhythm: at each due moment every worker draws the next item of the shelf not yet told."""

    shelf: str
    expression: str
    zone: str = "Asia/Shanghai"


AFTER_LUNCH = time(14, 7)
"""Inside most posts' windows and off the crowded minutes; the windows decide in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """Every year `offset` days (or working days) before (negative) or after a node of the almanac.

    The campaign's `items` are the rotate group A, B, C: each year begins with the next one. It takes
    the place of the week's course lesson.
    """

    node: str
    offset: int
    working: bool = False
    clock: time = AFTER_LUNCH
    zone: str = "Asia/Shanghai"


class Milestone(StrEnum):
    """What a `since` series counts from."""

    START = "start"
    BINDING = "binding"
    POST_CHANGE = "post_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """A series of one's own: the k-th item that fits the worker, `days[k]` days after the milestone."""

    event: Milestone
    days: tuple[int, ...]
    clock: time = AFTER_LUNCH
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """复习: looked at daily; whoever's next question of the ladder is due gets it, inside the caps."""

    clock: time = AFTER_LUNCH
    zone: str = "Asia/Shanghai"


Schedule = Once | Cron | Course | Festival | Since | Review


STANDING = "standing"
"""The shelf that joins every course: each post and level finds its own order in it."""


class CampaignState(StrEnum):
    """草稿 → 待审 → 已批准; a running campaign can be paused or stopped."""

    DRAFT = "draft"
    APPROVED = "approved"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved which step, when (UTC)."""

    account_id: UUID
    step: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """推送计划. `items` names item ids (for a Course the shelf decides and `items` is empty).

    `term` is the bundle it was drafted in. Due moments lie on local days first ≤ day ≤ last where these
    are set, and never in a week whose Monday is in `silent`: that week was taken out to be edited. `edited` are
    weeks, by Monday, that were taken out for the people of one main post only. With `stages` each push
    goes to a few first, and to more only when that went well. `enclose`: an item's voice or
    picture follows its message as a line of its own.
    """

    id: UUID
    title: str
    audience: Audience
    schedule: Schedule
    items: tuple[str, ...]
    channels: tuple[ChannelKind, ...]
    remind_after_days: int | None
    created_by: UUID
    created_at: datetime
    state: CampaignState
    steps: int
    approvals: tuple[Approval, ...]
    demo: bool = False
    term: UUID | None = None
    first: date | None = None
    last: date | None = None
    silent: tuple[date, ...] = ()
    stages: tuple[Stage, ...] = ()
    enclose: tuple[EnclosureKind, ...] = ()
    edited: tuple[tuple[date, Post], ...] = ()

    def edited_for(self, day: date, post: Post) -> bool:
        """Whether the week of that local day was taken out for people with that main post."""
        return (monday_of(day), post) in self.edited

    def covers(self, day: date) -> bool:
        """Whether a moment on that local day belongs to it."""
        begun = self.first is None or day >= self.first
        over = self.last is not None and day > self.last
        return begun and not over and monday_of(day) not in self.silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """学期: campaigns that were drafted together and are approved in one sitting."""

    id: UUID
    title: str
    first: date
    last: date
    created_by: UUID
    created_at: datetime


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def approve(campaign: Campaign, account: Account, at: datetime) -> Campaign:
    """The next step of the chain by one more person; the author and earlier approvers cannot be it.

    Raises NotAllowedError when the account wrote it, approved it already or lacks the role,
    InvalidInputError when nothing is left to approve.
    """
    if campaign.state is not CampaignState.DRAFT:
        raise InvalidInputError(f"推送计划 {campaign.title}", "不是待审状态，不能再批")
    if not account.may(Role.REVIEWER):
        raise NotAllowedError(f"账号 {account.name} 没有审核角色，请换审核人来批")
    if account.id == campaign.created_by:
        raise NotAllowedError("写的人不能自己批：请另一位审核人来批")
    if any(approval.account_id == account.id for approval in campaign.approvals):
        raise NotAllowedError("同一个人不能批两级：请下一级审核人来批")
    return advance(campaign, Approval(account_id=account.id, step=len(campaign.approvals), at=at))


def advance(campaign: Campaign, approval: Approval) -> Campaign:
    """Adds the approval; the last step of the chain makes the campaign approved."""
    approvals = (*campaign.approvals, approval)
    done = len(approvals) >= campaign.steps
    return replace(
        campaign,
        approvals=approvals,
        state=CampaignState.APPROVED if done else CampaignState.DRAFT,
    )


class OccurrenceKind(StrEnum):
    """A push, the one reminder that follows it, people added to it, or a correction of what it said."""

    PUSH = "push"
    REMINDER = "reminder"
    ADDITION = "addition"
    CORRECTION = "correction"


TELLS = (OccurrenceKind.PUSH, OccurrenceKind.ADDITION)
"""What tells somebody something for the first time: coverage counts these, each person once."""
ANSWERED_BY_ITSELF = (*TELLS, OccurrenceKind.CORRECTION)
"""What has answers of its own; a reminder's answer belongs to its push."""


class OccurrenceState(StrEnum):
    """`planning` rows are not claimable; `planned` ones are; `missed` was due while nothing ran."""

    PLANNING = "planning"
    PLANNED = "planned"
    PAUSED = "paused"
    STOPPED = "stopped"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """一次推送: one due moment of a campaign, unique by (campaign, due_at, kind).

    `amends` is the push that an addition or a correction belongs to. From `ends_at` on nothing of it leaves any
    more; None for a correction, which must reach whom the error reached, however long it takes.
    """

    id: UUID
    campaign_id: UUID
    kind: OccurrenceKind
    due_at: datetime
    state: OccurrenceState
    planned: int = 0
    reminds: UUID | None = None
    amends: UUID | None = None
    ends_at: datetime | None = None
