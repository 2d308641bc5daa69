"""`lianbot campaign …`: as in the console; every writing command acts as a console account."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from lianbot.bootstrap import House, make_ticker, open_house
from lianbot.bootstrap.terms import weigh_campaign
from lianbot.cli import audiences as whom
from lianbot.cli.acting import As, act_as
from lianbot.cli.burden import burden
from lianbot.cli.control import (
    add,
    approve_change,
    changes,
    correct,
    decline_change,
    leave,
    recall,
    resend,
    unknown,
)
from lianbot.cli.edge import AsJson, Exit, fail, guarded, run, say, say_json, say_table
from lianbot.cli.term import approve_term, calendar, preview, term, terms, week
from lianbot.domain.calendar import SHANGHAI
from lianbot.domain.campaigns import (
    Campaign,
    Course,
    Cron,
    Festival,
    Milestone,
    Once,
    Review,
    Schedule,
    Since,
)
from lianbot.domain.deliveries import Reason
from lianbot.domain.enclosures import EnclosureKind
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import ChannelKind
from lianbot.domain.rollouts import read_stages
from lianbot.domain.routing import Contact, reach_by_way
from lianbot.domain.ways import Way, policy_of
from lianbot.flows.campaign import Draft
from lianbot.flows.forecast import Weight
from lianbot.flows.slots import choose_route
from lianbot.phrases.console import WAYS
from lianbot.phrases.reasons import REACH
from lianbot.settings import load_settings

app = typer.Typer(help="推送计划：写、批、看、停。", no_args_is_help=True)
Number = Annotated[UUID, typer.Argument(help="推送计划编号")]
Many = list[str]


@app.command()
def create(
    title: Annotated[str, typer.Option(help="名称")],
    as_name: As,
    at: Annotated[str, typer.Option(help="一次：2026-12-02T14:07（当地时间）")] = "",
    cron: Annotated[str, typer.Option(help="按 cron：7 14 * * tue")] = "",
    course: Annotated[str, typer.Option(help="课程表名，和 --cron 一起用")] = "",
    festival: Annotated[str, typer.Option(help="节点编号，见 content/calendar.yaml")] = "",
    offset: Annotated[int, typer.Option(help="节前几天写负数，节后写正数")] = -10,
    working_days: Annotated[bool, typer.Option(help="--offset 按工作日数")] = False,
    since: Annotated[Milestone | None, typer.Option(help="从入职、绑定或换岗那天数")] = None,
    days: Annotated[str, typer.Option(help="和 --since 一起用：第几天，例如 1,4,8")] = "1,4,8",
    review: Annotated[bool, typer.Option(help="复习：到期的题，每天看一遍")] = False,
    item: Annotated[Many | None, typer.Option(help="内容编号，可以写几次")] = None,
    post: whom.Posts = None,
    level: whom.Levels = None,
    team: whom.Teams = None,
    contractor: whom.Contractors = None,
    site: whom.Sites = None,
    employment: whom.Employments = None,
    tag: whom.Tags = None,
    new_days: whom.NewDays = None,
    new_since: whom.NewSince = "",
    posts_since: whom.PostsSince = "",
    unanswered: whom.Unanswered = None,
    channel: Annotated[
        list[ChannelKind] | None,
        typer.Option(help="渠道，写几个就按顺序试；不写就是接上的全部，企业微信在前"),
    ] = None,
    remind_after: Annotated[int, typer.Option(min=0, max=14, help="几天后提醒一次，0 不提醒")] = 2,
    steps: Annotated[int, typer.Option(min=1, max=4, help="审批级数")] = 1,
    stages: Annotated[str, typer.Option(help="分批：5,50 是先 5 人、再 50 人、再全部")] = "",
    enclose: Annotated[
        list[EnclosureKind] | None,
        typer.Option(help="内容里有语音（voice）或图片（image）就跟在文字后面附上；可写两次"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """写一份推送计划，等另一个账号来批。"""
    draft = Draft(
        title=title,
        audience=whom.audience_of(
            posts=post,
            levels=level,
            teams=team,
            contractors=contractor,
            sites=site,
            employment=employment,
            tags=tag,
            new_days=new_days,
            new_since=new_since,
            posts_since=posts_since,
            unanswered=unanswered,
        ),
        schedule=_personal(festival, offset, working_days, since, days, review)
        or _schedule(at, cron, course),
        items=tuple(item or ()),
        channels=tuple(dict.fromkeys(channel or ())),
        remind_after_days=remind_after or None,
        steps=steps,
        stages=guarded(lambda: read_stages(stages)),
        enclose=tuple(dict.fromkeys(enclose or ())),
    )
    made = run(_create(draft, as_name))
    say_json({"id": str(made.id)}) if as_json else say(f"已写好，等另一位审核人来批：{made.id}")


def _personal(
    festival: str, offset: int, working: bool, since: Milestone | None, days: str, review: bool
) -> Schedule | None:
    """The schedules of the year and of the person; None when none of them is asked for."""
    if bool(festival) + bool(since) + review > 1:
        fail("--festival、--since、--review 只写一个", Exit.USAGE)
    if festival:
        return Festival(node=festival, offset=offset, working=working)
    if since:
        try:
            return Since(event=since, days=tuple(int(day) for day in days.split(",")))
        except ValueError:
            fail(f"--days {days}：写成 1,4,8", Exit.USAGE)
    return Review() if review else None


def _schedule(at: str, cron: str, course: str) -> Schedule:
    if course:
        if not cron:
            fail("--course 要和 --cron 一起写", Exit.USAGE)
        return Course(shelf=course, expression=cron)
    if bool(at) == bool(cron):
        fail("--at 和 --cron 写一个", Exit.USAGE)
    if cron:
        return Cron(expression=cron)
    try:
        return Once(at=datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).astimezone(UTC))
    except (ValueError, OverflowError):
        fail(f"--at {at}：写成 2026-12-02T14:07", Exit.USAGE)


async def _create(draft: Draft, as_name: str) -> Campaign:
    async with open_house(load_settings()) as house:
        if not draft.channels:
            draft = replace(draft, channels=house.desk.channels or (ChannelKind.WECOM,))
        return await house.desk.create(draft, await act_as(house, as_name))


@app.command("list")
def list_campaigns(as_json: AsJson = False) -> None:
    """列出推送计划。"""
    found = run(_all())
    if as_json:
        say_json(
            [{"id": str(one.id), "title": one.title, "state": one.state.value} for one in found]
        )
        return
    say_table(
        ("编号", "状态", "名称"), [(one.id, _STATES[one.state.value], one.title) for one in found]
    )


_STATES = {"draft": "待审", "approved": "已批准", "paused": "暂停", "stopped": "已停"}


async def _all() -> list[Campaign]:
    async with open_house(load_settings()) as house:
        return await house.campaigns.all()


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """一份推送计划和它的数字。"""
    campaign, figures = run(_show(number))
    if as_json:
        say_json(
            {
                "id": str(campaign.id),
                "title": campaign.title,
                "state": campaign.state.value,
                **figures,
            }
        )
        return
    say(f"{campaign.title}（{_STATES[campaign.state.value]}）")
    for name, value in figures.items():
        say(f"  {name}\t{value}")


async def _show(number: UUID) -> tuple[Campaign, dict[str, int]]:
    async with open_house(load_settings()) as house:
        campaign = await house.campaigns.get(number)
        return campaign, (await house.statistics.total(campaign_id=number)).values


@app.command()
def forecast(number: Number, as_json: AsJson = False) -> None:
    """批准之前看：多少人，多少人收得到，收不到的为什么；会多占多少时间，谁会超上限。"""
    found, weight = run(_forecast(number))
    adds = {"adds_messages": weight.added.messages, "adds_seconds": weight.added.seconds}
    if as_json:
        over = [
            {"number": one.number, "reason": one.reason.value, "waits": one.waits}
            for one in weight.over
        ]
        say_json({**found, **adds, "over_cap": over})
        return
    for name, count in {**found, **adds, "over_cap": len(weight.over)}.items():
        say(f"{name}\t{count}")
    for one in weight.over:
        say(f"{one.number}\t{REACH[one.reason][0]}\t{'改天发' if one.waits else '不发'}")


async def _forecast(number: UUID) -> tuple[dict[str, int], Weight]:
    async with open_house(load_settings()) as house:
        campaign = await house.campaigns.get(number)
        return await _count_reach(house, campaign), await weigh_campaign(house, campaign)


async def _count_reach(house: House, campaign: Campaign) -> dict[str, int]:
    """Reachable now, and by which way; who waits for a visit, and why others are not reached."""
    counted: Counter[str] = Counter()
    async for chunk in house.plans.audience(campaign, house.clock.now()):
        for candidate in chunk:
            route = choose_route(candidate, campaign.channels)
            counted["audience"] += 1
            if route.way is None or route.way is Way.HELD:
                counted[(route.reason or Reason.HELD).value] += 1
            else:
                counted["reachable"] += 1
                counted[f"by_{route.way}"] += 1
    return dict(counted)


@app.command()
def reach(number: Number, as_json: AsJson = False) -> None:
    """一个人一行：走哪种发法，走不了的为什么、怎么补。"""
    rows = run(_reach(number))
    if as_json:
        say_json(rows)
        return
    say_table(("工号", "走", "走不了的", "怎么补"), [_reach_line(one) for one in rows])


def _reach_line(row: dict[str, Any]) -> tuple[str, str, str, str]:
    why = {way: reason for way, reason in row["ways"].items() if reason}
    words = "；".join(f"{WAYS[Way(way)]}：{REACH[reason][0]}" for way, reason in why.items())
    mend = "" if row["way"] else REACH[row["reason"]][1]
    return row["number"], WAYS[Way(row["way"])] if row["way"] else "—", words, mend


async def _reach(number: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with open_house(load_settings()) as house:
        campaign = await house.campaigns.get(number)
        policy = policy_of(campaign.channels)
        async for chunk in house.plans.audience(campaign, house.clock.now()):
            for one in chunk:
                route = choose_route(one, campaign.channels)
                ways = reach_by_way(one.contact or Contact(), policy)
                found.append(
                    {
                        "number": one.worker.number,
                        "way": route.way.value if route.way else "",
                        "reason": route.reason.value,
                        "ways": {way.value: why.value for way, why in ways.items()},
                    }
                )
    return found


@app.command()
def approve(
    as_name: As,
    number: Annotated[UUID | None, typer.Argument(help="推送计划编号")] = None,
    term: Annotated[UUID | None, typer.Option(help="或者一个学期：待审的一次批完")] = None,
) -> None:
    """批准一级；写的人不能批。"""
    if term is not None and number is None:
        done = run(approve_term(term, as_name))
        for one in done:
            say(_approved(one))
    elif number is not None and term is None:
        say(_approved(run(_approve(number, as_name))))
    else:
        fail("写推送计划编号，或者 --term 学期编号", Exit.USAGE)


def _approved(one: Campaign) -> str:
    return f"{one.title}：{_STATES[one.state.value]}（{len(one.approvals)}/{one.steps}）"


async def _approve(number: UUID, as_name: str) -> Campaign:
    async with open_house(load_settings()) as house:
        return await house.desk.approve(number, await act_as(house, as_name))


@app.command("run")
def run_now() -> None:
    """现在就看一遍有没有到时间的，该推的推掉（没有开 serve 时用）。"""
    run(_run())
    say("看过一遍了。")


async def _run() -> None:
    async with open_house(load_settings()) as house:
        if not house.channels:
            raise InvalidInputError(
                "LIANBOT_WECOM_CORP_ID", "和 LIANBOT_OFFICIAL_APPID 都没有写，没有渠道，推不出去"
            )
        ticker = make_ticker(house, alone=False)
        await ticker.tick()


def _mover(name: str, words: str) -> None:
    def move(number: Number, as_name: As) -> None:
        async def act() -> Campaign:
            async with open_house(load_settings()) as house:
                account = await act_as(house, as_name)
                moved: Campaign = await getattr(house.desk, name)(number, account)
                return moved

        moved = run(act())
        say(f"{moved.title}：{_STATES[moved.state.value]}")

    move.__doc__ = words
    app.command(name)(move)


_mover("pause", "暂停：不再往外交，已交的照旧。")
_mover("resume", "恢复暂停的推送。")
_mover("stop", "停掉：没出去的都标为跳过，不能恢复。")


for _command in (
    term,
    terms,
    calendar,
    week,
    preview,
    burden,
    add,
    correct,
    changes,
    unknown,
    resend,
    leave,
    recall,
):
    app.command()(_command)

app.command("approve-change")(approve_change)
app.command("decline-change")(decline_change)
