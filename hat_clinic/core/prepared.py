"""Statements that take longer to plan than to run: planned once for each connection, and asked again by name."""

from __future__ import annotations

from collections.abc import Sequence
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
        _execute_planned(cursor, "writes" if " INTO " in sql else "asks", sql, types, params)
        row = cursor.fetchone()
        return (
            None
            if row is None
            else dict(zip((column.name for column in cursor.description), row, strict=True))
        )


def insert_planned(row: models.Model) -> None:
    """Store a new row with a statement that is planned once. Its columns of which the database knows the value are
    left to it, and no signal is sent.
    """
    fields = [
        (field, value)
        for field in row._meta.concrete_fields
        for value in [getattr(row, field.attname)]
        if not field.generated
        and not isinstance(value, DatabaseDefault)
        and not (field.primary_key and value is None)
    ]
    columns = ", ".join(f'"{field.column}"' for field, _ in fields)
    places = ", ".join(f"${number}" for number in range(1, len(fields) + 1))
    sql = f'INSERT INTO "{row._meta.db_table}" ({columns}) VALUES ({places})'  # noqa: S608 - names of the model's own
    types = [field.db_type(connection) or "text" for field, _ in fields]
    with connection.cursor() as cursor:
        params = [field.get_db_prep_save(value, connection) for field, value in fields]
        _execute_planned(cursor, f"writes_{row._meta.db_table}", sql, types, params)
    row._state.adding, row._state.db = False, connection.alias


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
