"""The almanac counts days as the content table says."""

from datetime import date

import pytest

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.festivals import Almanac

OCTOBER = Almanac(
    days={"national-day": (date(2026, 10, 1),)},
    off=frozenset(date(2026, 10, day) for day in range(1, 8)),
    make_up=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)


@pytest.mark.parametrize(
    ("offset", "working", "day"),
    [
        pytest.param(-10, False, date(2026, 9, 21), id="ten days before"),
        pytest.param(2, False, date(2026, 10, 3), id="two days after"),
        pytest.param(-1, True, date(2026, 9, 30), id="the working day before"),
        pytest.param(-9, True, date(2026, 9, 20), id="a make-up Sunday is a working day"),
        pytest.param(1, True, date(2026, 10, 8), id="the first working day after the week off"),
        pytest.param(3, True, date(2026, 10, 10), id="a make-up Saturday counts"),
        pytest.param(0, True, date(2026, 10, 1), id="the day itself is not moved"),
    ],
)
def test_days_are_counted_as_asked(offset, working, day):
    assert OCTOBER.shifted(date(2026, 10, 1), offset, working=working) == day


def test_an_unknown_node_is_named_with_those_there_are():
    with pytest.raises(InvalidInputError, match=r"easter.*national-day"):
        OCTOBER.days_of("easter")
