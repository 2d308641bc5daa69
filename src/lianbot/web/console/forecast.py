"""Before approval: how many would get it, by which channel, and why some would not (design §4 'Reach')."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lianbot.domain.campaigns import Campaign, Course
from lianbot.domain.deliveries import Reason
from lianbot.domain.items import Edition
from lianbot.domain.ways import Way
from lianbot.flows.drawing import Draw, draw_course, draw_from
from lianbot.flows.slots import choose_route
from lianbot.ports.planning import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a push now would meet. `silent`: nothing fits the post, or the course is done; they get no row.

    `by_way` and `unreached` together are `audience - silent`; who waits for a visit is not reached yet.
    """

    audience: int
    silent: int
    by_way: Mapping[Way, int]
    unreached: Mapping[Reason, int]

    @property
    def reachable(self) -> int:
        return sum(self.by_way.values())


def make_draw(
    campaign: Campaign,
    editions: Mapping[str, Edition],
    shelf: Mapping[tuple[str, str], Sequence[str]],
    now: datetime,
) -> Draw:
    """The item each worker would get, as planning draws it."""
    if isinstance(campaign.schedule, Course):
        return draw_course(campaign, shelf, editions, now, now)
    return draw_from(editions, campaign.items, now)


def forecast(campaign: Campaign, audience: Sequence[Candidate], draw: Draw) -> Forecast:
    """Pure: the audience as planning would route it at this moment; caps and windows only delay."""
    told = [one for one in audience if draw(one) is not None]
    by_way: Counter[Way] = Counter()
    unreached: Counter[Reason] = Counter()
    for one in told:
        route = choose_route(one, campaign.channels)
        if route.way is None or route.way is Way.HELD:
            unreached[route.reason or Reason.HELD] += 1
        else:
            by_way[route.way] += 1
    return Forecast(
        audience=len(audience),
        silent=len(audience) - len(told),
        by_way=dict(by_way),
        unreached=dict(unreached),
    )
