"""Statements of the hot paths: compiled once a dialect, run with rows of plain values."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.expression import UpdateBase

Convert = Callable[[Any], Any]


class Prepared:
    """An INSERT or UPDATE with named parameters, executed for many rows at once.

    SQLAlchemy collects and converts the parameters of every row through dictionaries; for a small row that costs
    more than the database's own work. Here the order and the converters are found once.
    """

    def __init__(self, statement: UpdateBase) -> None:
        self._statement = statement
        self._ready: dict[str, tuple[str, list[tuple[str, Convert | None]]]] = {}

    def many(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        """Executes once a row; the rows name every parameter."""
        if not rows:
            return
        text, slots = self._for(connection.dialect)
        connection.exec_driver_sql(text, [tuple(_values(slots, row)) for row in rows])

    def _for(self, dialect: Dialect) -> tuple[str, list[tuple[str, Convert | None]]]:
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> tuple[str, list[tuple[str, Convert | None]]]:
        compiled: Any = self._statement.compile(dialect=dialect)
        slots = [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup
        ]
        fixed = compiled.params
        return str(compiled), [
            (name, convert) if fixed[name] is None else (name, _always(fixed[name], convert))
            for name, convert in slots
        ]


def _always(value: object, convert: Convert | None) -> Convert:
    kept = convert(value) if convert else value
    return lambda _: kept


def _values(
    slots: Iterable[tuple[str, Convert | None]], row: dict[str, object]
) -> Iterable[object]:
    return (convert(row.get(name)) if convert else row.get(name) for name, convert in slots)
