"""标签: short words that put workers into groups of work; what is nobody's business is refused."""

import re
import unicodedata
from typing import Final

from lianbot.domain.errors import InvalidInputError

MOST_TAGS: Final = 5
LONGEST: Final = 12
_WORD: Final = re.compile(rf"[\u3400-\u9fffA-Z0-9-]{{1,{LONGEST}}}")
_SPLIT: Final = re.compile(r"[、,，;；/|\s]+")
CLEAR: Final = "清空"
"""A cell with this word takes all tags away; an empty cell states nothing."""

_SENSITIVE: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "民族",
        re.compile(
            r"族|少民|维吾尔|藏民|回民|彝|傣|哈尼|傈僳|佤|拉祜|纳西|景颇|布朗人|普米|德昂|独龙|基诺|苗人|壮人"
            r"|瑶人|蒙古|满人|朝鲜"
        ),
    ),
    (
        "宗教信仰",
        re.compile(
            r"教徒|教友|信教|信仰|宗教|信佛|佛教|道教|基督|天主|伊斯兰|穆斯林|回教|清真|阿訇|教会|做礼拜|法轮"
        ),
    ),
    (
        "健康",
        re.compile(
            r"病|孕|残疾|残障|伤残|体检|健康|抑郁|精神病|精神科|障碍|乙肝|肝炎|肺|癌|瘤|血压|血糖|糖尿|心脏|过敏|哺乳|疫苗"
            r"|阳性|携带者|艾滋|HIV|HBV|手术|工伤|吃药|失眠|听障|视障|聋|哑|盲|智障"
        ),
    ),
    (
        "犯罪记录",
        re.compile(
            r"犯|前科|案底|刑|服役|劳改|劳教|吸毒|涉毒|戒毒|社区矫正|矫正|拘留|判刑|被判|缓期|缓刑|假释|坐牢|监狱"
            r"|出狱|盗窃|偷|诈骗|失信|黑名单"
        ),
    ),
    (
        "政治面貌、婚育、年龄",
        re.compile(r"党员|团员|群众|政审|民主党派|婚|离异|丧偶|生育|超龄|年龄|岁|性别|男工|女工"),
    ),
    (
        "给个人的评价",
        re.compile(
            r"落后|后进|差评|不听话|重点人|重点关注|问题人|刺头|上访|信访|举报|闹事|待辞|拟辞"
        ),
    ),
)
"""Sensitive data (个人信息保护法 28-30), what is like it, and marks on a person (P4): a kitchen is chosen by site
or team, never by who eats what."""


def tag_named(words: str) -> str:
    """The tag as it is kept: full width and case do not matter. Raises InvalidInputError with the mend."""
    tag = unicodedata.normalize("NFKC", words).strip().upper()
    if not _WORD.fullmatch(tag):
        raise InvalidInputError(
            "标签", f"“{words[:20]}”：只用汉字、字母、数字和 -，最多 {LONGEST} 个字，例如 夜班小组"
        )
    for what, pattern in _SENSITIVE:
        if pattern.search(tag):
            raise InvalidInputError(
                "标签", f"“{words[:20]}”像是{what}，不能做标签，也不保存：按岗位、班组或校区来分"
            )
    return tag


def tags_in(cell: str) -> tuple[str, ...] | None:
    """The tags of a roster cell, None when it states nothing. Raises InvalidInputError with the mend."""
    words = [word for word in _SPLIT.split(cell.strip()) if word]
    if not words:
        return None
    if words == [CLEAR]:
        return ()
    tags = tuple(sorted({tag_named(word) for word in words}))
    if len(tags) > MOST_TAGS:
        raise InvalidInputError("标签", f"一个人最多 {MOST_TAGS} 个")
    return tags
