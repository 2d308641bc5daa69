"""A campaign's life: draft by one, approved by others, paused, resumed, stopped (design §5, P5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from lianbot.domain.amendments import is_notice
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    SMALLEST_AUDIENCE,
    Audience,
    Campaign,
    CampaignState,
    Course,
    Cron,
    Festival,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.campaigns import approve as approve_step
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.domain.rollouts import Stage
from lianbot.flows.crowds import drawn_by, picked_by_hand, too_few
from lianbot.flows.drawing import draw_from, draw_rotating
from lianbot.flows.slots import DAY_CAP
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.clock import Clock
from lianbot.ports.planning import Moments, Shelf

MOST_STEPS = 4
MOST_TITLE = 120
MOST_OFFSET = 60
MOST_DAYS = 60
"""A series for newcomers that takes longer is a course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an author asks for."""

    title: str
    audience: Audience
    schedule: Schedule
    items: Sequence[str] = ()
    channels: tuple[ChannelKind, ...] = (ChannelKind.WECOM,)
    remind_after_days: int | None = 2
    steps: int = 1
    demo: bool = False
    first: date | None = None
    last: date | None = None
    silent: tuple[date, ...] = ()
    stages: tuple[Stage, ...] = ()
    enclose: tuple[EnclosureKind, ...] = ()


class CampaignDesk:
    """What people do with campaigns; console and command line both come through here."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        shelf: Shelf,
        moments: Moments,
        clock: Clock,
        channels: frozenset[ChannelKind] = frozenset(),
    ) -> None:
        """`channels` are those that are set up; empty when none is yet, and then nothing is refused for it."""
        self._channels = channels
        self._book = book
        self._shelf = shelf
        self._moments = moments
        self._clock = clock

    @property
    def channels(self) -> tuple[ChannelKind, ...]:
        """Those that are set up, in the order in which they are tried unless somebody says otherwise."""
        return tuple(kind for kind in ChannelKind if kind in self._channels)

    async def create(self, draft: Draft, author: Account) -> Campaign:
        """A draft awaiting approval. Raises NotAllowedError, InvalidInputError naming the field."""
        if not author.may(Role.EDITOR, Role.SCHEDULER):
            raise NotAllowedError(f"账号 {author.name} 没有编辑或推送管理员角色，不能写推送计划")
        now = self._clock.now()
        campaign = campaign_from(draft, author, now)
        self._check_times(campaign, now)
        self._check_channels(campaign)
        await self._check_items(draft)
        await self._check_unanswered(campaign)
        await self._check_size(campaign)
        await self._book.add(campaign)
        return campaign

    async def approve(self, campaign_id: UUID, account: Account) -> Campaign:
        """The next step of the chain. Raises NotAllowedError when the author approves (P5)."""
        now = self._clock.now()
        campaign = await self._book.get(campaign_id)
        approved = approve_step(campaign, account, now)
        if isinstance(campaign.schedule, Once) and campaign.schedule.at < now:
            raise InvalidInputError(
                f"推送计划 {campaign.title}", "定的时间已经过了，请重新写一份再批"
            )
        await self._check_size(campaign)
        await self._book.save(
            campaign,
            approved,
            now,
            action="campaign.approved",
            by=account.id,
            detail={"step": len(approved.approvals)},
        )
        return approved

    async def pause(self, campaign_id: UUID, account: Account) -> Campaign:
        """Nothing more leaves; what is under way ends as it ends."""
        return await self._move(campaign_id, account, CampaignState.PAUSED, "campaign.paused")

    async def resume(self, campaign_id: UUID, account: Account) -> Campaign:
        return await self._move(campaign_id, account, CampaignState.APPROVED, "campaign.resumed")

    async def stop(self, campaign_id: UUID, account: Account) -> Campaign:
        """For good: what has not left is skipped with that reason."""
        return await self._move(campaign_id, account, CampaignState.STOPPED, "campaign.stopped")

    async def _move(
        self, campaign_id: UUID, account: Account, to: CampaignState, action: str
    ) -> Campaign:
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能停、停用或恢复推送")
        campaign = await self._book.get(campaign_id)
        if campaign.state not in _FROM[to]:
            raise InvalidInputError(
                f"推送计划 {campaign.title}", f"现在是“{campaign.state}”，不能改成“{to}”"
            )
        moved = replace(campaign, state=to)
        await self._book.save(
            campaign, moved, self._clock.now(), action=action, by=account.id, detail={}
        )
        return moved

    def _check_channels(self, campaign: Campaign) -> None:
        """A row for a channel that is not there would wait for ever."""
        missing = set(campaign.channels) - self._channels
        if self._channels and missing:
            raise InvalidInputError("渠道", f"{min(missing)} 还没有接上，请只选接上的渠道")

    def _check_times(self, campaign: Campaign, now: datetime) -> None:
        if isinstance(campaign.schedule, Once) and campaign.schedule.at < now:
            raise InvalidInputError("推送时间", "已经过去了，请写将来的时间")
        if isinstance(campaign.schedule, Festival) and abs(campaign.schedule.offset) > MOST_OFFSET:
            raise InvalidInputError("节前节后", f"最多 {MOST_OFFSET} 天")
        # an expression that cannot be read raises here, naming itself
        self._moments.due_between(campaign, now, now)
        if isinstance(campaign.schedule, Cron | Course):
            times = self._moments.times_a_day(campaign)
            if times > DAY_CAP:
                raise InvalidInputError(
                    f"时间表 {campaign.schedule.expression}",
                    f"一天会到点 {times} 次，可是每人一天最多收 {DAY_CAP} 条；分钟和小时各写一个数，"
                    "例如 7 14 * * tue 表示每周二 14:07",
                )
        if isinstance(campaign.schedule, Since):
            _check_days(campaign.schedule.days)

    async def _check_items(self, draft: Draft) -> None:
        if isinstance(draft.schedule, Course):
            if not await self._shelf.course(draft.schedule.shelf):
                raise InvalidInputError(
                    "课程表", f"没有叫 {draft.schedule.shelf} 的，请先 lianbot content publish"
                )
            return
        if isinstance(draft.schedule, Review):
            return  # the ladder knows what to ask
        if not draft.items:
            raise InvalidInputError("内容", "至少选一条已审核的内容")
        notice = next((item for item in draft.items if is_notice(item)), None)
        if notice is not None:
            raise InvalidInputError(
                f"内容 {notice}", "是一次更正的通知，只发给收到过错的人，不能另外推"
            )
        found = await self._shelf.current(draft.items)
        missing = [item for item in draft.items if item not in found]
        if missing:
            raise InvalidInputError(
                f"内容 {missing[0]}", "没有已审核的版本，请先由审核人 lianbot content adopt"
            )

    async def _check_unanswered(self, campaign: Campaign) -> None:
        """A mistyped item would be answered by nobody, so that the rule would pick everybody."""
        named = campaign.audience.unanswered
        missing = set(named) - set(await self._shelf.current(named)) if named else set()
        if missing:
            raise InvalidInputError("还没回应的内容", f"没有已审核的 {min(missing)}，请看内容编号")

    async def _check_size(self, campaign: Campaign) -> None:
        size = await self._book.audience_size(campaign, local(self._clock.now()).date())
        if size == 0:
            raise InvalidInputError("收件人", "按这些条件一个人也没有，请放宽条件")
        if size < SMALLEST_AUDIENCE and campaign.audience.points_at_people():
            raise InvalidInputError(
                "收件人",
                f"按这些条件只有 {size} 人：点名、点班组或单位的推送不少于 {SMALLEST_AUDIENCE} 人，"
                "请只按岗位来选或放宽条件",
            )
        await self._check_drawn(campaign)

    async def _check_drawn(self, campaign: Campaign) -> None:
        """A large team does not hide a text that only two of it draw: that is a message to the few."""
        if not picked_by_hand(campaign):
            return
        now = self._clock.now()
        people = await self._book.audience_posts(campaign, local(now).date())
        editions = await self._shelf.current(campaign.items)
        rotates = isinstance(campaign.schedule, Festival)
        draw = (draw_rotating if rotates else draw_from)(editions, campaign.items, now)
        drawn = drawn_by(draw, people)
        if not drawn:
            raise InvalidInputError("收件人", "这些人里没有一个人有适合岗位的内容")
        for item, count in too_few(drawn).items():
            raise InvalidInputError(
                "收件人",
                f"这些人里收到 {item} 的只有 {count} 人：点名、点班组或单位的推送，同一条不少于 "
                f"{SMALLEST_AUDIENCE} 人，请换成适合大家的内容、只按岗位来选或放宽条件",
            )


