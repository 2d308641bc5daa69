"""Claim → hand over → mark: the retry policy over every code, what is held back, and a sender that loses nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from fakes.ports import (
    FakeChannel,
    FakeManyChannel,
    FakeOutbox,
    FakeStaff,
    a_delivery,
    a_parcel,
    an_edition,
)
from lianbot.channels.table import action_for, entries
from lianbot.domain.codes import Post
from lianbot.domain.deliveries import (
    Delivery,
    DeliveryState,
    Reason,
    hand_over,
    lose_sight,
    plan_again,
)
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.messages import (
    Accepted,
    MessageForm,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    SendAction,
)
from lianbot.domain.people import ChannelKind, PreferredTime
from lianbot.domain.posts import DayWindow, PostProfile, Shift
from lianbot.flows.delivery import Sender
from lianbot.flows.settling import CHANNEL_REST, MOST_TRIES, QUOTA_REST, hold_back, settle
from lianbot.ports.outbox import Parcel

NOW = datetime(2026, 12, 1, 6, 7, tzinfo=UTC)
S, A = DeliveryState, SendAction
COOK = PostProfile(
    code=Post.COOK,
    name="厨师",
    short="厨师",
    aliases=(),
    send=(DayWindow(start=time(14), end=time(15, 50)),),
    never=(),
    topics=(),
)
WRONG_SECRET = Refused(errcode=40001, action=A.CONFIG, detail="invalid credential")

# action → (state, reason) of a first hand-over
POLICY: dict[SendAction, tuple[DeliveryState, Reason]] = {
    A.OK: (S.ACCEPTED, Reason.NONE),
    A.DUPLICATE_OK: (S.ACCEPTED, Reason.NONE),
    A.RETRY: (S.DEFERRED, Reason.CHANNEL_DOWN),
    A.RETRY_LATER: (S.DEFERRED, Reason.CHANNEL_DOWN),
    A.REFRESH_TOKEN: (S.DEFERRED, Reason.BAD_CONFIG),
    A.CONFIG: (S.DEFERRED, Reason.BAD_CONFIG),
    A.QUOTA: (S.DEFERRED, Reason.QUOTA),
    A.WINDOW_CLOSED: (S.REFUSED, Reason.WINDOW_CLOSED),
    A.UNSUBSCRIBED: (S.REFUSED, Reason.NOT_FOLLOWING),
    A.OPTED_OUT: (S.REFUSED, Reason.OPTED_OUT),
    A.RECIPIENT: (S.REFUSED, Reason.NOT_MEMBER),
    A.VISIBILITY: (S.REFUSED, Reason.NOT_VISIBLE),
    A.LICENSE: (S.REFUSED, Reason.NOT_LICENSED),
    A.PAYLOAD: (S.REFUSED, Reason.BAD_CONTENT),
    A.OAUTH_RESTART: (S.REFUSED, Reason.BAD_CONFIG),
    A.UNLISTED: (S.REFUSED, Reason.UNLISTED_CODE),
}
LISTED = [(kind, code) for kind in ChannelKind for code in sorted(entries(kind))]


def handed(**changes: object) -> Delivery:
    return hand_over(a_delivery(**changes), b"body", NOW)


def again() -> Delivery:
    """In hand-over a second time, because the first answer was lost."""
    lost = lose_sight(handed(), Reason.NO_ANSWER, "timeout")
    return replace(hand_over(lost, b"body", NOW + timedelta(minutes=1)), reason=lost.reason)


def test_the_policy_knows_every_action():
    assert set(POLICY) == set(SendAction)


@pytest.mark.parametrize(("kind", "code"), LISTED, ids=lambda value: str(value))
def test_every_listed_code_ends_as_the_policy_says(kind, code):
    action = action_for(kind, code)
    settled = settle(handed(channel=kind), Refused(errcode=code, action=action, detail="x"), NOW)
    assert (settled.state, settled.reason) == POLICY[action]


@pytest.mark.parametrize("kind", list(ChannelKind))
def test_a_code_nobody_listed_is_final_and_no_loop(kind):
    assert action_for(kind, 999_999) is A.UNLISTED
    refusal = Refused(errcode=999_999, action=A.UNLISTED, detail="?")
    assert settle(handed(channel=kind), refusal, NOW).state is S.REFUSED


def test_accepted_keeps_the_platforms_own_number():
    settled = settle(handed(), Accepted(platform_id="m77"), NOW)
    assert (settled.state, settled.platform_id, settled.body) == (S.ACCEPTED, "m77", None)


def test_no_answer_is_unknown_and_keeps_the_body():
    settled = settle(handed(), NoAnswer(detail="timeout"), NOW)
    assert (settled.state, settled.reason, settled.body) == (S.UNKNOWN, Reason.NO_ANSWER, b"body")


def test_what_certainly_did_not_leave_waits_for_the_channel():
    settled = settle(handed(), NotSent(detail="refused"), NOW)
    assert (settled.state, settled.reason) == (S.DEFERRED, Reason.CHANNEL_DOWN)
    assert settled.not_before is not None
    assert settled.not_before > NOW


@pytest.mark.parametrize(
    "outcome",
    [
        NotSent(detail="refused"),
        NoAnswer(detail="timeout"),
        *(Refused(errcode=1, action=one, detail="") for one in A if one not in (A.OK, A.DUPLICATE_OK)),
    ],
    ids=str,
)  # fmt: skip
def test_a_repeat_that_fails_says_nothing_about_the_first_copy(outcome):
    assert settle(again(), outcome, NOW).state is S.UNKNOWN


@pytest.mark.parametrize(
    "outcome",
    [Accepted(platform_id="m1"), Refused(errcode=45065, action=A.DUPLICATE_OK, detail="")],
    ids=str,
)
def test_a_repeat_that_the_platform_takes_settles_it(outcome):
    assert settle(again(), outcome, NOW).state is S.ACCEPTED


def test_a_busy_platform_is_tried_three_times_and_no_more():
    busy = Refused(errcode=45033, action=A.RETRY, detail="busy")
    delivery = handed()
    waits = []
    for _ in range(MOST_TRIES - 1):
        delivery = settle(delivery, busy, NOW)
        assert delivery.not_before is not None
        waits.append(delivery.not_before - NOW)
        delivery = handed(attempts=delivery.attempts)
    ended = settle(delivery, busy, NOW)
    assert (ended.state, ended.reason) == (S.REFUSED, Reason.TOO_MANY_TRIES)
    assert waits == sorted(set(waits))


def test_an_empty_quota_waits_for_hours_and_uses_up_no_try():
    quota = Refused(errcode=45009, action=A.QUOTA, detail="")
    settled = settle(handed(attempts=9), quota, NOW)
    assert settled.not_before == NOW + QUOTA_REST


def test_a_wrong_secret_loses_no_row_however_long_it_lasts():
    """The platform never looked at the worker: the row waits until the operator has mended it."""
    settled = settle(handed(attempts=9), WRONG_SECRET, NOW)
    assert (settled.state, settled.not_before) == (S.DEFERRED, NOW + CHANNEL_REST)


# --- held back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "changes", "clock", "state", "reason"),
    [
        ("in the window it leaves", {}, "14:07", None, None),
        ("who left gets nothing", {"left": True}, "14:07", S.SKIPPED, Reason.LEFT),
        ("who answered is left alone", {"acknowledged": True}, "14:07", S.SKIPPED, Reason.ACKNOWLEDGED),
        ("after the window it waits", {}, "16:00", S.DEFERRED, Reason.WINDOW),
        ("not at the half hour", {}, "14:30", S.DEFERRED, Reason.WINDOW),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_held_back_at_the_last_moment(label, changes, clock, state, reason):
    hour, minute = map(int, clock.split(":"))
    now = NOW.replace(hour=hour - 8, minute=minute)
    held = hold_back(a_parcel(a_delivery(), **changes), COOK, now)
    assert (held and held.state, held and held.reason) == (state, reason), label


def test_an_item_that_ran_out_while_its_push_was_paused_is_never_sent():
    today = date(2026, 12, 1)
    for until, reason in ((today - timedelta(days=1), Reason.EXPIRED), (today, None)):
        parcel = a_parcel(a_delivery(), edition=an_edition(valid_until=until))
        held = hold_back(parcel, COOK, NOW)
        assert (held.reason if held else None) is reason


AN_HOUR = timedelta(hours=1)
LATE_TODAY = NOW + timedelta(hours=2)
"""16:07: the window is over for today."""


@pytest.mark.parametrize(
    ("label", "changes", "now", "state", "reason"),
    [
        ("a moment before its end", {"ends_at": NOW + timedelta(seconds=1)}, NOW, None, None),
        ("at its end", {"ends_at": NOW}, NOW, S.SKIPPED, Reason.EXPIRED),
        ("months later", {"ends_at": NOW - timedelta(days=90)}, NOW, S.SKIPPED, Reason.EXPIRED),
        ("a correction has none", {"ends_at": None}, NOW, None, None),
        ("it ends before the next window", {"ends_at": NOW + timedelta(hours=9)}, LATE_TODAY, S.SKIPPED, Reason.EXPIRED),
        ("the next window comes first", {"ends_at": NOW + timedelta(days=2)}, LATE_TODAY, S.DEFERRED, Reason.WINDOW),
        ("it ends before a cap lets go", {"ends_at": NOW + timedelta(hours=9), "pushes": (NOW - AN_HOUR,)}, NOW, S.SKIPPED, Reason.EXPIRED),
        ("who has answered has answered", {"ends_at": NOW - AN_HOUR, "acknowledged": True}, NOW, S.SKIPPED, Reason.ACKNOWLEDGED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_row_has_an_end(label, changes, now, state, reason):
    held = hold_back(a_parcel(a_delivery(), **changes), COOK, now)
    assert (held and held.state, held and held.reason) == (state, reason), label


def test_a_post_that_can_never_read_is_skipped_not_waited_for():
    never = PostProfile(
        code=Post.COOK,
        name="",
        short="",
        aliases=(),
        send=COOK.send,
        never=(DayWindow(start=time(0), end=time(23, 59)),),
        topics=(),
    )
    held = hold_back(a_parcel(a_delivery()), never, NOW)
    assert held is not None
    assert (held.state, held.reason) == (S.SKIPPED, Reason.WINDOW)


# --- the sender ----------------------------------------------------------------------------------


def dress(parcel: Parcel) -> OutboundMessage:
    account = parcel.delivery.account
    assert account is not None
    return OutboundMessage(
        channel=ChannelKind.WECOM,
        account=account,
        form=MessageForm.TEXT,
        task=f"t-{parcel.delivery.id}",
        title="",
        text="",
        lead="",
        url="",
    )


class Desk:
    """A sender over fakes."""

    def __init__(self, clock, rows, channel: FakeChannel | None = None, **more: object) -> None:
        self.outbox, self.staff = FakeOutbox(rows), FakeStaff()
        self.channel = channel or FakeChannel()
        self.sender = Sender(
            outbox=self.outbox,
            staff=self.staff,
            channels={ChannelKind.WECOM: self.channel},
            profiles={Post.COOK: COOK},
            clock=clock,
            owner="me",
            **({"width": 4, "dress": dress} | more),  # type: ignore[arg-type]
        )


def crowd(count: int) -> list[Delivery]:
    return [a_delivery(number) for number in range(1, count + 1)]


async def test_everything_planned_leaves_once(clock):
    desk = Desk(clock, crowd(25))
    tally = await desk.sender.drain()
    assert (tally.accepted, len(desk.channel.sent), len(set(desk.channel.sent))) == (25, 25, 25)
    assert set(desk.outbox.states().values()) == {S.ACCEPTED}
    assert desk.outbox.claimed == {}


async def test_the_workers_shift_and_chosen_time_hold_when_sending_too(clock):
    """Planned for everybody at 14:07; who works at night or wants the evening gets it in the evening."""
    desk = Desk(clock, crowd(3))
    evening = DayWindow(start=time(20, 10), end=time(21, 25))
    desk.sender._profiles = {
        Post.COOK: replace(
            COOK,
            send=(*COOK.send, evening),
            never=(),
            shifts=(Shift(words=("夜班",), starts=(), send=(evening,)),),
            wishes=((PreferredTime.AFTER_SHIFT, (evening,)),),
        )
    }
    desk.outbox.parcels = {
        1: {"shift": "保安夜班"},
        2: {"preferred": PreferredTime.AFTER_SHIFT},
    }
    assert (await desk.sender.drain()).accepted == 1
    waiting = [desk.outbox.rows[number] for number in (1, 2)]
    assert {(one.state, one.not_before) for one in waiting} == {
        (S.DEFERRED, NOW.replace(hour=12, minute=10))
    }


async def test_the_hand_over_is_written_before_the_call(clock):
    desk = Desk(clock, crowd(1))
    seen: list[DeliveryState] = []
    send = desk.channel.send

    async def watching(body: bytes):
        seen.append(desk.outbox.rows[1].state)
        return await send(body)

    desk.channel.send = watching  # type: ignore[method-assign]
    await desk.sender.drain()
    assert seen == [S.HANDING_OVER]


async def test_stop_all_lets_nothing_leave(clock):
    desk = Desk(clock, crowd(3))
    desk.staff.off = True
    await desk.sender.drain()
    await desk.sender.resolve_unknown()
    assert (desk.channel.sent, desk.outbox.claimed) == ([], {})


async def test_a_process_that_ends_claims_no_more_and_leaves_nothing_half_way(clock):
    desk = Desk(clock, crowd(500))
    send = desk.channel.send

    async def ending(body: bytes):
        desk.sender.finish_soon()
        return await send(body)

    desk.channel.send = ending
    await desk.sender.drain()
    states = Counter(desk.outbox.states().values())
    assert set(states) == {DeliveryState.ACCEPTED, DeliveryState.PLANNED}
    assert desk.outbox.claimed == {}


async def test_a_process_that_ends_begins_no_new_drain(clock):
    desk = Desk(clock, crowd(5))
    desk.sender.finish_soon()
    await desk.sender.drain()
    assert desk.channel.sent == []


async def test_a_row_that_was_stopped_meanwhile_does_not_leave(clock):
    desk = Desk(clock, crowd(3))
    desk.outbox.stopped = {2}
    await desk.sender.drain()
    assert len(desk.channel.sent) == 2
    assert desk.outbox.rows[2].state is S.PLANNED


async def test_a_wrong_secret_rests_the_channel_alerts_and_loses_nothing(clock):
    desk = Desk(clock, crowd(30), FakeChannel(*[WRONG_SECRET] * 30))
    await desk.sender.drain()
    assert len(desk.channel.sent) <= 4
    assert set(desk.outbox.states().values()) == {S.DEFERRED}
    assert {kind for kind, _ in desk.staff.alerts} == {"wecom:40001"}


async def test_after_its_rest_the_channel_goes_on(clock):
    desk = Desk(clock, crowd(6), FakeChannel(*[WRONG_SECRET] * 6))
    await desk.sender.drain()
    desk.channel.outcomes.clear()
    clock.pass_(minutes=16)
    desk.outbox.rows = {number: plan_again(row) for number, row in desk.outbox.rows.items()}
    await desk.sender.drain()
    assert set(desk.outbox.states().values()) == {S.ACCEPTED}


STALE = Refused(errcode=42001, action=A.REFRESH_TOKEN, detail="access_token expired")


def _again(desk: "Desk") -> None:
    desk.outbox.rows = {
        number: plan_again(row) if row.state is S.DEFERRED else row
        for number, row in desk.outbox.rows.items()
    }


async def test_a_token_lost_in_the_very_second_costs_the_channel_one_minute(clock):
    desk = Desk(clock, crowd(2), FakeChannel(STALE))
    await desk.sender.drain()
    clock.pass_(seconds=61)
    _again(desk)
    await desk.sender.drain()
    assert set(desk.outbox.states().values()) == {S.ACCEPTED}


async def test_a_token_that_is_never_taken_rests_the_channel_as_a_wrong_secret_does(clock):
    desk = Desk(clock, crowd(2), FakeChannel(*[STALE] * 50))
    for _ in range(5):
        await desk.sender.drain()
        clock.pass_(seconds=61)
        _again(desk)
    assert len(desk.channel.sent) <= 4
    assert {kind for kind, _ in desk.staff.alerts} == {"wecom:42001"}


async def test_a_channel_without_credentials_defers_and_never_raises(clock):
    desk = Desk(clock, [a_delivery(channel=ChannelKind.OFFICIAL)])
    await desk.sender.drain()
    assert desk.outbox.rows[1].reason is Reason.CHANNEL_DOWN


async def test_one_message_that_cannot_be_rendered_holds_up_nobody_else(clock):
    desk = Desk(clock, crowd(10))
    render = desk.channel.render

    def picky(message: OutboundMessage) -> bytes:
        if message.account == "u5":
            raise InvalidInputError("account", "不是企业微信账号")
        return render(message)

    desk.channel.render = picky  # type: ignore[method-assign]
    await desk.sender.drain()
    states = desk.outbox.states()
    assert (states.pop(5), desk.outbox.rows[5].reason) == (S.SKIPPED, Reason.BAD_CONTENT)
    assert set(states.values()) == {S.ACCEPTED}
    assert [kind for kind, _ in desk.staff.alerts] == ["wecom:content"]


async def test_an_unknown_row_is_settled_by_the_identical_body(clock):
    desk = Desk(clock, crowd(1), FakeChannel(NoAnswer(detail="timeout")))
    await desk.sender.drain()
    assert desk.outbox.rows[1].state is S.UNKNOWN
    clock.pass_(minutes=1)
    await desk.sender.resolve_unknown()
    assert desk.outbox.rows[1].state is S.ACCEPTED
    assert desk.channel.sent[0] == desk.channel.sent[1]


async def test_past_the_platforms_interval_an_unknown_row_stays_unknown(clock):
    desk = Desk(clock, crowd(1), FakeChannel(NoAnswer(detail="timeout")))
    await desk.sender.drain()
    clock.pass_(minutes=26)
    await desk.sender.resolve_unknown()
    assert (desk.outbox.rows[1].state, len(desk.channel.sent)) == (S.UNKNOWN, 1)


async def test_a_repeat_leaves_only_while_the_worker_may_be_written_to(clock):
    """The first copy may never have arrived: the repeat would be the message itself."""
    clock.pass_(hours=1, minutes=40)
    desk = Desk(clock, crowd(1), FakeChannel(NoAnswer(detail="timeout")))
    await desk.sender.drain()
    clock.pass_(minutes=10)
    await desk.sender.resolve_unknown()
    assert (desk.outbox.rows[1].state, len(desk.channel.sent)) == (S.UNKNOWN, 1)


async def test_a_resting_channel_is_not_asked_for_repeats_either(clock):
    desk = Desk(clock, crowd(2), FakeChannel(u1=NoAnswer(detail="timeout"), u2=WRONG_SECRET))
    await desk.sender.drain()
    sent = len(desk.channel.sent)
    clock.pass_(minutes=1)
    await desk.sender.resolve_unknown()
    assert len(desk.channel.sent) == sent


async def test_in_a_pilot_nothing_leaves_for_anybody_else(clock):
    desk = Desk(clock, crowd(3), allowed=frozenset({"LB000002"}))
    await desk.sender.drain()
    assert [one.decode().partition(":")[0] for one in desk.channel.sent] == ["u2"]
    assert desk.outbox.rows[1].reason is Reason.NOT_IN_PILOT


# --- the same for many people ----------------------------------------------------------------------


async def test_what_is_the_same_for_many_goes_out_in_few_calls(clock):
    desk = Desk(clock, crowd(7), FakeManyChannel())
    tally = await desk.sender.drain()
    assert sorted(len(accounts) for accounts in desk.channel.together) == [1, 3, 3]
    assert (tally.accepted, set(desk.outbox.states().values())) == (7, {S.ACCEPTED})


async def test_what_is_one_persons_own_goes_alone(clock):
    desk = Desk(clock, crowd(5), FakeManyChannel(), dress=own_card)
    await desk.sender.drain()
    assert (desk.channel.together, len(set(desk.channel.sent))) == ([], 5)


async def test_another_occurrence_is_another_call(clock):
    rows = [*crowd(2), replace(a_delivery(3), occurrence_id=uuid4())]
    desk = Desk(clock, rows, FakeManyChannel())
    await desk.sender.drain()
    assert sorted(len(accounts) for accounts in desk.channel.together) == [1, 2]


async def test_in_one_call_every_row_has_its_own_outcome(clock):
    gone = Refused(errcode=81013, action=A.RECIPIENT, detail="errcode 0, invaliduser")
    desk = Desk(clock, crowd(3), FakeManyChannel(u2=gone))
    tally = await desk.sender.drain()
    assert desk.outbox.states() == {1: S.ACCEPTED, 2: S.REFUSED, 3: S.ACCEPTED}
    assert (tally.accepted, tally.refused) == (2, 1)


async def test_a_row_that_was_stopped_meanwhile_is_not_named_in_the_call(clock):
    desk = Desk(clock, crowd(3), FakeManyChannel())
    desk.outbox.stopped = {2}
    await desk.sender.drain()
    assert desk.channel.together == [("u1", "u3")]
    assert desk.channel.sent[0].startswith(b"u1|u3:")


async def test_a_lost_answer_to_many_is_settled_by_the_identical_body(clock):
    desk = Desk(clock, crowd(3), FakeManyChannel(NoAnswer(detail="timeout")))
    await desk.sender.drain()
    assert set(desk.outbox.states().values()) == {S.UNKNOWN}
    clock.pass_(minutes=1)
    await desk.sender.resolve_unknown()
    assert set(desk.outbox.states().values()) == {S.ACCEPTED}
    assert desk.channel.sent[0] == desk.channel.sent[1]


def own_card(parcel: Parcel) -> OutboundMessage:
    return replace(dress(parcel), form=MessageForm.BUTTON_CARD)


def test_the_thirty_first_message_of_a_minute_waits_because_the_platform_would_drop_it():
    recent = tuple(NOW - timedelta(seconds=2 * n) for n in range(30))
    held = hold_back(a_parcel(a_delivery(), pushes=recent), COOK, NOW)
    assert held is not None
    assert (held.state, held.reason) == (S.DEFERRED, Reason.QUOTA)
    assert held.not_before == recent[-1] + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("meanwhile", "more"),
    [
        ({"left": True}, {}),
        ({"acknowledged": True}, {}),
        ({}, {"allowed": frozenset({"LB000002"})}),
    ],
    ids=["left", "answered", "not in the pilot"],
)
@pytest.mark.parametrize("by", ["the platform", "a person"])
async def test_what_must_not_be_sent_any_more_is_not_repeated_and_stays_unknown(
    clock, by, meanwhile, more
):
    desk = Desk(clock, crowd(1), FakeChannel(NoAnswer(detail="timeout")))
    await desk.sender.drain()
    later = Desk(clock, list(desk.outbox.rows.values()), **more)
    later.outbox.parcels[1] = meanwhile
    if by == "a person":
        clock.pass_(minutes=26)
        later.outbox.again = {1: 1}
    await later.sender.resolve_unknown()
    assert (later.outbox.rows[1].state, later.channel.sent) == (S.UNKNOWN, [])


async def lost_for_good(clock, *outcomes) -> Desk:
    """A row whose answer was lost longer ago than the platform remembers."""
    desk = Desk(clock, crowd(1), FakeChannel(NoAnswer(detail="timeout"), *outcomes))
    await desk.sender.drain()
    clock.pass_(minutes=26)
    return desk


async def test_what_a_person_decided_to_send_again_is_the_identical_body(clock):
    desk = await lost_for_good(clock)
    desk.outbox.again = {1: 1}
    await desk.sender.resolve_unknown()
    assert desk.outbox.rows[1].state is S.ACCEPTED
    assert desk.channel.sent[0] == desk.channel.sent[1]


async def test_a_decision_is_used_up_by_one_hand_over(clock):
    desk = await lost_for_good(clock, NoAnswer(detail="timeout"))
    desk.outbox.again = {1: 1}
    for _ in range(3):
        await desk.sender.resolve_unknown()
    assert (desk.outbox.rows[1].state, len(desk.channel.sent)) == (S.UNKNOWN, 2)


async def test_a_second_copy_waits_for_the_caps(clock):
    desk = await lost_for_good(clock)
    desk.outbox.again = {1: 1}
    desk.outbox.parcels[1] = {"pushes": (clock.now() - timedelta(hours=1),)}
    await desk.sender.resolve_unknown()
    assert desk.outbox.rows[1].state is S.UNKNOWN
    clock.pass_(days=1)
    await desk.sender.resolve_unknown()
    assert desk.outbox.rows[1].state is S.ACCEPTED


@pytest.mark.parametrize(("ends", "repeats"), [(timedelta(0), 0), (timedelta(seconds=9), 1)])
async def test_after_its_end_a_lost_answer_is_not_asked_about_again(clock, ends, repeats):
    lost = lose_sight(hand_over(a_delivery(), b"body", clock.now()), Reason.NO_ANSWER, "timeout")
    desk = Desk(clock, [lost])
    desk.outbox.parcels[1] = {"ends_at": clock.now() + ends}
    await desk.sender.resolve_unknown()
    assert len(desk.channel.sent) == repeats
    assert desk.outbox.states() == {1: S.ACCEPTED if repeats else S.UNKNOWN}
