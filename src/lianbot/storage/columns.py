"""Column types whose meaning must not depend on the database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Row
from sqlalchemy.types import TypeDecorator

AnyRow = Row[*tuple[Any, ...]]
"""A row of a core select, read by attribute."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite gives back naive ones from `DateTime(timezone=True)`, so it gets naive UTC.

    Every message carries a handful of moments to the database and back, so the conversions are one function each
    instead of the three that SQLAlchemy would nest; on SQLite the text is the one that its own type writes.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _to_text if dialect.name == "sqlite" else _to_moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        return _from_text if dialect.name == "sqlite" else _from_moment


def _to_moment(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a naive datetime has no moment")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    moment = _to_moment(value)
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_moment(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)
