"""Rules about words: plain language, lengths, marks, slogans, question traps, promises."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from lianbot.curriculum import plain
from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.items import read_item
from lianbot.curriculum.passages import Passage, passages
from lianbot.curriculum.records import (
    CasePart,
    FaqPart,
    ItemFile,
    PolicyKind,
    PolicyPart,
    QuizPart,
)
from lianbot.curriculum.source import take_apart
from lianbot.curriculum.words import PROMISES, QUIZ_TRAPS, SLOGANS
from lianbot.domain.codes import ItemType

TITLE_MOST: Final = 16
TITLE_BYTES: Final = 128
"""A WeCom card cuts its title there [domain reference §7c]."""
MESSAGE_BYTES: Final = 2048
"""A WeCom text message is cut beyond [domain reference §7c]."""
QUESTIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Size:
    """Shown characters: the good range, and the most that is let through."""

    least: int
    good: int
    most: int
    voice: int = 0


SIZES: Final[dict[ItemType, Size]] = {
    ItemType.LESSON: Size(120, 180, 220, 150),
    ItemType.CASE: Size(150, 220, 260, 150),
    ItemType.STORY: Size(100, 180, 220, 150),
    ItemType.REMINDER: Size(60, 130, 150, 100),
    ItemType.FAQ: Size(60, 140, 170, 150),
    ItemType.POLICY: Size(20, 200, 200, 150),
}
LONG_POLICY: Final = Size(20, 400, 400, 150)
QUIZ_SIZES: Final = {"stem": 45, "options": 14, "why": 40}
LINE_MOST: Final = 40
"""Fields of one line beside the text: when, do, don't, whom to ask, what would have stopped it."""
LINES: Final = frozenset({"moment", "do", "dont", "handoff", "unit_kind", "method", "stop_point"})
VOICE_NEEDED: Final = frozenset({ItemType.LESSON, ItemType.CASE, ItemType.STORY})

_MARKUP: Final = re.compile(
    r"\*\*|__|~~|`|^#{1,6}\s|^\s*[-*+>|]\s|\[[^\]]*\]\([^)]*\)"
    r"|<\s*[/!]?\s*[a-zA-Z-][^>]*>|&(?:[a-zA-Z]+|#[0-9]+);|\{[{%#]",
    re.MULTILINE,
)


def check_wording(item: ItemFile) -> Iterator[Finding]:
    for rule in _RULES:
        yield from rule(item)


def _title(item: ItemFile) -> Iterator[Finding]:
    length = plain.characters(item.title)
    line = item.line_of("title")
    if length > TITLE_MOST:
        yield advise("title-long", item.file, line, value=length)
    size = len(item.title.encode())
    if size > TITLE_BYTES:
        yield advise("bytes", item.file, line, field="标题", value=size, limit=TITLE_BYTES)


def size_of(item: ItemFile) -> Size | None:
    if isinstance(item.part, PolicyPart) and item.part.kind not in {
        PolicyKind.NOTICE,
        PolicyKind.CARD,
    }:
        return LONG_POLICY
    return SIZES.get(item.type)


def _length(item: ItemFile) -> Iterator[Finding]:
    size = size_of(item)
    if size is None:
        return
    length = plain.characters(item.text)
    if length > size.most:
        yield advise(
            "too-long", item.file, item.text_line, field="正文", value=length, limit=size.most
        )
    elif not size.least <= length <= size.good:
        expected = f"{size.least}–{size.good}"
        yield advise(
            "length", item.file, item.text_line, field="正文", value=length, expected=expected
        )
    weight = len(f"{item.tag}\n{item.title}\n{item.text}".encode())
    if weight > MESSAGE_BYTES:
        yield advise(
            "bytes", item.file, item.text_line, field="全文", value=weight, limit=MESSAGE_BYTES
        )


def _voice(item: ItemFile) -> Iterator[Finding]:
    if not item.voice_script:
        if item.type in VOICE_NEEDED:
            yield advise("section-missing", item.file, item.text_line, value="语音稿")
        return
    size = size_of(item)
    length = plain.characters(item.voice_script)
    if size is not None and length > size.voice:
        yield advise(
            "voice-long",
            item.file,
            item.line_of("语音稿"),
            value=length,
            seconds=plain.spoken_seconds(item.voice_script),
            limit=size.voice,
        )


def _brief(item: ItemFile) -> Iterator[Finding]:
    if item.type is ItemType.LESSON and not item.picture_brief:
        yield advise("section-missing", item.file, item.text_line, value="画面")


def _plain(item: ItemFile) -> Iterator[Finding]:
    """Policies quote what others wrote and questions are short: both have limits of their own."""
    if item.type in {ItemType.POLICY, ItemType.QUIZ}:
        return
    measured = plain.measure(item.text)
    if measured.average > plain.AVERAGE_SENTENCE:
        yield advise("sentence-average", item.file, item.text_line, value=measured.average)
    for part in _read(item):
        for number, sentence, length in plain.sentences(part.text):
            if length > plain.LONGEST_SENTENCE:
                line = part.line + (number if "\n" in part.text else 0)
                yield advise("sentence-long", item.file, line, value=length, detail=sentence)


def _read(item: ItemFile) -> Iterator[Passage]:
    return (part for part in passages(item) if part.name in {"正文", "two_questions"})


def _common(item: ItemFile) -> Iterator[Finding]:
    if plain.measure(item.text).common < plain.COMMON_SHARE:
        rare = "、".join(plain.rare_characters(item.text))
        yield advise("rare-characters", item.file, item.text_line, value=rare)


