"""The order of teaching needs two people, and a worker sees who opened the names."""

from uuid import UUID

import pytest

from lianbot.domain.errors import NotAllowedError, NotFoundError
from lianbot.storage.audit import AuditRow, AuditTrail
from lianbot.storage.pages import SqlPhoneBook

SHELVES = {"COOK": {("COOK", "L6"): ("LSN-COOK-001",)}}


async def test_an_order_that_nobody_proposed_cannot_be_adopted(school):
    with pytest.raises(NotFoundError):
        await school.content.adopt_courses(SHELVES, "m", school.reviewer.id, school.clock.now())
    assert await school.content.course("COOK") == {}


async def test_who_proposed_an_order_cannot_adopt_it(school):
    now = school.clock.now()
    await school.content.propose_courses("m", school.reviewer.id, now)
    with pytest.raises(NotAllowedError):
        await school.content.adopt_courses(SHELVES, "m", school.reviewer.id, now)
    assert await school.content.course("COOK") == {}


async def test_another_persons_order_is_adopted_whole(school):
    now = school.clock.now()
    await school.content.propose_courses("m", school.editor.id, now)
    await school.content.adopt_courses(SHELVES, "m", school.reviewer.id, now)
    assert await school.content.course("COOK") == SHELVES["COOK"]


async def look(school, subject: str, purpose: str) -> None:
    row = AuditRow(action="team.names", subject=subject, after={"purpose": purpose})
    await AuditTrail(school.database).note(row, school.editor.id, school.clock.now())


async def test_a_worker_sees_who_opened_the_own_teams_names_and_no_others(school):
    await look(school, "班组 1", "明天班前会当面讲")
    await look(school, "班组 2", "别的班组")
    await look(school, "公司 1", "公司对名单")
    looks = await SqlPhoneBook(school.database).who_looked(school.worker_ids[0])
    assert [(one.who, one.purpose) for one in looks] == [
        ("编辑", "公司对名单"),
        ("编辑", "明天班前会当面讲"),
    ]


async def test_a_stranger_sees_nothing(school):
    await look(school, "班组 1", "明天班前会当面讲")
    assert await SqlPhoneBook(school.database).who_looked(UUID(int=0)) == []
