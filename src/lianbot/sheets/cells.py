"""One cell as text: what calamine and csv give, without invisible characters and without private numbers."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

Cell = int | float | str | bool | time | date | datetime | timedelta | None

_INVISIBLE = re.compile(
    r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
)
_BLANKS = re.compile(r"[\s\u00a0\u3000]+")
# The apostrophe that our own exports (and careful other programs) put before a formula sign.
_NEUTRAL = re.compile(r"'[=+\-@＝＋－＠]")
# An identity card has 17 digits and a digit or X (15 digits in the old form), a bank card 16 to 19; both are also
# written in groups. Two phone numbers beside each other are neither.
_PRIVATE = re.compile(
    r"(?<!\d)(?:\d{17}[\dXx]|\d{15,19}|\d{6}[ -]+\d{8}[ -]+\d{3}[\dXx]|\d{4}(?:[ -]+\d{4}){3}(?:[ -]+\d{1,3})?)(?!\d)"
)


def text(value: Cell) -> str:
    """The cell as a person would write it: 13800000000.0 → '13800000000', a date → '2026-03-01'."""
    match value:
        case None:
            return ""
        case str():
            words = _BLANKS.sub(" ", _INVISIBLE.sub("", value)).strip()
            return words[1:] if _NEUTRAL.match(words) else words
        case bool():
            return "是" if value else "否"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return (
                value.date().isoformat()
                if value.time() == time()
                else value.isoformat(" ", "minutes")
            )
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)


def plain(words: str) -> str:
    """Full-width digits and letters in their ordinary form: '１３８' → '138'."""
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


def private(words: str) -> bool:
    """Whether the text holds what looks like an identity card or bank card number."""
    if len(words) < 15:
        return False
    return bool(_PRIVATE.search(plain(words)))
