"""Every pair of states, written past the code: the database takes the ones of design §4 and no other."""

import importlib
from datetime import timedelta
from itertools import product

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from contracts.test_delivery_rows import planner
from lianbot.domain.campaigns import Once
from lianbot.domain.deliveries import LEGAL_MOVES, DeliveryState
from lianbot.storage.tables import deliveries

REVISION = importlib.import_module("lianbot.storage.migrations.versions.0011_legal_moves")
PAIRS = [(old, new) for old, new in product(DeliveryState, DeliveryState) if old is not new]


def test_the_database_knows_the_rule_of_the_domain() -> None:
    assert set(REVISION.MOVES) == {
        (old.value, new.value) for old, allowed in LEGAL_MOVES.items() for new in allowed
    }


async def reach(connection, state: DeliveryState, now) -> int:
    """A row in that state by legal moves alone: the shortest way there from `planned`."""
    ways: dict[DeliveryState, list[DeliveryState]] = {DeliveryState.PLANNED: []}
    for here in ways_in_order():
        for there in LEGAL_MOVES[here]:
            ways.setdefault(there, [*ways[here], there])
    # a rolled-back look may leave PostgreSQL's heap in another order, and some rows are planned as skipped
    planned = select(deliveries.c.id).where(deliveries.c.state == DeliveryState.PLANNED)
    number = (await connection.execute(planned.order_by(deliveries.c.id).limit(1))).scalar_one()
    for step in ways[state]:
        await move(connection, number, step, now)
    return int(number)


def ways_in_order() -> list[DeliveryState]:
    """States in the order in which a search in breadth finds them."""
    found = [DeliveryState.PLANNED]
    for here in found:
        found += [there for there in sorted(LEGAL_MOVES[here]) if there not in found]
    return found


async def move(connection, number: int, state: DeliveryState, now) -> None:
    """The state, and everything that the other constraints ask of it."""
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id == number)
        .values(state=state, reason="window", not_before=now, handed_at=now, platform_id="1")
    )


class Undone(Exception):  # noqa: N818 - no error: every look starts from the same row
    """Takes a look back."""


async def is_taken(database, old: DeliveryState, new: DeliveryState, now) -> bool:
    """Whether the database lets a row go from one to the other; nothing of it stays."""
    try:
        async with database.write() as connection:
            number = await reach(connection, old, now)
            await move(connection, number, new, now)
            raise Undone
    except Undone:
        return True
    except DBAPIError as error:
        assert "cannot move like this" in str(error)
        return False


async def test_a_state_moves_only_where_it_is_drawn(school):
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(minutes=1)))
    school.clock.pass_(minutes=2)
    await planner(school).plan_due()
    now = school.clock.now()
    taken = {(old, new) for old, new in PAIRS if await is_taken(school.database, old, new, now)}
    assert taken == {(old, new) for old, allowed in LEGAL_MOVES.items() for new in allowed}


async def test_the_same_state_again_is_no_move(school):
    await school.campaign(schedule=Once(at=school.clock.now() + timedelta(minutes=1)))
    school.clock.pass_(minutes=2)
    await planner(school).plan_due()
    async with school.database.write() as connection:
        await connection.execute(update(deliveries).values(state=deliveries.c.state))
