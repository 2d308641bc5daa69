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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return advise("unreadable", file, data[: error.start].count(b"\n") + 1)
    return tidy(text)


def tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def take_apart(text: str, file: str) -> SourceFile | list[Finding]:
    """The parts of one item file, or why it has none."""
    text = tidy(text)
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
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            return [advise("yaml", file, first_line, detail="不是“字段: 值”的样子")]
        twice = _keys_standing_twice(node, file, first_line)
        value = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        return [advise("yaml", file, first_line + _line(error), detail=_reason(error))]
    finally:
        loader.dispose()
    lines = {str(key.value): first_line + key.start_mark.line for key, _ in node.value}
    fields = {str(key): one for key, one in value.items()}
    return twice or (fields, lines)


def _keys_standing_twice(node: yaml.MappingNode, file: str, first_line: int) -> list[Finding]:
    seen: set[str] = set()
    found = []
    for key, _ in node.value:
        if str(key.value) in seen:
            line = first_line + key.start_mark.line
            found.append(advise("duplicate-key", file, line, field=key.value))
        seen.add(str(key.value))
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
