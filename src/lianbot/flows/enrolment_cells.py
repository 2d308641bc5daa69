"""One cell of a roster row → a value, or a fault with the mend; nothing is guessed."""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum

from lianbot.domain.codes import Level
from lianbot.domain.errors import InvalidInputError
from lianbot.domain.people import Employment
from lianbot.domain.roster import Column
from lianbot.domain.tags import tags_in
from lianbot.phrases import roster as say

OURS = re.compile(r"LB(\d{6,9})")
"""Numbers that lianbot gives to people without one: LB000001, LB000002, … never used again."""

_EMPTY = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "没有", "暂无", "空", "none", "null", "n/a"}
)
_BLANKS = re.compile(r"\s+")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_NAME = re.compile(r"[^\d<>=@/\\|;；:：、,，!！?？]{1,40}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_PHONE_NOISE = re.compile(r"[\s()-]+")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-8]\d{6,7}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月|(\d{4})[-/](\d{1,2})")
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_EPOCH = date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was

_EMPLOYMENT: dict[Employment, tuple[str, ...]] = {
    Employment.PERMANENT: ("在编", "事业编", "事业编制", "编制内", "正式在编", "在编在岗"),
    Employment.SCHOOL_CONTRACT: (
        "学校自聘", "自聘", "校聘", "编外", "编外合同", "合同制", "学校合同", "校编外", "非在编",
    ),
    Employment.DISPATCHED: ("劳务派遣", "派遣", "派遣制", "派遣工"),
    Employment.OUTSOURCED: (
        "外包", "外包公司", "外包员工", "外包公司员工", "劳务外包", "服务外包", "公司员工", "公司合同",
    ),
    Employment.REHIRED: ("返聘", "退休返聘", "超龄返聘", "劳务协议", "退休人员", "超龄"),
    Employment.TEMPORARY: (
        "临时工", "临时", "小时工", "钟点工", "兼职", "勤工助学", "学生", "学生勤工助学", "短工", "临聘",
    ),
}  # fmt: skip
_EMPLOYMENT_WORDS = {word: kind for kind, words in _EMPLOYMENT.items() for word in words}


class Status(StrEnum):
    """What the column 在职状态 says."""

    HERE = "here"
    GONE = "gone"


_STATUS_WORDS = {
    **dict.fromkeys(("在职", "在岗", "是", "正常", "试用", "试用期", "休假", "病假", "产假"), Status.HERE),
    **dict.fromkeys(("离职", "已离职", "离岗", "退场", "离场", "否", "辞职", "辞退", "退休"), Status.GONE),
}  # fmt: skip


class CellFaultError(Exception):
    """A cell that cannot be used; `text` is the sentence for the person at the desk."""

    def __init__(self, column: Column, text: str) -> None:
        super().__init__(text)
        self.column = column
        self.text = text


def key(words: str) -> str:
    """A name of a place, company or post for comparison: without width, case and blanks."""
    if not words.isascii():
        words = unicodedata.normalize("NFKC", words)
    return _BLANKS.sub("", words).casefold()


def stated(words: str) -> str:
    """The cell's text, "" for the many ways to write nothing (无, -, /)."""
    words = words.strip()
    return "" if words.casefold() in _EMPTY else words


def name_of(words: str) -> str:
    """A person's name; blanks between Chinese characters ('张 三') go, those in other names become one."""
    name = _HAN_GAP.sub("", _BLANKS.sub(" ", unicodedata.normalize("NFKC", words).strip()))
    if not name:
        raise CellFaultError(Column.NAME, say.NO_NAME)
    if not _NAME.fullmatch(name):
        raise CellFaultError(Column.NAME, say.NAME_WRONG)
    return name


def number_of(words: str) -> str | None:
    number = _BLANKS.sub("", words)
    if not number:
        return None
    if not _NUMBER.fullmatch(number):
        raise CellFaultError(Column.NUMBER, say.NUMBER_WRONG)
    return number


def phone_of(words: str) -> str | None:
    """Digits only; +86 goes. A landline is accepted: some workers can only be called at the kitchen or the gate."""
    phone = _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", words))
    if not phone:
        return None
    for prefix in ("+86", "0086"):
        phone = phone.removeprefix(prefix)
    if len(phone) == 13 and phone.startswith("861"):
        phone = phone[2:]
    if _PHONE.fullmatch(phone):
        return phone
    if _SCIENTIFIC.fullmatch(phone):
        raise CellFaultError(Column.PHONE, say.PHONE_SCIENTIFIC)
    two = len(re.findall(r"1[3-9]\d{9}", phone)) > 1
    raise CellFaultError(Column.PHONE, say.PHONE_TWO if two else say.PHONE_WRONG)


def date_of(column: Column, words: str) -> date | None:
    """A day from 2026-03-01, 2026.3.1, 2026年3月1日, 20260301, 2026年3月 (its first day) or Excel's serial number."""
    words = unicodedata.normalize("NFKC", words).strip()
    if not words:
        return None
    try:
        if match := _DATE.fullmatch(words) or _COMPACT.fullmatch(words):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _MONTH.fullmatch(words):
            return date(int(match[1] or match[3]), int(match[2] or match[4]), 1)
        if _SERIAL.fullmatch(words):
            return _EPOCH + timedelta(days=int(float(words)))
    except ValueError:
        pass
    raise CellFaultError(column, say.cell_unreadable(column, words, say.DATE_MEND))


def level_of(words: str) -> Level | None:
    plain = key(words).removeprefix("l").removesuffix("级")
    if not plain:
        return None
    if plain in ("1", "2", "3", "4", "5", "6"):
        return Level(f"L{plain}")
    raise CellFaultError(Column.LEVEL, say.cell_unreadable(Column.LEVEL, words, say.LEVEL_MEND))


def employment_of(words: str) -> Employment | None:
    plain = key(words)
    if not plain:
        return None
    if plain in _EMPLOYMENT_WORDS:
        return _EMPLOYMENT_WORDS[plain]
    fault = say.cell_unreadable(Column.EMPLOYMENT, words, say.EMPLOYMENT_MEND)
    raise CellFaultError(Column.EMPLOYMENT, fault)


def status_of(words: str) -> Status | None:
    plain = key(words)
    if not plain:
        return None
    if plain in _STATUS_WORDS:
        return _STATUS_WORDS[plain]
    fault = say.cell_unreadable(Column.STATUS, words, say.STATUS_MEND)
    raise CellFaultError(Column.STATUS, fault)


def account_of(words: str) -> str | None:
    account = words.strip()
    if not account:
        return None
    if not _ACCOUNT.fullmatch(account):
        fault = say.cell_unreadable(Column.WECOM, words, say.WECOM_MEND)
        raise CellFaultError(Column.WECOM, fault)
    return account


def tags_of(words: str) -> tuple[str, ...] | None:
    """Sensitive words are refused, not dropped: who wrote them must know that they are not kept."""
    try:
        return tags_in(words)
    except InvalidInputError as error:
        raise CellFaultError(Column.TAGS, str(error)) from error
