"""Rows → people: two rows of one person become one with two posts, rows that contradict each other become errors."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lianbot.domain.roster import Column, Fault, RowRef
from lianbot.flows.enrolment_rows import Stated
from lianbot.phrases import roster as say


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of the file: what the rows state together, and every row the person stands on."""

    stated: Stated
    rows: tuple[RowRef, ...]


Reason = Callable[[Sequence[RowRef]], str]
"""The other rows of a contradiction → the sentence for this one."""


def people(rows: Iterable[Stated]) -> tuple[list[Person], list[Stated]]:
    """The people of the file in its order, and the rows that cannot be used, each with its faults."""
    groups: defaultdict[Hashable, list[Stated]] = defaultdict(list)
    for row in rows:
        groups[_identity(row)].append(row)
    found: list[Person] = []
    wrong: list[Stated] = []
    for group in groups.values():
        trouble = _trouble(group)
        if trouble:
            wrong += _blame(group, *trouble)
        else:
            found.append(_merged(group))
    for check in (_half_numbered, _indistinct, _sharing_account):
        blamed = check(found)
        wrong += [
            replace(blamed[person.stated.ref], ref=ref)
            for person in found
            if person.stated.ref in blamed
            for ref in person.rows
        ]
        found = [person for person in found if person.stated.ref not in blamed]
    return found, wrong


def _identity(row: Stated) -> Hashable:
    """What makes two rows one person: the number, else name and phone in one contractor."""
    if row.number:
        return row.number
    if not row.name or not row.contractor:
        return row.ref
    if row.phone:
        return (row.contractor, row.name, row.phone)
    return (row.contractor, row.name, "")


def _trouble(group: Sequence[Stated]) -> tuple[Column | None, Reason] | None:
    """Why these rows cannot be one person, None when they can."""
    first = group[0]
    if len(group) == 1:
        return (None, lambda _: "") if first.faults else None
    if first.number and len({row.name for row in group if row.name}) > 1:
        return Column.NUMBER, lambda others: say.same_number(others, say.NAMES_DIFFER)
    if any(row.faults for row in group):
        return None, lambda _: say.PARTNER_FAULTY
    if not first.number and not first.phone:
        return Column.NAME, lambda _: say.TWINS_UNCLEAR
    if _posts_overlap(group):
        if first.number:
            return Column.NUMBER, lambda others: say.same_number(others, say.SAME_POST_TWICE)
        return None, say.same_person_twice
    return None


def _posts_overlap(group: Sequence[Stated]) -> bool:
    words = [word for row in group for word in (*row.posts, *row.open_words) or ("",)]
    return len(words) > len(set(words))


def _blame(group: Sequence[Stated], column: Column | None, reason: Reason) -> list[Stated]:
    """Each row with the fault; a row that has faults of its own keeps those alone."""
    refs = [row.ref for row in group]
    return [
        row
        if row.faults
        else replace(
            row, faults=(Fault(column=column, text=reason([r for r in refs if r != row.ref])),)
        )
        for row in group
    ]


_FILLED = (
    "phone", "team", "site", "level", "employment", "shift", "started", "ended", "status", "wecom",
    "tags",
)  # fmt: skip


def _merged(group: Sequence[Stated]) -> Person:
    """The first row speaks; later rows add their posts and fill what it is silent on."""
    first = group[0]
    if len(group) > 1:
        filled = {name: _first(getattr(row, name) for row in group) for name in _FILLED}
        filled["posts"] = tuple(dict.fromkeys(post for row in group for post in row.posts))
        filled["open_words"] = tuple(dict.fromkeys(w for row in group for w in row.open_words))
        first = replace(first, **filled)
    return Person(stated=first, rows=tuple(row.ref for row in group))


def _first(values: Iterable[Any]) -> Any:
    """The first value that says something, else the last silent one."""
    value = None
    for value in values:
        if value:
            return value
    return value


# ---- what only the neighbours show ----------------------------------------------------------------------------


def _half_numbered(found: Sequence[Person]) -> dict[RowRef, Stated]:
    """Name and phone equal, one row with a number and one without: one person or two, nobody can tell."""
    alike = _by(found, lambda s: (s.contractor, s.name, s.phone) if s.phone else None)
    mixed = [g for g in alike if any(not s.number for s in g)]
    return _blamed(mixed, Column.NUMBER, lambda _: say.NUMBERS_MIXED)


def _indistinct(found: Sequence[Person]) -> dict[RowRef, Stated]:
    """A row with nothing but a name, beside another person of that name."""
    alike = _by(found, lambda s: (s.contractor, s.name))
    bare = [[s for s in g if not s.number and not s.phone] for g in alike]
    return _blamed(bare, Column.NAME, lambda _: say.TWINS_UNCLEAR)


def _sharing_account(found: Sequence[Person]) -> dict[RowRef, Stated]:
    return _blamed(_by(found, lambda s: s.wecom), Column.WECOM, say.same_account)


def _by(found: Sequence[Person], trait: Callable[[Stated], Hashable | None]) -> list[list[Stated]]:
    """The groups of two and more people who share the trait; None shares with nobody."""
    groups: defaultdict[Hashable, list[Stated]] = defaultdict(list)
    for person in found:
        shared = trait(person.stated)
        if shared is not None:
            groups[shared].append(person.stated)
    return [group for group in groups.values() if len(group) > 1]


def _blamed(
    groups: Iterable[Sequence[Stated]], column: Column, reason: Reason
) -> dict[RowRef, Stated]:
    return {row.ref: row for group in groups for row in _blame(group, column, reason)}
