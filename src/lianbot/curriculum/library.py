"""Loading: a checked directory becomes a Library of editions and tables, or one error that lists everything."""

from datetime import date
from pathlib import Path

from lianbot.curriculum.almanac import read_calendar
from lianbot.curriculum.checker import read_directory
from lianbot.curriculum.courses import read_courses
from lianbot.curriculum.editions import with_editions
from lianbot.curriculum.findings import ContentError, errors
from lianbot.curriculum.records import (
    Calendar,
    Course,
    Law,
    Library,
    MenuItem,
    RiskEntry,
    TopicEntry,
)
from lianbot.curriculum.tables import (
    loaded,
    read_laws,
    read_menu,
    read_posts,
    read_risks,
    read_topics,
)
from lianbot.domain.posts import PostProfile


def load(directory: Path, *, today: date | None = None) -> Library:
    """Everything below `directory`; raises ContentError with all errors, warnings stay in the Library.

    `today` makes an item that ran out an error: hand it in where something is to be published.
    """
    reading = read_directory(directory, today=today)
    faults = errors(reading.findings)
    if faults:
        raise ContentError(faults)
    return Library(
        items=with_editions(reading.items, directory),
        posts=reading.posts,
        topics=reading.topics,
        risks=reading.risks,
        calendar=reading.calendar,
        courses=reading.courses,
        menu=reading.menu,
        warnings=reading.findings,
    )


def load_posts(directory: Path) -> tuple[PostProfile, ...]:
    return loaded(read_posts, directory)


def load_topics(directory: Path) -> tuple[TopicEntry, ...]:
    return loaded(read_topics, directory)


def load_risks(directory: Path) -> tuple[RiskEntry, ...]:
    return loaded(read_risks, directory)


def load_laws(directory: Path) -> tuple[Law, ...]:
    return loaded(read_laws, directory)


def load_calendar(directory: Path) -> Calendar:
    return loaded(read_calendar, directory)


def load_courses(directory: Path) -> tuple[Course, ...]:
    """The shelves alone; that their items exist and fit is checked by `load`."""
    return loaded(read_courses, directory)


def load_menu(directory: Path) -> tuple[MenuItem, ...]:
    return loaded(read_menu, directory)
