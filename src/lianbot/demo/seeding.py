"""Puts the school, its accounts, its content and its first campaign into a fresh database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, update

from lianbot.bootstrap import House, adopt_courses, publish_content
from lianbot.demo.school import DemoSchool
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Audience, Campaign, Once
from lianbot.domain.codes import ItemType, Post
from lianbot.domain.items import EditionState
from lianbot.domain.people import Account, ChannelKind, ConsentPurpose, Role
from lianbot.flows.campaign import Draft
from lianbot.phrases import demo as say
from lianbot.storage.accounts import new_account
from lianbot.storage.consents import ConsentStore
from lianbot.storage.people import roster_changed
from lianbot.storage.tables import bindings

START = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
"""Tuesday 2026-12-01 14:07 Asia/Shanghai (design §9)."""
DEMO_APPROVAL = "演示审批"
DEMO_LEGAL = "演示，没有人核对过"

CAST: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("bianji", "编辑", frozenset({Role.EDITOR})),
    ("tuisong", "推送管理员", frozenset({Role.SCHEDULER, Role.EDITOR})),
    ("shenhe", "支部书记（审核）", frozenset({Role.REVIEWER})),
    ("jijian", "纪检委员", frozenset({Role.OFFICER, Role.REVIEWER})),
    ("shenji", "审计", frozenset({Role.AUDITOR})),
    ("xitong", "系统管理员", frozenset({Role.SYSADMIN})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The demo's console accounts by name."""

    accounts: dict[str, Account]

    @property
    def scheduler(self) -> Account:
        return self.accounts["tuisong"]

    @property
    def reviewer(self) -> Account:
        return self.accounts["shenhe"]


async def seed(house: House, school: DemoSchool) -> Cast:
    """Accounts, roster, content adopted as 演示审批."""
    now = house.clock.now()
    cast: dict[str, Account] = {}
    for name, display, roles in CAST:
        cast[name] = await house.accounts.add(new_account(name, display, roles), "", None, now)
    await house.roster.apply(school.changes(await house.roster.snapshot()), cast["tuisong"].id)
    await _learn_clients(house, school)
    await _follow(house, school)
    await _add_leads(house, cast)
    await publish_content(house, cast["bianji"])
    await _adopt(house, cast["shenhe"])
    await adopt_courses(house, cast["shenhe"])
    await house.directory.refresh()
    await house.approved.refresh()
    return Cast(accounts=cast)


async def _learn_clients(house: House, school: DemoSchool) -> None:
    """Which of the two kinds of client a worker reads with; in life it is learned from the first tap."""
    async with house.database.write() as connection:
        for worker in school.workers:
            if worker.facts.wecom is not None:
                await connection.execute(
                    update(bindings)
                    .where(bindings.c.account == worker.account)
                    .values(client=worker.client)
                )


async def _follow(house: House, school: DemoSchool) -> None:
    """Followers of the Official Account are bound there, and most agreed to be reminded; in life both are asked in the chat."""
    now = house.clock.now()
    consents = ConsentStore(house.database)
    ids = {one.number: one.id for one in await house.people.workers()}
    followers = [(one, ids[one.facts.number]) for one in school.workers if one.follows]
    async with house.database.write() as connection:
        for worker, worker_id in followers:
            await connection.execute(
                insert(bindings).values(
                    worker_id=worker_id,
                    channel=ChannelKind.OFFICIAL,
                    account=worker.openid,
                    bound_at=now,
                )
            )
        await roster_changed(connection)
    for worker, worker_id in followers:
        if worker.agrees:
            await consents.give(
                worker_id,
                ChannelKind.OFFICIAL,
                ConsentPurpose.TEMPLATE,
                say.CONSENT,
                local(now).date(),
            )


async def _add_leads(house: House, cast: dict[str, Account]) -> None:
    """One lead and one contractor account, held to their own team and company."""
    team = (await house.people.teams())[0]
    for name, display, role, held in (
        ("banzhang", f"班组长（{team.name}）", Role.LEAD, {"team_id": team.id}),
        ("gongsi", "外包公司经理", Role.CONTRACTOR, {"contractor_id": team.contractor_id}),
    ):
        account = new_account(name, display, frozenset({role}))
        account = Account(id=account.id, name=name, display=display, roles=account.roles, **held)
        cast[name] = await house.accounts.add(account, "", None, house.clock.now())


async def _adopt(house: House, reviewer: Account) -> None:
    waiting = [
        one.edition.sha256
        for one in await house.content.all()
        if one.edition.state is EditionState.AWAITING
    ]
    await house.content.adopt(waiting, reviewer.id, house.clock.now(), DEMO_APPROVAL, DEMO_LEGAL)


async def first_campaign(house: House, cast: Cast, *, after: timedelta) -> Campaign:
    """A lesson for every post, created by one account and approved by another."""
    lessons = await lesson_ids(house)
    draft = Draft(
        title="第一课：每个岗位一件事",
        audience=Audience(),
        schedule=Once(at=house.clock.now() + after),
        items=lessons,
        channels=tuple(house.channels),
        remind_after_days=2,
        demo=True,
    )
    campaign = await house.desk.create(draft, cast.scheduler)
    return await house.desk.approve(campaign.id, cast.reviewer)


async def lesson_ids(house: House) -> list[str]:
    """Approved lessons, each post's own series first; newcomers' lessons and the leads' variants (from 100) after."""
    found = [
        one.edition
        for one in await house.content.all()
        if one.edition.type is ItemType.LESSON and one.current
    ]
    return [one.item for one in sorted(found, key=lambda one: order_of(one.item, one.posts))]


def order_of(item: str, posts: Collection[Post]) -> tuple[bool, bool, int, bool, str]:
    """Everybody gets the first that fits: by number, and what one post has for itself before what two share."""
    number = int(item.rpartition("-")[2])
    return ("-NEW-" in item, number >= LEADS_FROM, number, len(posts) > 1, item)


LEADS_FROM = 100
