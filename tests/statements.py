"""Counting what one request asks of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

# They open, close and name transactions, and ask nothing.
_TRANSACTION = re.compile(r"\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE)


@dataclass
class Statements:
    """The statements of a while, in their order, each with what was sent along."""

    sent: list[tuple[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {sql}" for number, (sql, _) in enumerate(self.sent, start=1))

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not _TRANSACTION.match(sql):
            self.sent.append((sql, params))
        return execute(sql, params, many, context)


@contextmanager
def statements() -> Iterator[Statements]:
    """Give what is sent to the database inside the block, transactions not counted."""
    found = Statements()
    with connection.execute_wrapper(found):
        yield found


def list_statements(
    client: Client, method: str, url: str, data: dict[str, Any] | None = None, *, status: int = 200
) -> Statements:
    """Return the statements of one request; it must be answered with the status, or they mean nothing.

    What a connection plans once in its life (PREPARE) is not of the request that came first.
    """
    send = {"GET": client.get, "POST": client.post}[method]
    with statements() as found:
        answer: Any = send(url, data or {})
    assert answer.status_code == status, f"{method} {url}: {answer.status_code}"
    return Statements([(sql, params) for sql, params in found.sent if not sql.startswith("PREPARE ")])


def count_statements(
    client: Client, method: str, url: str, data: dict[str, Any] | None = None, *, status: int = 200
) -> int:
    """Return how many statements one request takes, transactions not counted."""
    return len(list_statements(client, method, url, data, status=status))
