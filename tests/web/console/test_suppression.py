"""Small groups stay hidden, and cannot be worked out from the total, from their company, or from the next look."""

import string

from hypothesis import given
from hypothesis import strategies as st

from lianbot.domain.suppression import (
    SMALLEST,
    Cell,
    rounded_count,
    rounded_share,
    suppress,
    suppress_within,
    tells_too_much,
)


@st.composite
def cells(draw):
    asked = draw(st.integers(0, 60))
    return Cell(asked=asked, right=draw(st.integers(0, asked)))


tables = st.dictionaries(st.sampled_from(string.ascii_lowercase), cells(), max_size=12)


def total(some):
    found = list(some)
    return Cell(asked=sum(c.asked for c in found), right=sum(c.right for c in found))


@given(tables)
def test_no_small_group_is_shown(table):
    shown = set(table) - suppress(table)
    assert all(table[key].asked == 0 or table[key].asked >= SMALLEST for key in shown)


@given(tables)
def test_no_group_in_which_all_were_wrong_is_shown(table):
    shown = set(table) - suppress(table)
    assert all(table[key].asked == 0 or table[key].right > 0 for key in shown)


@given(tables)
def test_what_is_hidden_cannot_be_subtracted_from_the_total(table):
    hidden = suppress(table)
    whole = total(table.values())
    if not hidden or tells_too_much(whole):
        return  # nothing is hidden, or the total is not shown either
    rest = total(table[key] for key in hidden)
    assert rest == whole or (len(hidden) >= 2 and not tells_too_much(rest))


@given(tables)
def test_a_group_without_answers_is_no_secret(table):
    assert all(table[key].asked for key in suppress(table))


@given(tables)
def test_hiding_does_not_depend_on_the_order(table):
    backwards = dict(reversed(list(table.items())))
    assert suppress(table) == suppress(backwards)


@given(st.dictionaries(st.integers(0, 30), st.tuples(st.integers(0, 4), cells()), max_size=15))
def test_teams_cannot_be_worked_out_from_their_company(found):
    teams = {key: cell for key, (_, cell) in found.items()}
    parent = {key: company for key, (company, _) in found.items()}
    companies = {
        company: total(cell for key, cell in teams.items() if parent[key] == company)
        for company in set(parent.values())
    }
    hidden = suppress_within(teams, parent, companies)
    hidden_companies = suppress(companies)
    for company in companies:
        inside = {key for key in teams if parent[key] == company and teams[key].asked}
        gone = inside & hidden
        if company in hidden_companies:
            assert gone == inside
        elif gone and gone != inside:
            rest = total(teams[key] for key in gone)
            assert len(gone) >= 2
            assert not tells_too_much(rest)


def test_one_small_team_takes_the_smallest_neighbour_with_it():
    table = {
        "a": Cell(asked=3, right=2),
        "b": Cell(asked=9, right=5),
        "c": Cell(asked=40, right=30),
    }
    assert suppress(table) == {"a", "b"}


def test_groups_that_are_all_large_are_all_shown():
    table = {"a": Cell(asked=12, right=2), "b": Cell(asked=9, right=5)}
    assert suppress(table) == frozenset()


@given(cells().filter(lambda one: one.asked >= SMALLEST))
def test_shares_and_counts_come_in_steps(cell):
    assert rounded_share(cell) % 5 == 0
    assert rounded_count(cell.asked) % 5 == 0
    assert 0 <= rounded_share(cell) <= 100
