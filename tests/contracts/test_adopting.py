"""Approving content: several at once or none, only what waits, never one's own."""

import pytest

from lianbot.domain.codes import ItemType, Topic
from lianbot.domain.errors import NotAllowedError, NotFoundError
from lianbot.storage.content import Publication


@pytest.fixture
async def waiting(school) -> list[str]:
    """Two lessons by the editor that nobody has looked at."""
    return [await publish(school, number, school.editor) for number in (2, 3)]


async def publish(school, number: int, by) -> str:
    sha256 = f"{number:064x}"
    lesson = Publication(
        sha256=sha256,
        body=b"{}",
        item=f"LSN-COOK-{number:03}",
        type=ItemType.LESSON,
        title="先过秤",
        topic=Topic.TAKE_FOOD,
        meta={"text": "先过秤。", "posts": ["COOK"], "levels": [], "quizzes": [], "version": 1},
    )
    await school.content.publish([lesson], by.id, school.clock.now())
    return sha256


async def adopt(school, hashes) -> None:
    await school.content.adopt(hashes, school.reviewer.id, school.clock.now(), "")


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
