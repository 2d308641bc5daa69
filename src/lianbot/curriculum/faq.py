"""content/faq and content/understanding → the one immutable library that answering works with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from lianbot.curriculum.kin import load_kin
from lianbot.curriculum.library import load_topics
from lianbot.domain.codes import Topic
from lianbot.domain.errors import LianbotError
from lianbot.understanding.intents import Change, UrgentKind
from lianbot.understanding.library import (
    Citation,
    FaqAnswer,
    FollowUp,
    Language,
    Library,
    ScreenTexts,
    UrgentRule,
    Words,
)

_Code = TypeVar("_Code", bound=StrEnum)
_SECTION = re.compile(r"\[([a-z-]+)\]")
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


class LibraryError(LianbotError):
    """A file of the answering library is missing or wrong; the message names file, line and mend."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A parsed YAML file that still knows on which line each key stands."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[str, int]

    def wrong(self, key: str, what: str) -> LibraryError:
        return LibraryError(f"{self.path}:{self.lines.get(key, 1)}: {key}: {what}")

    def of(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        value = self.data.get(key, default)
        if not isinstance(value, kind):
            raise self.wrong(key, f"缺少这一项或类型不对（要 {_kind_name(kind)}）")
        return value

    def texts(self, key: str, default: Any = None) -> tuple[str, ...]:
        return tuple(map(str, self.of(key, list, default)))

    def pairs(self, key: str) -> dict[str, str]:
        return {str(name): str(value) for name, value in self.of(key, dict).items()}


def _kind_name(kind: type | tuple[type, ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return "/".join(
        {"list": "列表", "dict": "对照表", "str": "文字"}.get(k.__name__, k.__name__)
        for k in kinds
    )


def load_library(content: Path) -> Library:
    """Everything answering needs, from a content folder. Raises LibraryError with file:line."""
    folder = content / "understanding"
    labels = {entry.id: entry.button for entry in load_topics(content)}
    return Library(
        language=load_language(folder, labels),
        answers=load_answers(content / "faq"),
        texts=load_texts(folder / "screens.yaml"),
        labels=labels,
    )


def load_language(folder: Path, labels: Mapping[Topic, str] | None = None) -> Language:
    """How workers put things: content/understanding without the screens."""
    words = _page(folder / "words.yaml")
    hearing = _page(folder / "hearing.yaml")
    change = words.of("change", dict)
    return Language(
        questions=read_wordings(folder / "questions.txt"),
        off_topic=tuple(line for _, line in _lines(folder / "off-topic.txt")),
        concepts=_concepts(folder / "concepts.yaml"),
        mishearings=hearing.pairs("mishearings"),
        dialect=hearing.pairs("dialect"),
        sounds=hearing.texts("sounds"),
        urgent=tuple(_urgent_rules(folder / "urgent.yaml")),
        words=Words(
            acknowledge=words.texts("acknowledge"),
            not_understood=words.texts("not_understood"),
            disagree=words.texts("disagree"),
            cannot=words.texts("cannot"),
            ask_someone=words.texts("ask_someone"),
            help=words.texts("help"),
            change={
                _code(words, "change", Change, name): tuple(map(str, said))
                for name, said in change.items()
            },
        ),
        labels=labels or {},
        concern={
            word: _code(words, "concern", Topic, topic)
            for word, topic in words.pairs("concern").items()
        },
        openers=words.texts("openers"),
        follow_ups=tuple(_follow_ups(words)),
        kin=load_kin(),
    )


def load_answers(folder: Path) -> dict[Topic, FaqAnswer]:
    """One vetted answer a topic; every topic and the fallback must be there."""
    answers = {}
    for path in sorted(folder.glob("*.md")):
        answer = _answer(path)
        answers[answer.topic] = answer
    missing = [topic.value for topic in Topic if topic not in answers]
    if missing:
        raise LibraryError(
            f"{folder}: 缺这些主题的答案：{'、'.join(missing)}（每个一份 FAQ-主题.md）"
        )
    return answers


def load_texts(path: Path) -> ScreenTexts:
    """The sentences around the answers."""
    page = _page(path)
    plain = {
        field.name: page.of(field.name, str).strip()
        for field in fields(ScreenTexts)
        if field.type is str
    }
    return ScreenTexts(
        **plain,
        examples={str(post): tuple(said) for post, said in page.of("examples", dict).items()},
        urgent_first=_by_code(page, "urgent_first", UrgentKind),
        visible_topics=_codes(page, "visible_topics", Topic),
        usual_topics=_codes(page, "usual_topics", Topic),
    )


def _by_code(page: _Page, key: str, kind: type[_Code]) -> dict[_Code, str]:
    found = {_code(page, key, kind, name): text for name, text in page.pairs(key).items()}
    missing = [code.value for code in kind if code not in found]
    if missing:
        raise page.wrong(key, f"还缺 {'、'.join(missing)}")
    return found


def _codes(page: _Page, key: str, kind: type[_Code]) -> tuple[_Code, ...]:
    return tuple(_code(page, key, kind, name) for name in page.texts(key))


def _code(page: _Page, key: str, kind: type[_Code], name: object) -> _Code:
    try:
        return kind(str(name))
    except ValueError:
        allowed = "、".join(code.value for code in kind)
        raise page.wrong(key, f"不认识 {name}，可以写：{allowed}") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LibraryError(f"{path}:1: 没有这个文件") from None
    except UnicodeDecodeError as error:
        raise LibraryError(f"{path}:1: 不是 UTF-8 编码（第 {error.start} 字节）") from None


def _parse(path: Path, text: str, first_line: int = 1) -> tuple[Any, dict[str, int]]:
    """The data and the line of each top-level key."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise LibraryError(f"{path}:{first_line + line}: YAML 写错了：{error.problem}") from None
    lines = {}
    if isinstance(node, yaml.MappingNode):
        lines = {key.value: first_line + key.start_mark.line for key, _ in node.value}
    return data, lines


def _page(path: Path) -> _Page:
    data, lines = _parse(path, _text_of(path))
    if not isinstance(data, dict):
        raise LibraryError(f"{path}:1: 要的是“名字: 内容”这样的对照表")
    return _Page(path, data, lines)


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    """Line number and text of each line that says something."""
    for number, line in enumerate(_text_of(path).splitlines(), start=1):
        said = line.strip()
        if said and not said.startswith("#"):
            yield number, said


def read_wordings(path: Path) -> dict[Topic, tuple[str, ...]]:
    """Wordings by topic: a line `[topic]`, then one wording a line; # starts a remark."""
    questions: dict[Topic, list[str]] = {}
    topic: Topic | None = None
    for number, line in _lines(path):
        section = _SECTION.fullmatch(line)
        if section is None:
            if topic is None:
                raise LibraryError(f"{path}:{number}: 前面先写一行 [主题]")
            questions[topic].append(line)
            continue
        try:
            topic = Topic(section[1])
        except ValueError:
            raise LibraryError(f"{path}:{number}: 不认识主题 {section[1]}") from None
        questions.setdefault(topic, [])
    return {topic: tuple(lines) for topic, lines in questions.items()}


def _concepts(path: Path) -> dict[str, tuple[str, ...]]:
    page = _page(path)
    return {concept: page.texts(concept) for concept in page.data}


def _urgent_rules(path: Path) -> Iterable[UrgentRule]:
    data, _ = _parse(path, _text_of(path))
    if not isinstance(data, list):
        raise LibraryError(f"{path}:1: 要的是一串规则，每条以 - kind: 开头")
    for number, rule in enumerate(data, start=1):
        page = _Page(path, rule if isinstance(rule, dict) else {}, {})
        try:
            yield UrgentRule(
                kind=_code(page, "kind", UrgentKind, page.of("kind", str)),
                any_of=page.texts("any"),
                together=page.texts("together", []),
                unless=page.texts("unless", []),
            )
        except LibraryError as error:
            raise LibraryError(f"{error}（第 {number} 条规则）") from None


def _follow_ups(page: _Page) -> Iterable[FollowUp]:
    for step in page.of("follow_ups", list):
        if not isinstance(step, dict) or set(step) != {"before", "words", "topic"}:
            raise page.wrong("follow_ups", "每条要有 before、words、topic")
        yield FollowUp(
            before=_code(page, "follow_ups", Topic, step["before"]),
            words=tuple(map(str, step["words"])),
            topic=_code(page, "follow_ups", Topic, step["topic"]),
        )


def _answer(path: Path) -> FaqAnswer:
    parts = _FRONT.match(_text_of(path))
    if parts is None:
        raise LibraryError(f"{path}:1: 开头要有两行 --- 夹着的条目信息")
    data, lines = _parse(path, parts[1], first_line=2)
    page = _Page(path, data if isinstance(data, dict) else {}, lines)
    shown = re.split(r"^## ", parts[2], maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not shown:
        raise page.wrong("topic", "没有答案正文")
    return FaqAnswer(
        topic=_code(page, "topic", Topic, page.of("topic", str)),
        title=page.of("title", str),
        text=shown,
        handoff=page.of("handoff", str),
        status=page.of("status", str),
        version=page.of("version", int),
        citations=tuple(_citations(page)),
    )


def _citations(page: _Page) -> Iterable[Citation]:
    for basis in page.of("legal_basis", list):
        if not isinstance(basis, dict) or not {"law", "article", "edition"} <= basis.keys():
            raise page.wrong("legal_basis", "每条要有 law、article、edition")
        yield Citation(
            law=str(basis["law"]), article=str(basis["article"]), edition=str(basis["edition"])
        )
