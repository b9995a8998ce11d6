"""Statements that take longer to plan than to run: planned once for each connection, and asked again by name."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

# Which statements each connection to the database has planned; a connection that is gone takes its own along.
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def ask_once_planned(sql: str, types: Sequence[str], params: Sequence[Any]) -> dict[str, Any] | None:
    """Return the first row of a statement by the names of its columns, or None; planned at the first asking.

    `sql` names its parameters $1, $2, ...; `types` are their types in the same order. A plan is made for any
    values, so this is for statements that find rows by their keys. What the database has planned lives as long as
    the connection, and survives a transaction that is undone.
    """
    name = "hat_" + sha256(sql.encode()).hexdigest()[:32]
    with connection.cursor() as cursor:
        planned = _planned.setdefault(connection.connection, set())
        if name not in planned:
            cursor.execute(f"PREPARE {name} ({', '.join(types)}) AS {sql}")
            planned.add(name)
        cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(params))})", params)
        row = cursor.fetchone()
        return (
            None
            if row is None
            else dict(zip((column.name for column in cursor.description), row, strict=True))
        )
