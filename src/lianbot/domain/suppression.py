"""Small groups are not shown where understanding is: nobody's first wrong answer can be worked out (P6, P8)."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

SMALLEST = 5
"""Groups in which fewer people answered are hidden (design §7)."""

K = TypeVar("K", bound=Hashable)
P = TypeVar("P", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """First answers of one group: how many, and how many of them right."""

    asked: int = 0
    right: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(asked=self.asked + other.asked, right=self.right + other.right)


def tells_too_much(cell: Cell) -> bool:
    """Too few people, or all of them wrong: then the figure names each of them."""
    return 0 < cell.asked < SMALLEST or (cell.asked > 0 and cell.right == 0)


def suppress(cells: Mapping[K, Cell]) -> frozenset[K]:
    """The keys that must not be shown beside their own total.

    Complementary: what is hidden must not come back by subtracting the rest from the total, so the
    smallest of the others go too until the hidden ones together tell as little as a shown one. Groups
    in which nobody answered are no secret. When the total itself tells too much, everything is hidden.
    """
    filled = {key: cell for key, cell in cells.items() if cell.asked}
    if tells_too_much(_sum(filled.values())):
        return frozenset(filled)
    hidden = {key for key, cell in filled.items() if tells_too_much(cell)}
    others = sorted(
        (key for key in filled if key not in hidden), key=lambda key: (filled[key].asked, str(key))
    )
    while hidden and others and not _safe(hidden, filled):
        hidden.add(others.pop(0))
    return frozenset(hidden)


def _safe(hidden: set[K], filled: Mapping[K, Cell]) -> bool:
    return len(hidden) > 1 and not tells_too_much(_sum(filled[key] for key in hidden))


def suppress_within(
    cells: Mapping[K, Cell], parent: Mapping[K, P], parents: Mapping[P, Cell]
) -> frozenset[K]:
    """The same for groups inside groups, both tables being shown: teams inside companies.

    A company that is hidden hides its teams; inside one that is shown, its own figure is the total.
    """
    hidden_parents = suppress(parents)
    hidden: set[K] = set()
    for one in parents:
        inside = {key: cell for key, cell in cells.items() if parent[key] == one}
        if one in hidden_parents:
            hidden |= {key for key, cell in inside.items() if cell.asked}
        else:
            hidden |= suppress(inside)
    return frozenset(hidden)


def rounded_share(cell: Cell, step: int = 5) -> int:
    """Right first time in per cent, in steps: two looks a day apart do not give one person's answer away."""
    return step * round(100 * cell.right / cell.asked / step)


def rounded_count(asked: int, step: int = 5) -> int:
    """How many answered, rounded down to steps."""
    return asked // step * step


def _sum(cells: Iterable[Cell]) -> Cell:
    total = Cell()
    for cell in cells:
        total += cell
    return total
