"""From a source file to an item record: ids, fields of each type, the complete shown text."""

import re
from typing import Any, Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.fields import Fields
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.parts import read_part
from lianbot.curriculum.plain import Readability
from lianbot.curriculum.records import (
    Area,
    CasePart,
    CaseSource,
    Grade,
    ItemFile,
    LegalBasis,
    Part,
    QuizPart,
    Status,
    Truth,
    Variants,
)
from lianbot.curriculum.source import SourceFile
from lianbot.domain.codes import ItemType, Level, Post, Risk, Topic

SECTIONS: Final = ("语音稿", "画面", "图片文字版", "自己怎么说", "班前会", "编者注")
VERDICT: Final = "（各案情况不同，以判决为准）"
THINK: Final = "想一想"

_POST: Final = "|".join(Post)
ID_FORMS: Final[dict[ItemType, tuple[re.Pattern[str], str]]] = {
    ItemType.LESSON: (re.compile(rf"LSN-({_POST}|NEW)-\d{{3}}"), "LSN-RECV-001"),
    ItemType.QUIZ: (re.compile(rf"QUIZ-({_POST}|NEW)-\d{{3}}[A-Z]"), "QUIZ-RECV-001A"),
    ItemType.CASE: (re.compile(rf"CASE-({_POST})-\d{{3}}"), "CASE-RECV-101"),
    ItemType.STORY: (re.compile(rf"STORY-({_POST})-\d{{3}}"), "STORY-COOK-001"),
    ItemType.REMINDER: (
        re.compile(rf"RMD-({_POST}|ALL)-[A-Z]+-P?\d{{1,2}}[A-Z]"),
        "RMD-BUY-MIDAUTUMN-10A",
    ),
    ItemType.POLICY: (re.compile(r"(POL|RAC)-[A-Z]+-\d{3}"), "POL-COOK-001"),
    ItemType.FAQ: (re.compile(rf"FAQ-({'|'.join(Topic).upper()})"), "FAQ-GIFT-OFFER"),
}
FOLDERS: Final[dict[ItemType, tuple[str, ...]]] = {
    ItemType.LESSON: ("lessons",),
    ItemType.QUIZ: ("quizzes",),
    ItemType.CASE: ("cases",),
    ItemType.STORY: ("stories",),
    ItemType.REMINDER: ("reminders",),
    ItemType.POLICY: ("policies", "readaloud"),
    ItemType.FAQ: ("faq",),
}
FOR_ALL: Final = frozenset({ItemType.POLICY, ItemType.FAQ, ItemType.REMINDER})
TAGS: Final = {
    (ItemType.CASE, Truth.COMPOSITE): "情景案例·人物情节为编写",
    (ItemType.CASE, Truth.REAL): "真实案例",
    (ItemType.STORY, Truth.COMPOSITE): "情景好事·人物情节为编写",
    (ItemType.STORY, Truth.REAL): "真实好事",
}


def read_item(source: SourceFile) -> ItemFile | list[Finding]:
    """The item of a file, or every fault of its form; what the words say is judged by the rules."""
    fields = Fields(source.fields, source.lines, source.file)
    kind = fields.choice("type", ItemType, ItemType.LESSON)
    if fields.findings:
        return fields.findings
    item = _item(source, fields, kind)
    fields.close()
    faults = [*fields.findings, *_form(source, item)]
    return faults or item


def _item(source: SourceFile, fields: Fields, kind: ItemType) -> ItemFile:
    version = fields.whole("version", least=1)
    truth = fields.choice("truth", Truth, Truth.RULE)
    part = read_part(fields, kind)
    return ItemFile(
        file=source.file,
        id=fields.text("id"),
        type=kind,
        title=fields.text("title"),
        posts=_posts(fields, kind),
        levels=fields.codes("levels", Level),
        risks=fields.codes("risks", Risk),
        topic=fields.choice("topic", Topic, Topic.FALLBACK),
        sites=fields.texts("sites"),
        areas=fields.codes("areas", Area, needed=False),
        status=fields.choice("status", Status, Status.DRAFT),
        version=version,
        material=_material(fields, version),
        author=fields.text("author"),
        reviewer=fields.text_or_null("reviewer"),
        legal_reviewer=fields.text_or_null("legal_reviewer"),
        legal_basis=_legal_basis(fields),
        sources=_sources(fields),
        truth=truth,
        valid_from=fields.day("valid_from"),
        valid_until=fields.day("valid_until"),
        variants=_variants(fields),
        changelog=fields.text("changelog"),
        readability=_readability(fields),
        quiz_ids=_quiz_ids(fields, kind),
        part=part,
        body=source.text,
        text=shown_text(source.text, part, truth),
        tag=TAGS.get((kind, truth), ""),
        sections=source.sections,
        lines={**source.lines, **source.section_lines},
        text_line=source.text_line,
    )


