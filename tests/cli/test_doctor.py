"""doctor on the people of the door: somebody fetches, and somebody above is told when nobody does."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from lianbot.cli.doctor import MOST_ALERTS, account_cap, letterbox, open_alerts
from lianbot.domain.people import Account, Role
from lianbot.ports.desk import AlertSeen
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


def test_without_the_account_cap_doctor_says_what_to_write() -> None:
    assert "LIANBOT_WECOM_ACCOUNTS 没有写" in account_cap(Settings()).mend
    assert account_cap(Settings(wecom_accounts=300)).mend == ""


def alert(kind: str, detail: str, minutes: int = 0) -> AlertSeen:
    at = datetime(2026, 12, 1, 6, 7, tzinfo=UTC) + timedelta(minutes=minutes)
    return AlertSeen(id=minutes, kind=kind, detail=detail, first_at=at, last_at=at, times=2)


def test_open_alerts_are_findings_with_missed_pushes_first() -> None:
    found = open_alerts(
        [alert("wecom:down", "连不上", 5), alert("missed:夜班", "夜班：12-01 没有发")]
    )
    assert ["夜班" in one.mend for one in found] == [True, False]
    assert "2026-12-01 14:07" in found[0].what
    assert "设置与健康" in found[0].mend


def test_of_many_open_alerts_the_rest_are_a_number() -> None:
    found = open_alerts([alert("wecom:1", "x", n) for n in range(MOST_ALERTS + 3)])
    assert len(found) == MOST_ALERTS + 1
    assert "3 条" in found[-1].mend