def _jargon(item: ItemFile) -> Iterator[Finding]:
    texts = [item.title, item.text]
    if isinstance(item.part, QuizPart):
        texts += [*item.part.options, item.part.why]
    terms = plain.jargon("\n".join(texts))
    counted = plain.counted_jargon(terms)
    values = {"detail": "、".join(terms), "mend": plain.replacements(terms)}
    if len(counted) > 1:
        yield advise("jargon", item.file, item.text_line, value=len(counted), **values)
    elif terms:
        yield advise("jargon-one", item.file, item.text_line, **values)


def _markup(item: ItemFile) -> Iterator[Finding]:
    for part in passages(item):
        for found in _MARKUP.finditer(part.text):
            line = part.line + part.text.count("\n", 0, found.start())
            yield advise("markup", item.file, line, value=found.group().strip())


def _tone(item: ItemFile) -> Iterator[Finding]:
    yield from _words(item, SLOGANS, "tone")


def _promises(item: ItemFile) -> Iterator[Finding]:
    yield from _words(item, PROMISES, "promise")


def _words(item: ItemFile, words: tuple[str, ...], rule: str) -> Iterator[Finding]:
    for part in passages(item):
        for word in words:
            at = part.text.find(word)
            if at >= 0:
                line = part.line + part.text.count("\n", 0, at)
                yield advise(rule, item.file, line, value=word)


def _question(item: ItemFile) -> Iterator[Finding]:
    quiz = item.part
    if not isinstance(quiz, QuizPart):
        return
    for name, texts in (("stem", (quiz.stem,)), ("options", quiz.options), ("why", (quiz.why,))):
        for text in texts:
            length = plain.characters(text)
            if length > QUIZ_SIZES[name]:
                yield advise(
                    "too-long",
                    item.file,
                    item.line_of(name),
                    field=f"{name}“{text}”",
                    value=length,
                    limit=QUIZ_SIZES[name],
                )
    if not 2 <= len(quiz.options) <= 3 or len(set(quiz.options)) != len(quiz.options):
        yield advise("quiz-options", item.file, item.line_of("options"))
    for name, texts in (("stem", (quiz.stem,)), ("options", quiz.options)):
        traps = [word for word in QUIZ_TRAPS if any(word in text for text in texts)]
        if traps:
            yield advise("quiz-wording", item.file, item.line_of(name), value="、".join(traps))


def _answer(item: ItemFile) -> Iterator[Finding]:
    faq = item.part
    if not isinstance(faq, FaqPart):
        return
    for words in faq.must_say:
        if not any(word and word in item.text for word in words.split("|")):
            yield advise("must-say", item.file, item.text_line, value=words)
    for word in faq.must_not_say:
        if word in item.text:
            yield advise("must-not-say", item.file, item.text_line, value=word)


def _case(item: ItemFile) -> Iterator[Finding]:
    if isinstance(item.part, CasePart) and len(item.part.two_questions) != QUESTIONS:
        number = len(item.part.two_questions)
        yield advise("questions", item.file, item.line_of("two_questions"), value=number)


def _card(item: ItemFile) -> Iterator[Finding]:
    if isinstance(item.part, PolicyPart) and item.part.kind is PolicyKind.CARD:
        for colour in ("红：", "黄：", "绿："):
            if not any(line.startswith(colour) for line in item.text.split("\n")):
                yield advise("card-lines", item.file, item.text_line, value=colour)


def _lines(item: ItemFile) -> Iterator[Finding]:
    for part in passages(item):
        length = plain.characters(part.text)
        if part.name in LINES and length > LINE_MOST:
            values = {"field": part.name, "value": length, "limit": LINE_MOST}
            yield advise("too-long", item.file, part.line, **values)


def _text_always(item: ItemFile) -> Iterator[Finding]:
    """Plain text and one link always suffice (P7)."""
    if not item.variants.text:
        yield advise("text-variant", item.file, item.line_of("variants"))


def _one_line(item: ItemFile) -> Iterator[Finding]:
    if isinstance(item.part, PolicyPart):
        length = plain.characters(item.part.one_line)
        if length > QUIZ_SIZES["why"]:
            yield advise(
                "too-long",
                item.file,
                item.line_of("one_line"),
                field="one_line",
                value=length,
                limit=QUIZ_SIZES["why"],
            )


def _stamp(item: ItemFile) -> Iterator[Finding]:
    if item.readability not in {None, plain.measure(item.text)}:
        yield advise("readability-stale", item.file, item.line_of("readability"))


def stamped(text: str) -> str:
    """The file text with its `readability` line written anew; a text that is no item comes back as it was."""
    source = take_apart(text, "")
    item = source if isinstance(source, list) else read_item(source)
    if isinstance(item, list):
        return text
    measured = plain.measure(item.text)
    values = f"avg: {measured.average}, max: {measured.longest}, common: {measured.common}"
    rest = re.sub(r"^readability:.*\n", "", text, count=1, flags=re.MULTILINE)
    return re.sub(
        r"^changelog:", f"readability: {{{values}}}\nchangelog:", rest, count=1, flags=re.MULTILINE
    )


_RULES: Final[tuple[Callable[[ItemFile], Iterator[Finding]], ...]] = (
    _title,
    _length,
    _voice,
    _brief,
    _plain,
    _common,
    _jargon,
    _markup,
    _tone,
    _promises,
    _question,
    _answer,
    _case,
    _card,
    _one_line,
    _lines,
    _text_always,
    _stamp,
)