def shown_text(body: str, part: Part, truth: Truth) -> str:
    """Everything a worker reads below the title: a case gets its two questions, a reported one the caution."""
    if isinstance(part, QuizPart):
        return part.stem
    if not isinstance(part, CasePart):
        return body
    lines = [body, THINK, *part.two_questions]
    return "\n".join([*lines, VERDICT] if truth is Truth.REAL else lines)


def _posts(fields: Fields, kind: ItemType) -> tuple[Post, ...]:
    """Empty means all posts, which is written [ALL]."""
    if fields.texts("posts") == ("ALL",):
        if kind not in FOR_ALL:
            fields.report("all-posts", "posts", type=kind.value)
        return ()
    before = len(fields.findings)
    posts = fields.codes("posts", Post)
    if not posts and len(fields.findings) == before and fields.has("posts"):
        fields.report(
            "field-value", "posts", field="posts", detail="是空的", expected="岗位代码，如 [RECV]"
        )
    return posts


def _material(fields: Fields, version: int) -> bool:
    """A first version is material by nature; later ones have to say."""
    if version > 1 and not fields.has("material"):
        fields.report("material", "version", value=version)
    return fields.flag("material", needed=False, absent=True)


def _legal_basis(fields: Fields) -> tuple[LegalBasis, ...]:
    found = []
    for entry in fields.mappings("legal_basis"):
        missing = [
            name for name in ("law", "article", "edition", "checked") if not entry.get(name)
        ]
        if missing:
            fields.report("law-incomplete", "legal_basis", field="、".join(missing))
            continue
        inner = fields.inner("legal_basis", {**entry, "article": str(entry["article"])})
        found.append(
            LegalBasis(
                law=inner.text("law"),
                article=inner.text("article"),
                edition=inner.day("edition"),
                checked=inner.day("checked"),
                confirmed=inner.flag("confirmed", needed=False, absent=True),
            )
        )
        inner.close()
        fields.findings += inner.findings
    return tuple(found)


def _sources(fields: Fields) -> tuple[CaseSource, ...]:
    found = []
    for entry in fields.mappings("sources"):
        inner = fields.inner("sources", entry)
        found.append(
            CaseSource(
                url=inner.text("url"),
                grade=inner.choice("grade", Grade, Grade.C),
                opened=inner.day_or_null("opened"),
            )
        )
        inner.close()
        fields.findings += inner.findings
    return tuple(found)


def _variants(fields: Fields) -> Variants:
    inner = fields.inner("variants", fields.mapping("variants"))
    variants = Variants(
        text=inner.flag("text"),
        voice=inner.text_or_null("voice"),
        picture=inner.text_or_null("picture"),
        slow=inner.flag("slow"),
    )
    inner.close()
    if fields.has("variants"):
        fields.findings += inner.findings
    return variants


def _readability(fields: Fields) -> Readability | None:
    """The stamp that the checker wrote, if the file carries one."""
    if not fields.has("readability"):
        return None
    inner = fields.inner("readability", fields.mapping("readability"))
    stamp = Readability(
        average=inner.number("avg"), longest=inner.whole("max"), common=inner.number("common")
    )
    inner.close()
    fields.findings += inner.findings
    return stamp


def _quiz_ids(fields: Fields, kind: ItemType) -> tuple[str, ...]:
    if kind is ItemType.LESSON:
        return fields.texts("quiz")
    if kind in {ItemType.CASE, ItemType.STORY}:
        return fields.texts("quiz", needed=False)
    return ()


def _form(source: SourceFile, item: ItemFile) -> list[Finding]:
    """Id, sections and presence of a text."""
    found: list[Finding] = []

    def report(rule: str, line: int, **values: Any) -> None:
        found.append(advise(rule, source.file, line, **values))

    form, example = ID_FORMS[item.type]
    if item.id and not form.fullmatch(item.id):
        report("id-form", item.line_of("id"), value=item.id, expected=example)
    for name in source.sections:
        if name not in SECTIONS:
            report("section", item.line_of(name), value=name, detail="、".join(SECTIONS))
    if item.type is ItemType.QUIZ and source.text:
        report("stray-text", item.text_line)
    if item.type is not ItemType.QUIZ and not source.text:
        report("empty-text", item.text_line)
    return found
