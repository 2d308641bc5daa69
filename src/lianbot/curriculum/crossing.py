"""Rules between items: ids used once, questions and lessons that name each other, nodes, rotation."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.records import Calendar, FaqPart, ItemFile, QuizPart, ReminderPart
from lianbot.domain.codes import ItemType

LEAST_VARIANTS: Final = 3
GROUPS: Final = ("A", "B", "C")


def by_id(items: Sequence[ItemFile]) -> tuple[dict[str, ItemFile], list[Finding]]:
    """Items by id; the second user of an id is told who has it."""
    found: dict[str, ItemFile] = {}
    twice = []
    for item in items:
        first = found.setdefault(item.id, item)
        if first is not item:
            line = item.line_of("id")
            twice.append(advise("duplicate-id", item.file, line, value=item.id, other=first.file))
    return found, twice


def check_number_of_questions(item: ItemFile) -> Iterator[Finding]:
    """A lesson draws one of at least three; a case or story has none or as many."""
    number = len(set(item.quiz_ids))
    needed = item.type is ItemType.LESSON or bool(item.quiz_ids)
    if needed and number < LEAST_VARIANTS:
        yield advise("quiz-variants", item.file, item.line_of("quiz"), value=number)


def check_questions(items: Mapping[str, ItemFile]) -> Iterator[Finding]:
    for item in items.values():
        line = item.line_of("quiz")
        for quiz_id in item.quiz_ids:
            quiz = items.get(quiz_id)
            if quiz is None or not isinstance(quiz.part, QuizPart):
                yield advise("quiz-unknown", item.file, line, value=quiz_id)
            elif quiz.part.variant_of != item.id:
                other = quiz.part.variant_of
                yield advise("quiz-other-lesson", item.file, line, value=quiz_id, other=other)
        if isinstance(item.part, QuizPart):
            yield from _quiz(item, item.part, items)


def _quiz(quiz: ItemFile, part: QuizPart, items: Mapping[str, ItemFile]) -> Iterator[Finding]:
    line = quiz.line_of("variant_of")
    lesson = items.get(part.variant_of)
    if lesson is None or quiz.id not in lesson.quiz_ids:
        yield advise("quiz-unlisted", quiz.file, line, value=quiz.id, other=part.variant_of)
        return
    for name in ("posts", "levels", "topic"):
        if getattr(quiz, name) != getattr(lesson, name):
            where = quiz.line_of(name)
            yield advise("quiz-differs", quiz.file, where, field=name, other=lesson.id)
    if quiz.valid_until > lesson.valid_until:
        yield advise("quiz-outlives", quiz.file, quiz.line_of("valid_until"), other=lesson.id)


def check_answers(items: Mapping[str, ItemFile]) -> Iterator[Finding]:
    first: dict[str, ItemFile] = {}
    for item in items.values():
        if isinstance(item.part, FaqPart):
            other = first.setdefault(item.topic, item)
            if other is not item:
                line = item.line_of("topic")
                yield advise("faq-twice", item.file, line, value=item.topic, other=other.file)


def check_moment(item: ItemFile) -> Iterator[Finding]:
    """The id says day and turn, the fields plan by them: RMD-…-10A is ten days before, turn A."""
    part = item.part
    if not isinstance(part, ReminderPart):
        return
    if part.rotate_group not in GROUPS:
        line = item.line_of("rotate_group")
        yield advise("rotate-group", item.file, line, value=part.rotate_group)
    days = f"P{part.offset_days}" if part.offset_days > 0 else str(-part.offset_days)
    end = f"{days}{part.rotate_group}"
    if item.id.rpartition("-")[2] != end:
        line = item.line_of("offset_days")
        yield advise("reminder-id", item.file, line, value=item.id, expected=end)


def check_reminders(items: Mapping[str, ItemFile], calendar: Calendar | None) -> Iterator[Finding]:
    groups: dict[str, set[str]] = defaultdict(set)
    first: dict[str, ItemFile] = {}
    for item in items.values():
        if not isinstance(item.part, ReminderPart):
            continue
        if calendar is not None and calendar.node(item.part.node) is None:
            known = "、".join(node.id for node in calendar.nodes)
            line = item.line_of("node")
            yield advise("node", item.file, line, value=item.part.node, detail=f"可用：{known}")
        family = item.id[:-1]
        groups[family].add(item.part.rotate_group)
        first.setdefault(family, item)
    for family, present in groups.items():
        if not present >= set(GROUPS):
            line = first[family].line_of("rotate_group")
            detail = "、".join(sorted(present))
            yield advise("rotation", first[family].file, line, value=family, detail=detail)
