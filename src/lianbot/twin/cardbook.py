"""Task ids already used and the codes that allow one update of a card."""

from __future__ import annotations

from dataclasses import dataclass, field

from lianbot.twin.phones import Bubble, Phone


@dataclass(slots=True)
class UpdateCode:
    """A response_code: one update of these lines, 72 h long [S79][S67]."""

    lines: list[tuple[Phone, Bubble]]
    expires: float
    used: bool = False


@dataclass(slots=True)
class CardBook:
    """What the platform remembers about template cards."""

    task_ids: set[str] = field(default_factory=set)
    codes: dict[str, UpdateCode] = field(default_factory=dict)
