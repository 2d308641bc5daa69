"""A proposal for a course: lessons in order, a case as every third, a good story as every fifth."""

from collections.abc import Iterable, Sequence
from typing import Final

from lianbot.curriculum.records import ItemFile, Status
from lianbot.domain.codes import ItemType, Level, Post

STORY_EVERY: Final = 5
CASE_EVERY: Final = 3
ONBOARDING: Final = "-NEW-"


def propose_shelf(
    items: Iterable[ItemFile], post: Post, levels: Sequence[Level]
) -> tuple[str, ...]:
    """Ids for `content/courses/`, the post's own items before those it shares with others.

    Drafts and the onboarding lessons stay out. An editor changes the order at will.
    """
    fitting = [item for item in items if _fits(item, post, levels)]
    lessons, cases, stories = (
        sorted(
            (item for item in fitting if item.type is kind),
            key=lambda item: (f"-{post}-" not in item.id, item.id),
        )
        for kind in (ItemType.LESSON, ItemType.CASE, ItemType.STORY)
    )
    shelf: list[str] = []
    while lessons or cases or stories:
        turn = len(shelf) + 1
        if stories and turn % STORY_EVERY == 0:
            drawn = stories
        elif cases and turn % CASE_EVERY == 0:
            drawn = cases
        else:
            drawn = lessons or cases or stories
        shelf.append(drawn.pop(0).id)
    return tuple(shelf)


def _fits(item: ItemFile, post: Post, levels: Sequence[Level]) -> bool:
    return (
        item.status not in {Status.DRAFT, Status.RETIRED}
        and ONBOARDING not in item.id
        and (not item.posts or post in item.posts)
        and bool(set(item.levels) & set(levels))
    )
