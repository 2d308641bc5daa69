"""`lianbot campaign …` for a push under way: add people, correct, recall, decide about lost answers."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from lianbot.bootstrap import House, open_house
from lianbot.cli import audiences as whom
from lianbot.cli.acting import As, act_as
from lianbot.cli.edge import AsJson, Exit, fail, run, say, say_json, say_table
from lianbot.domain.amendments import Amendment, Choice, RecallState, Standing
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Audience, Occurrence
from lianbot.flows.resending import MOST_LISTED
from lianbot.phrases import console, control
from lianbot.ports.control import LostRow, Undecided
from lianbot.settings import load_settings

Number = Annotated[UUID, typer.Argument(help="推送计划编号")]
Push = Annotated[UUID | None, typer.Option("--push", help="哪一次推送；不写就是最近一次")]
Change = Annotated[UUID, typer.Argument(help="补人或更正的编号，见 campaign changes")]


async def push_of(house: House, campaign: UUID, push: UUID | None) -> Occurrence:
    """The push named, or the campaign's last one; it must belong to the campaign."""
    if push is None:
        return await house.control.amendments.newest(campaign)
    found = await house.control.amendments.push(push)
    if found.campaign_id != campaign:
        fail(f"--push {push}：不是这份计划的推送", Exit.USAGE)
    return found


def add(
    number: Number,
    as_name: As,
    push: Push = None,
    worker: Annotated[list[str] | None, typer.Option("--number", help="工号，可以写几次")] = None,
    post: whom.Posts = None,
    level: whom.Levels = None,
    team: whom.Teams = None,
    contractor: whom.Contractors = None,
    site: whom.Sites = None,
    tag: whom.Tags = None,
    new_since: whom.NewSince = "",
    as_json: AsJson = False,
) -> None:
    """给一次推送补人：已经在里面的不会重复；超出批过的范围，要和原计划一样多的审核人再批。"""
    audience = whom.audience_of(
        posts=post,
        levels=level,
        teams=team,
        contractors=contractor,
        sites=site,
        tags=tag,
        new_since=new_since,
    )
    _asked(run(_add(number, push, audience, tuple(worker or ()), as_name)), as_json)


async def _add(
    number: UUID, push: UUID | None, audience: Audience, numbers: tuple[str, ...], as_name: str
) -> Amendment:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        to = await push_of(house, number, push)
        return await house.control.additions.ask(to.id, audience, account, numbers)


def _asked(made: Amendment, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "id": str(made.id),
                "state": made.state.value,
                "people": made.size,
                "missing": made.missing,
            }
        )
        return
    say(control.asked_words(made))


def correct(
    number: Number,
    as_name: As,
    wrong: Annotated[str, typer.Option(help="哪里说错了")],
    right: Annotated[str, typer.Option(help="现在以什么为准")],
    push: Push = None,
    item: Annotated[str, typer.Option(help="只更正这一条内容，凡是收到过它的都发")] = "",
    typo: Annotated[bool, typer.Option(help="只是错字：原来的确认照样算")] = False,
    as_json: AsJson = False,
) -> None:
    """写一份更正：只发给可能收到过的人，不占条数；原计划要几位审核人批，它也要几位。"""
    _asked(run(_correct(number, push, wrong, right, item, typo, as_name)), as_json)


async def _correct(
    number: UUID, push: UUID | None, wrong: str, right: str, item: str, typo: bool, as_name: str
) -> Amendment:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        about = await push_of(house, number, push)
        return await house.control.corrections.ask(
            about.id, account, wrong=wrong, right=right, item=item, material=not typo
        )


def changes(
    number: Annotated[UUID | None, typer.Argument(help="推送计划编号；不写就是全部")] = None,
    as_json: AsJson = False,
) -> None:
    """列出补人和更正：批了没有，还差几位审核人。"""
    found = run(_changes(number))
    if as_json:
        say_json(
            [
                {
                    "id": str(one.id),
                    "kind": one.kind.value,
                    "state": one.state.value,
                    "push": str(one.amends),
                    "people": one.size,
                    "note": one.note,
                    "steps": one.steps,
                    "approved": len(one.approvals),
                    "missing": one.missing,
                }
                for one in found
            ]
        )
        return
    say_table(
        ("编号", "什么", "状态", "人数", "说明"),
        [
            (
                one.id,
                console.OCCURRENCE_KINDS[one.kind],
                control.waiting_words(one),
                one.size,
                one.note,
            )
            for one in found
        ],
    )


