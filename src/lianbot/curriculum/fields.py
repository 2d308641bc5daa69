"""Strict reading of front matter: each field has one form, everything else is a finding with its line."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.folding import hidden_in

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_ABSENT: Final = object()
LONG_AGO: Final = date(2000, 1, 1)


class Fields:
    """Reads one mapping; `findings` holds what was wrong, `close()` reports fields nobody asked for.

    A field with a fault reads as a neutral value, so that one run reports every fault.
    """

    def __init__(
        self, values: Mapping[str, Any], lines: Mapping[str, int], file: str, first_line: int = 1
    ) -> None:
        self._values = values
        self._lines = lines
        self._file = file
        self._first_line = first_line
        self._asked: set[str] = set()
        self.findings: list[Finding] = []

    def line(self, name: str) -> int:
        return self._lines.get(name, self._first_line)

    def report(self, rule: str, name: str, **values: object) -> None:
        self.findings.append(advise(rule, self._file, self.line(name), **values))

    def has(self, name: str) -> bool:
        return name in self._values

    def close(self) -> None:
        """Reports every field that no one read, with the nearest known name."""
        for name in self._values:
            if name not in self._asked:
                near = difflib.get_close_matches(name, self._asked, n=1)
                detail = f"是不是 {near[0]}？" if near else "删掉它"
                self.report("field-unknown", name, field=name, detail=detail)

    def _read(
        self, name: str, parse: Callable[[Any], T], neutral: T, expected: str, *, needed: bool
    ) -> T:
        self._asked.add(name)
        value = self._values.get(name, _ABSENT)
        if value is _ABSENT:
            if needed:
                self.report("field-missing", name, field=name, detail=expected)
            return neutral
        try:
            return parse(value)
        except ValueError as error:
            self.report("field-value", name, field=name, detail=error, expected=expected)
            return neutral

    def text(self, name: str, *, empty: bool = False, needed: bool = True) -> str:
        def parse(value: Any) -> str:
            if not isinstance(value, str):
                raise ValueError(f"{value!r} 不是文字，数字和日期要加引号")
            if not value.strip() and not empty:
                raise ValueError("是空的")
            return _one_line(value)

        return self._read(name, parse, "", "一段文字", needed=needed)

    def text_or_null(self, name: str, *, needed: bool = True) -> str | None:
        def parse(value: Any) -> str | None:
            if value is None or (isinstance(value, str) and value.strip()):
                return None if value is None else _one_line(value)
            raise ValueError(f"{value!r} 不是文字")

        return self._read(name, parse, None, "一段文字或 null", needed=needed)

    def whole(self, name: str, *, least: int | None = None, most: int = 9999) -> int:
        def parse(value: Any) -> int:
            if type(value) is not int or (least is not None and value < least) or value > most:
                raise ValueError(f"{value!r}")
            return value

        return self._read(name, parse, least or 0, "整数", needed=True)

    def number(self, name: str) -> float:
        def parse(value: Any) -> float:
            if type(value) not in {int, float}:
                raise ValueError(f"{value!r}")
            return float(value)

        return self._read(name, parse, 0.0, "数字", needed=True)

    def flag(self, name: str, *, needed: bool = True, absent: bool = False) -> bool:
        def parse(value: Any) -> bool:
            if type(value) is not bool:
                raise ValueError(f"{value!r}")
            return value

        return self._read(name, parse, absent, "true 或 false", needed=needed)

    def day(self, name: str) -> date:
        return self._read(name, _as_day, LONG_AGO, "年-月-日，如 2026-12-01", needed=True)

    def day_or_null(self, name: str) -> date | None:
        def parse(value: Any) -> date | None:
            return None if value is None else _as_day(value)

        return self._read(name, parse, None, "年-月-日或 null", needed=True)

    def choice(self, name: str, kind: type[E], neutral: E) -> E:
        def parse(value: Any) -> E:
            if isinstance(value, str) and value in set(kind):
                return kind(value)
            raise ValueError(f"{value!r}")

        return self._read(name, parse, neutral, "、".join(kind), needed=True)

    def texts(self, name: str, *, needed: bool = True) -> tuple[str, ...]:
        def parse(value: Any) -> tuple[str, ...]:
            if not isinstance(value, list):
                raise ValueError(f"{value!r} 不是列表")
            for one in value:
                if not isinstance(one, str) or not one.strip():
                    raise ValueError(f"{one!r} 不是文字")
            return tuple(_one_line(one) for one in value)

        return self._read(name, parse, (), "[一, 二]", needed=needed)

    def codes(self, name: str, kind: type[E], *, needed: bool = True) -> tuple[E, ...]:
        """A list of codes of a closed set, each once; an unknown one names its nearest neighbours."""
        found = []
        for value in dict.fromkeys(self.texts(name, needed=needed)):
            if value in set(kind):
                found.append(kind(value))
            else:
                self.report(
                    "unknown-code", name, field=name, value=value, detail=nearest(value, kind)
                )
        return tuple(found)

    def mapping(self, name: str, *, needed: bool = True) -> Mapping[str, Any]:
        def parse(value: Any) -> Mapping[str, Any]:
            if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
                raise ValueError(f"{value!r} 不是“名字: 值”的样子")
            return value

        return self._read(name, parse, {}, "{名字: 值}", needed=needed)

    def mappings(self, name: str, *, needed: bool = True) -> tuple[Mapping[str, Any], ...]:
        def parse(value: Any) -> tuple[Mapping[str, Any], ...]:
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                raise ValueError(f"{value!r} 不是一列“名字: 值”")
            return tuple(value)

        return self._read(name, parse, (), "- {名字: 值}", needed=needed)

    def inner(self, name: str, values: Mapping[str, Any]) -> "Fields":
        """A reader of a mapping inside field `name`; its findings stand at that field's line."""
        return Fields(
            {str(key): one for key, one in values.items()}, {}, self._file, self.line(name)
        )


def nearest(value: str, known: Iterable[str]) -> str:
    """A suggestion for a code that is not there."""
    near = difflib.get_close_matches(
        value.upper(), [one.upper() for one in known], n=3, cutoff=0.5
    )
    names = [one for one in known if one.upper() in near] or list(known)
    return "可用：" + "、".join(names)


def _one_line(value: str) -> str:
    """Escapes (`\\0`, `\\u202e`) bring in what the file's own text may not hold; a line break would end a field early."""
    hidden = hidden_in(value)
    if hidden is not None or "\n" in value:
        raise ValueError(f"有看不见的字符 {hidden[1]}" if hidden is not None else "有换行")
    return value.strip()


def _as_day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"{value!r}")
