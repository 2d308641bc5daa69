"""Who chose paper looks to a lead exactly like who never bound (P8)."""

import pytest

from lianbot.domain.deliveries import Reason
from lianbot.phrases.console import OWN_BUSINESS, REASONS, to_a_lead


def test_everything_that_is_the_workers_own_choice_reads_the_same():
    assert {
        Reason.PAPER_ONLY,
        Reason.UNBOUND,
        Reason.OPTED_OUT,
        Reason.NOT_FOLLOWING,
    } <= OWN_BUSINESS
    assert len({to_a_lead(reason) for reason in OWN_BUSINESS}) == 1


@pytest.mark.parametrize("reason", sorted(set(Reason) - OWN_BUSINESS))
def test_what_the_system_did_is_said_as_it_is(reason):
    assert to_a_lead(reason) == REASONS[reason]
