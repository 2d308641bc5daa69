"""The fields that only one type of item has, read into its part record."""

from collections.abc import Callable
from typing import Final, cast

from lianbot.curriculum.fields import Fields
from lianbot.curriculum.records import (
    CasePart,
    FaqPart,
    LessonPart,
    Part,
    PolicyKind,
    PolicyPart,
    QuizPart,
    ReminderPart,
    StoryPart,
)
from lianbot.domain.codes import ItemType, Post

FARTHEST: Final = 60
"""Days between a node and its reminder: the longest lead of a real notice was three weeks (domain reference §6)."""


def read_part(fields: Fields, kind: ItemType) -> Part:
    """What the type `kind` adds; faults gather in `fields`."""
    return _PARTS[kind](fields)


def _lesson(fields: Fields) -> Part:
    return LessonPart(moment=fields.text("moment"), do=fields.text("do"), dont=fields.text("dont"))


def _case(fields: Fields) -> Part:
    return CasePart(
        year=fields.text("year", empty=True),
        place=fields.text("place", empty=True),
        unit_kind=fields.text("unit_kind"),
        amount_text=fields.text("amount_text", empty=True),
        method=fields.text("method"),
        outcome=fields.text("outcome", empty=True),
        stop_point=fields.text("stop_point"),
        two_questions=fields.texts("two_questions"),
    )


def _story(fields: Fields) -> Part:
    return StoryPart(do=fields.text("do"))


def _quiz(fields: Fields) -> Part:
    options = fields.texts("options")
    return QuizPart(
        variant_of=fields.text("variant_of"),
        stem=fields.text("stem"),
        options=options,
        answer=_answer(fields, len(options)),
        why=fields.text("why"),
    )


def _answer(fields: Fields, options: int) -> int:
    letter = fields.text("answer").upper()
    index = "ABC".find(letter) if letter else -1
    if letter and not (len(letter) == 1 and 0 <= index < options):
        fields.report("quiz-answer", "answer", value=letter)
    return max(index, 0)


def _policy(fields: Fields) -> Part:
    changes = fields.mapping("what_changes_for")
    for code, words in changes.items():
        if code not in set(Post):
            fields.report(
                "unknown-code",
                "what_changes_for",
                field="what_changes_for",
                value=code,
                detail="用岗位代码",
            )
        if not isinstance(words, str):
            fields.report(
                "field-value",
                "what_changes_for",
                field="what_changes_for",
                detail=f"{words!r} 不是文字",
                expected="{岗位: 一句话}",
            )
    return PolicyPart(
        kind=fields.choice("kind", PolicyKind, PolicyKind.NOTICE),
        issuer=fields.text("issuer"),
        doc_no=fields.text("doc_no", empty=True),
        one_line=fields.text("one_line"),
        what_changes_for=cast("dict[str, str]", dict(changes)),
    )


def _faq(fields: Fields) -> Part:
    return FaqPart(
        must_say=fields.texts("must_say"),
        must_not_say=fields.texts("must_not_say"),
        handoff=fields.text("handoff"),
        asks=fields.texts("asks", needed=False),
    )


def _reminder(fields: Fields) -> Part:
    return ReminderPart(
        node=fields.text("node"),
        offset_days=fields.whole("offset_days", least=-FARTHEST, most=FARTHEST),
        replaces_weekly=fields.flag("replaces_weekly"),
        rotate_group=fields.text("rotate_group"),
    )


_PARTS: Final[dict[ItemType, Callable[[Fields], Part]]] = {
    ItemType.LESSON: _lesson,
    ItemType.CASE: _case,
    ItemType.STORY: _story,
    ItemType.QUIZ: _quiz,
    ItemType.POLICY: _policy,
    ItemType.FAQ: _faq,
    ItemType.REMINDER: _reminder,
}