async def _changes(number: UUID | None) -> list[Amendment]:
    async with open_house(load_settings()) as house:
        return list(await house.control.amendments.of(number))


def approve_change(change: Change, as_name: As, as_json: AsJson = False) -> None:
    """批准一份补人或更正的一级：写的人不能批，一个人不能批两级；最后一级批了才发。"""
    _asked(run(_decide(change, as_name, approved=True)), as_json)


def decline_change(change: Change, as_name: As, as_json: AsJson = False) -> None:
    """不批一份补人或更正：哪一级都能不批，不批就作废，什么也不发。"""
    _asked(run(_decide(change, as_name, approved=False)), as_json)


async def _decide(change: UUID, as_name: str, *, approved: bool) -> Amendment:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        return await house.control.deciding.decide(change, account, approved=approved)


Limit = Annotated[int, typer.Option(min=0, max=MOST_LISTED, help="最多列多少份；多的只数，不列")]


def unknown(number: Number, push: Push = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """平台没有回音的有多少，哪几份要由人决定：一份一行，等人决定的在前。"""
    seen, rows = run(_unknown(number, push, limit))
    counts = {one.value: getattr(seen, one.value) for one in Standing}
    more = seen.total - len(rows)
    if as_json:
        say_json({**counts, "rows": [_lost_json(one) for one in rows], "more": more})
        return
    for name, count in counts.items():
        say(f"{name}\t{count}")
    if rows:
        say_table(
            ("编号", "工号", "班组", "交出去的时间", "为什么", "怎么办"), map(_lost_line, rows)
        )
    if more:
        say(control.not_listed(more))


async def _unknown(
    number: UUID, push: UUID | None, limit: int
) -> tuple[Undecided, Sequence[LostRow]]:
    async with open_house(load_settings()) as house:
        about = await push_of(house, number, push)
        desk = house.control.resending
        return await desk.undecided(about.id), await desk.lost(about.id, limit)


def _lost_json(row: LostRow) -> dict[str, object]:
    return {
        "row": row.id,
        "number": row.number,
        "team": row.team,
        "at": row.handed_at.isoformat(),
        "attempts": row.attempts,
        "why": row.reason.value,
        "standing": row.standing.value,
    }


def _lost_line(row: LostRow) -> tuple[object, ...]:
    at = f"{local(row.handed_at):%Y-%m-%d %H:%M}"
    why, standing = console.REASONS[row.reason][0], control.STANDINGS[row.standing]
    return row.id, row.number, row.team, at, why, standing


Rows = Annotated[list[int] | None, typer.Option("--row", help="送达记录编号；不写就是全部待定的")]


def resend(
    number: Number, as_name: As, push: Push = None, row: Rows = None, as_json: AsJson = False
) -> None:
    """平台没有回音、又核对不了的，决定重发：有的人可能收到两条。"""
    chosen = run(_choose(number, push, Choice.AGAIN, row, as_name))
    if as_json:
        say_json({"choice": Choice.AGAIN.value, "rows": chosen})
        return
    say(f"{control.AGAIN} {len(chosen)} 份。{control.MAY_DOUBLE}")


def leave(
    number: Number, as_name: As, push: Push = None, row: Rows = None, as_json: AsJson = False
) -> None:
    """平台没有回音的就记作不明，不再发。"""
    chosen = run(_choose(number, push, Choice.LEAVE, row, as_name))
    if as_json:
        say_json({"choice": Choice.LEAVE.value, "rows": chosen})
        return
    say(f"{len(chosen)} 份{control.LEAVE}")


async def _choose(
    number: UUID, push: UUID | None, choice: Choice, rows: list[int] | None, as_name: str
) -> list[int]:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        about = await push_of(house, number, push)
        # an option that was not written is an empty list too
        return list(await house.control.resending.decide(about.id, choice, account, rows or None))


def recall(number: Number, as_name: As, push: Push = None, as_json: AsJson = False) -> None:
    """请平台撤回已经接受的（企业微信，24 小时以内）；先停或暂停。"""
    asked = run(_recall(number, push, as_name))
    if as_json:
        say_json({state.value: count for state, count in asked.items()})
        return
    for state, count in asked.items():
        say(f"{control.RECALL_STATES[state]}\t{count}")
    say(control.RECALL_LIMIT)


async def _recall(number: UUID, push: UUID | None, as_name: str) -> Counter[RecallState]:
    async with open_house(load_settings()) as house:
        account = await act_as(house, as_name)
        about = await push_of(house, number, push)
        return await house.control.recalling.ask(about.id, account)
