"""The field types of category templates: what fits is cut to length, what never fits is refused before WeChat does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lianbot.domain.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Longest value in characters and the pattern it must have (None: any)."""

    longest: int
    pattern: re.Pattern[str] | None = None


_HAN: Final = "㐀-鿿豈-﫿"
_CHINESE: Final = re.compile(f"[{_HAN}]+")
_NAME: Final = re.compile(f"[{_HAN}·]{{1,10}}|[A-Za-z .]{{1,20}}")
_CAR: Final = re.compile(f"[{_HAN}A-Z0-9]+")
_SYMBOL: Final = re.compile(rf"[^0-9A-Za-z{_HAN}\s]+")
_AMOUNT: Final = re.compile(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?")
_DIGITS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_LETTERS: Final = re.compile(r"[A-Za-z]+")
_VISIBLE_ASCII: Final = re.compile(r"[!-~]+")
_DATE: Final = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_TIME: Final = re.compile(
    rf"({_DATE.pattern})( \d{{1,2}}:\d{{2}}(:\d{{2}})?)?|\d{{1,2}}:\d{{2}}(:\d{{2}})?"
)

KINDS: Final = {
    "thing": _Kind(longest=20),
    "short_thing": _Kind(longest=10),  # UNCONFIRMED, the usual reading
    "const": _Kind(longest=20),  # UNCONFIRMED, the usual reading
    "number": _Kind(longest=32, pattern=_DIGITS),
    "letter": _Kind(longest=32, pattern=_LETTERS),
    "symbol": _Kind(longest=5, pattern=_SYMBOL),
    "character_string": _Kind(longest=32, pattern=_VISIBLE_ASCII),
    "time": _Kind(longest=40, pattern=_TIME),
    "date": _Kind(longest=40, pattern=_TIME),
    "amount": _Kind(longest=15, pattern=_AMOUNT),
    "phone_number": _Kind(longest=17, pattern=re.compile(r"[-+0-9 ]+")),
    "car_number": _Kind(longest=8, pattern=_CAR),
    "name": _Kind(longest=20, pattern=_NAME),
    "phrase": _Kind(longest=5, pattern=_CHINESE),
}
"""[S38][S39]"""

_KEY: Final = re.compile(r"([a-z_]+?)[0-9]*")
_MAY_BE_CUT: Final = frozenset({"thing", "short_thing", "const"})
"""Free words; a cut number or time would say something else, so the others are refused when too long."""


def kind_of(key: str) -> str:
    """The type in a field key: `thing` of `thing1`. Raises InvalidInputError for a type nobody knows."""
    matched = _KEY.fullmatch(key)
    name = matched.group(1) if matched else ""
    if name not in KINDS:
        raise InvalidInputError(f"模板字段 {key}", f"不认识的类型，认识的有 {'、'.join(KINDS)}")
    return name


def fit(key: str, value: str, cut: Callable[[str, int], str]) -> str:
    """The value as it may stand in this field.

    Line breaks become spaces because they cut the value on the phone [S35]. Raises InvalidInputError
    naming the field where the platform would answer 47003.
    """
    name = kind_of(key)
    kind = KINDS[name]
    words = " ".join(value.split())
    if not words:
        raise InvalidInputError(f"模板字段 {key}", "是空的")
    if name in _MAY_BE_CUT:
        words = cut(words, kind.longest)
    if len(words) > kind.longest:
        raise InvalidInputError(f"模板字段 {key}", f"超过 {kind.longest} 个字：{words}")
    if kind.pattern is not None and not kind.pattern.fullmatch(words):
        raise InvalidInputError(f"模板字段 {key}", f"不合 {name} 的格式：{words}")
    return words