_FROM: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset(),
    CampaignState.APPROVED: frozenset({CampaignState.PAUSED}),
    CampaignState.PAUSED: frozenset({CampaignState.APPROVED}),
    CampaignState.STOPPED: frozenset(
        {CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.PAUSED}
    ),
}


def _check_days(days: Sequence[int]) -> None:
    if not days or list(days) != sorted(set(days)) or not 0 <= days[0] <= days[-1] <= MOST_DAYS:
        raise InvalidInputError("天数", f"从小到大写，0 到 {MOST_DAYS} 之间，例如 1,4,8")


def campaign_from(
    draft: Draft, author: Account, now: datetime, term: UUID | None = None
) -> Campaign:
    """Raises InvalidInputError naming the field."""
    if not draft.title.strip():
        raise InvalidInputError("名称", "不能空着")
    if len(draft.title.strip()) > MOST_TITLE:
        raise InvalidInputError("名称", f"最多 {MOST_TITLE} 个字")
    if not 1 <= draft.steps <= MOST_STEPS:
        raise InvalidInputError("审批级数", f"1 到 {MOST_STEPS} 级")
    if not draft.channels:
        raise InvalidInputError("渠道", "至少选一个")
    return Campaign(
        id=uuid4(),
        title=draft.title.strip(),
        audience=draft.audience,
        schedule=draft.schedule,
        items=tuple(draft.items),
        channels=draft.channels,
        # a review that finds no answer is the ladder's business, not a reminder's
        remind_after_days=None if isinstance(draft.schedule, Review) else draft.remind_after_days,
        enclose=draft.enclose,
        created_by=author.id,
        created_at=now,
        state=CampaignState.DRAFT,
        steps=draft.steps,
        approvals=(),
        demo=draft.demo,
        term=term,
        first=draft.first,
        last=draft.last,
        silent=draft.silent,
        # a day of one's own is nobody else's: there is no crowd to go through in stages
        stages=() if isinstance(draft.schedule, Review | Since) else draft.stages,
    )
