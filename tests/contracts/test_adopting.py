"""Approving content: several at once or none, only what waits, never one's own."""

import pytest

from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from lianbot.storage.content import Publication


@pytest.fixture
async def waiting(school) -> list[str]:
    """Two lessons by the editor that nobody has looked at."""
    return [await publish(school, number, school.editor) for number in (2, 3)]


async def publish(school, number: int, by, legal: tuple[str, ...] = ()) -> str:
    sha256 = f"{number:064x}"
    lesson = Publication(
        sha256=sha256,
        body=b"{}",
        item=f"LSN-COOK-{number:03}",
        type=ItemType.LESSON,
        title="先过秤",
        topic=Topic.TAKE_FOOD,
        meta={
            "text": "先过秤。",
            "posts": ["COOK"],
            "levels": [],
            "quizzes": [],
            "version": 1,
            "author": "内容编写组",
            "legal": list(legal),
        },
    )
    await school.content.publish([lesson], by.id, school.clock.now())
    return sha256


async def adopt(school, hashes, legal: str = "") -> None:
    await school.content.adopt(hashes, school.reviewer.id, school.clock.now(), "看过", legal)


async def approved(school) -> set[str]:
    items = [f"LSN-COOK-{number:03}" for number in range(1, 10)]
    return set(await school.content.current(items)) - {"LSN-COOK-001"}


async def test_several_are_adopted_together(school, waiting):
    await adopt(school, waiting)
    assert await approved(school) == {"LSN-COOK-002", "LSN-COOK-003"}


async def test_one_of_ones_own_among_several_adopts_none(school, waiting):
    own = await publish(school, 4, school.reviewer)
    with pytest.raises(NotAllowedError, match="LSN-COOK-004"):
        await adopt(school, [*waiting, own])
    assert await approved(school) == set()


async def test_one_that_nobody_published_among_several_adopts_none(school, waiting):
    with pytest.raises(NotFoundError, match="没有版本"):
        await adopt(school, [*waiting, "f" * 64])
    assert await approved(school) == set()


async def test_what_was_adopted_is_not_adopted_again(school, waiting):
    await adopt(school, waiting)
    before = len(await school.audit.newest())
    with pytest.raises(NotFoundError, match="不是待审"):
        await adopt(school, waiting[:1])
    assert len(await school.audit.newest()) == before


LAW = ("政府采购法 41（2014-08-31 版）",)


@pytest.mark.parametrize(
    ("legal", "said"),
    [("", "LSN-COOK-004 引了法规"), (" 内容 编写组", "写的人"), ("陈" * 21, "最多 20 个字")],
)
async def test_one_with_a_clause_among_several_needs_another_persons_name(
    school, waiting, legal, said
):
    lawful = await publish(school, 4, school.editor, LAW)
    with pytest.raises(InvalidInputError, match=said):
        await adopt(school, [*waiting, lawful], legal)
    assert await approved(school) == set()


async def test_the_legal_reviewer_stands_beside_the_clause_and_nowhere_else(school, waiting):
    lawful = await publish(school, 4, school.editor, LAW)
    await adopt(school, [*waiting, lawful], " 法务处  陈 ")
    notes = [(await school.content.get(sha)).approval_note for sha in [*waiting, lawful]]
    assert notes == ["看过", "看过", "法律审核：法务处 陈；看过"]
    audited = {one.after["edition"]: one.after["note"] for one in await school.audit.newest(3)}
    assert audited == dict(zip([*waiting, lawful], notes, strict=True))
