"""The options of `campaign create` that say whom a campaign is for; values only, never a piece of SQL."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

import typer

from lianbot.cli.edge import Exit, fail
from lianbot.domain.campaigns import Audience
from lianbot.domain.codes import Level, Post
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Employment
from lianbot.domain.tags import tag_named

T = TypeVar("T")

Posts = Annotated[list[Post] | None, typer.Option(help="岗位")]
Levels = Annotated[list[Level] | None, typer.Option(help="层级")]
Teams = Annotated[list[int] | None, typer.Option(help="班组编号")]
Contractors = Annotated[list[int] | None, typer.Option(help="外包公司编号")]
Sites = Annotated[list[int] | None, typer.Option(help="校区编号")]
Employments = Annotated[list[Employment] | None, typer.Option(help="用工形式")]
Tags = Annotated[list[str] | None, typer.Option(help="名册里的标签")]
NewDays = Annotated[int | None, typer.Option(min=0, max=400, help="来了不超过几天的人")]
NewSince = Annotated[str, typer.Option(help="那天以后来的人，例如 2026-12-01")]
PostsSince = Annotated[str, typer.Option(help="那天以后换过岗的人")]
Unanswered = Annotated[list[str] | None, typer.Option(help="还没回应过这条内容的人")]


def audience_of(
    *,
    posts: Posts = None,
    levels: Levels = None,
    teams: Teams = None,
    contractors: Contractors = None,
    sites: Sites = None,
    employment: Employments = None,
    tags: Tags = None,
    new_days: NewDays = None,
    new_since: str = "",
    posts_since: str = "",
    unanswered: Unanswered = None,
) -> Audience:
    """Ends with usage error 2 when a day or a tag cannot be read."""
    return Audience(
        posts=tuple(posts or ()),
        levels=tuple(levels or ()),
        teams=tuple(teams or ()),
        contractors=tuple(contractors or ()),
        sites=tuple(sites or ()),
        employment=tuple(employment or ()),
        tags=tuple(_read(tag_named, one) for one in tags or ()),
        new_days=new_days,
        new_since=day_of(new_since) if new_since else None,
        posts_since=day_of(posts_since) if posts_since else None,
        unanswered=tuple(unanswered or ()),
    )


def _read(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except InvalidInputError as error:
        fail(str(error), Exit.USAGE)


def day_of(text: str) -> date:
    """Ends with usage error 2 when it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text}：写成 2027-03-01", Exit.USAGE)
