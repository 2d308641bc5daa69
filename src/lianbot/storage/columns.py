"""Column types whose meaning must not depend on the database."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Row
from sqlalchemy.types import TypeDecorator

AnyRow = Row[*tuple[Any, ...]]
"""A row of a core select, read by attribute."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite gives back naive ones from `DateTime(timezone=True)`, so it gets naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no moment")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
