"""doctor on the people of the door: somebody fetches, and somebody above is told when nobody does."""

from uuid import uuid4

import pytest

from lianbot.cli.doctor import letterbox
from lianbot.domain.people import Account, Role
from lianbot.settings import Settings


def account(name: str, *roles: Role) -> Account:
    return Account(id=uuid4(), name=name, display=name, roles=frozenset(roles))


OFFICER = account("jijian", Role.OFFICER, Role.REVIEWER)
REVIEWER = account("shuji", Role.REVIEWER)


@pytest.mark.parametrize(
    ("accounts", "named", "mend"),
    [
        ([OFFICER, REVIEWER], "", ""),
        ([OFFICER], "jijian", ""),
        ([REVIEWER], "", "没有纪检委员的账号"),
        ([OFFICER], "", "信没人取时没人知道"),
        ([OFFICER, REVIEWER], "xiaozhang", "xiaozhang 不是在用的账号"),
    ],
)
def test_the_letterbox_has_its_people(accounts: list[Account], named: str, mend: str) -> None:
    found = letterbox(Settings(superior_accounts=named), accounts)
    assert mend in found.mend
    assert bool(found.mend) is bool(mend)
