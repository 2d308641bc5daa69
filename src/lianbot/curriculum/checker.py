"""The content checker: every rule over a directory or over one text, deterministic and offline."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from lianbot.curriculum.advice import advise
from lianbot.curriculum.almanac import read_calendar
from lianbot.curriculum.courses import check_courses, read_courses
from lianbot.curriculum.crossing import (
    by_id,
    check_answers,
    check_moment,
    check_number_of_questions,
    check_questions,
    check_reminders,
)
from lianbot.curriculum.findings import Finding, in_order
from lianbot.curriculum.items import FOLDERS, read_item
from lianbot.curriculum.lawful import check_law, check_lifecycle
from lianbot.curriculum.media import check_media
from lianbot.curriculum.privacy import check_privacy
from lianbot.curriculum.records import (
    Calendar,
    Course,
    ItemFile,
    Law,
    MenuItem,
    RiskEntry,
    TopicEntry,
)
from lianbot.curriculum.source import MOST_BYTES, decode, take_apart, too_large
from lianbot.curriculum.sums import check_sums
from lianbot.curriculum.tables import (
    read_laws,
    read_menu,
    read_posts,
    read_risks,
    read_topics,
)
from lianbot.curriculum.wording import check_wording
from lianbot.domain.posts import PostProfile

T = TypeVar("T")

ITEM_FOLDERS: Final = tuple(name for names in FOLDERS.values() for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one pass over a directory found: items whose form is right, tables, and every finding."""

    items: tuple[ItemFile, ...]
    posts: tuple[PostProfile, ...]
    topics: tuple[TopicEntry, ...]
    risks: tuple[RiskEntry, ...]
    laws: tuple[Law, ...]
    calendar: Calendar | None
    courses: tuple[Course, ...]
    menu: tuple[MenuItem, ...]
    findings: tuple[Finding, ...]


def check(directory: Path, *, today: date | None = None) -> list[Finding]:
    """Every finding of the content below `directory`, in order of file and line.

    With `today` items that ran out are errors; without it no clock matters and the answer depends
    on the files alone. Tables that are not there are not missed: a directory of items is enough.
    """
    return list(read_directory(directory, today=today).findings)


def check_item(
    text: str,
    *,
    file: str = "",
    today: date | None = None,
    laws: Sequence[Law] = (),
    root: Path | None = None,
) -> list[Finding]:
    """Every finding of one item's file text, as a console's editor needs it; other files are not looked at."""
    source = take_apart(text, file)
    if isinstance(source, list):
        return in_order(source)
    item = read_item(source)
    if isinstance(item, list):
        return in_order(item)
    return in_order(_alone(item, today, laws, root))


def _alone(
    item: ItemFile, today: date | None, laws: Sequence[Law], root: Path | None
) -> Iterator[Finding]:
    yield from check_lifecycle(item, today)
    yield from check_law(item, laws, today)
    yield from check_sums(item)
    yield from check_privacy(item)
    yield from check_wording(item)
    yield from check_number_of_questions(item)
    yield from check_moment(item)
    yield from check_media(item, root)


def read_directory(directory: Path, *, today: date | None = None) -> Reading:
    """Reads and judges everything; nothing is raised for content, only for an unreadable directory."""
    findings: list[Finding] = list(_lost(directory))

    def table(name: str, read: Callable[[Path], tuple[T, list[Finding]]], absent: T) -> T:
        if not (directory / name).exists():
            return absent
        value, faults = read(directory)
        findings.extend(faults)
        return absent if faults else value

    laws: tuple[Law, ...] = table("laws.yaml", read_laws, ())
    items: list[ItemFile] = []
    for path in _files(directory):
        item = _read(path, path.relative_to(directory).as_posix())
        if isinstance(item, list):
            findings += item
            continue
        items.append(item)
        findings += [*_named(item), *_alone(item, today, laws, directory)]
    found, twice = by_id(items)
    calendar = table("calendar.yaml", read_calendar, None)
    courses: tuple[Course, ...] = table("courses", read_courses, ())
    findings += [
        *twice,
        *check_questions(found),
        *check_answers(found),
        *check_reminders(found, calendar),
        *check_courses(courses, found),
    ]
    return Reading(
        items=tuple(found.values()),
        posts=table("posts.yaml", read_posts, ()),
        topics=table("topics.yaml", read_topics, ()),
        risks=table("risks.yaml", read_risks, ()),
        laws=laws,
        calendar=calendar,
        courses=courses,
        menu=table("menu.yaml", read_menu, ()),
        findings=tuple(in_order(findings)),
    )


def _lost(directory: Path) -> Iterator[Finding]:
    """A directory that is not there, and item files where nobody looks: silence would pass for success."""
    if not directory.is_dir():
        yield advise("no-directory", ".", 1, value=directory)
    for path in directory.glob("**/*.md"):
        file = path.relative_to(directory)
        if file.parts[0] in ITEM_FOLDERS or _aside(path) or not path.is_file():
            continue
        with path.open("rb") as opened:
            if opened.read(7).removeprefix(b"\xef\xbb\xbf").startswith(b"---"):
                expected = "、".join(ITEM_FOLDERS)
                yield advise("folder-unknown", file.as_posix(), 1, expected=expected)
    for folder, suffix in (*((one, ".md") for one in ITEM_FOLDERS), ("courses", ".yaml")):
        for path in (directory / folder).glob("**/*.*"):
            if path.suffix != suffix and path.is_file() and not _aside(path):
                file = path.relative_to(directory)
                yield advise("suffix", file.as_posix(), 1, value=path.name, expected=suffix)


def _aside(path: Path) -> bool:
    """Hidden files and editors' copies are not content."""
    return path.name.startswith((".", "_", "~")) or path.name.endswith(("~", ".bak", ".swp"))


def _files(directory: Path) -> list[Path]:
    """Item files in a fixed order."""
    found = [
        path
        for folder in ITEM_FOLDERS
        for path in (directory / folder).glob("**/*.md")
        if not _aside(path)
    ]
    return sorted(found, key=lambda path: path.as_posix())


def _read(path: Path, file: str) -> ItemFile | list[Finding]:
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        return [advise("no-file", file, 1, detail=error.strerror)]
    text = decode(data, file) if len(data) <= MOST_BYTES else too_large(file, path.stat().st_size)
    if isinstance(text, Finding):
        return [text]
    source = take_apart(text, file)
    return source if isinstance(source, list) else read_item(source)


def _named(item: ItemFile) -> Iterator[Finding]:
    """File name and folder follow from id and type."""
    folder, _, name = item.file.rpartition("/")
    if name.casefold() != f"{item.id}.md".casefold():
        yield advise("id-file", item.file, item.line_of("id"), value=item.id)
    places = FOLDERS[item.type]
    if folder.split("/", maxsplit=1)[0] not in places:
        line = item.line_of("type")
        yield advise("folder", item.file, line, type=item.type.value, expected=places[0])
