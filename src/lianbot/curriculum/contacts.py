"""Numbers and addresses that lead to a person or away from the page: identity, telephone, account, plate, link."""

import re
from collections.abc import Iterator
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.folding import folded, spelled
from lianbot.curriculum.passages import Passage
from lianbot.curriculum.records import ItemFile

_GAP: Final = r"[ .·\-‐‑–—_/]{0,2}"
"""What people put between digits so that a number reads better, or is not found."""
_ID_NUMBER: Final = re.compile(
    rf"(?<![0-9])(?:[1-9][0-9]{{16}}[0-9Xx]"
    rf"|[1-9][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}[0-9Xx]"
    r"|[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3})(?![0-9])"
)
_PHONE: Final = re.compile(
    rf"(?<![0-9])(?:(?:00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])"
    rf"|(?<![0-9])[(]?0[0-9]{{2,3}}[)]?{_GAP}[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}(?![0-9])"
    rf"|(?<![0-9])[48]00{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{3,4}}(?![0-9])"
)
_CONTACT: Final = re.compile(
    r"[A-Za-z0-9_.+-]+\s*(?:@|\[at\]|\(at\))\s*[A-Za-z0-9_-]+\s*\.\s*[A-Za-z]{2,}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.]?[A-Z0-9]{5,6}(?![A-Z0-9])"
    r"|(?:微信|[vVＶ薇威]信|(?<![A-Za-z])(?:wx|WX|vx|VX|[Ww]eixin|qq|QQ)|扣扣|企鹅号)号?码?\s*:?\s*[A-Za-z0-9_-]{5,}"
)
_LINK: Final = re.compile(
    r"https?:|www\.|(?<![A-Za-z0-9@.-])(?:[A-Za-z0-9-]+\.)+(?:com|cn|net|org|edu|gov|io|top|xyz|cc|me|vip|example)(?![A-Za-z])",
    re.IGNORECASE,
)
_LONG: Final = re.compile(
    r"(?<![0-9.])(?!(?:19|20)[0-9]{2}[ -](?:19|20)[0-9]{2}(?![0-9 -]))"
    r"(?:[0-9]{7,}|[0-9]{4}(?:[ -][0-9]{4})+(?:[ -][0-9]{1,4})*)(?![0-9])(?!\s*[元块斤人米吨])"
)
_WRITTEN: Final = (("contact", _CONTACT), ("link", _LINK), ("contact", _LONG))
_SAID: Final = (("id-number", _ID_NUMBER), ("phone", _PHONE))


def check_contacts(item: ItemFile, part: Passage) -> Iterator[Finding]:
    """Each place once, under the name of the strictest pattern that found it."""
    seen: list[range] = []
    for patterns, text in ((_SAID, spelled(part.text)), (_WRITTEN, folded(part.text))):
        for rule, pattern in patterns:
            for found in pattern.finditer(text):
                here = range(*found.span())
                if any(here.start < one.stop and one.start < here.stop for one in seen):
                    continue
                seen.append(here)
                value = part.text[here.start : here.stop]
                yield advise(rule, item.file, part.line_at(here.start), value=value)
