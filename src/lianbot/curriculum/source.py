"""One content file taken apart: front matter with the line of each field, shown text, sections."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from frontmatter.default_handlers import YAMLHandler

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.folding import hidden_in

MOST_BYTES: Final = 64 * 1024
"""An item has a tenth of it, the largest table a fifth; more is some other file, and would only cost time."""
DEEPEST: Final = 6
"""A table nests four deep. The C reader calls itself at every level: 100,000 brackets end the process."""

_HEADING: Final = re.compile(r"^##\s+(.+?)\s*$")
_SPLITTER: Final = YAMLHandler()
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C twin reads a year's content about six times as fast; both give the same nodes and marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """`fields` as YAML read them, `lines` where each stands; `text` is what comes before the first section."""

    file: str
    fields: Mapping[str, Any]
    lines: Mapping[str, int]
    text: str
    text_line: int
    sections: Mapping[str, str] = field(default_factory=dict)
    section_lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, name: str) -> int:
        return self.lines.get(name, 1)


def decode(data: bytes, file: str) -> str | Finding:
    """Text of the bytes: a byte-order mark and CRLF (Windows editors) are taken off, letters are NFC."""
    if len(data) > MOST_BYTES:
        return too_large(file, len(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return advise("unreadable", file, data[: error.start].count(b"\n") + 1)
    return tidy(text)


def too_large(file: str, weight: int) -> Finding:
    return advise("file-large", file, 1, value=weight // 1024, limit=MOST_BYTES // 1024)


def tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def take_apart(text: str, file: str) -> SourceFile | list[Finding]:
    """The parts of one item file, or why it has none."""
    text = tidy(text)
    weight = len(text.encode("utf-8", "replace"))
    if weight > MOST_BYTES:
        return [too_large(file, weight)]
    hidden = hidden_in(text)
    if hidden is not None:
        position, value = hidden
        line = text.count("\n", 0, position) + 1
        return [advise("hidden-character", file, line, value=value)]
    try:
        front, body = _SPLITTER.split(text)
    except ValueError:
        return [advise("front-matter", file, 1, detail="找不到两行 ---")]
    if not text.startswith("---"):
        return [advise("front-matter", file, 1, detail="第一行不是 ---")]
    first = text[: text.index(front, 3)].count("\n") + 1
    mapping = read_mapping(front, file, first)
    if isinstance(mapping, list):
        return mapping
    fields, lines = mapping
    return _with_body(file, fields, lines, body, text[: len(text) - len(body)].count("\n") + 1)


def read_mapping(
    text: str, file: str, first_line: int = 1
) -> tuple[dict[str, Any], dict[str, int]] | list[Finding]:
    """A YAML mapping and the file line of each of its keys; a key that stands twice is a finding."""
    loader = _LOADER(text)
    try:
        refused = _form(text, file, first_line)
        if refused is not None:
            return [refused]
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            return [advise("yaml", file, first_line, detail="不是“字段: 值”的样子")]
        twice = _keys_standing_twice(node, file, first_line)
        refused = _unreadable_value(loader, node, file, first_line)
        if refused is not None:
            return [refused]
        value = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        return [advise("yaml", file, first_line + _line(error), detail=_reason(error))]
    finally:
        loader.dispose()
    lines = {str(key.value): first_line + key.start_mark.line for key, _ in node.value}
    fields = {str(key): one for key, one in value.items()}
    return twice or (fields, lines)


def _form(text: str, file: str, first_line: int) -> Finding | None:
    """Fields are written out: no references (nine lines make a thousand million values), no tags, no towers."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        detail = "层层套得太深" if depth > DEEPEST else _trick(event)
        if detail and event.start_mark is not None:
            line = first_line + event.start_mark.line
            return advise("yaml-form", file, line, detail=detail)
    return None


def _trick(event: yaml.Event) -> str:
    if getattr(event, "anchor", None) is not None:  # an alias has one too
        return "用了 & 或 * 引用"
    tag = getattr(event, "tag", None)
    if tag is not None:
        return f"用了类型记号 {tag}"
    return "用了 << 合并" if getattr(event, "value", None) == "<<" else ""


def _unreadable_value(
    loader: Any, node: yaml.MappingNode, file: str, first_line: int
) -> Finding | None:
    """A value that has the form of a day or number and is none (30 February), with its own line."""
    for key, value in node.value:
        try:
            loader.construct_object(key, deep=True)
            loader.construct_object(value, deep=True)
        except (ValueError, yaml.YAMLError):
            line = first_line + value.start_mark.line
            detail = f"{key.value} 的值读不出来，没有这样的日期或数字"
            return advise("yaml", file, line, detail=detail)
    return None


def _keys_standing_twice(node: yaml.Node, file: str, first_line: int) -> list[Finding]:
    """At every depth: of two values YAML takes the last in silence, and the editor reads the first."""
    found = []
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            found += _keys_standing_twice(one, file, first_line)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                line = first_line + key.start_mark.line
                found.append(advise("duplicate-key", file, line, field=key.value))
            seen.add(str(key.value))
            found += _keys_standing_twice(value, file, first_line)
    return found


def _line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return int(mark.line) if mark is not None else 0


def _reason(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error)


def _with_body(
    file: str, fields: Mapping[str, Any], lines: Mapping[str, int], body: str, first: int
) -> SourceFile:
    """`first` is the file line on which the body's first line stands."""
    parts: dict[str, list[str]] = {"": []}
    starts = {"": first}
    name = ""
    for number, line in enumerate(body.split("\n"), start=first):
        heading = _HEADING.match(line)
        if heading:
            name = heading.group(1)
            starts.setdefault(name, number)
            parts.setdefault(name, [])
        else:
            parts[name].append(line.rstrip())
    shown = parts.pop("")
    leading = next((index for index, line in enumerate(shown) if line), 0)
    return SourceFile(
        file=file,
        fields=fields,
        lines=lines,
        text="\n".join(shown).strip("\n"),
        text_line=starts.pop("") + leading,
        sections={key: "\n".join(value).strip("\n") for key, value in parts.items()},
        section_lines=starts,
    )
