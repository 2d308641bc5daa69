"""A line a day to who has something to approve: in the own windows, constant, begun once whatever dies."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from fakes.ports import FakeStaff
from lianbot.domain.codes import Post
from lianbot.domain.hours import NO_HOURS
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction
from lianbot.domain.people import Account, ChannelKind, PreferredTime, Role
from lianbot.domain.posts import DayWindow, PostProfile
from lianbot.flows.approver_calls import LOOK_EVERY, ApproverCalls
from lianbot.ports.duties import Addressee, DutyState, ReadingTimes

INSIDE = datetime(2026, 12, 7, 6, 7, tzinfo=UTC)
"""14:07 at the school."""
CLERK = PostProfile(
    code=Post.CLERK,
    name="资料员",
    short="资料",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(16)),),
    never=(),
    topics=(),
)
URL = "https://school.example/m/approve"


class Book:
    """Rows in memory."""

    def __init__(self, people) -> None:
        self.people = people
        self.rows: dict[tuple[str, str], DutyState] = {}
        self.waits = True

    async def addressees(self):
        return self.people

    async def waits_for(self, account):
        return self.waits

    async def name_lost(self, before):
        pass

    async def begin(self, duty, day, who, now):
        if (day, who) in self.rows:
            return False
        self.rows[day, who] = DutyState.HANDING_OVER
        return True

    async def mark(self, duty, day, who, state):
        self.rows[day, who] = state

    async def give_back(self, duty, day, who):
        del self.rows[day, who]


class WeCom:
    """Keeps what was sent; answers as told."""

    def __init__(self) -> None:
        self.outcome = Accepted(platform_id="m")
        self.sent: list[str] = []

    def render(self, message):
        return f"{message.account}|{message.text}".encode()

    async def send(self, body):
        self.sent.append(body.decode())
        return self.outcome


class NoHours:
    async def hours(self):
        return NO_HOURS


def reviewer(*roles: Role, wecom: str = "U-SHU", ended=None) -> Addressee:
    account = Account(id=uuid4(), name="shu", display="书记", roles=frozenset(roles))
    times = ReadingTimes(
        posts=(Post.CLERK,), team_id=1, shift="", preferred=PreferredTime.ANY, ended=ended
    )
    return Addressee(account=account, wecom=wecom, number="N1", times=times)


@pytest.fixture
def room(clock):
    clock.moment = INSIDE

    def make(*people: Addressee, **changes):
        book, wecom, staff = Book(people or [reviewer(Role.REVIEWER)]), WeCom(), FakeStaff()
        parts = {
            "book": book,
            "hours": NoHours(),
            "profiles": {Post.CLERK: CLERK},
            "staff": staff,
            "channels": {ChannelKind.WECOM: wecom},
            "clock": clock,
            "page_url": URL,
        } | changes
        return ApproverCalls(**parts), book, wecom, staff

    return make


async def test_one_line_a_day_with_the_link(room, clock):
    calls, _, wecom, _ = room()
    await calls.look()
    clock.moment += LOOK_EVERY
    await calls.look()
    assert wecom.sent == [f"U-SHU|有内容或推送计划等您审批，点开看了再批：{URL}"]
    clock.moment += timedelta(days=1)
    await calls.look()
    assert len(wecom.sent) == 2


async def test_nothing_waits_nothing_is_said_until_something_does(room, clock):
    calls, book, wecom, _ = room()
    book.waits = False
    await calls.look()
    assert (wecom.sent, book.rows) == ([], {})
    book.waits = True
    clock.moment += LOOK_EVERY
    await calls.look()
    assert len(wecom.sent) == 1


@pytest.mark.parametrize("hour", [5, 8, 14])
async def test_nothing_outside_the_own_window(room, clock, hour):
    calls, _, wecom, _ = room()
    clock.moment = INSIDE.replace(hour=hour)
    await calls.look()
    assert wecom.sent == []


async def test_only_reviewers_who_are_bound_and_still_there(room):
    yesterday = INSIDE.date() - timedelta(days=1)
    calls, book, wecom, _ = room(
        reviewer(Role.EDITOR),
        reviewer(Role.REVIEWER, wecom=""),
        reviewer(Role.REVIEWER, ended=yesterday),
        Addressee(account=reviewer(Role.REVIEWER).account, wecom="U-X", number="", times=None),
    )
    await calls.look()
    assert (wecom.sent, book.rows) == ([], {})


@pytest.mark.parametrize("changes", [{"page_url": ""}, {"allowed": frozenset({"N2"})}])
async def test_silent_without_an_address_and_outside_the_pilot(room, changes):
    calls, _, wecom, _ = room(**changes)
    await calls.look()
    assert wecom.sent == []


async def test_stop_all_stops_it(room):
    calls, _, wecom, staff = room()
    staff.off = True
    await calls.look()
    assert wecom.sent == []


@pytest.mark.parametrize(
    ("outcome", "state", "again"),
    [
        (Accepted(platform_id="m"), DutyState.ACCEPTED, 1),
        (Refused(errcode=1, action=SendAction.RECIPIENT, detail="x"), DutyState.REFUSED, 1),
        (NoAnswer(detail="timeout"), DutyState.UNKNOWN, 1),
        (NotSent(detail="refused"), None, 2),
    ],
)
async def test_only_what_certainly_was_not_sent_is_tried_again(room, clock, outcome, state, again):
    calls, book, wecom, _ = room()
    wecom.outcome = outcome
    await calls.look()
    assert list(book.rows.values()) == ([state] if state else [])
    clock.moment += LOOK_EVERY
    await calls.look()
    assert len(wecom.sent) == again
