"""Statements compiled once, and run by the driver as they stand: for what every request does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

NOTHING: Mapping[str, Any] = {}

Process: TypeAlias = Callable[[Any], Any]
Ready: TypeAlias = tuple[str, Sequence[tuple[str, Process | None]], Mapping[str, Any]]
"""SQL in the driver's own words, its parameters in their order with what makes them fit, and those
whose value the statement states itself.
"""


class Prepared:
    """One statement. SQLAlchemy says it in each database's words, and then is out of the way.

    It goes to the driver's cursor, which costs a quarter of what SQLAlchemy adds to a small
    statement. What comes back is what the driver gives: no column types work on it.
    """

    def __init__(self, make: Callable[[sa.Dialect], sa.Executable]) -> None:
        self._make = make
        self._ready: dict[str, Ready] = {}

    def run(
        self,
        connection: sa.Connection,
        rows: Sequence[Mapping[str, Any]],
        same: Mapping[str, Any] = NOTHING,
    ) -> Sequence[Sequence[Any]]:
        """Execute it for each row, of which there has to be one; return what it returns.

        What is the `same` in all rows is given once. Only what is executed for one row can return
        anything.
        """
        sql, parameters, stated = self._for(connection.dialect)
        alike = dict(stated)
        for name, process in parameters:
            if name in same:
                alike[name] = process(same[name]) if process else same[name]
        given = [
            tuple(
                [
                    alike[name] if name in alike else process(row[name]) if process else row[name]
                    for name, process in parameters
                ]
            )
            for row in rows
        ]
        return _executed(connection, sql, given)

    def _for(self, dialect: sa.Dialect) -> Ready:
        if dialect.name not in self._ready:
            self._ready[dialect.name] = _compiled(self._make(dialect), dialect)
        return self._ready[dialect.name]


class PreparedForMany:
    """A statement over a list of values, prepared for a few lengths.

    `make` takes the names of the parameters. Values beyond those there are repeat the last one,
    so it has to be a statement to which that makes no difference.
    """

    def __init__(self, make: Callable[[sa.Dialect, Sequence[str]], sa.Executable]) -> None:
        self._make = make
        self._sizes: dict[int, tuple[Prepared, Sequence[str]]] = {}

    def run(
        self, connection: sa.Connection, values: Sequence[Any], same: Mapping[str, Any] = NOTHING
    ) -> Sequence[Sequence[Any]]:
        """Execute it once for all the values, of which there has to be one."""
        size = 1 << (len(values) - 1).bit_length()
        prepared, names = self._sizes.get(size) or self._prepare(size)
        padded = [*values, *[values[-1]] * (size - len(values))]
        return prepared.run(connection, [dict(zip(names, padded, strict=True))], same)

    def _prepare(self, size: int) -> tuple[Prepared, Sequence[str]]:
        names = [f"value_{number}" for number in range(size)]
        made = Prepared(lambda dialect: self._make(dialect, names)), names
        self._sizes[size] = made
        return made


def _executed(
    connection: sa.Connection, sql: str, rows: Sequence[tuple[Any, ...]]
) -> Sequence[Sequence[Any]]:
    cursor = connection.connection.cursor()
    try:
        if len(rows) > 1:
            cursor.executemany(sql, rows)
            return []
        cursor.execute(sql, rows[0])
        return cursor.fetchall() if cursor.description else []
    finally:
        cursor.close()


def _compiled(statement: sa.Executable, dialect: sa.Dialect) -> Ready:
    assert isinstance(statement, sa.ClauseElement)
    compiled: Any = statement.compile(dialect=dialect)
    parameters = [
        (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup
    ]
    stated = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
    return str(compiled), parameters, stated
