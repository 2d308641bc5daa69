"""Rules that keep people and places out: names, towns, units."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import rjieba

from lianbot.curriculum.advice import advise
from lianbot.curriculum.contacts import check_contacts
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.folding import Squeezed, folded, squeezed
from lianbot.curriculum.passages import Passage, passages, unshown
from lianbot.curriculum.places import CITIES, PROVINCES, QUARTERS, SCHOOLS
from lianbot.curriculum.records import CasePart, ItemFile, Truth
from lianbot.curriculum.words import (
    DOUBLE_SURNAMES,
    GIVEN,
    NOT_A_NAME,
    OTHER_NAMES,
    PERSON_TITLES,
    RARER_SURNAMES,
    SURNAMES,
)
from lianbot.domain.codes import ItemType

_PLAIN_SURNAMES: Final = frozenset(
    "钱谢管向常许高马方任金黄白安石文江严武万温于祝易古叶季章余史申尤毕陆"
)
_COUNTING: Final = frozenset("一二两三四五六这那拍写每几半整单纸填开")
_SURNAME: Final = "".join(sorted(SURNAMES))
_AFTER: Final = r"(?=[，。：；！？、\s“”说问看拿签把给在又也就来去的让是有没和跟]|$)"
_TITLED: Final = re.compile(
    rf"(?<![甲乙对双供厂店校卖买我你您他她宿楼库保城治协门前现后责主工全流仓])(?P<name>[{_SURNAME}](?:{'|'.join(PERSON_TITLES)}))"
)
_NICKNAME: Final = re.compile(rf"(?<![大从到])(?P<name>[老小阿][{_SURNAME}]){_AFTER}")
_FULL: Final = re.compile(rf"(?P<name>[{_SURNAME}{RARER_SURNAMES}][{GIVEN}]{{2}})")
_MASKED: Final = re.compile(rf"(?P<name>[{_SURNAME}][Xx×*＊○〇]{{1,2}}|[A-Z]某{{1,2}})")
_SURNAMED: Final = re.compile(
    rf"(?<!百)(?P<name>姓[{_SURNAME}]|[{_SURNAME}]姓)(?=[的师老员，。男女小人某]|$)"
)
_SHORT_TITLE: Final = re.compile(
    rf"(?<![从到去用])(?P<name>[{_SURNAME}][处厨叔婶嫂伯爷]|阿[{GIVEN}]){_AFTER}"
)
_LATIN: Final = re.compile(r"(?<![A-Za-z])(?P<name>[A-Z][a-z]+ [A-Z][a-z]+)(?![A-Za-z])")
_KNOWN: Final = re.compile(
    rf"(?P<name>(?:{'|'.join(DOUBLE_SURNAMES)})[\u4e00-\u9fff]|{'|'.join(OTHER_NAMES)})"
)
_ALWAYS: Final = (_TITLED, _NICKNAME, _MASKED, _SURNAMED)
_TOLD: Final = (*_ALWAYS, _FULL, _SHORT_TITLE, _LATIN, _KNOWN)
_SMALL_PLACE: Final = re.compile(
    r"[\u4e00-\u9fff]{1,3}(?:县|镇|乡|自治州|开发区|街道|大道)|[\u4e00-\u9fff]{2}村"
    r"|(?:人民|解放|中山|建设|北京|南京|文化|和平|学府|团结|胜利|[东西南北一二三四五六]环)路"
)
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
_VILLAGE_OK: Final = frozenset("农山全本们中家新个同邻外回进出乡")
_UNIT: Final = re.compile(r"(?:大学|学院|中学|小学|公司|集团|酒店|饭店|超市|学校|医院)")
_REGISTERED: Final = re.compile(r"[\u4e00-\u9fff]{2,12}?有限(?:责任)?公司")
_SHORT_SCHOOL: Final = re.compile(
    "|".join(SCHOOLS) + r"|[昆县市附][一二三四五六七八九十]{0,2}中(?=[，。、食的])"
)
_NAMELESS: Final = frozenset(
    "一某所家个座间名位的这那各本该我他她您你贵全大小高外几两多职业有限物业餐饮保安派遣服务外包供货建筑维修派合作商贸清洁园林管理收运回收食品上级人力资源劳务装修施工学校为在到找归由和与是给向跟让说去进把被"
)


def check_privacy(item: ItemFile) -> Iterator[Finding]:
    """Numbers and names everywhere; places and units in cases and stories, where people look for them."""
    told = item.type in {ItemType.CASE, ItemType.STORY}
    for part in passages(item):
        yield from check_contacts(item, part)
        words = squeezed(folded(part.text))
        yield from _names(item, part, words, told)
        if told:
            yield from _places(item, part, words)
            yield from _units(item, part, words)
    for part in unshown(item):
        yield from check_contacts(item, part)
    if isinstance(item.part, CasePart):
        yield from _place_field(item, item.part)


def _at(part: Passage, words: Squeezed, position: int) -> int:
    return part.line_at(words.positions[position])


def _names(item: ItemFile, part: Passage, words: Squeezed, told: bool) -> Iterator[Finding]:
    for position, name in _named(words.text, told):
        yield advise("person-name", item.file, _at(part, words, position), value=name)


def _named(text: str, told: bool) -> list[tuple[int, str]]:
    """(position, name) of what looks like a person: 张某, 王师傅, 老李; in told events also full names."""
    found = {
        match.start("name"): match.group("name")
        for pattern in (_TOLD if told else _ALWAYS)
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
    if word[0] in RARER_SURNAMES:
        return len(word) == 3
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


def _places(item: ItemFile, part: Passage, words: Squeezed) -> Iterator[Finding]:
    for name in (*PROVINCES, *CITIES, *QUARTERS):
        at = words.text.find(name)
        if at >= 0 and (item.truth is not Truth.REAL or name in QUARTERS):
            written = item.truth is not Truth.REAL
            detail = "编写的情景不写地名，删掉" if written else "只写到市"
            yield advise("place", item.file, _at(part, words, at), value=name, detail=detail)
    for found in _SMALL_PLACE.finditer(words.text):
        name = found.group()
        if not name.endswith(_SMALL_PLACE_OK) and not (
            name[-1] == "村" and name[-2] in _VILLAGE_OK
        ):
            line = _at(part, words, found.start())
            yield advise("place", item.file, line, value=name, detail="只写到市")


def _units(item: ItemFile, part: Passage, words: Squeezed) -> Iterator[Finding]:
    """A unit with a name before it: 昆明医科大学, 宏达餐饮公司; 一所高校, 保安公司 pass."""
    for pattern in (_REGISTERED, _SHORT_SCHOOL):
        for found in pattern.finditer(words.text):
            line = _at(part, words, found.start())
            yield advise("unit-name", item.file, line, value=found.group())
    for found in _UNIT.finditer(words.text):
        before = re.search(r"[\u4e00-\u9fff]{0,2}$", words.text[: found.start()])
        word = before.group() if before else ""
        if word and not any(char in _NAMELESS for char in word):
            line = _at(part, words, found.start())
            yield advise("unit-name", item.file, line, value=word + found.group())


def _place_field(item: ItemFile, case: CasePart) -> Iterator[Finding]:
    line = item.line_of("place")
    if item.truth is not Truth.REAL and case.place:
        detail = "编写的情景不写地名，place 留空"
        yield advise("place", item.file, line, value=case.place, detail=detail)
    elif re.search(r"[县区镇乡村路]", case.place):
        yield advise("place", item.file, line, value=case.place, detail="只写到市")
