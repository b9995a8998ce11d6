"""Statements that take longer to plan than to run: planned once for each connection, and asked again by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection, models
from django.db.models.expressions import DatabaseDefault

# How often each connection has planned a statement; a connection that is gone takes its own along.
_planned: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()
# The plan is no longer good, because a table changed under it, or is not there.
_PLAN_ANEW = frozenset({"0A000", "26000"})


def ask_once_planned(sql: str, types: Sequence[str], params: Sequence[Any]) -> dict[str, Any] | None:
    """Return the first row of a statement by the names of its columns, or None; planned at the first asking.

    `sql` names its parameters $1, $2, ...; `types` are their types in the same order. A plan is made for any
    values, so this is for statements that find rows by their keys. What the database has planned lives as long as
    the connection, and survives a transaction that is undone. Where a migration has changed a table under the plan
    the database's error is raised once, and the next asking plans anew: `one_act` asks again.
    """
    with connection.cursor() as cursor:
        _execute_planned(cursor, _kind_of(sql), sql, types, params)
        row = cursor.fetchone()
        return (
            None
            if row is None
            else dict(zip((column.name for column in cursor.description), row, strict=True))
        )


def list_once_planned(sql: str, types: Sequence[str], params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return every row of a statement that is planned once, its columns in the statement's order."""
    with connection.cursor() as cursor:
        _execute_planned(cursor, _kind_of(sql), sql, types, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _kind_of(sql: str) -> str:
    return "writes" if " INTO " in sql or " SET " in sql else "asks"


def insert_planned(*rows: models.Model) -> None:
    """Store new rows of one table, all filled in alike, with one statement that is planned once for so many.

    Columns of which the database knows the value are left to it, an id that it gives is not read back, and no
    signal is sent.
    """
    first = rows[0]
    filled = tuple(
        field.attname
        for field in first._meta.concrete_fields
        for value in [getattr(first, field.attname)]
        if not field.generated
        and not isinstance(value, DatabaseDefault)
        and not (field.primary_key and value is None)
    )
    sql, fields, types = _insert_of(type(first), filled, len(rows))
    with connection.cursor() as cursor:
        params = [
            field.get_db_prep_save(getattr(row, field.attname), connection)
            for row in rows
            for field in fields
        ]
        _execute_planned(cursor, f"writes_{first._meta.db_table}", sql, types, params)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _insert_of(
    table: type[models.Model], filled: tuple[str, ...], times: int
) -> tuple[str, tuple[models.Field[Any, Any], ...], tuple[str, ...]]:
    """Return the statement that stores so many rows of a table, the fields of each, and the types of its parameters."""
    fields = tuple(field for field in table._meta.concrete_fields if field.attname in filled)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    width = len(fields)
    places = ", ".join(
        f"({', '.join(f'${number}' for number in range(start + 1, start + width + 1))})"
        for start in range(0, width * times, width)
    )
    sql = f'INSERT INTO "{table._meta.db_table}" ({columns}) VALUES {places}'  # noqa: S608 - names of the model's own
    return sql, fields, tuple(field.db_type(connection) or "text" for field in fields) * times


def _execute_planned(cursor: Any, what: str, sql: str, types: Sequence[str], params: Sequence[Any]) -> None:
    name = f"hat_{what}_{sha256(sql.encode()).hexdigest()[:16]}"
    planned = _planned.setdefault(connection.connection, {})
    times = planned.get(name, 0)
    if times <= 0:
        times = 1 - times
        cursor.execute(f"PREPARE {name}_{times} ({', '.join(types)}) AS {sql}")
        planned[name] = times
    try:
        cursor.execute(f"EXECUTE {name}_{times} ({', '.join(['%s'] * len(params))})", params)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) in _PLAN_ANEW:
            planned[name] = -times
        raise
