"""Statements that take longer to plan than to run: planned once for each connection, and asked again by name."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection

# How often each connection has planned a statement; a connection that is gone takes its own along.
_planned: WeakKeyDictionary[Any, dict[str, int]] = WeakKeyDictionary()
# The plan is no longer good, because a table changed under it, or is not there.
_PLAN_ANEW = frozenset({"0A000", "26000"})


def ask_once_planned(sql: str, types: Sequence[str], params: Sequence[Any]) -> dict[str, Any] | None:
    """Return the first row of a statement by the names of its columns, or None; planned at the first asking.

    `sql` names its parameters $1, $2, ...; `types` are their types in the same order. A plan is made for any
    values, so this is for statements that find rows by their keys. What the database has planned lives as long as
    the connection, and survives a transaction that is undone. Where a migration has changed a table under the plan
    the database's error is raised once, and the next asking plans anew.
    """
    name = "hat_" + sha256(sql.encode()).hexdigest()[:32]
    with connection.cursor() as cursor:
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
        row = cursor.fetchone()
        return (
            None
            if row is None
            else dict(zip((column.name for column in cursor.description), row, strict=True))
        )
