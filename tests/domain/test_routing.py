"""The way to a worker: a table of what is known and what is chosen (design §4, last bullet)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.deliveries import Reason
from lianbot.domain.people import Binding, ChannelKind
from lianbot.domain.routing import Contact, choose_way, hindrance
from lianbot.domain.ways import CHANNEL_OF, WAYS_ON, Way, policy_of

R = Reason
WECOM, OFFICIAL = ChannelKind.WECOM, ChannelKind.OFFICIAL
W, T, C, H = Way.WECOM, Way.TEMPLATE, Way.CUSTOMER, Way.HELD
USER = Binding(worker_id=UUID(int=1), channel=WECOM, account="wang")
FAN = Binding(worker_id=UUID(int=1), channel=OFFICIAL, account="owang")
BOTH = (WECOM, OFFICIAL)


def contact(*bindings: Binding, **changes: object) -> Contact:
    return Contact(bindings=bindings, **changes)  # type: ignore[arg-type]


OPEN = {"left": {"owang": 2}}
AGREED = {"template_consent": True}


@pytest.mark.parametrize(
    ("label", "known", "channels", "tried", "way", "reason"),
    [pytest.param(*row, id=row[0]) for row in [
        ("WeCom first", contact(USER, FAN, **AGREED), BOTH, (), W, R.NONE),
        ("the campaign's order", contact(USER, FAN, **AGREED), BOTH[::-1], (), T, R.NONE),
        ("template when agreed", contact(FAN, **AGREED), BOTH, (), T, R.NONE),
        ("template before a window", contact(FAN, **AGREED, **OPEN), BOTH, (), T, R.NONE),
        ("a window without consent", contact(FAN, **OPEN), BOTH, (), C, R.NONE),
        ("held without either", contact(FAN), BOTH, (), H, R.NONE),
        ("held comes last", contact(USER, FAN), BOTH[::-1], (), W, R.NONE),
        ("a window that is used up", contact(FAN, left={"owang": 0}), BOTH, (), H, R.NONE),
        ("a window of another account", contact(FAN, left={"oli": 5}), BOTH, (), H, R.NONE),
        ("not a member: the template", contact(USER, FAN, **AGREED), BOTH, (W,), T, R.NONE),
        ("template switched off: the window", contact(FAN, **AGREED, **OPEN), BOTH, (T,), C, R.NONE),
        ("window shut after all: held", contact(FAN, **OPEN), BOTH, (C,), H, R.NONE),
        ("each way once", contact(USER, FAN, **AGREED, **OPEN), BOTH, (W, T, C, H), None, R.UNBOUND),
        ("bound nowhere", contact(), BOTH, (), None, R.UNBOUND),
        ("bound elsewhere only", contact(FAN), (WECOM,), (), None, R.UNBOUND),
        ("wants nothing there", contact(FAN, opted_out=frozenset({OFFICIAL})), BOTH, (), None, R.OPTED_OUT),
        ("not following", contact(FAN, broken={OFFICIAL: R.NOT_FOLLOWING}), BOTH, (), None, R.NOT_FOLLOWING),
        ("not visible, not bound there", contact(USER, broken={WECOM: R.NOT_VISIBLE}), BOTH, (), None, R.NOT_VISIBLE),
        ("no right to templates: the window", contact(FAN, **AGREED, **OPEN, available=frozenset({C, H})), BOTH, (), C, R.NONE),
        ("no right to anything there", contact(FAN, available=frozenset({W})), BOTH, (), None, R.NO_RIGHT),
        ("a window is closed and nobody waits", contact(FAN, available=frozenset({W, C})), BOTH, (), None, R.NO_RIGHT),
    ]],
)  # fmt: skip
def test_the_way(label, known, channels, tried, way, reason):
    chosen = choose_way(known, policy_of(channels), tried)
    assert (chosen.way, chosen.reason) == (way, reason), label
    if way is not None:
        assert chosen.binding is not None
        assert chosen.binding.channel is CHANNEL_OF[way]


@pytest.mark.parametrize(
    ("way", "known", "reason"),
    [
        (T, contact(FAN), R.NO_CONSENT),
        (C, contact(FAN), R.WINDOW_CLOSED),
        (H, contact(FAN), R.NONE),
        (W, contact(FAN), R.UNBOUND),
        (T, contact(FAN, template_consent=True), R.NONE),
    ],
)
def test_why_a_way_cannot_be_used(way, known, reason):
    assert hindrance(known, way) is reason


def test_every_way_belongs_to_one_channel():
    assert {way: kind for kind, ways in WAYS_ON.items() for way in ways} == CHANNEL_OF


CONTACTS = st.builds(
    Contact,
    bindings=st.lists(st.sampled_from((USER, FAN)), unique=True).map(tuple),
    opted_out=st.frozensets(st.sampled_from(ChannelKind)),
    broken=st.dictionaries(
        st.sampled_from(ChannelKind), st.sampled_from((R.NOT_MEMBER, R.NOT_FOLLOWING))
    ),
    template_consent=st.booleans(),
    left=st.dictionaries(st.just("owang"), st.integers(0, 5)),
    available=st.frozensets(st.sampled_from(Way)),
)


@given(CONTACTS, st.permutations(BOTH), st.frozensets(st.sampled_from(Way)))
def test_what_is_chosen_is_never_hindered_nor_tried(known, channels, tried):
    chosen = choose_way(known, policy_of(channels), tried)
    if chosen.way is None:
        assert chosen.reason is not R.NONE
    else:
        assert chosen.way not in tried
        assert hindrance(known, chosen.way) is R.NONE
