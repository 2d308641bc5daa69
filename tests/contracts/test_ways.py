"""Windows, shut ways, refusals and late results on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from lianbot.domain.deliveries import DeliveryState, Reason, accept, hand_over, refuse
from lianbot.domain.people import ChannelKind, ConsentPurpose
from lianbot.domain.ways import Way
from lianbot.domain.windows import Act, Adding
from lianbot.flows.ways import Fallback
from lianbot.ports.desk import Paging, WorkerFilter
from lianbot.ports.ways import Visit
from lianbot.storage.consents import ConsentStore
from lianbot.storage.desk import DeskReading
from lianbot.storage.rerouting import SqlWays
from lianbot.storage.tables import bindings, deliveries, reply_windows
from lianbot.storage.windows import SqlWindows

from .test_delivery_rows import planned

BOTH = (ChannelKind.WECOM, ChannelKind.OFFICIAL)


@pytest.fixture
def windows(school) -> SqlWindows:
    return SqlWindows(school.database)


@pytest.fixture
def ways(school) -> SqlWays:
    return SqlWays(school.database)


def visit(school, act: Act = Act.MESSAGE, index: int = 0, account: str = "o0") -> Visit:
    return Visit(
        worker_id=school.worker_ids[index], account=account, act=act, at=school.clock.now()
    )


async def follow(school, *indexes: int) -> None:
    async with school.database.write() as connection:
        await connection.execute(
            insert(bindings),
            [
                {
                    "worker_id": school.worker_ids[index],
                    "channel": ChannelKind.OFFICIAL,
                    "account": f"o{index}",
                }
                for index in indexes
            ],
        )


async def kept(school) -> list[tuple[str, int]]:
    async with school.database.read() as connection:
        rows = await connection.execute(select(reply_windows).order_by(reply_windows.c.closes_at))
        return [(row.account, row.left) for row in rows]


async def rows(school):
    async with school.database.read() as connection:
        return list((await connection.execute(select(deliveries).order_by(deliveries.c.id))).all())


async def refused(school, reason: Reason):
    """Every planned row handed over and refused."""
    now = school.clock.now()
    for parcel in await school.outbox.claim("me", 100, now):
        begun = hand_over(parcel.delivery, b"{}", now)
        assert await school.outbox.begin(begun, "me")
        await school.outbox.mark(refuse(begun, reason, 1, "rid: 1"), "me")


async def test_a_message_opens_five_and_each_is_taken_once(school, windows):
    await windows.came(visit(school))
    now = school.clock.now()
    taken = await asyncio.gather(*(windows.take("o0", now) for _ in range(8)))
    assert sum(taken) == 5
    assert not await windows.take("another", now)


async def test_a_window_closes_with_the_hour_before_its_end(school, windows):
    await windows.came(visit(school))
    school.clock.pass_(hours=47)
    assert await windows.take("o0", school.clock.now())
    school.clock.pass_(hours=1)
    assert not await windows.take("o0", school.clock.now())


@pytest.mark.parametrize("act", sorted(set(Act) - {Act.MESSAGE}))
async def test_a_window_of_a_minute_leaves_no_row(school, windows, act):
    await windows.came(visit(school, act))
    assert await kept(school) == []


@pytest.mark.parametrize(("adding", "left"), [(Adding.REPLACE, 5), (Adding.ADD, 9)])
async def test_a_second_message_replaces_or_adds(school, adding, left):
    windows = SqlWindows(school.database, adding)
    await windows.came(visit(school))
    assert await windows.take("o0", school.clock.now())
    school.clock.pass_(hours=2)
    await windows.came(visit(school))
    assert sum(n for _, n in await kept(school)) == left


async def test_the_window_that_closes_first_is_taken_first(school):
    windows = SqlWindows(school.database, Adding.ADD)
    await windows.came(visit(school))
    school.clock.pass_(hours=2)
    await windows.came(visit(school))
    assert await windows.take("o0", school.clock.now())
    assert [left for _, left in await kept(school)] == [4, 5]


async def test_what_the_platform_denies_is_forgotten_and_what_is_over_swept(school, windows):
    await windows.came(visit(school))
    await windows.came(visit(school, index=1, account="o1"))
    await windows.forget("o0")
    assert await kept(school) == [("o1", 5)]
    await windows.sweep(school.clock.now() + timedelta(hours=48))
    assert await kept(school) == []


async def test_a_visit_releases_only_what_was_held_for_that_worker(school, windows):
    await follow(school, 10, 11)
    await planned(school, channels=BOTH)
    assert [one.way for one in await rows(school)].count("held") == 2
    await windows.came(visit(school, index=10, account="o10"))
    by_worker = {one.worker_id: one for one in await rows(school)}
    mine, other = by_worker[school.worker_ids[10]], by_worker[school.worker_ids[11]]
    assert (mine.state, mine.way, other.way) == ("deferred", "customer", "held")
    assert (mine.not_before.minute, mine.not_before.second) == (0, 0)
    assert school.clock.now() < mine.not_before <= school.clock.now() + timedelta(hours=1)


async def test_planning_sees_consent_window_and_shut_ways(school, windows, ways):
    await follow(school, 9, 10, 11)
    async with school.database.write() as connection:
        await connection.execute(
            update(bindings).where(bindings.c.account == "u9").values(opted_out=True)
        )
    today = school.clock.now().date()
    consents = ConsentStore(school.database)
    for index in (9, 10):
        await consents.give(
            school.worker_ids[index], ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE, "同意", today
        )
    await windows.came(visit(school, index=11, account="o11"))
    await windows.came(visit(school, index=10, account="o10"))
    await ways.shut(Way.TEMPLATE, "48001")
    await planned(school, channels=BOTH)
    way = {one.worker_id: one.way for one in await rows(school)}
    chosen = [way[school.worker_ids[index]] for index in (0, 9, 10, 11)]
    assert chosen == ["wecom", "held", "customer", "customer"]
    await ways.open(Way.TEMPLATE)
    assert await ways.closed() == {}


async def test_a_refusal_of_the_person_goes_to_the_next_way_once(school, ways):
    await follow(school, 0)
    await planned(school, channels=BOTH)
    await refused(school, Reason.NOT_LICENSED)
    fallback = Fallback(book=ways, results=ways, clock=school.clock)
    assert await fallback.look() == 1
    assert await fallback.look() == 0
    by_worker = {one.worker_id: one for one in await rows(school)}
    mine = by_worker[school.worker_ids[0]]
    assert (mine.state, mine.reason, mine.way, mine.tried) == ("deferred", "held", "held", "wecom")
    assert (mine.channel, mine.account, mine.attempts) == ("official", "o0", 0)
    others = [by_worker[one] for one in school.worker_ids[1:10]]
    assert {(one.state, one.reason, one.looked) for one in others} == {
        ("refused", "not_licensed", True)
    }
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_two_processes_that_look_at_once_move_each_row_once(school, ways):
    await follow(school, *range(10))
    await planned(school, channels=BOTH)
    await refused(school, Reason.NOT_VISIBLE)
    looks = [
        Fallback(book=SqlWays(school.database), results=ways, clock=school.clock) for _ in "ab"
    ]
    await asyncio.gather(*(one.look() for one in looks))
    assert [one.state for one in await rows(school)].count("deferred") == 10
    assert await school.statistics.stored() == await school.statistics.recompute()


async def test_a_text_nobody_takes_is_not_tried_elsewhere(school, ways):
    await follow(school, *range(10))
    await planned(school, channels=BOTH)
    await refused(school, Reason.BAD_CONTENT)
    assert await Fallback(book=ways, results=ways, clock=school.clock).look() == 0
    assert {one.state for one in await rows(school) if one.looked} == {"refused"}


async def accepted(school, platform_id: str):
    """One row of the Official Account, accepted."""
    now = school.clock.now()
    parcels = await school.outbox.claim("me", 100, now)
    delivery = next(
        one.delivery for one in parcels if one.delivery.channel is ChannelKind.OFFICIAL
    )
    begun = hand_over(delivery, b"{}", now)
    assert await school.outbox.begin(begun, "me")
    return begun, lambda: school.outbox.mark(accept(begun, platform_id), "me")


@pytest.fixture
async def fan(school, windows):
    await follow(school, 11)
    await windows.came(visit(school, index=11, account="o11"))
    await planned(school, channels=BOTH)


@pytest.mark.usefixtures("fan")
async def test_a_failed_result_finds_its_delivery(school, ways):
    begun, mark = await accepted(school, "77")
    await mark()
    await ways.result("77", "failed:user block", failed=True, now=school.clock.now())
    await ways.result("77", "failed:user block", failed=True, now=school.clock.now())
    found = next(one for one in await rows(school) if one.id == begun.id)
    assert (found.state, found.detail) == (DeliveryState.PLATFORM_FAILED, "failed:user block")
    assert await school.statistics.stored() == await school.statistics.recompute()


@pytest.mark.parametrize(
    ("status", "stands"), [("failed:user block", False), ("failed:system failed", True)]
)
@pytest.mark.usefixtures("fan")
async def test_who_blocked_the_template_has_not_agreed_any_more(school, ways, status, stands):
    """As 43101 says at once what this result says later; a fault of the system says nothing of the person."""
    worker, today = school.worker_ids[11], school.clock.now().date()
    consents = ConsentStore(school.database)
    await consents.give(worker, ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE, "好", today)
    _, mark = await accepted(school, "76")
    await mark()
    await ways.result("76", status, failed=True, now=school.clock.now())
    standing = await consents.standing(ChannelKind.OFFICIAL, ConsentPurpose.TEMPLATE)
    assert standing == (frozenset({worker}) if stands else frozenset())


@pytest.mark.usefixtures("fan")
async def test_a_result_that_comes_before_the_mark_is_not_lost(school, ways):
    begun, mark = await accepted(school, "78")
    await ways.result("78", "failed:system failed", failed=True, now=school.clock.now())
    await mark()
    assert await ways.match(school.clock.now()) == 1
    assert await ways.match(school.clock.now()) == 0
    found = next(one for one in await rows(school) if one.id == begun.id)
    assert found.state == DeliveryState.PLATFORM_FAILED


@pytest.mark.usefixtures("fan")
async def test_a_success_and_a_strange_result_change_nothing(school, ways):
    begun, mark = await accepted(school, "79")
    await mark()
    await ways.result("79", "success", failed=False, now=school.clock.now())
    await ways.result(
        "of another system", "failed:user block", failed=True, now=school.clock.now()
    )
    school.clock.pass_(hours=2)
    assert await ways.match(school.clock.now()) == 0
    found = next(one for one in await rows(school) if one.id == begun.id)
    assert found.state == DeliveryState.ACCEPTED


async def test_the_list_of_the_unreached_has_those_who_only_wait_for_a_visit(school, windows):
    """A follower without consent or window is not reached; one who agreed, or whose window is open, is."""
    await follow(school, 10, 11)
    reading = DeskReading(school.database, school.clock)

    async def unreached() -> set[str]:
        listed = await reading.workers(WorkerFilter(unreachable=True), Paging())
        return {one.worker.number for one in listed.rows}

    assert await unreached() == {"LB000010", "LB000011"}
    await ConsentStore(school.database).give(
        school.worker_ids[10],
        ChannelKind.OFFICIAL,
        ConsentPurpose.TEMPLATE,
        "同意",
        school.clock.now().date(),
    )
    assert await unreached() == {"LB000011"}
    await windows.came(visit(school, index=11, account="o11"))
    assert await unreached() == set()
