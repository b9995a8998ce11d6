"""Questions that take longer to put into SQL than to answer: written once by the ORM, and asked again with other values.

The board is asked every few seconds by every terminal, and always in the same words.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

Value = uuid.UUID | datetime | date | str | int


def ask_compiled(build: Callable[..., QuerySet[Any]], /, **values: Value) -> list[Any]:
    """Return the rows of `build(**values)`, whose SQL is written at the first asking of each connection.

    `build` is a function of a module that returns a queryset. It may use its values as they are, never something
    made out of them, nor a choice by them: it is called twice with made-up values, and SQL that differs by more than
    those is a mistake in the program (NotCompilable). A choice is a function of its own.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    kept = wrapper.__dict__.setdefault("_hat_compiled", {})
    key = (build, *((name, type(value)) for name, value in values.items()))
    if key not in kept:
        kept[key] = _Compiled(build, values)
    rows: list[Any] = kept[key].ask(values)
    return rows


class NotCompilable(Exception):
    """A question whose SQL depends on its values in another way than by holding them."""


class _Compiled:
    """One question of one connection: its SQL, and which of its parameters is which value."""

    def __init__(self, build: Callable[..., QuerySet[Any]], values: dict[str, Value]) -> None:
        first, second = _made_up(values, 1), _made_up(values, 2)
        self._rows, self._compiler, self._sql, params = _write(build, first)
        _, _, other_sql, other_params = _write(build, second)
        # Each parameter by the name of its value, and where it is none, as it stands.
        self._params = _named(params, first)
        named = {name for name, _ in self._params if name}
        if (self._sql, self._params) != (other_sql, _named(other_params, second)) or named != values.keys():
            raise NotCompilable(f"{build.__qualname__}: the question is another one for other values.")

    def ask(self, values: dict[str, Value]) -> list[Any]:
        params = tuple(values[name] if name else param for name, param in self._params)
        # The rows are read by whatever the queryset is: models, dictionaries or tuples.
        self._compiler.as_sql = lambda *_, **__: (self._sql, params)
        return list(self._rows())


def _named(params: tuple[Any, ...], values: dict[str, Value]) -> list[tuple[str, Any]]:
    names = {(type(value), value): name for name, value in values.items()}
    found = [(names.get((type(param), param), ""), param) for param in params]
    return [(name, None if name else param) for name, param in found]


def _write(
    build: Callable[..., QuerySet[Any]], values: dict[str, Value]
) -> tuple[Callable[[], Iterator[Any]], Any, str, tuple[Any, ...]]:
    rows: Any = build(**values)
    compiler = rows.query.get_compiler(using=rows.db)
    sql, params = compiler.as_sql()
    rows.query.get_compiler = lambda *_, **__: compiler
    return lambda: iter(rows._iterable_class(rows)), compiler, sql, tuple(params)


def _made_up(values: dict[str, Value], turn: int) -> dict[str, Value]:
    """Return values of the same types that stand in no question by themselves."""
    return {name: _another(value, 100 * turn + number) for number, (name, value) in enumerate(values.items())}


def _another(value: Value, number: int) -> Value:
    match value:
        case datetime():
            return datetime(1001, 1, 1, tzinfo=UTC) + timedelta(days=number)
        case date():
            return date(1001, 1, 1) + timedelta(days=number)
        case uuid.UUID():
            return uuid.UUID(int=2**64 + number)
        case str():
            return f"made up {number}"
        case int():
            return 2**30 + number
