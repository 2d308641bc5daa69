"""Rules that keep people and places out: names, numbers, plates, towns, units."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import rjieba

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.passages import Passage, passages
from lianbot.curriculum.records import CasePart, ItemFile, Truth
from lianbot.curriculum.words import (
    CITIES,
    GIVEN,
    NOT_A_NAME,
    PERSON_TITLES,
    PROVINCES,
    SURNAMES,
)
from lianbot.domain.codes import ItemType

_ID_NUMBER: Final = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_PHONE: Final = re.compile(
    r"(?<![0-9])(?:1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}[- ]?[0-9]{7,8}|[48]00[- ]?[0-9]{3}[- ]?[0-9]{4})(?![0-9])"
)
_CONTACT: Final = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.]?[A-Z0-9]{5,6}(?![A-Z0-9])"
    r"|微信号?[:：]\s*[A-Za-z][\w-]{5,}"
)
_PLAIN_SURNAMES: Final = frozenset(
    "钱谢管向常许高马方任金黄白安石文江严武万温于祝易古叶季章余史申尤毕陆"
)
_COUNTING: Final = frozenset("一二两三四五六这那拍写每几半整单纸填开")
_SURNAME: Final = "".join(sorted(SURNAMES))
_TITLED: Final = re.compile(
    rf"(?<![甲乙对双供厂店校卖买我你您他她宿楼库保城治协门前现后责主工全流仓])(?P<name>[{_SURNAME}](?:{'|'.join(PERSON_TITLES)}))"
)
_NICKNAME: Final = re.compile(
    rf"(?<![大从到])(?P<name>[老小阿][{_SURNAME}])(?=[，。：；！？、\s“”说问看拿签把给在又也就来去的让是有没和跟]|$)"
)
_FULL: Final = re.compile(rf"(?P<name>[{_SURNAME}][{GIVEN}]{{2}})")
_SMALL_PLACE: Final = re.compile(r"[\u4e00-\u9fff]{1,3}(?:县|镇|乡|自治州|开发区|街道|大道)")
_SMALL_PLACE_OK: Final = (
    "本县",
    "全县",
    "外县",
    "该县",
    "各县",
    "乡镇",
    "老乡",
    "同乡",
    "下乡",
    "家乡",
    "城镇",
    "冰镇",
)
_UNIT: Final = re.compile(r"(?:大学|学院|中学|小学|公司|集团|酒店|饭店|超市|学校|医院)")
_NAMELESS: Final = frozenset(
    "一某所家个座间名位的这那各本该我他她您你贵全大小高外几两多职业有限物业餐饮保安派遣服务外包供货建筑维修派合作商贸清洁园林管理收运回收食品上级人力资源劳务装修施工学校为在到找归由和与是给向跟让说去进把被"
)


def check_privacy(item: ItemFile) -> Iterator[Finding]:
    """Numbers and names everywhere; places and units in cases and stories, where people look for them."""
    told = item.type in {ItemType.CASE, ItemType.STORY}
    for part in passages(item):
        yield from _numbers(item, part)
        yield from _names(item, part, told)
        if told:
            yield from _places(item, part)
            yield from _units(item, part)
    if isinstance(item.part, CasePart):
        yield from _place_field(item, item.part)


def _at(part: Passage, position: int) -> int:
    return part.line + part.text.count("\n", 0, position)


def _numbers(item: ItemFile, part: Passage) -> Iterator[Finding]:
    for rule, pattern in (
        ("id-number", _ID_NUMBER),
        ("phone", _PHONE),
        ("contact", _CONTACT),
    ):
        for found in pattern.finditer(part.text):
            yield advise(rule, item.file, _at(part, found.start()), value=found.group())


def _names(item: ItemFile, part: Passage, told: bool) -> Iterator[Finding]:
    for position, name in _named(part.text, told):
        yield advise("person-name", item.file, _at(part, position), value=name)


def _named(text: str, told: bool) -> list[tuple[int, str]]:
    """(position, name) of what looks like a person: 张某, 王师傅, 老李; in told events also full names."""
    found = {
        match.start("name"): match.group("name")
        for pattern in ((_TITLED, _NICKNAME, _FULL) if told else (_TITLED, _NICKNAME))
        for match in pattern.finditer(text)
        if match.group("name") not in NOT_A_NAME
    }
    for position, word, tag in _tagged(text):
        before = text[position - 1 : position]
        if told and tag == "nr" and 2 <= len(word) <= 4 and _like_a_name(word, before):
            found.setdefault(position, word)
    return sorted(found.items())


def _like_a_name(word: str, before: str) -> bool:
    """A surname that is also a plain word (张, 钱, 谢) is believed only before a given name of two."""
    if word in NOT_A_NAME or word.endswith(PERSON_TITLES) or len(set(word)) == 1:
        return False
    if word[0] == "张" and before in _COUNTING:
        return False
    if len(word) == 2 and word[0] in _PLAIN_SURNAMES:
        return False
    return word[0] in SURNAMES or (word[0] in "老小阿" and word[1] in SURNAMES)


@lru_cache(maxsize=4096)
def _tagged(text: str) -> tuple[tuple[int, str, str], ...]:
    """(position, word, part of speech); the tagger gives every character back in order."""
    found = []
    position = 0
    for word, tag in rjieba.tag(text):
        found.append((position, word, tag))
        position += len(word)
    return tuple(found)


def _places(item: ItemFile, part: Passage) -> Iterator[Finding]:
    for name in (*PROVINCES, *CITIES):
        at = part.text.find(name)
        if at >= 0 and item.truth is not Truth.REAL:
            detail = "编写的情景不写地名，删掉"
            yield advise("place", item.file, _at(part, at), value=name, detail=detail)
    for found in _SMALL_PLACE.finditer(part.text):
        if not found.group().endswith(_SMALL_PLACE_OK):
            detail = "只写到市"
            line = _at(part, found.start())
            yield advise("place", item.file, line, value=found.group(), detail=detail)


def _units(item: ItemFile, part: Passage) -> Iterator[Finding]:
    """A unit with a name before it: 昆明医科大学, 宏达餐饮公司; 一所高校, 保安公司 pass."""
    for found in _UNIT.finditer(part.text):
        before = re.search(r"[\u4e00-\u9fff]{0,2}$", part.text[: found.start()])
        word = before.group() if before else ""
        if word and not any(char in _NAMELESS for char in word):
            line = _at(part, found.start())
            yield advise("unit-name", item.file, line, value=word + found.group())


def _place_field(item: ItemFile, case: CasePart) -> Iterator[Finding]:
    line = item.line_of("place")
    if item.truth is not Truth.REAL and case.place:
        detail = "编写的情景不写地名，place 留空"
        yield advise("place", item.file, line, value=case.place, detail=detail)
    elif re.search(r"[县区镇乡村路]", case.place):
        yield advise("place", item.file, line, value=case.place, detail="只写到市")
