"""Sums beside a crime: whoever reads where it begins reads what is safe. A small thing is too much, and it adds up."""

import re
from collections.abc import Iterator
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.folding import folded, squeezed
from lianbot.curriculum.passages import Passage, passages
from lianbot.curriculum.records import ItemFile
from lianbot.curriculum.words import CRIMES

_DIGITS: Final = "〇零一二两三四五六七八九十百千万亿几数半壹贰叁肆伍陆柒捌玖拾佰仟"
_NUMBER: Final = rf"(?:[0-9][0-9,.]*|[{_DIGITS}]+)"
_LARGE: Final = rf"(?:[0-9.]+\s*[万千wWkK]|[0-9][0-9,]{{2,}}|[{_DIGITS}]*[一二两三四五六七八九十几数壹贰叁肆伍陆柒捌玖拾][千万仟])"
_COUNTED: Final = r"\s*(?:[斤人次米个条年月日天号点分岁份户家间棵株盒箱袋瓶度吨升字克张把台辆元块毛角钱多来余%多]|公[斤里分]|平方|[0-9])"
_SUM: Final = re.compile(
    rf"[¥$]\s*{_NUMBER}"
    rf"|{_NUMBER}\s*(?:多|来|余|把)?\s*(?:[wWkK]|万|千|百)?\s*(?:人民币|RMB|rmb|元|圆|块钱|块|毛钱|毛|角钱)"
    # said without its unit: 受贿三万要判, 3000以上立案; the short numbers of the state are no sums
    rf"|(?<![0-9])(?!(?:12[0-9]{{3}}|11[09]|12[02])(?![0-9])){_LARGE}(?!{_COUNTED})"
    rf"|{_NUMBER}(?=以[上下内]|[不才就]算|[才就]判|[才就]?立案)"
    r"|[上过][百千万](?![个人次斤])|[三四五六七]位数"
    rf"|{_NUMBER}\s*(?:条烟|瓶酒|斤肉|箱奶|张卡|包烟|桶油|袋米)"
)
_LIMIT_AFTER: Final = re.compile(
    r"^(?:钱|人民币)?\s*(?:以上|以下|以内|之内|及以上|起|起步|才|就|为限|够|的?标准|不算|没事|立案|是[^，。]{0,6}(?:线|标准|起点|门槛))"
)
_LIMIT_BEFORE: Final = re.compile(
    r"(?:(?:线|标准|起点|门槛)(?:是|为|:)?|超过|达到|不到|未满|不足|不满|低于|高于|少于|多于|只要|满|不超|没超过|够|到)\s*$"
)
_FINE: Final = re.compile(r"(?:罚|罚款|罚金|没收|退赔|退回|退还)[^，。；！？]{0,4}$")
_SENTENCE: Final = re.compile(r"[^。！？\n]+")
_CRIME: Final = re.compile("|".join(CRIMES) + r"|判[0-9一二三四五六七八九十]{1,3}[年个]")
_PURSUED: Final = re.compile("派出所|公安|警察|抓人|偷")
"""What a limit must not stand beside either: 一万以下派出所不管."""


def check_sums(item: ItemFile) -> Iterator[Finding]:
    """A limit, or any sum at all, in one sentence with a crime or in the one beside it; a court's report too."""
    for part in passages(item):
        yield from _beside(item, part)


def _beside(item: ItemFile, part: Passage) -> Iterator[Finding]:
    words = squeezed(folded(part.text))
    found = list(_SENTENCE.finditer(words.text))
    texts = [sentence.group() for sentence in found]
    for index, sentence in enumerate(found):
        sums = _sums(texts[index])
        if not sums:
            continue
        around = "。".join(texts[max(index - 1, 0) : index + 2])
        line = part.line_at(words.positions[sentence.start()])
        limits = [value for value, limit in sums if limit]
        crime = _CRIME.search(around)
        if limits and (crime or _PURSUED.search(texts[index])):
            yield advise("threshold", item.file, line, value=limits[0])
        elif crime:
            yield advise("sum-with-crime", item.file, line, value=sums[0][0])


def _sums(sentence: str) -> list[tuple[str, bool]]:
    """(sum, whether it is spoken of as a limit). A fine or a refund is no limit."""
    found = []
    for match in _SUM.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :]
        if _FINE.search(before):
            continue
        limit = bool(_LIMIT_AFTER.search(after) or _LIMIT_BEFORE.search(before))
        found.append((match.group(), limit or match.group()[0] in "上过"))
    return found
