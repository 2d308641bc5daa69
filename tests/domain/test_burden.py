"""The burden account adds up lengths, not people's time."""

import pytest

from lianbot.domain.burden import Burden, burden_of, spread_of


@pytest.mark.parametrize(
    ("text", "asks", "seconds"),
    [
        pytest.param("字" * 150, False, 60, id="150 characters are a minute"),
        pytest.param("字" * 150, True, 80, id="a question takes twenty seconds more"),
        pytest.param("字 \n" * 5, False, 2, id="white space is not read"),
        pytest.param("", False, 0, id="nothing is nothing"),
    ],
)
def test_seconds_follow_the_length(text, asks, seconds):
    assert burden_of(text, asks=asks) == Burden(messages=1, seconds=seconds)


def test_burdens_add_up():
    one = Burden(messages=1, seconds=30)
    assert sum([one, one.times(2)], Burden()) == Burden(messages=3, seconds=90)


def test_a_month_is_summed_and_spread_without_a_name():
    found = spread_of([Burden(messages=2, seconds=90), Burden(messages=1, seconds=40)] * 2)
    assert (found.workers, found.total) == (4, Burden(messages=6, seconds=260))
    assert (found.most, found.seconds_each) == (Burden(messages=2, seconds=90), 65)
    assert found.workers_by_messages == {1: 2, 2: 2}
    assert spread_of([]).seconds_each == 0
