"""The stretches of an item that a person reads or hears, each with the file line on which it begins."""

from collections.abc import Iterator
from dataclasses import dataclass

from lianbot.curriculum.records import (
    CasePart,
    FaqPart,
    ItemFile,
    LessonPart,
    PolicyPart,
    QuizPart,
    StoryPart,
)

HEARD = ("语音稿", "图片文字版", "自己怎么说", "班前会")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """`name` is the field or section, "正文" for the body."""

    name: str
    text: str
    line: int

    def line_at(self, position: int) -> int:
        """The file line of a character; a value that was folded over lines keeps its first one."""
        return self.line + self.text.count("\n", 0, position)


def passages(item: ItemFile) -> Iterator[Passage]:
    """Everything people come to see: title, text, fields that are shown, sections that are heard."""
    yield Passage(name="title", text=item.title, line=item.line_of("title"))
    if item.body:
        yield Passage(name="正文", text=item.body, line=item.text_line)
    for name, text in _shown_fields(item):
        yield Passage(name=name, text=text, line=item.line_of(name))
    for name in HEARD:
        if item.sections.get(name):
            yield Passage(name=name, text=item.sections[name], line=item.line_of(name) + 1)


def unshown(item: ItemFile) -> Iterator[Passage]:
    """What only editors and reviewers read: it is kept with the edition, so no number may lie there either."""
    for name, text in (("author", item.author), ("changelog", item.changelog)):
        yield Passage(name=name, text=text, line=item.line_of(name))
    for name, text in item.sections.items():
        if name not in HEARD:
            yield Passage(name=name, text=text, line=item.line_of(name) + 1)


def _shown_fields(item: ItemFile) -> Iterator[tuple[str, str]]:
    match item.part:
        case QuizPart() as quiz:
            yield "stem", quiz.stem
            yield from (("options", option) for option in quiz.options)
            yield "why", quiz.why
        case CasePart() as case:
            yield from (("two_questions", question) for question in case.two_questions)
            yield from (
                ("unit_kind", case.unit_kind),
                ("method", case.method),
                ("stop_point", case.stop_point),
            )
        case LessonPart() as lesson:
            yield from (("moment", lesson.moment), ("do", lesson.do), ("dont", lesson.dont))
        case StoryPart() as story:
            yield "do", story.do
        case PolicyPart() as policy:
            yield "one_line", policy.one_line
            yield from (("what_changes_for", words) for words in policy.what_changes_for.values())
        case FaqPart() as faq:
            yield "handoff", faq.handoff
        case _:
            return
