"""补人: "add the people we forgot" to a push that was planned already (design §4, P5, P8)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from lianbot.domain.amendments import Amendment, AmendmentState, approve, decline
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    SMALLEST_AUDIENCE,
    Audience,
    Campaign,
    Occurrence,
    OccurrenceKind,
    OccurrenceState,
    Review,
    Since,
)
from lianbot.domain.errors import InvalidInputError, NotAllowedError
from lianbot.domain.people import Account, Role
from lianbot.flows.crowds import picked_by_hand, too_few
from lianbot.flows.rhythms import Rules
from lianbot.ports.campaigns import CampaignBook
from lianbot.ports.clock import Clock
from lianbot.ports.control import AmendmentBook
from lianbot.ports.planning import PlanBook


class Additions:
    """What console and command line do to add people."""

    def __init__(
        self,
        *,
        book: AmendmentBook,
        plans: PlanBook,
        campaigns: CampaignBook,
        rules: Rules,
        clock: Clock,
    ) -> None:
        self._book = book
        self._plans = plans
        self._campaigns = campaigns
        self._rules = rules
        self._clock = clock

    async def ask(
        self,
        occurrence_id: UUID,
        audience: Audience,
        account: Account,
        numbers: Sequence[str] = (),
    ) -> Amendment:
        """Those of `audience` (with `numbers`: of these workers) who have no row in the push yet, whatever became of it.

        Who fits the audience that was approved is added at once: the approval said so, they were only missed. More
        than that waits for as many people as approved the campaign (P5). Raises NotAllowedError, NotFoundError, InvalidInputError.
        """
        if not account.may(Role.SCHEDULER):
            raise NotAllowedError(f"账号 {account.name} 不是推送管理员，不能补人")
        if numbers:
            audience = replace(audience, workers=await self._named(numbers))
        if audience == Audience():
            raise InvalidInputError("补谁", "写明工号、班组、岗位、公司或校区")
        push = await self._root(occurrence_id)
        campaign = await self._campaigns.get(push.campaign_id)
        if isinstance(campaign.schedule, Since | Review):
            raise InvalidInputError(
                f"推送计划 {campaign.title}", "是按每个人自己的日子发的，到日子自动轮到，不用补人"
            )
        now = self._clock.now()
        found, beyond = await self._count(campaign, push, audience, now)
        await self._require_crowd(campaign, push, found, beyond)
        amendment = Amendment(
            id=uuid4(),
            kind=OccurrenceKind.ADDITION,
            campaign_id=campaign.id,
            amends=push.id,
            asked_by=account.id,
            asked_at=now,
            state=AmendmentState.ASKED if beyond else AmendmentState.APPROVED,
            size=found.total(),
            audience=audience,
            beyond=beyond,
            steps=campaign.steps,
        )
        await self._book.ask(amendment, now, open_now=not beyond)
        return amendment

    async def _named(self, numbers: Sequence[str]) -> tuple[UUID, ...]:
        known = await self._book.numbered(numbers)
        missing = [one for one in numbers if one not in known]
        if missing:
            raise InvalidInputError(f"工号 {missing[0]}", "花名册里没有，或者已经离职")
        return tuple(dict.fromkeys(known.values()))

    async def _root(self, occurrence_id: UUID) -> Occurrence:
        push = await self._book.push(occurrence_id)
        if push.kind is OccurrenceKind.ADDITION and push.amends is not None:
            push = await self._book.push(push.amends)
        if push.kind is not OccurrenceKind.PUSH or push.state is OccurrenceState.MISSED:
            raise InvalidInputError("这次推送", "只能给推送补人，提醒和更正不能")
        return push

    async def _count(
        self, campaign: Campaign, push: Occurrence, audience: Audience, now: datetime
    ) -> tuple[Counter[str], bool]:
        """People by item that they would draw, and whether one of them is outside the approved audience."""
        rule = await self._rules.rule(replace(campaign, audience=audience), now)
        found: Counter[str] = Counter()
        beyond = False
        day = local(now).date()
        async for chunk in self._plans.candidates(
            replace(campaign, audience=audience), an_addition(push, now), now
        ):
            for one in chunk:
                edition = rule.draw(one) if rule else None
                if edition is not None:
                    found[edition.item] += 1
                    beyond = beyond or not campaign.audience.includes(
                        one.worker, day, one.answered
                    )
        return found, beyond

    async def _require_crowd(
        self, campaign: Campaign, push: Occurrence, found: Counter[str], beyond: bool
    ) -> None:
        """P8: an item that nobody else in this push got would be a message to the chosen few, even in a push of thousands."""
        if not found:
            raise InvalidInputError(
                "补谁", "没有要补的人：都已经在这次推送里，或者没有适合他们岗位的内容"
            )
        if not picked_by_hand(campaign, beyond=beyond):
            return
        drawn = await self._plans.drawn(push)
        for item in too_few({item: drawn.get(item, 0) + added for item, added in found.items()}):
            raise InvalidInputError(
                "补谁",
                f"加上已经排过的，收到 {item} 的不到 {SMALLEST_AUDIENCE} 人，等于点名；"
                "请连同一岗位的人一起补，或由班长当面讲",
            )


def an_addition(push: Occurrence, now: datetime) -> Occurrence:
    """One that is not written down: for counting beforehand."""
    return Occurrence(
        id=UUID(int=0),
        campaign_id=push.campaign_id,
        kind=OccurrenceKind.ADDITION,
        due_at=now,
        state=OccurrenceState.PLANNING,
        amends=push.id,
    )


class Deciding:
    """The others' word on what somebody asked for: the chain of the campaign that is amended (P5)."""

    def __init__(self, *, book: AmendmentBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    async def decide(self, amendment_id: UUID, account: Account, *, approved: bool) -> Amendment:
        """One step of the chain, or the no that ends it; the last step lets it take effect.

        Raises NotFoundError, NotAllowedError when the account asked for it, wrote the notice, approved it already or
        is no reviewer any more, InvalidInputError when it is decided or cannot take effect yet.
        """
        now = self._clock.now()
        asked = await self._book.get(amendment_id)
        # other campaigns may have sent the wrong text since it was asked for
        steps = await self._book.chain(asked.campaign_id, asked.corrects)

        def rule(kept: Amendment, acting: Account) -> Amendment:
            if not approved:
                return decline(kept, acting, now)
            return approve(replace(kept, steps=max(kept.steps, steps)), acting, now)

        return await self._book.decide(amendment_id, account.id, rule, now)
