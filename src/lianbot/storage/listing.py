"""`column IN (…)` with the whole list as one parameter.

A list of single parameters makes another statement for every length: SQLAlchemy writes it anew each time, and
PostgreSQL has to parse and plan it. The hot paths take as many rows as just happen to be there.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Numbers(TypeDecorator[Collection[int]]):
    """Numbers as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger()))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


class _Listed(FunctionElement[bool]):
    # no type: of a Boolean SQLAlchemy would make `… = 1` on SQLite, and no index would be used
    inherit_cache = True


@compiles(_Listed)
def _any(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    column, numbers = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(numbers, **how)})"


@compiles(_Listed, "sqlite")
def _each(element: _Listed, compiler: SQLCompiler, **how: Any) -> str:
    column, numbers = element.clauses
    found = compiler.process(numbers, **how)
    return f"{compiler.process(column, **how)} IN (SELECT value FROM json_each({found}))"  # noqa: S608 - both are SQL that the compiler wrote


def one_of(column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """True where the column is one of the numbers."""
    return _Listed(column, bindparam("numbers", numbers, type_=_Numbers(), unique=True))
