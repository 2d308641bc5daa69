"""A term over the demo's school on a moved clock: what was previewed is what is planned, and the caps hold for everybody."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from fakes.house import START, create_database, settings_for
from fakes.ports import FakeChannel
from lianbot.bootstrap import open_house
from lianbot.bootstrap.terms import preview_worker, term_desk, term_sources
from lianbot.demo.school import make_school
from lianbot.demo.seeding import seed
from lianbot.domain.acknowledgements import Answer, AnswerGiven, Method, Via
from lianbot.domain.calendar import inside, local
from lianbot.domain.people import ChannelKind
from lianbot.flows.bundling import TermWish
from lianbot.flows.delivery import Sender
from lianbot.flows.slots import DAY_CAP, WEEK, WEEK_CAP
from lianbot.storage.tables import deliveries, workers
from lianbot.timetable.clocks import move_clock

CONTENT = Path(__file__).parents[2] / "content"
WISH = TermWish(title="冬", first=date(2026, 12, 7), last=date(2027, 3, 10))


class Season:
    """The school with its term approved, and days that pass moment by moment."""

    def __init__(self, house, folder, cast) -> None:
        self.house, self.folder, self.cast = house, folder, cast
        channel = FakeChannel()
        self.sender = Sender(
            outbox=house.outbox,
            staff=house.switches,
            channels={ChannelKind.WECOM: channel},
            dress=house.sender._dress,
            profiles=house.profiles,
            clock=house.clock,
            owner="test",
            hours=house.hours,
        )

    async def begin(self, wish: TermWish) -> None:
        """Some are new, some work at night or chose a time; one drafts, another approves."""
        dice = random.Random(7)
        async with self.house.database.write() as connection:
            for number, row in enumerate(await connection.execute(select(workers))):
                started = date(2026, 12, dice.randint(3, 28)) if number % 7 == 0 else None
                await connection.execute(
                    update(workers)
                    .where(workers.c.id == row.id)
                    .values(
                        started=started,
                        shift=dice.choice(["", "夜班", "白班", "20:00-08:00"]),
                        preferred=dice.choice(["any", "any", "noon", "after_shift", "paper_only"]),
                    )
                )
        desk = term_desk(self.house)
        drafted = await desk.draft(term_sources(self.house), wish, self.cast.scheduler)
        await desk.approve(drafted.term.id, self.cast.reviewer)

    async def pass_until(self, end: datetime, each=None) -> None:
        """The runner looks at every moment at which something is due or may leave."""
        campaigns = await self.house.campaigns.all()
        due = {
            (at, one)
            for one in campaigns
            for at in self.house.moments.due_between(one, START, end)
        }
        reminders = {
            at + timedelta(days=one.remind_after_days)
            for at, one in due
            if one.remind_after_days is not None
        }
        moments = sorted({at for at, _ in due} | reminders)
        while self.house.clock.now() < end:
            waiting = await self._waiting()
            now = self.house.clock.now()
            ahead = [at for at in (*moments, *waiting) if now < at <= end]
            move_clock(self.folder / "clock", min(ahead, default=end))
            self.house.clock.look()
            await self.house.planner.plan_due()
            await self.sender.drain()
            if each is not None:
                await each()

    async def _waiting(self) -> list[datetime]:
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.not_before, deliveries.c.counts_at).where(
                    deliveries.c.state == "deferred"
                )
            )
            return [row.not_before for row in rows]

    async def left(self) -> dict[str, list[tuple[datetime, str]]]:
        """By number of the worker, when each message left and what it was."""
        async with self.house.database.read() as connection:
            rows = await connection.execute(
                select(workers.c.number, deliveries.c.handed_at, deliveries.c.item)
                .join(deliveries, deliveries.c.worker_id == workers.c.id)
                .where(deliveries.c.state == "accepted")
                .order_by(deliveries.c.handed_at)
            )
            found: dict[str, list[tuple[datetime, str]]] = {}
            for row in rows:
                # the moved clock goes on by the seconds that a step takes
                minute = row.handed_at.replace(second=0, microsecond=0)
                found.setdefault(row.number, []).append((minute, row.item))
            return found


async def season(stack, folder: Path, count: int) -> Season:
    move_clock(folder / "clock", START)
    settings = settings_for(folder, CONTENT)
    await create_database(settings)
    house = await stack.enter_async_context(open_house(settings))
    return Season(house, folder, await seed(house, make_school(count, 7)))


@pytest.fixture
async def made(tmp_path, request):

    async with AsyncExitStack() as stack:
        yield await season(stack, tmp_path, request.param)


LENGTHS = [
    pytest.param(24, 28, id="four weeks"),
    pytest.param(240, 90, id="ninety days", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("made", "days"), LENGTHS, indirect=["made"])
async def test_what_was_previewed_for_each_worker_is_what_leaves(made, days):
    """Nobody answers anything, so that everybody is reminded and no ladder begins. It is asked in the middle of the term:
    what is under way by then, and what was told, decide too."""
    await made.begin(WISH)
    begun, end = START + timedelta(days=days // 3), START + timedelta(days=days)
    await made.pass_until(begun)
    before = {number: len(found) for number, found in (await made.left()).items()}
    people = [one.number for one in await made.house.people.workers()]
    foreseen = {
        number: [
            (one.at, one.item)
            for one in await preview_worker(made.house, number)
            if one.at is not None and one.at <= end
        ]
        for number in people
    }
    await made.pass_until(end)
    left = {
        number: found[before.get(number, 0) :] for number, found in (await made.left()).items()
    }
    assert sum(map(len, left.values())) > len(people)
    again = Counter((number, item) for number, found in left.items() for _, item in found)
    assert max(again.values()) == 2, "somebody was reminded, and nobody twice"
    unforeseen = {one: set(left.get(one, ())) - set(foreseen[one]) for one in people}
    missing = {one: set(foreseen[one]) - set(left.get(one, ())) for one in people}
    assert {one: found for one, found in unforeseen.items() if found} == {}
    assert {one: found for one, found in missing.items() if found} == {}
    assert sum(map(len, left.values())) == sum(map(len, foreseen.values()))


@pytest.mark.parametrize(("made", "days"), LENGTHS, indirect=["made"])
async def test_with_reminders_and_reviews_the_caps_and_windows_hold_for_everybody(made, days):
    """Half of them answer 懂了 at once, so that their ladder begins; the others are reminded."""
    await made.begin(WISH)
    answered: set[int] = set()

    async def tap() -> None:
        async with made.house.database.read() as connection:
            rows = await connection.execute(
                select(deliveries).where(
                    deliveries.c.state == "accepted", deliveries.c.id.not_in(answered)
                )
            )
            fresh = [row for row in rows if row.worker_id.int % 2]
        for row in fresh:
            answered.add(row.id)
            await made.house.answers.answer(
                AnswerGiven(
                    worker_id=row.worker_id, answer=Answer.UNDERSTOOD, method=Method.TAP, via=Via.OAUTH,
                    wording="懂了", repeat_key=f"k{row.id}", msgid="m", delivery_id=row.id,
                )
            )  # fmt: skip

    await made.pass_until(START + timedelta(days=days), each=tap)
    profiles, people = made.house.profiles, await made.house.people.workers()
    by_number = {one.number: one for one in people}
    for number, messages in (await made.left()).items():
        moments = [at for at, _ in messages]
        dates = [local(at).date() for at in moments]
        assert max(Counter(dates).values()) <= DAY_CAP, number
        assert all(
            sum(last - WEEK < one <= last for one in dates) <= WEEK_CAP for last in dates
        ), number
        never = profiles[by_number[number].posts[0]].never
        assert not any(inside(never, local(at).time()) for at in moments), number
    async with made.house.database.read() as connection:
        kinds = (await connection.execute(select(deliveries.c.item, deliveries.c.worker_id))).all()
    again = Counter((row.worker_id, row.item) for row in kinds)
    assert max(again.values()) > 1, "somebody was reminded or asked again"
    statistics = made.house.statistics
    assert await statistics.stored() == await statistics.recompute()
