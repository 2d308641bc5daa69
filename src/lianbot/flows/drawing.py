"""Which edition a worker draws in an occurrence: pure functions, one a kind of schedule."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from lianbot.domain.calendar import local
from lianbot.domain.campaigns import Campaign
from lianbot.domain.codes import Level, Post
from lianbot.domain.items import Edition
from lianbot.domain.items import draw_variant as draw_variant
from lianbot.domain.people import Worker
from lianbot.ports.planning import Candidate

Draw = Callable[[Candidate], Edition | None]


def suits(edition: Edition, worker: Worker, day: date) -> bool:
    """Whether it is valid on the local day and was written for one of the worker's posts and the level."""
    return edition.valid_on(day) and written_for(edition, worker.posts, worker.level)


def written_for(edition: Edition, posts: Sequence[Post], level: Level) -> bool:
    return any(edition.fits(post, level) for post in posts)


def draw_from(editions: Mapping[str, Edition], items: Sequence[str], now: datetime) -> Draw:
    """For `once` and `cron`: the first of the campaign's items that fits post and level."""
    day = local(now).date()
    ordered = [editions[item] for item in items if item in editions]

    def draw(candidate: Candidate) -> Edition | None:
        return next((one for one in ordered if suits(one, candidate.worker, day)), None)

    return draw


def draw_next(
    shelf: Mapping[tuple[str, str], Sequence[str]], editions: Mapping[str, Edition], now: datetime
) -> Draw:
    """For `course`: the first item of the shelf not yet told; nothing left is silence."""
    day = local(now).date()

    def draw(candidate: Candidate) -> Edition | None:
        worker = candidate.worker
        for item in shelf.get((worker.posts[0], worker.level), ()):
            edition = editions.get(item)
            if edition and item not in candidate.told and edition.valid_on(day):
                return edition
        return None

    return draw


def draw_course(
    campaign: Campaign,
    shelf: Mapping[tuple[str, str], Sequence[str]],
    editions: Mapping[str, Edition],
    now: datetime,
    due: datetime,
) -> Draw:
    """As `draw_next`, from the shelf's rows for the campaign's own posts and levels: of two courses on one shelf
    only one speaks to a worker of two posts. Nothing in a week that was taken out for the worker's post."""
    audience, day = campaign.audience, local(due).date()
    rows = {
        (post, level): items
        for (post, level), items in shelf.items()
        if (not audience.posts or post in audience.posts)
        and (not audience.levels or level in audience.levels)
    }
    lesson = draw_next(rows, editions, now)

    def draw(candidate: Candidate) -> Edition | None:
        taken = campaign.edited_for(day, candidate.worker.posts[0])
        return None if taken else lesson(candidate)

    return draw


def draw_in_turn(lesson: Draw, review: Draw, due: datetime) -> Draw:
    """A due review takes a turn with the lessons: in every second week it comes first, in the others it waits
    for a week without a lesson."""
    review_first = local(due).isocalendar().week % 2 == 0
    first, second = (review, lesson) if review_first else (lesson, review)

    def draw(candidate: Candidate) -> Edition | None:
        return first(candidate) or second(candidate)

    return draw


def draw_rotating(editions: Mapping[str, Edition], items: Sequence[str], now: datetime) -> Draw:
    """For `festival`: the rotate group A, B, C begins with another one each year; told ones come last.

    `items` may hold the groups of several posts: each worker's own group is what fits.
    """
    day = local(now).date()
    ordered = [editions[item] for item in items if item in editions]

    def draw(candidate: Candidate) -> Edition | None:
        fitting = [one for one in ordered if suits(one, candidate.worker, day)]
        if not fitting:
            return None
        start = day.year % len(fitting)
        turned = [*fitting[start:], *fitting[:start]]
        return next((one for one in turned if one.item not in candidate.told), turned[0])

    return draw


def draw_series(
    editions: Mapping[str, Edition],
    items: Sequence[str],
    days: Sequence[int],
    milestones: Mapping[UUID, date],
    tried: Mapping[UUID, frozenset[str]],
    now: datetime,
) -> Draw:
    """For `since`: the k-th item that fits the worker is due `days[k]` days after the worker's own milestone.

    One a day; what was told by any means, or tried once by this series, is not drawn again.
    """
    day = local(now).date()
    ordered = [editions[item] for item in items if item in editions]

    def draw(candidate: Candidate) -> Edition | None:
        worker = candidate.worker
        if worker.id not in milestones:
            return None
        age = (day - milestones[worker.id]).days
        done = candidate.told | tried.get(worker.id, frozenset())
        fitting = [one for one in ordered if suits(one, worker, day)]
        due = (one for one, wanted in zip(fitting, days, strict=False) if age >= wanted)
        return next((one for one in due if one.item not in done), None)

    return draw


def draw_review(
    due: Mapping[UUID, Sequence[str]], editions: Mapping[str, Edition], now: datetime
) -> Draw:
    """For `review`: the longest waiting question whose edition still has one."""
    day = local(now).date()

    def draw(candidate: Candidate) -> Edition | None:
        worker = candidate.worker
        waiting = (editions[item] for item in due.get(worker.id, ()) if item in editions)
        return next((one for one in waiting if one.quizzes and suits(one, worker, day)), None)

    return draw
