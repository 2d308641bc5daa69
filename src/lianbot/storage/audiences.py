"""An audience as conditions of one statement: the same workers that `Audience.includes` picks, all values as parameters."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.campaigns import Audience
from lianbot.domain.codes import Level, Post
from lianbot.storage.tables import acknowledgements, deliveries, workers

NAMED_AT_ONCE = 2_000
"""Ids a statement: below every driver's limit of parameters."""


def conditions(audience: Audience, on: date) -> list[ColumnElement[bool]]:
    """All rules but the named workers, who can be more than a statement takes (see `named`)."""
    columns = workers.c
    found: list[ColumnElement[bool]] = [columns.ended.is_(None)]
    if audience.posts:
        found.append(_holds_one(columns.posts, audience.posts))
    if audience.tags:
        found.append(_holds_one(columns.tags, audience.tags))
    for column, values in (
        (columns.level, audience.levels),
        (columns.team_id, audience.teams),
        (columns.contractor_id, audience.contractors),
        (columns.site_id, audience.sites),
        (columns.employment, audience.employment),
    ):
        if values:
            found.append(column.in_(values))
    if (newest := audience.newest(on)) is not None:
        found.append(func.coalesce(columns.started, columns.enrolled).between(newest, on))
    if audience.posts_since is not None:
        found.append(columns.posts_changed.between(audience.posts_since, on))
    if audience.unanswered:
        found.append(or_(*(~_answered(item) for item in audience.unanswered)))
    return found


def named(audience: Audience) -> Iterator[list[ColumnElement[bool]]]:
    """The condition on named workers, in slices in id order; one empty slice when nobody is named."""
    if not audience.workers:
        yield []
        return
    ids = sorted(set(audience.workers))
    for low in range(0, len(ids), NAMED_AT_ONCE):
        yield [workers.c.id.in_(ids[low : low + NAMED_AT_ONCE])]


async def audience_size(connection: AsyncConnection, audience: Audience, on: date) -> int:
    rules = conditions(audience, on)
    total = 0
    for slice_ in named(audience):
        counted = await connection.execute(
            select(func.count()).select_from(workers).where(*rules, *slice_)
        )
        total += counted.scalar_one()
    return total


async def audience_posts(
    connection: AsyncConnection, audience: Audience, on: date
) -> Counter[tuple[tuple[Post, ...], Level]]:
    """How many of them have which posts at which level: what decides who draws which item."""
    # JSON has no equality on PostgreSQL, its text has
    posts = cast(workers.c.posts, Text)
    rules = conditions(audience, on)
    found: Counter[tuple[tuple[Post, ...], Level]] = Counter()
    for slice_ in named(audience):
        rows = await connection.execute(
            select(posts.label("posts"), workers.c.level, func.count().label("people"))
            .where(*rules, *slice_)
            .group_by(posts, workers.c.level)
        )
        for row in rows:
            codes = tuple(Post(code) for code in json.loads(row.posts))
            found[codes, Level(row.level)] += row.people
    return found


def _holds_one(column: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    """A JSON list holds one of the words. Post codes and tags are capitals, so SQLite's LIKE, which takes no
    notice of ASCII case, finds no other word; the quotes keep it from finding a part of one."""
    text = cast(column, Text)
    return or_(*(text.contains(json.dumps(word), autoescape=True) for word in words))


def _answered(item: str) -> ColumnElement[bool]:
    return exists(
        select(deliveries.c.id)
        .join(
            acknowledgements,
            and_(
                acknowledgements.c.delivery_id == deliveries.c.id,
                acknowledgements.c.current.is_(True),
            ),
        )
        .where(deliveries.c.worker_id == workers.c.id, deliveries.c.item == item)
    )
