"""What a run found: rounds, medians, ratios, and the table they are printed as."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `goal` is in words; `met` is None where there is no goal to meet."""

    what: str
    value: str
    beside: str = ""
    goal: str = ""
    met: bool | None = None


def share(values: Sequence[float], part: float) -> float:
    """The value below which `part` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(ceil(part * len(ordered)) - 1, 0)]


def ratios(ours: Sequence[float], ceiling: Sequence[float]) -> float:
    """The median of the rounds' own ratios: both sides of a round met the same load of the machine."""
    return median(one / other for one, other in zip(ours, ceiling, strict=True))


def spread(values: Sequence[float]) -> str:
    """Median with the lowest and the highest round."""
    return f"{median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


_copies: list[TextIO] = []


def copy_to(copy: TextIO) -> None:
    """Everything that is said from now on is written there too."""
    _copies.append(copy)


def say(line: str = "") -> None:
    for out in (sys.stdout, *_copies):
        out.write(line + "\n")
        out.flush()


def show(title: str, figures: Sequence[Figure]) -> None:
    """A markdown table, so that the page with the figures can be made by copying."""
    say(f"\n### {title}\n")
    say("| what | measured | beside | goal | reached |")
    say("|---|---|---|---|---|")
    words = {True: "yes", False: "**no**", None: ""}
    for one in figures:
        say(f"| {one.what} | {one.value} | {one.beside} | {one.goal} | {words[one.met]} |")
