"""Where the head of a table is, how its labels read, and what its columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass

from lianbot.domain.errors import InvalidInputError
from lianbot.domain.roster import Column, Note
from lianbot.phrases import roster as say
from lianbot.sheets.columns import known, label_key, score, sensitive

LOOK_AHEAD = 60
"""Rows in which the first head of a sheet must stand; titles and remarks above it are rarely longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head found at `first`..`last` (positions in the grid) with one label a column; "" = no label."""

    first: int
    last: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which positions are kept, with label and meaning, and which labels were dropped unread."""

    positions: tuple[int, ...]
    head: tuple[str, ...]
    columns: tuple[Column | None, ...]
    dropped: tuple[str, ...]
    notes: tuple[Note, ...]


def find_head(rows: Sequence[Sequence[str]], start: int, stop: int) -> Head | None:
    """The first head of one or two rows within `rows[start:stop]`, None when there is none."""
    for first in range(start, min(stop, len(rows))):
        if head := head_at(rows, first):
            return head
    return None


def head_at(rows: Sequence[Sequence[str]], first: int) -> Head | None:
    """The head that starts exactly at this row."""
    upper = rows[first]
    lower = rows[first + 1] if first + 1 < len(rows) else ()
    joined = _join(upper, lower)
    alone, below, together = score(upper), score(lower), score(joined)
    if alone >= 2:
        # A head merged over two rows repeats itself once the merged cells are filled.
        if lower and _same_or_blank(upper, lower):
            return Head(first=first, last=first + 1, labels=tuple(upper))
        if not _goes_on(upper, lower):
            return Head(first=first, last=first, labels=tuple(upper))
    if together >= 2 and together >= alone and together > below:
        return Head(first=first, last=first + 1, labels=joined)
    return None


def _goes_on(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the row below is a second row of the head: labels under a group, and no name of a person."""
    pairs = list(zip(upper, lower, strict=False))
    names = [
        b for a, b in pairs if (hit := known(a)) and hit[0] is Column.NAME and b not in ("", a)
    ]
    return not names and any(known(b) or sensitive(b) for a, b in pairs if b and b != a)


def _join(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    width = max(len(upper), len(lower))
    above, below = _padded(upper, width), _padded(lower, width)
    return tuple(_label(a, b, group=above.count(a) > 1) for a, b in zip(above, below, strict=True))


def _label(above: str, below: str, *, group: bool) -> str:
    """The lower label when it is known by itself, else both: 身份证 over 号码 must stay an identity card."""
    if not below or above == below:
        return above
    if not above or known(below):
        return below
    both = f"{above}/{below}"
    return above if known(above) and not group and not sensitive(both) else both


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def _same_or_blank(upper: Sequence[str], lower: Sequence[str]) -> bool:
    filled = [(a, b) for a, b in zip(upper, lower, strict=False) if b]
    return bool(filled) and all(label_key(a) == label_key(b) for a, b in filled)


def layout(labels: Sequence[str], place: str, sheet: str, row: int) -> Layout:
    """Sort the columns into used, carried and dropped. Raises InvalidInputError for two tables side by side."""
    hits = {i: hit for i, label in enumerate(labels) if label and (hit := known(label))}
    names = [labels[i] for i, (column, _) in hits.items() if column is Column.NAME]
    if len(names) > len(set(names)):
        raise InvalidInputError(say.place(place, sheet, row), say.TWO_TABLES_BESIDE)
    best: dict[Column, int] = {}
    for i, (column, rank) in hits.items():
        if column not in best or rank < hits[best[column]][1]:
            best[column] = i
    dropped = [i for i, label in enumerate(labels) if label and i not in hits and sensitive(label)]
    kept = [i for i, label in enumerate(labels) if label and i not in dropped]
    notes = [
        Note(sheet=sheet, row=row, text=say.second_column(labels[i], labels[best[column]], column))
        for i, (column, _) in hits.items()
        if best[column] != i
    ]
    return Layout(
        positions=tuple(kept),
        head=tuple(labels[i] for i in kept),
        columns=tuple(hits[i][0] if i in hits and best[hits[i][0]] == i else None for i in kept),
        dropped=tuple(labels[i] for i in dropped),
        notes=tuple(notes),
    )
