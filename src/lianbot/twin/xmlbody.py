"""The flat XML of callbacks: written for the bot, read from its replies; no DTD, no entities."""

from __future__ import annotations

import json
from typing import Any
from xml.parsers import expat

Fields = dict[str, Any]

_MAX_DEPTH = 12


class XmlError(ValueError):
    """A body that is no XML of the platforms' kind."""


def render(fields: Fields) -> bytes:
    """`<xml>` with CDATA for text, bare digits for numbers, nesting for dicts and lists."""
    return f"<xml>{_inner(fields)}</xml>".encode()


def write_json(fields: Fields) -> bytes:
    """The other form that one page of the documents shows [S3]."""
    return json.dumps(fields, ensure_ascii=False).encode()


def _inner(fields: Fields) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, dict):
        return f"<{name}>{_inner(value)}</{name}>"
    if isinstance(value, bool | int | float):
        return f"<{name}>{value}</{name}>"
    return f"<{name}>{_cdata(str(value))}</{name}>"


def _cdata(text: str) -> str:
    # "]]>" would end the section early, so it is split over two.
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


class _Reader:
    def __init__(self) -> None:
        self.stack: list[tuple[str, Fields, list[str]]] = []
        self.root: tuple[str, Any] | None = None

    def start(self, name: str, _attributes: object) -> None:
        if len(self.stack) >= _MAX_DEPTH:
            raise XmlError("nested too deeply")
        self.stack.append((name, {}, []))

    def data(self, text: str) -> None:
        if self.stack:
            self.stack[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, children, texts = self.stack.pop()
        value: Any = children or "".join(texts)
        if not self.stack:
            self.root = (name, value)
            return
        siblings = self.stack[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]


def _refuse(*_: object) -> None:
    raise XmlError("a document type or entity is not allowed")


def parse(body: bytes) -> Fields:
    """Children of the root `<xml>`: text, nested dicts, lists where a name repeats."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise XmlError(f"broken XML: {error}") from error
    if reader.root is None or reader.root[0] != "xml" or not isinstance(reader.root[1], dict):
        raise XmlError("the root must be <xml> with elements inside")
    return reader.root[1]


def as_list(value: Any) -> list[Any]:
    """One element or several, always as a list."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
