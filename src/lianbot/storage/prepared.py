"""Statements of the hot paths: compiled once a dialect, run with rows of plain values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Update, bindparam, func, null, update
from sqlalchemy.dialects.postgresql import ARRAY
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


class ByKey:
    """An UPDATE that sets columns of many rows, found by their key, to values of their own.

    On SQLite it is executed once a row; on PostgreSQL all rows are one statement over arrays, which spares
    the server a message, a plan and a look at the trigger's function for each. The rows must be locked already:
    nobody says in which order one statement takes them.
    """

    def __init__(
        self, key: Column[Any], fixed: Mapping[str, object], names: Sequence[str]
    ) -> None:
        self._key, self._fixed, self._names = key, fixed, names
        self._each = Prepared(self._statement(bindparam("row_id"), self._own(bindparam)))
        self._at_once: _Ready | None = None

    def many(self, connection: Connection, rows: Sequence[dict[str, object]]) -> None:
        """The rows name `row_id` and `new_…` for every column."""
        if not rows or connection.dialect.name == "sqlite":
            self._each.many(connection, rows)
            return
        if self._at_once is None:
            self._at_once = self._compile(connection.dialect)
        text, same, slots = self._at_once
        values = [*same]
        for at, name, convert in slots:
            values[at] = [convert(row[name]) if convert else row[name] for row in rows]
        connection.exec_driver_sql(text, tuple(values))

    def _own(self, value: Callable[[str], Any]) -> dict[str, Any]:
        return {name: value(f"new_{name}") for name in self._names}

    def _statement(self, key: Any, new: dict[str, Any]) -> Update:
        # what is emptied stands in the text: no parameter, no conversion
        fixed = {name: null() if value is None else value for name, value in self._fixed.items()}
        return update(self._key.table).where(self._key == key).values(new | fixed)

    def _compile(self, dialect: Dialect) -> _Ready:
        columns = self._key.table.c
        types = {"row_id": self._key.type} | {
            f"new_{one}": columns[one].type for one in self._names
        }
        arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in types.items()]
        given = func.unnest(*arrays).table_valued(*types, name="given").render_derived()
        statement = self._statement(given.c.row_id, self._own(lambda name: given.c[name]))
        compiled: Any = statement.compile(dialect=dialect)
        same = [compiled.params[name] for name in compiled.positiontup]
        slots: list[_Slot] = [
            (at, name, types[name].dialect_impl(dialect).bind_processor(dialect))
            for at, name in enumerate(compiled.positiontup)
            if name in types
        ]
        return str(compiled), same, slots
