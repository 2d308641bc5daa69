"""Courses: the ordered shelves of `content/courses/`, and whether every item on them fits its readers."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.records import Course, ItemFile, QuietSpan, Status
from lianbot.curriculum.tables import Table
from lianbot.domain.codes import Level, Post

_SPAN: Final = re.compile(r"(\d\d)-(\d\d)/(\d\d)-(\d\d)")


def read_courses(directory: Path) -> tuple[tuple[Course, ...], list[Finding]]:
    """Every `courses/*.yaml`, in order of file name; the file's name is the course's id."""
    found, findings = [], []
    for path in sorted((directory / "courses").glob("*.yaml")):
        table = Table(path, f"courses/{path.name}")
        if not table.findings:
            found.append(_course(table, path.stem))
        findings += table.finish()
    return tuple(found), findings


def _course(table: Table, course_id: str) -> Course:
    fields = table.fields
    return Course(
        id=course_id,
        name=fields.text("name"),
        post=fields.choice("post", Post, Post.COOK),
        levels=fields.codes("levels", Level),
        shelf=fields.texts("shelf"),
        quiet=tuple(_quiet(table, fields.texts("quiet", needed=False))),
    )


def _quiet(table: Table, texts: tuple[str, ...]) -> Iterator[QuietSpan]:
    for text in texts:
        match = _SPAN.fullmatch(text)
        if match is None or not (_is_day(match[1], match[2]) and _is_day(match[3], match[4])):
            table.report(table.fields.line("quiet"), f"{text} 不是一段日子", '写成 "01-15/02-20"')
            continue
        numbers = [int(one) for one in match.groups()]
        yield QuietSpan(start=(numbers[0], numbers[1]), end=(numbers[2], numbers[3]))


def _is_day(month: str, day: str) -> bool:
    """29 February is a day."""
    try:
        date(2028, int(month), int(day))
    except ValueError:
        return False
    return True


def check_courses(courses: tuple[Course, ...], items: Mapping[str, ItemFile]) -> Iterator[Finding]:
    for course in courses:
        file = f"courses/{course.id}.yaml"
        seen: set[str] = set()
        for item_id in course.shelf:
            item = items.get(item_id)
            if item is None:
                yield advise("course-item", file, 1, value=item_id)
            elif not _fits(course, item):
                audience = f"{course.post} {'、'.join(course.levels)}"
                yield advise("course-audience", file, 1, value=item_id, detail=audience)
            elif item.status is Status.DRAFT:
                yield advise("course-draft", file, 1, value=item_id)
            if item_id in seen:
                yield advise("course-twice", file, 1, value=item_id)
            seen.add(item_id)


def _fits(course: Course, item: ItemFile) -> bool:
    posts = not item.posts or course.post in item.posts
    return posts and (not item.levels or bool(set(item.levels) & set(course.levels)))
