"""P8: no text for a chosen few. One rule, asked when a push is approved, when it is due and when people are added.

What counts is who gets the same text in the push, additions included (docs/decisions/0005).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from lianbot.domain.campaigns import SMALLEST_AUDIENCE, Campaign, Course, Review, Since
from lianbot.domain.codes import Level, Post
from lianbot.domain.people import Worker
from lianbot.flows.drawing import Draw
from lianbot.ports.planning import Candidate

NOBODY = UUID(int=0)


def picked_by_hand(campaign: Campaign, *, beyond: bool = False) -> bool:
    """Whom a rule by post and level, a course or a day of one's own picks is not hand-picked, however few they are.

    `beyond`: people are added whom the approved rule does not pick.
    """
    if isinstance(campaign.schedule, Course | Since | Review):
        return False
    return beyond or campaign.audience.points_at_people()


def too_few(by_item: Mapping[str, int]) -> dict[str, int]:
    """Of people by item: the items that would be a message to the chosen few."""
    return {item: count for item, count in by_item.items() if 0 < count < SMALLEST_AUDIENCE}


def drawn_by(draw: Draw, people: Mapping[tuple[tuple[Post, ...], Level], int]) -> Counter[str]:
    """People by the item that they draw, as far as posts and level decide it."""
    found: Counter[str] = Counter()
    for (posts, level), count in people.items():
        edition = draw(somebody(posts, level))
        if edition is not None:
            found[edition.item] += count
    return found


def somebody(posts: Sequence[Post], level: Level) -> Candidate:
    """Somebody on these posts who has heard nothing yet and belongs to no team."""
    worker = Worker(
        id=NOBODY,
        number="",
        name="",
        phone=None,
        contractor_id=0,
        team_id=0,
        site_id=0,
        posts=tuple(posts),
        level=level,
    )
    return Candidate(
        worker=worker,
        bindings=(),
        opted_out=frozenset(),
        broken=frozenset(),
        pushes=(),
        told=frozenset(),
    )
