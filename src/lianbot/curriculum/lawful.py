"""Rules about law, money and time: clauses, sums beside a crime, sources, reviewers, dates."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.passages import Passage, passages
from lianbot.curriculum.records import Grade, ItemFile, Law, LegalBasis, Status, Truth
from lianbot.curriculum.words import CRIMES, PARTY_RULES
from lianbot.domain.codes import ItemType

YEAR: Final = timedelta(days=366)
HALF_YEAR: Final = timedelta(days=184)

_NUMBER: Final = r"(?:[0-9][0-9,.]*|[〇零一二两三四五六七八九十百千万几数半]+)"
_SUM: Final = re.compile(
    rf"{_NUMBER}\s*(?:多|来|余|把)?\s*(?:万元|千元|百元|万块|元|块钱|块|毛钱|毛|角钱|万(?=[，。；！？以起才就]|$)"
    # a limit said without its unit: 3000以上要判, 不到三千不算
    r"|(?=以[上下内]|[不才就]算|[才就]判|[才就]?立案))"
)
_LIMIT_AFTER: Final = re.compile(
    r"^(?:钱|人民币)?\s*(?:以上|以下|以内|之内|及以上|起|起步|才|就|为限|够|的?标准|不算|没事|立案)"
)
_LIMIT_BEFORE: Final = re.compile(
    r"(?:超过|达到|不到|未满|不足|不满|低于|高于|少于|多于|只要|满|不超|没超过|够|到)\s*$"
)
_FINE: Final = re.compile(r"(?:罚|罚款|罚金|没收|退赔|退回|退还)[^，。；！？]{0,4}$")
_SENTENCE: Final = re.compile(r"[^。！？\n]+")
_CRIME: Final = re.compile("|".join(CRIMES))
_ARTICLE: Final = re.compile(r"第[0-9〇零一二三四五六七八九十百]+条")
_TITLE: Final = re.compile(r"《([^》]{2,30}?(?:法|条例|规定|办法|指引|准则))》")


def check_law(item: ItemFile, register: Sequence[Law] = ()) -> Iterator[Finding]:
    yield from _named_laws(item, register)
    yield from _against_register(item, register)
    for entry in item.legal_basis:
        if not entry.confirmed and item.status is not Status.DRAFT:
            line = item.line_of("legal_basis")
            yield advise("law-unconfirmed", item.file, line, value=f"{entry.law} {entry.article}")
    for part in passages(item):
        yield from _money(item, part)
        for words in PARTY_RULES:
            if words in part.text:
                line = part.line + part.text.count("\n", 0, part.text.find(words))
                yield advise("party-rule", item.file, line, value=words)


def _named_laws(item: ItemFile, register: Sequence[Law]) -> Iterator[Finding]:
    """A law named in the words has to stand in `legal_basis`, with its edition."""
    basis = " ".join(entry.law for entry in item.legal_basis)
    known = {alias: law.name for law in register for alias in (law.name, *law.aliases)}
    for part in passages(item):
        named = {found.group(1): found.start() for found in _TITLE.finditer(part.text)}
        for alias in known:
            if alias in part.text:
                named.setdefault(alias, part.text.find(alias))
        for name, position in named.items():
            if known.get(name, name) not in basis and name not in basis:
                line = part.line + part.text.count("\n", 0, position)
                yield advise("law-unlisted", item.file, line, value=name)
        article = _ARTICLE.search(part.text)
        if article and not item.legal_basis:
            line = part.line + part.text.count("\n", 0, article.start())
            yield advise("law-article-in-text", item.file, line)


def _against_register(item: ItemFile, register: Sequence[Law]) -> Iterator[Finding]:
    line = item.line_of("legal_basis")
    for entry in item.legal_basis if register else ():
        law = next((one for one in register if entry.law in (one.name, *one.aliases)), None)
        if law is None:
            yield advise("law-register", item.file, line, detail=f"{entry.law} 没有登记")
        else:
            yield from _differs(item, entry, law, line)


def _differs(item: ItemFile, entry: LegalBasis, law: Law, line: int) -> Iterator[Finding]:
    if entry.edition != law.edition:
        detail = f"{entry.law} 登记的版本是 {law.edition}，这里写 {entry.edition}"
        yield advise("law-register", item.file, line, detail=detail)
    article = entry.article.split("-", maxsplit=1)[0]
    if entry.confirmed and article not in law.articles and item.status is not Status.DRAFT:
        value = f"{entry.law} {entry.article}"
        yield advise("law-unconfirmed", item.file, line, value=value)


def _money(item: ItemFile, part: Passage) -> Iterator[Finding]:
    """A limit within a sentence of a crime, any sum in one sentence with it unless a court's report says it."""
    found = list(_SENTENCE.finditer(part.text))
    texts = [sentence.group() for sentence in found]
    for index, sentence in enumerate(found):
        around = "".join(texts[max(index - 1, 0) : index + 2])
        line = part.line + part.text.count("\n", 0, sentence.start())
        limits = [one for one in _sums(texts[index]) if one[1]]
        if limits and _CRIME.search(around):
            yield advise("threshold", item.file, line, value=limits[0][0])
        elif item.truth is not Truth.REAL and _CRIME.search(texts[index]):
            for value, _ in _sums(texts[index])[:1]:
                yield advise("sum-with-crime", item.file, line, value=value)


def _sums(sentence: str) -> list[tuple[str, bool]]:
    """(sum, whether it is spoken of as a limit). A fine or a refund is no limit."""
    found = []
    for match in _SUM.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end() :]
        if _FINE.search(before):
            continue
        limit = bool(_LIMIT_AFTER.search(after) or _LIMIT_BEFORE.search(before))
        found.append((match.group(), limit))
    return found


def check_lifecycle(item: ItemFile, today: date | None) -> Iterator[Finding]:
    """Who answers for an item and how long; without `today` nothing is called expired."""
    released = item.status in {Status.APPROVED, Status.LIVE}
    line = item.line_of("reviewer")
    if released and item.reviewer is None:
        yield advise("reviewer-missing", item.file, item.line_of("status"))
    if item.reviewer is not None and _same(item.reviewer, item.author):
        yield advise("reviewer-author", item.file, line)
    if item.legal_reviewer is not None and _same(item.legal_reviewer, item.author):
        yield advise("reviewer-author", item.file, item.line_of("legal_reviewer"))
    if released and item.legal_basis and item.legal_reviewer is None:
        yield advise("legal-reviewer", item.file, item.line_of("legal_reviewer"))
    yield from _dates(item, today)
    yield from _sources(item)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def _dates(item: ItemFile, today: date | None) -> Iterator[Finding]:
    line = item.line_of("valid_until")
    if item.valid_until < item.valid_from:
        yield advise("span-order", item.file, line)
    longest = HALF_YEAR if item.legal_basis else YEAR
    if item.valid_until - item.valid_from > longest:
        days = (item.valid_until - item.valid_from).days
        yield advise("span", item.file, line, days=days, expected=item.valid_from + longest)
    if today is not None and item.valid_until < today and item.status is not Status.RETIRED:
        yield advise("expired", item.file, line, value=item.valid_until)


def _sources(item: ItemFile) -> Iterator[Finding]:
    """A reported case is published from a grade-A source that a person has opened, nothing less."""
    if item.type is not ItemType.CASE or item.truth is not Truth.REAL:
        return
    opened = any(one.grade is Grade.A and one.opened is not None for one in item.sources)
    if not opened and item.status is not Status.DRAFT:
        yield advise("case-source", item.file, item.line_of("sources"))
