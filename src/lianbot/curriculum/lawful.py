"""Rules about law and time: clauses, sources, reviewers, dates."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from lianbot.curriculum.advice import advise
from lianbot.curriculum.findings import Finding
from lianbot.curriculum.passages import passages
from lianbot.curriculum.records import Grade, ItemFile, Law, LegalBasis, Status, Truth
from lianbot.curriculum.words import LAWS, NOBODY, PARTY_RULES
from lianbot.domain.codes import ItemType

YEAR: Final = timedelta(days=366)
HALF_YEAR: Final = timedelta(days=184)

_NUMERAL: Final = r"[0-9〇零一二三四五六七八九十百]+"
_ARTICLE: Final = re.compile(rf"第{_NUMERAL}条|(?:法|条例|规定|办法){_NUMERAL}条")
_TITLE: Final = re.compile(r"[《〈]([^》〉]{1,30}?(?:法|条例|规定|办法|指引|准则))[》〉]")
_ARTICLE_FORM: Final = re.compile(r"全文|[1-9][0-9]{0,3}(?:之[一二三四五六七八九十])?(?:-[1-9])?")
_AND: Final = re.compile(r"[、,，/／;；&＆+＋]|和|与")


def check_law(
    item: ItemFile, register: Sequence[Law] = (), today: date | None = None
) -> Iterator[Finding]:
    yield from _named_laws(item, register)
    yield from _against_register(item, register)
    for entry in item.legal_basis:
        yield from _entry(item, entry, today)
    for part in passages(item):
        for words in PARTY_RULES:
            if words in part.text:
                line = part.line + part.text.count("\n", 0, part.text.find(words))
                yield advise("party-rule", item.file, line, value=words)


def _entry(item: ItemFile, entry: LegalBasis, today: date | None) -> Iterator[Finding]:
    """An article that can be looked up, an edition that was in force, a look at it that is no older than half a year."""
    line, value = item.line_of("legal_basis"), f"{entry.law} {entry.article}"
    if not entry.confirmed and item.status is not Status.DRAFT:
        yield advise("law-unconfirmed", item.file, line, value=value)
    if not _ARTICLE_FORM.fullmatch(entry.article):
        yield advise("law-article", item.file, line, value=entry.article)
    newest = item.valid_until if today is None else min(today, item.valid_until)
    if entry.checked < entry.edition:
        detail = f"核对日 {entry.checked} 早于版本日 {entry.edition}"
    elif entry.checked > newest:
        detail = f"核对日 {entry.checked} 还没到，或者在有效期之后"
    elif item.valid_from - entry.checked > HALF_YEAR:
        detail = f"核对日 {entry.checked} 离生效已经半年多"
    else:
        return
    yield advise("law-dates", item.file, line, value=value, detail=detail)


def _named_laws(item: ItemFile, register: Sequence[Law]) -> Iterator[Finding]:
    """A law named in the words has to stand in `legal_basis`, with its edition."""
    basis = " ".join(entry.law for entry in item.legal_basis)
    known = {alias: law.name for law in register for alias in (law.name, *law.aliases)}
    for part in passages(item):
        named = {found.group(1): found.start() for found in _TITLE.finditer(part.text)}
        for alias in (*known, *LAWS):
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


def check_lifecycle(item: ItemFile, today: date | None) -> Iterator[Finding]:
    """Who answers for an item and how long; without `today` nothing is called expired."""
    released = item.status in {Status.APPROVED, Status.LIVE}
    line = item.line_of("reviewer")
    if released and item.reviewer is None:
        yield advise("reviewer-missing", item.file, item.line_of("status"))
    for name, person in (("reviewer", item.reviewer), ("legal_reviewer", item.legal_reviewer)):
        if person is not None and _plainly(person) in NOBODY | {""}:
            yield advise(
                "reviewer-nobody", item.file, item.line_of(name), field=name, value=person
            )
    if item.reviewer is not None and _same(item.reviewer, item.author):
        yield advise("reviewer-author", item.file, line)
    if item.legal_reviewer is not None and _same(item.legal_reviewer, item.author):
        yield advise("reviewer-author", item.file, item.line_of("legal_reviewer"))
    if released and item.legal_basis and item.legal_reviewer is None:
        yield advise("legal-reviewer", item.file, item.line_of("legal_reviewer"))
    yield from _dates(item, today)
    yield from _sources(item)


def _same(one: str, other: str) -> bool:
    """Whether anybody stands in both: 甲组、乙组 may not be reviewed by 乙组, nor ABC by ａｂｃ."""
    return bool(_people(one) & _people(other))


def _people(text: str) -> frozenset[str]:
    return frozenset(_plainly(one) for one in (*_AND.split(text), text)) - {""}


def _plainly(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if char.isalnum()).casefold()


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
