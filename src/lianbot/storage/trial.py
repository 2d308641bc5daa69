"""Data for trials: a large school's years of deliveries, quickly, with counters that agree."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert

from lianbot.domain.campaigns import Audience, CampaignState, OccurrenceKind, OccurrenceState, Once
from lianbot.domain.codes import Post, Topic
from lianbot.domain.people import Role
from lianbot.storage.accounts import AccountStore, new_account
from lianbot.storage.campaigns import write_audience, write_schedule
from lianbot.storage.counting import Bumps
from lianbot.storage.database import Database
from lianbot.storage.tables import (
    campaigns,
    contractors,
    deliveries,
    occurrences,
    sites,
    teams,
    workers,
)

TEAMS = 60
PEOPLE = 1_200
STATES = ("accepted",) * 17 + ("skipped", "refused", "unknown")


async def seed_events(database: Database, events: int, now: datetime) -> int:
    """`events` delivery rows over pushes of 1,200 people in 60 teams; how many were made."""
    author = new_account(f"trial-{secrets.token_hex(3)}", "试验", frozenset({Role.EDITOR}))
    await AccountStore(database).add(author, "", None, now)
    people = await _school(database)
    made = 0
    week = 0
    while made < events:
        wanted = min(PEOPLE, events - made)
        await _push(database, author.id, people[:wanted], now - timedelta(weeks=week))
        made += wanted
        week += 1
    return made


async def _school(database: Database) -> list[dict[str, object]]:
    people: list[dict[str, object]] = [
        {
            "id": uuid4(),
            "number": f"T{index:06}",
            "name": f"试验{index}",
            "contractor_id": 1 + index % 6,
            "team_id": 1 + index % TEAMS,
            "site_id": 1,
            "posts": [list(Post)[index % TEAMS % len(Post)].value],
            "level": "L6",
            "employment": "outsourced",
            "shift": "",
            "preferred": "any",
            "salt": secrets.token_bytes(32),
        }
        for index in range(PEOPLE)
    ]
    async with database.write() as connection:
        await connection.execute(insert(sites).values(id=1, name="试验校区"))
        await connection.execute(
            insert(contractors), [{"id": 1 + n, "name": f"试验公司{n}"} for n in range(6)]
        )
        await connection.execute(
            insert(teams),
            [
                {"id": 1 + n, "name": f"试验班组{n}", "contractor_id": 1 + n % 6, "site_id": 1}
                for n in range(TEAMS)
            ],
        )
        await connection.execute(insert(workers), people)
    return people


async def _push(
    database: Database, author: object, people: list[dict[str, object]], due_at: datetime
) -> None:
    campaign, occurrence = uuid4(), uuid4()
    topic = list(Topic)[due_at.toordinal() // 7 % len(Topic)].value
    bumps = Bumps()
    rows = []
    for index, one in enumerate(people):
        state = STATES[(index + due_at.toordinal()) % len(STATES)]
        post = one["posts"][0]  # type: ignore[index]  # a list of codes
        sent = state != "skipped"
        rows.append(
            {
                "occurrence_id": occurrence,
                "worker_id": one["id"],
                "edition": "0" * 64,
                "item": "LSN-TRIAL-001",
                "topic": topic,
                "team_id": one["team_id"],
                "post": post,
                "channel": "wecom",
                "account": str(one["number"]),
                "state": state,
                "reason": "" if state == "accepted" else "unbound" if not sent else "no_answer",
                "handed_at": due_at if sent else None,
                "counts_at": due_at if sent else None,
                "platform_id": "trial" if state == "accepted" else None,
            }
        )
        key = (occurrence, int(str(one["team_id"])), str(post), topic)
        bumps.add(key, "total")
        bumps.add(key, state)
    async with database.write() as connection:
        await connection.execute(
            insert(campaigns).values(
                id=campaign,
                title=f"试验推送 {due_at:%Y-%m-%d}",
                audience=write_audience(Audience()),
                schedule=write_schedule(Once(at=due_at)),
                items=[],
                channels=["wecom"],
                created_by=author,
                created_at=due_at,
                state=CampaignState.STOPPED,
                steps=1,
            )
        )
        await connection.execute(
            insert(occurrences).values(
                id=occurrence,
                campaign_id=campaign,
                kind=OccurrenceKind.PUSH,
                due_at=due_at,
                state=OccurrenceState.STOPPED,
                planned=len(people),
            )
        )
        await connection.execute(insert(deliveries), rows)
        await bumps.open(connection)
