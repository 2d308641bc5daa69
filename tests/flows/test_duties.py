"""Mondays 08:31: constant, once, whatever lies in the box; and who is told when nobody has fetched."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.ports import FakeStaff
from lianbot.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendAction
from lianbot.domain.people import Account, ChannelKind, Role
from lianbot.evidence.entries import Attested
from lianbot.evidence.keys import officer_id
from lianbot.flows.duties import Duties, is_late, week_of, week_on_duty, weeks_before
from lianbot.phrases import duties as say
from lianbot.ports.duties import Addressee, Duty, DutyState

MONDAY = datetime(2026, 12, 7, 0, 31, tzinfo=UTC)
"""08:31 at the school, week 2026-W50."""
PUB = b"\x07" * 32


@dataclass
class FakeBook:
    people: list[Addressee]
    rows: dict[tuple[str, str, str], DutyState] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)
    since: str = "2026-W40"

    async def addressees(self):
        return self.people

    async def begin(self, duty, week, who, now):
        if (duty, week, who) in self.rows:
            return False
        self.rows[duty, week, who] = DutyState.HANDING_OVER
        return True

    async def mark(self, duty, week, who, state):
        self.rows[duty, week, who] = state

    async def give_back(self, duty, week, who):
        del self.rows[duty, week, who]

    async def name_lost(self, before):
        pass

    async def alert_once(self, week, kind, detail, now):
        self.alerts.append(detail)
        return True

    async def watched_since(self, officers, week):
        return dict.fromkeys(officers, self.since)


@dataclass
class FakeWeCom:
    outcome: object = field(default_factory=lambda: Accepted(platform_id="m"))
    sent: list[tuple[str, str]] = field(default_factory=list)

    def render(self, message):
        return f"{message.account}|{message.text}".encode()

    async def send(self, body):
        account, _, text = body.decode().partition("|")
        self.sent.append((account, text))
        return self.outcome


@dataclass
class FakeShelf:
    async def officers(self):
        return [PUB]


@dataclass
class Facts:
    weeks: list[str]

    async def facts_of(self, kind):
        return [Attested(week=one, officer=officer_id(PUB), sig=bytes(64)) for one in self.weeks]


def somebody(name: str, wecom: str, *roles: Role) -> Addressee:
    account = Account(id=uuid4(), name=name, display=name, roles=frozenset(roles))
    return Addressee(account=account, wecom=wecom, number=f"N-{name}")


@pytest.fixture
def room(clock):
    clock.moment = MONDAY

    def make(fetched="2026-W49", **changes):
        people = [
            somebody("jijian", "U-JIJIAN", Role.OFFICER, Role.REVIEWER),
            somebody("shuji", "U-SHUJI", Role.REVIEWER),
            somebody("bianji", "U-BIANJI", Role.EDITOR),
            somebody("second", "", Role.OFFICER),
        ]
        book, wecom, staff = FakeBook(people), FakeWeCom(), FakeStaff()
        parts = {
            "book": book,
            "facts": Facts([fetched] if fetched else []),
            "shelf": FakeShelf(),
            "staff": staff,
            "channels": {ChannelKind.WECOM: wecom},
            "clock": clock,
        } | changes
        return Duties(**parts), book, wecom, staff

    return make


async def test_officers_get_the_constant_line_and_nobody_else(room):
    duties, book, wecom, _ = room()
    await duties.look()
    assert wecom.sent == [("U-JIJIAN", "请查收信箱")]
    states = sorted(book.rows.values())
    assert states == [DutyState.ACCEPTED, DutyState.CONSOLE]
    assert book.alerts == []


async def test_nothing_before_0831_and_once_a_week(room, clock):
    duties, _, wecom, _ = room()
    clock.moment = MONDAY - timedelta(minutes=1)
    await duties.look()
    assert wecom.sent == []
    clock.moment = MONDAY
    for _ in range(3):
        await duties.look()
    assert len(wecom.sent) == 1
    clock.moment = MONDAY + timedelta(days=7)
    await duties.look()
    assert len(wecom.sent) == 2
    assert len(set(wecom.sent)) == 1


async def test_a_year_of_silence_of_the_machine_brings_one_line_not_fifty(room, clock):
    duties, _, wecom, _ = room()
    await duties.look()
    clock.moment = MONDAY + timedelta(days=370)
    await duties.look()
    assert [text for account, text in wecom.sent if account == "U-JIJIAN"] == [say.DIGEST] * 2


async def test_another_process_that_was_first_leaves_nothing_to_do(room):
    duties, book, wecom, _ = room()
    for one in book.people:
        book.rows[Duty.DIGEST, "2026-W50", str(one.account.id)] = DutyState.HANDING_OVER
    await duties.look()
    assert wecom.sent == []


async def test_without_an_attestation_for_more_than_a_week_the_superior_is_told(room):
    duties, book, wecom, _ = room(fetched="2026-W47")
    await duties.look()
    assert wecom.sent == [("U-JIJIAN", say.DIGEST), ("U-SHUJI", say.ESCALATION)]
    assert book.alerts == [say.not_fetched("2026-W47")]


async def test_named_superiors_stand_in_place_of_reviewers(room):
    duties, _, wecom, _ = room(fetched="", superiors=frozenset({"bianji"}))
    await duties.look()
    assert ("U-BIANJI", say.ESCALATION) in wecom.sent
    assert ("U-SHUJI", say.ESCALATION) not in wecom.sent


async def test_a_channel_that_was_down_is_tried_again_and_marks_nothing(room, clock):
    duties, book, wecom, _ = room()
    wecom.outcome = NotSent(detail="refused")
    await duties.look()
    await duties.look()
    assert len(wecom.sent) == 1
    assert list(book.rows.values()) == [DutyState.CONSOLE]
    wecom.outcome = Accepted(platform_id="m")
    clock.moment = MONDAY + timedelta(minutes=6)
    await duties.look()
    assert len(wecom.sent) == 2


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (NoAnswer(detail="timeout"), DutyState.UNKNOWN),
        (Refused(errcode=1, action=SendAction.RECIPIENT, detail="x"), DutyState.REFUSED),
    ],
)
async def test_what_is_not_known_is_never_sent_again(room, clock, outcome, state):
    duties, book, wecom, _ = room()
    wecom.outcome = outcome
    await duties.look()
    assert state in book.rows.values()
    clock.moment = MONDAY + timedelta(hours=1)
    await duties.look()
    assert len(wecom.sent) == 1


async def test_stop_all_holds_it_back_and_the_week_is_made_up_for(room, clock):
    duties, _, wecom, staff = room()
    staff.off = True
    await duties.look()
    assert wecom.sent == []
    staff.off = False
    clock.moment = MONDAY + timedelta(days=2)
    await duties.look()
    assert len(wecom.sent) == 1


async def test_in_the_pilot_nobody_outside_the_list_gets_a_message(room):
    duties, book, wecom, _ = room(allowed=frozenset({"N-other"}))
    await duties.look()
    assert wecom.sent == []
    assert set(book.rows.values()) == {DutyState.CONSOLE}


async def test_without_a_door_there_is_no_duty(room):
    duties, book, wecom, _ = room(shelf=None)
    await duties.look()
    assert (wecom.sent, book.rows) == ([], {})


@pytest.mark.parametrize(
    ("fetched", "since", "late"),
    [
        ("2026-W49", "2026-W01", False),
        ("2026-W48", "2026-W01", False),
        ("2026-W47", "2026-W01", True),
        (None, "2026-W50", False),
        (None, "2026-W49", False),
        (None, "2026-W48", True),
    ],
)
def test_late_is_more_than_seven_days_after_it_could_be_fetched(fetched, since, late):
    assert is_late(fetched, since, "2026-W50") is late


@given(st.dates(date(2020, 1, 6), date(2040, 1, 1)), st.integers(0, 60))
def test_weeks_go_back_over_the_turn_of_the_year(day, count):
    assert weeks_before(week_of(day), count) == week_of(day - timedelta(weeks=count))


def test_the_duty_begins_on_monday_and_not_on_sunday():
    assert week_on_duty(MONDAY) == "2026-W50"
    assert week_on_duty(MONDAY + timedelta(days=6)) == "2026-W50"
    assert week_on_duty(MONDAY - timedelta(seconds=1)) is None


def test_the_constant_texts_hold_no_figure_and_no_word_of_the_content():
    for text in (say.DIGEST, say.DIGEST_LINE, say.ESCALATION):
        assert not any(sign.isdigit() for sign in text)
