"""`lianbot campaign term|terms|calendar|week|preview`: a whole term drafted at once, edited by the week, looked at ahead."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from lianbot.bootstrap import open_house
from lianbot.bootstrap.terms import (
    preview_post,
    preview_worker,
    term_calendar,
    term_desk,
    term_sources,
)
from lianbot.cli.acting import As, act_as
from lianbot.cli.audiences import day_of
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json, say_table
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Campaign, Course, Festival, Review, Since, Term
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import Reason
from lianbot.flows.bundling import TermWish
from lianbot.flows.preview import Coming, PostCalendar
from lianbot.flows.term import Drafted
from lianbot.phrases.console import IF_SILENT
from lianbot.phrases.reasons import REACH
from lianbot.phrases.schedules import schedule_words
from lianbot.settings import load_settings
from lianbot.storage.terms import TermStore


def term(
    title: Annotated[str, typer.Option(help="名称，例如 2027春")],
    first: Annotated[str, typer.Option("--from", help="第一天，例如 2027-03-01")],
    last: Annotated[str, typer.Option("--until", help="最后一天，例如 2027-07-10")],
    as_name: As,
    weekday: Annotated[str, typer.Option(help="每周哪天讲：mon 到 fri")] = "tue",
    steps: Annotated[int, typer.Option(min=1, max=4, help="审批级数")] = 1,
    as_json: AsJson = False,
) -> None:
    """排一个学期：每个岗位的课、节日提醒、入职三课，一次写好，等另一个账号一次批完。"""
    wish = TermWish(
        title=title, first=day_of(first), last=day_of(last), weekday=weekday, steps=steps
    )
    drafted, calendars = run(_term(wish, as_name))
    if as_json:
        say_json(
            {
                "term": str(drafted.term.id),
                "campaigns": [
                    {"id": str(one.id), "title": one.title} for one in drafted.campaigns
                ],
                "gaps": list(drafted.gaps),
                "calendar": [_calendar_shown(one) for one in calendars],
            }
        )
        return
    say_table(("什么时候", "名称"), [(_rhythm(one), one.title) for one in drafted.campaigns])
    _say_calendars(calendars)
    for gap in drafted.gaps:
        say(f"缺：{gap}")
    say(f"等另一位审核人来批：lianbot campaign approve --term {drafted.term.id}")


async def _term(wish: TermWish, as_name: str) -> tuple[Drafted, list[PostCalendar]]:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        drafted = await term_desk(house).draft(term_sources(house), wish, account)
        return drafted, await term_calendar(house, drafted.term.id)


def calendar(
    number: Annotated[UUID, typer.Argument(help="学期编号")],
    post: Annotated[Post | None, typer.Option(help="只看一个岗位")] = None,
    as_json: AsJson = False,
) -> None:
    """一个学期的日历：每个岗位、每个层级的人，从头到尾会收到什么。"""
    found = [one for one in run(_calendar(number)) if post in (None, one.post)]
    if as_json:
        say_json([_calendar_shown(one) for one in found])
        return
    _say_calendars(found)


async def _calendar(number: UUID) -> list[PostCalendar]:
    async with open_house(load_settings()) as house:
        return await term_calendar(house, number)


def _say_calendars(calendars: list[PostCalendar]) -> None:
    for one in calendars:
        say(f"{one.post} {one.level}（现在 {one.people} 人）")
        say_table(
            ("什么时候", "内容", "说明"),
            [(_when(c), c.title, REACH.get(c.reason, ("",))[0]) for c in one.entries],
        )


def _calendar_shown(one: PostCalendar) -> dict[str, object]:
    return {
        "post": one.post.value,
        "level": one.level.value,
        "people": one.people,
        "entries": [_shown(coming) for coming in one.entries],
    }


def terms(as_json: AsJson = False) -> None:
    """列出学期。"""
    found = run(_terms())
    if as_json:
        say_json([{"id": str(one.id), "title": one.title} for one in found])
        return
    say_table(
        ("编号", "从", "到", "名称"), [(one.id, one.first, one.last, one.title) for one in found]
    )


async def _terms() -> list[Term]:
    async with open_house(load_settings()) as house:
        return await TermStore(house.database).all()


def week(
    number: Annotated[UUID, typer.Argument(help="学期编号")],
    post: Annotated[Post, typer.Option(help="岗位")],
    day: Annotated[str, typer.Option("--week", help="那一周的任何一天，例如 2027-03-15")],
    as_name: As,
    item: Annotated[list[str] | None, typer.Option(help="改讲哪条；不写就是这周不讲")] = None,
) -> None:
    """改学期里的一周：原来的课这周不发，新的等人再批，别的周不动。"""
    fresh = run(_week(number, post, day_of(day), item or [], as_name))
    say(
        f"等另一位审核人来批：lianbot campaign approve --term {number}"
        if fresh
        else "这周不讲了。"
    )


async def _week(
    number: UUID, post: Post, day: date, items: list[str], as_name: str
) -> list[Campaign]:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        return await term_desk(house).edit_week(number, post, day, items, account)


async def approve_term(number: UUID, as_name: str) -> list[Campaign]:
    async with open_house(load_settings()) as house:
        return await term_desk(house).approve(number, await act_as(house, as_name))


def preview(
    worker: Annotated[str, typer.Argument(help="工号")] = "",
    post: Annotated[Post | None, typer.Option(help="或者一个岗位：今天入职的人")] = None,
    level: Annotated[Level, typer.Option(help="和 --post 一起用：层级")] = Level.L6,
    as_json: AsJson = False,
) -> None:
    """以后 90 天会收到什么（待审的也算在内；提醒按一条都不确认来算；复习要看本人答得怎样，不在里面）。"""
    if bool(worker) == (post is not None):
        fail("写一个工号，或者 --post 岗位", Exit.USAGE)
    found = run(_preview(worker, post, level))
    if as_json:
        say_json([_shown(one) for one in found])
        return
    say_table(
        ("什么时候", "内容", "计划", "说明"),
        [
            (_when(one), _titled(one), one.campaign, REACH.get(one.reason, ("",))[0])
            for one in found
        ],
    )


async def _preview(worker: str, post: Post | None, level: Level) -> list[Coming]:
    async with open_house(load_settings()) as house:
        if post is not None:
            return await preview_post(house, post, level)
        return await preview_worker(house, worker)


def _shown(one: Coming) -> dict[str, object]:
    return {
        "due": local(one.due_at).isoformat(),
        "at": local(one.at).isoformat() if one.at else None,
        "item": one.item,
        "title": one.title,
        "campaign": one.campaign,
        "state": one.state.value,
        "reason": one.reason.value,
        "reminder": one.reminder,
    }


def _when(one: Coming) -> str:
    if one.at:
        return f"{local(one.at):%Y-%m-%d %H:%M}"
    held = one.reason is Reason.HELD
    return f"{local(one.due_at):%Y-%m-%d} {'等本人来' if held else '不发'}"


def _titled(one: Coming) -> str:
    return f"提醒：{one.title}（{IF_SILENT}）" if one.reminder else one.title


def _rhythm(campaign: Campaign) -> str:
    match campaign.schedule:
        case Course():
            return f"每周 {campaign.schedule.expression}"
        case Festival() | Since() | Review():
            return schedule_words(campaign.schedule)
        case _:
            return ""
