"""Time comes from here."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The one source of time; `now()` is aware and UTC."""

    def now(self) -> datetime: ...
