"""A push of 20,000 with a pause, a kill, an added team and a stop in the middle: rows match the phones exactly."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from fakes.house import START, Person, people
from fakes.postgres import fresh_database, postgres, template
from lianbot.domain.campaigns import Audience, Campaign
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.people import ClientKind
from lianbot.storage.tables import deliveries, occurrences, teams
from lianbot.timetable.clocks import move_clock

__all__ = ["postgres", "template"]

FORGOTTEN = "新来班"
PEOPLE, LATE = 20_000, 4_000


@pytest.fixture
def crowd() -> list[Person]:
    """One in ten reads in ordinary WeChat; 4,000 are a team that nobody thought of."""
    return [
        replace(
            one,
            client=ClientKind.PLAIN if number % 10 == 0 else ClientKind.WECOM,
            team=FORGOTTEN if number >= PEOPLE - LATE else one.team,
        )
        for number, one in enumerate(people(PEOPLE))
    ]


@pytest.fixture
def width() -> int:
    return 100


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    return await fresh_database(request.getfixturevalue("template"))


@pytest.mark.slow
async def test_paused_killed_added_to_and_stopped(drill):
    drill.twin.faults.add("latency", "*/message/send", seconds=0.05, jitter=0.03)
    known = await team_ids(drill)
    push = await drill.campaign(audience=Audience(teams=(known["后厨班"],)))
    await drill.start()

    await drill.until_arrived(3_000)
    await drill.house.desk.pause(push.id, drill.cast.author)
    await drill.at_rest()
    paused = drill.arrived().total()
    assert paused < PEOPLE - LATE
    await drill.house.desk.resume(push.id, drill.cast.author)
    await drill.until_arrived(paused + 1_000)

    await drill.pull_the_plug(drill.serve)
    # on PostgreSQL the dead one's leases run out by themselves after two minutes; before the stop, so that what it
    # had begun is still resolved: nothing of a stopped push is sent again
    move_clock(drill.folder / "clock", START + timedelta(minutes=4))
    await drill.start()
    await drill.until_arrived(paused + 3_000)
    await add_team(drill, push, known[FORGOTTEN])
    added = {one.account for one in drill.crowd if one.team == FORGOTTEN}
    # theirs are the youngest rows, so they leave last: the stop comes in the middle of them
    await drill.until_arrived(500, among=added)

    await drill.house.desk.stop(push.id, drill.cast.author)
    await drill.settled()
    assert await drill.serve.stop() == 0
    await drill.check()
    assert drill.arrived().total() < PEOPLE
    assert await outcomes(drill) == Counter(
        {
            (DeliveryState.ACCEPTED, Reason.NONE): drill.arrived().total(),
            (DeliveryState.SKIPPED, Reason.STOPPED): PEOPLE - drill.arrived().total(),
        }
    )


async def add_team(drill, push: Campaign, team: int) -> None:
    """The people who were forgotten get the same lesson; a second person agrees, for nobody approved them before."""
    async with drill.house.database.read() as connection:
        occurrence = await connection.execute(
            select(occurrences.c.id).where(occurrences.c.campaign_id == push.id)
        )
        first = occurrence.scalar_one()
    control = drill.house.control
    asked = await control.additions.ask(first, Audience(teams=(team,)), drill.cast.author)
    await control.deciding.decide(asked.id, drill.cast.reviewer, approved=True)


async def team_ids(drill) -> dict[str, int]:
    async with drill.house.database.read() as connection:
        rows = await connection.execute(select(teams.c.id, teams.c.name))
        return {row.name: row.id for row in rows}


async def outcomes(drill) -> Counter[tuple[str, str]]:
    async with drill.house.database.read() as connection:
        rows = await connection.execute(select(deliveries.c.state, deliveries.c.reason))
        return Counter((row.state, row.reason) for row in rows)
