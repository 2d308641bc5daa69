"""By which channel, when, or why not; and a planner that plans each due moment exactly once."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.ports import FakePlanBook, FakeShelf, FakeStaff, an_account, an_edition
from lianbot.domain.calendar import local
from lianbot.domain.campaigns import (
    EXPIRES,
    Audience,
    Campaign,
    CampaignState,
    Course,
    Cron,
    OccurrenceKind,
    OccurrenceState,
    Once,
    Review,
)
from lianbot.domain.codes import Level, Post
from lianbot.domain.deliveries import DeliveryState, Reason
from lianbot.domain.errors import LedgerClockError
from lianbot.domain.people import Binding, ChannelKind, PreferredTime, Worker
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.planning import LATE, Planner
from lianbot.flows.slots import (
    DAY_CAP,
    PATIENCE,
    WEEK,
    WEEK_CAP,
    cap_blocking,
    choose_route,
    choose_slot,
    plan_row,
)
from lianbot.ports.planning import Candidate, DueReminder
from lianbot.timetable.moments import CronMoments

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
S, R = DeliveryState, Reason
WECOM, OFFICIAL = ChannelKind.WECOM, ChannelKind.OFFICIAL
COOK = PostProfile(
    code=Post.COOK,
    name="厨师",
    short="厨师",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15, 50)),),
    never=(DayWindow(start=time(20), end=time(7)),),
    topics=(),
)


def candidate(number: int = 1, **changes: object) -> Candidate:
    worker = UUID(int=number)
    values = {
        "worker": Worker(
            id=worker,
            number=f"LB{number:06}",
            name="王芳",
            phone=None,
            contractor_id=1,
            team_id=1,
            site_id=1,
            posts=(Post.COOK,),
            level=Level.L6,
        ),
        "bindings": (Binding(worker_id=worker, channel=WECOM, account=f"u{number}"),),
        "opted_out": frozenset(),
        "broken": frozenset(),
        "pushes": (),
        "told": frozenset(),
    } | changes
    return Candidate(**values)


def bound(*kinds: ChannelKind) -> tuple[Binding, ...]:
    return tuple(Binding(worker_id=UUID(int=1), channel=kind, account=kind) for kind in kinds)


BOTH = (WECOM, OFFICIAL)


@pytest.mark.parametrize(
    ("label", "changes", "channels", "by", "reason"),
    [pytest.param(*row, id=row[0]) for row in [
        ("the first of the policy", {"bindings": bound(*BOTH)}, BOTH, WECOM, R.NONE),
        ("waiting for a visit comes last", {"bindings": bound(*BOTH)}, BOTH[::-1], WECOM, R.NONE),
        ("the second when the first is missing", {"bindings": bound(OFFICIAL)}, BOTH, OFFICIAL, R.NONE),
        ("none", {"bindings": ()}, BOTH, None, R.UNBOUND),
        ("only elsewhere", {"bindings": bound(OFFICIAL)}, (WECOM,), None, R.UNBOUND),
        ("opted out", {"opted_out": frozenset({WECOM})}, (WECOM,), None, R.OPTED_OUT),
        ("broken", {"broken": frozenset({WECOM})}, (WECOM,), None, R.NOT_MEMBER),
        (
            "opted out of one, reached by the other",
            {"bindings": bound(*BOTH), "opted_out": frozenset({WECOM})},
            BOTH,
            OFFICIAL,
            R.NONE,
        ),
    ]],
)  # fmt: skip
def test_the_route_to_a_worker(label, changes, channels, by, reason):
    route = choose_route(candidate(**changes), channels)
    assert (route.binding and route.binding.channel, route.reason) == (by, reason), label


def test_who_wants_paper_gets_paper():
    one = candidate()
    paper = replace(one, worker=replace(one.worker, preferred=PreferredTime.PAPER_ONLY))
    assert choose_route(paper, BOTH).reason is R.PAPER_ONLY


# --- slots and caps ------------------------------------------------------------------------------


def ago(**how: float) -> datetime:
    return NOW - timedelta(**how)


@pytest.mark.parametrize(
    ("label", "pushes", "now", "state", "reason", "at"),
    [pytest.param(*row, id=row[0]) for row in [
        ("free and inside", (), NOW, S.PLANNED, R.NONE, "01 14:07"),
        ("after the window", (), NOW + timedelta(hours=3), S.DEFERRED, R.WINDOW, "02 14:01"),
        ("one already today", (ago(minutes=5),), NOW, S.DEFERRED, R.CAPPED_DAY, "02 14:01"),
        ("yesterday evening does not count as today", (ago(hours=15),), NOW, S.PLANNED, R.NONE, "01 14:07"),
        ("two this week", (ago(days=1), ago(days=3)), NOW, S.DEFERRED, R.CAPPED_WEEK, "05 14:01"),
        ("a week ago to the second, or a little less", (ago(days=7, seconds=-5), ago(days=5)), NOW, S.PLANNED, R.NONE, "01 14:07"),
        ("two, but one a week ago", (ago(days=1), ago(days=7)), NOW, S.PLANNED, R.NONE, "01 14:07"),
        ("two are about to leave", (ago(days=-1), ago(days=-2)), NOW, S.SKIPPED, R.CAPPED_WEEK, None),
        (
            "nothing free for six days",
            (ago(minutes=2), ago(minutes=1)),
            NOW,
            S.SKIPPED,
            R.CAPPED_WEEK,
            None,
        ),
    ]],
)  # fmt: skip
def test_the_slot_of_a_row(label, pushes, now, state, reason, at):
    slot = choose_slot(COOK, pushes, now)
    found = slot.at and local(slot.at).strftime("%d %H:%M")
    assert (slot.state, slot.reason, found) == (state, reason, at), label


def test_a_post_that_can_never_read_is_skipped():
    shut = replace(COOK, never=(DayWindow(start=time(0), end=time(23, 59)),))
    slot = choose_slot(shut, (), NOW)
    assert (slot.state, slot.reason) == (S.SKIPPED, R.WINDOW)


def holds(pushes: list[datetime]) -> bool:
    """The caps of P4: one a local day, two in any seven local days."""
    days = [local(one).date() for one in pushes]
    return all(days.count(day) <= DAY_CAP for day in days) and all(
        sum(last - WEEK < one <= last for one in days) <= WEEK_CAP for last in days
    )


OFFSETS = st.integers(-10 * 1440, 10 * 1440).map(lambda minutes: timedelta(minutes=minutes))


@given(st.lists(OFFSETS, max_size=8), OFFSETS)
def test_a_push_that_nothing_blocks_keeps_the_caps(offsets, offset):
    pushes: list[datetime] = []
    for one in offsets:
        if holds([*pushes, NOW + one]):
            pushes.append(NOW + one)
    assert (cap_blocking(pushes, NOW + offset) is R.NONE) == holds([*pushes, NOW + offset])


@given(st.lists(OFFSETS, max_size=30))
def test_whatever_is_planned_in_whatever_order_no_week_holds_three(moments):
    pushes: list[datetime] = []
    for moment in moments:
        slot = choose_slot(COOK, pushes, NOW + moment)
        if slot.at is not None:
            pushes.append(slot.at)
    assert holds(pushes)


@given(st.lists(OFFSETS, max_size=6), OFFSETS)
def test_a_slot_lies_in_the_window_within_patience_and_never_in_the_past(offsets, offset):
    now = NOW + offset
    slot = choose_slot(COOK, [NOW + one for one in offsets], now)
    if slot.at is None:
        assert (slot.state, slot.reason is R.NONE) == (S.SKIPPED, False)
    else:
        assert now <= slot.at <= now + PATIENCE
        assert time(14) <= local(slot.at).time() < time(15, 50)


@pytest.mark.parametrize(
    ("label", "ends", "state", "reason"),
    [
        ("it ends tomorrow and today is free", timedelta(days=1), S.PLANNED, R.NONE),
        ("it has ended", timedelta(0), S.SKIPPED, R.EXPIRED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_slot_lies_before_the_end(label, ends, state, reason):
    slot = choose_slot(COOK, (), NOW, NOW + ends)
    assert (slot.state, slot.reason) == (state, reason), label


def test_what_a_cap_would_hold_beyond_the_end_is_skipped_at_once():
    slot = choose_slot(COOK, [NOW - timedelta(hours=1)], NOW, NOW + timedelta(hours=9))
    assert (slot.state, slot.reason, slot.at) == (S.SKIPPED, R.EXPIRED, None)


def row(one: Candidate, **changes: object):
    return plan_row(
        one,
        an_edition(**changes),
        occurrence_id=UUID(int=7),
        channels=(WECOM,),
        profiles={Post.COOK: COOK},
        now=NOW,
    )


def test_a_row_says_everything_that_sending_and_counting_need():
    made = row(candidate(), quizzes=("q1", "q2", "q3"))
    assert (made.state, made.channel, made.account, made.counts_at) == (
        S.PLANNED,
        WECOM,
        "u1",
        NOW,
    )
    assert made.quiz in {"q1", "q2", "q3"}
    assert row(candidate(), quizzes=("q1", "q2", "q3")) == made


def test_a_skipped_row_counts_against_nothing():
    made = row(candidate(bindings=()))
    assert (made.state, made.reason, made.counts_at, made.account) == (
        S.SKIPPED,
        R.UNBOUND,
        None,
        None,
    )


# --- the planner ---------------------------------------------------------------------------------

AUTHOR = an_account("editor")


def campaign(**changes: object) -> Campaign:
    values = {
        "id": uuid4(),
        "title": "第一课",
        "audience": Audience(),
        "schedule": Once(at=NOW + timedelta(minutes=5)),
        "items": ("LSN-COOK-001",),
        "channels": (WECOM,),
        "remind_after_days": None,
        "created_by": AUTHOR.id,
        "created_at": NOW,
        "state": CampaignState.APPROVED,
        "steps": 1,
        "approvals": (),
    } | changes
    return Campaign(**values)


class Room:
    """A planner over fakes and a clock that is moved."""

    def __init__(self, clock, count: int = 5, **shelf: object) -> None:
        self.clock = clock
        self.book = FakePlanBook([candidate(number) for number in range(1, count + 1)])
        self.shelf = FakeShelf(an_edition(), **shelf)  # type: ignore[arg-type]

    def planner(self, staff: FakeStaff | None = None) -> Planner:
        return Planner(
            staff=staff,
            book=self.book,
            shelf=self.shelf,
            moments=CronMoments(),
            profiles={Post.COOK: COOK},
            clock=self.clock,
        )

    async def plan(self):
        return await self.planner().plan_due()


@pytest.fixture
def room(clock) -> Room:
    return Room(clock)


async def test_nothing_is_planned_before_its_time(room):
    room.book.add(campaign())
    assert await room.plan() == []
    assert room.book.occurrences == {}


async def test_once_is_once(room):
    room.book.add(campaign())
    room.clock.pass_(minutes=5)
    assert [one.planned for one in await room.plan()] == [5]
    room.clock.pass_(minutes=1)
    assert await room.plan() == []


async def test_every_worker_has_one_row(room):
    room.book.add(campaign())
    room.clock.pass_(minutes=6)
    (occurrence,) = await room.plan()
    workers = [one.worker_id for one in room.book.rows[occurrence.id]]
    assert sorted(workers) == [UUID(int=number) for number in range(1, 6)]


@pytest.mark.parametrize(
    "state", [CampaignState.DRAFT, CampaignState.PAUSED, CampaignState.STOPPED]
)
async def test_only_what_is_approved_is_planned(room, state):
    room.book.add(campaign(state=state))
    room.clock.pass_(minutes=6)
    assert await room.plan() == []


async def test_cron_is_planned_each_time_it_is_due(room):
    room.book.add(campaign(schedule=Cron(expression="7 14 * * *")))
    due = []
    for _ in range(3):
        room.clock.pass_(days=1)
        due += [local(one.due_at).strftime("%d %H:%M") for one in await room.plan()]
    assert due == ["02 14:07", "03 14:07", "04 14:07"]


async def test_after_a_long_stop_only_the_newest_moment_is_sent(room):
    room.book.add(campaign(schedule=Cron(expression="7 14 * * *")))
    room.clock.pass_(days=10)
    assert [local(one.due_at).day for one in await room.plan()] == [11]
    missed = [o for o in room.book.occurrences.values() if o.state is OccurrenceState.MISSED]
    assert [local(one.due_at).day for one in missed] == list(range(2, 11))
    ((kind, detail),) = room.book.missed
    assert kind == "missed:第一课"
    assert "2026-12-10 14:07 等 9 次" in detail
    assert "campaign create --at" in detail


async def test_what_is_days_late_is_written_down_as_missed_and_not_sent(room):
    room.book.add(campaign())
    room.clock.pass_(days=LATE.days, minutes=6)
    assert await room.plan() == []
    assert [one.state for one in room.book.occurrences.values()] == [OccurrenceState.MISSED]
    assert room.book.rows == {}
    ((_, detail),) = room.book.missed
    assert "2026-12-01 14:12 到点时没有在跑" in detail
    await room.plan()
    assert len(room.book.missed) == 1, "staff are told once"


async def test_a_planner_that_died_and_comes_back_after_months_sends_nothing(room):
    room.book.add(campaign())
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    with pytest.raises(ConnectionError):
        await room.plan()
    room.clock.pass_(days=90)
    (occurrence,) = await room.plan()
    late = [(row.state, row.reason) for row in room.book.rows[occurrence.id][4:]]
    assert late == [(S.SKIPPED, R.EXPIRED)]
    assert occurrence.ends_at == occurrence.due_at + EXPIRES


async def test_rows_that_sleep_on_are_looked_at_now_and_then(room):
    planner, looks = room.planner(), []
    for _ in range(30):
        await planner.plan_due()
        looks.append(len(room.book.expired))
        room.clock.pass_(minutes=1)
    assert (looks[0], looks[-1]) == (1, 3)
    since, until = zip(*room.book.renewed, strict=True)
    assert since[0] == NOW - EXPIRES
    assert all(begins < ended for begins, ended in zip(since[1:], until, strict=False))


async def test_a_look_at_what_waits_that_fails_keeps_nobody_asleep(room, monkeypatch):
    async def fail(*_args: object) -> int:
        raise ConnectionError("the database is away")

    monkeypatch.setattr(room.book, "expire", fail)
    with pytest.raises(ConnectionError):
        await room.plan()
    assert room.book.woken == [NOW]


async def test_a_planner_that_died_is_finished_without_a_second_row(room):
    room.book.add(campaign())
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    with pytest.raises(ConnectionError):
        await room.plan()
    (occurrence,) = await room.plan()
    assert len(room.book.rows[occurrence.id]) == 5
    assert occurrence.state is OccurrenceState.PLANNED


async def test_at_the_start_of_the_only_process_nobodys_lease_is_waited_for(room):
    room.book.add(campaign())
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    with pytest.raises(ConnectionError):
        await room.plan()
    room.book.dead.clear()
    assert [one.planned for one in await room.planner().resume(alone=True)] == [5]


async def test_a_campaign_that_cannot_be_planned_does_not_hold_up_the_others(room):
    room.book.add(campaign(title="坏的"))
    room.book.add(campaign(title="好的"))
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    staff = FakeStaff()
    (planned,) = await room.planner(staff).plan_due()
    assert room.book.campaigns[planned.campaign_id].title == "好的"
    assert staff.alerts == [("plan:坏的", "坏的：ConnectionError")]
    assert room.book.woken == [room.clock.now()]


async def test_a_clock_behind_the_ledger_is_one_alert_whatever_the_campaign(room, monkeypatch):
    async def refuse(*_args: object) -> None:
        raise LedgerClockError("先校准时钟再记账")

    monkeypatch.setattr(room.book, "finish", refuse)
    room.book.add(campaign(title="第一课"))
    room.clock.pass_(minutes=6)
    staff = FakeStaff()
    assert await room.planner(staff).plan_due() == []
    assert staff.alerts == [("ledger:clock", "第一课：先校准时钟再记账")]


async def test_a_long_title_fits_into_an_alert(room):
    room.book.add(campaign(title="长" * 60))
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    staff = FakeStaff()
    await room.planner(staff).plan_due()
    assert [len(kind) for kind, _ in staff.alerts] == [40]


async def test_another_process_that_plans_it_is_left_alone(room):
    made = room.book.add(campaign())
    room.clock.pass_(minutes=6)
    await room.book.open_occurrence(
        made.id, OccurrenceKind.PUSH, NOW + timedelta(minutes=5), room.clock.now()
    )
    assert await room.plan() == []
    assert room.book.looked_until[made.id] == NOW


async def test_a_course_draws_the_next_item_and_is_silent_after_the_last(clock):
    room = Room(clock, course={("COOK", "L6"): ("LSN-COOK-001",)})
    room.book.add(campaign(schedule=Course(shelf="standing", expression="7 14 * * *"), items=()))
    room.clock.pass_(days=1)
    (first,) = await room.plan()
    assert len(room.book.rows[first.id]) == 5
    room.book.people = [
        candidate(number, told=frozenset({"LSN-COOK-001"})) for number in range(1, 6)
    ]
    room.clock.pass_(days=1)
    assert sum(len(room.book.rows.get(one.id, ())) for one in await room.plan()) == 0


async def test_an_item_that_ran_out_reaches_nobody(clock):
    room = Room(clock)
    room.shelf = FakeShelf(an_edition(valid_until=date(2026, 11, 30)))
    room.book.add(campaign())
    room.clock.pass_(minutes=6)
    assert [one.planned for one in await room.plan()] == [0]


async def test_a_reminder_carries_the_edition_that_was_sent(room):
    made = room.book.add(campaign(remind_after_days=2))
    room.clock.pass_(minutes=6)
    (push,) = await room.plan()
    room.book.reminders = [DueReminder(campaign=made, occurrence=push)]
    room.clock.pass_(days=2)
    (reminder,) = await room.plan()
    assert (reminder.kind, reminder.reminds) == (OccurrenceKind.REMINDER, push.id)
    assert reminder.due_at == push.due_at + timedelta(days=2)
    assert {one.item for one in room.book.rows[reminder.id]} == {"LSN-COOK-001"}
    assert await room.plan() == []


async def test_each_look_wakes_what_was_deferred(room):
    await room.plan()
    assert room.book.woken == [NOW]


NIGHT_GROUP = Audience(tags=("夜班小组",))


async def planned_for(room, **changes):
    """The rows of one push by state and reason, and what staff were told."""
    room.book.add(campaign(title="夜班", **changes))
    room.clock.pass_(minutes=6)
    staff = FakeStaff()
    (push,) = await room.planner(staff).plan_due()
    return Counter((row.state, row.reason) for row in room.book.rows[push.id]), staff.alerts


async def test_chosen_people_who_became_fewer_than_the_floor_get_nothing_and_staff_are_told(room):
    room.book.people = room.book.people[:4]
    found, alerts = await planned_for(room, audience=NIGHT_GROUP)
    assert found == {(S.SKIPPED, R.TOO_FEW): 4}
    ((kind, detail),) = alerts
    assert kind == "few:夜班"
    assert "收到 LSN-COOK-001 的只有 4 人" in detail


async def test_who_would_be_alone_with_a_text_gets_nothing_and_the_others_get_theirs(clock):
    """At the approval there were five guards in the team; one left since."""
    room = Room(clock, count=12)
    room.shelf = FakeShelf(
        an_edition("LSN-GUARD-001", posts=(Post.GUARD,)), an_edition(posts=(Post.COOK,))
    )
    for index in range(4):
        one = room.book.people[index]
        guard = replace(one.worker, posts=(Post.COOK, Post.GUARD))
        room.book.people[index] = replace(one, worker=guard)
    planner = room.planner()
    planner._profiles = {Post.COOK: COOK, Post.GUARD: replace(COOK, code=Post.GUARD)}
    room.planner = lambda staff=None: _told_by(planner, staff)
    found, alerts = await planned_for(
        room, audience=NIGHT_GROUP, items=("LSN-GUARD-001", "LSN-COOK-001")
    )
    assert found == {(S.SKIPPED, R.TOO_FEW): 4, (S.PLANNED, R.NONE): 8}
    assert [kind for kind, _ in alerts] == ["few:夜班"]


def _told_by(planner: Planner, staff: FakeStaff | None) -> Planner:
    planner._staff = staff
    return planner


async def test_who_is_planned_already_counts_when_a_planner_goes_on_after_its_death(room):
    room.book.add(campaign(audience=NIGHT_GROUP))
    room.clock.pass_(minutes=6)
    room.book.die_after = 3
    with pytest.raises(ConnectionError):
        await room.plan()
    (push,) = await room.plan()
    assert [row.state for row in room.book.rows[push.id]] == [S.PLANNED] * 5


@pytest.mark.parametrize(
    "schedule", [Course(shelf="standing", expression="7 14 * * *"), Review()], ids=str
)
async def test_a_course_for_chosen_people_who_became_too_few_is_not_opened(clock, schedule):
    room = Room(clock, count=4, course={("COOK", "L6"): ("LSN-COOK-001",)})
    room.book.add(campaign(title="夜班", schedule=schedule, items=(), audience=NIGHT_GROUP))
    room.clock.pass_(days=1)
    staff = FakeStaff()
    assert await room.planner(staff).plan_due() == []
    assert room.book.rows == {}


async def test_a_rule_by_post_reaches_even_one(room):
    room.book.add(campaign(audience=Audience(posts=(Post.COOK,))))
    room.book.people = room.book.people[:1]
    room.clock.pass_(minutes=6)
    assert [one.planned for one in await room.plan()] == [1]
