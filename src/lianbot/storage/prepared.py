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
        self._ready: dict[str, _Ready] = {}

    def many(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        """Executes once a row; the rows name every parameter."""
        if not rows:
            return
        text, same, slots = self._for(connection.dialect)
        connection.exec_driver_sql(text, [_values(same, slots, row) for row in rows])

    def _for(self, dialect: Dialect) -> "_Ready":
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> "_Ready":
        compiled: Any = self._statement.compile(dialect=dialect)
        fixed = compiled.params
        same: list[Any] = []
        slots: list[_Slot] = []
        for at, name in enumerate(compiled.positiontup):
            convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            value = fixed[name]
            same.append(convert(value) if convert and value is not None else value)
            if value is None:
                slots.append((at, name, convert))
        return str(compiled), same, slots


_Slot = tuple[int, str, Convert | None]
"""Where a row's own value goes, what it is called, and how the driver wants it."""
_Ready = tuple[str, list[Any], list[_Slot]]
"""The text, the parameters that are the same for all rows, and the others."""


def _values(
    same: Sequence[Any], slots: Iterable[_Slot], row: dict[str, object]
) -> tuple[Any, ...]:
    values = [*same]
    for at, name, convert in slots:
        value = row.get(name)
        values[at] = value if convert is None else convert(value)
    return tuple(values)
