"""How a request is measured: time inside the program, statements, and the same statements by bare SQL beside it."""

from __future__ import annotations

import logging
import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError, connection
from django.test import Client
from django.test.client import ClientHandler

from hat_clinic.accounts.actions import pins
from tests.statements import Statements, statements

ROOT = Path(__file__).resolve().parents[2]
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|EXECUTE hat_writes_\w+)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """One request to measure: what it is, and the status that shows that it did its work."""

    method: str
    url: str
    data: dict[str, Any]
    status: int


@dataclass(frozen=True)
class Figures:
    """What one kind of request took, in milliseconds, beside the same statements by bare SQL."""

    name: str
    requests: tuple[float, ...]
    hashes: tuple[float, ...]
    counts: tuple[int, ...]
    bare: tuple[float, ...]

    def lines(self) -> Iterator[str]:
        own = [whole - hashing for whole, hashing in zip(self.requests, self.hashes, strict=True)]
        fewest, most = min(self.counts), max(self.counts)
        counted = f"{most}" if fewest == most else f"{fewest} to {most}"
        median = statistics.median(own)
        yield (
            f"{self.name:<44} {len(own):>5} {median:>8.2f} {ninety_five(own):>8.2f} {counted:>10}"
            f" {statistics.median(self.bare):>8.2f} {median / statistics.median(self.bare):>6.1f}"
        )
        if any(self.hashes):
            yield (
                f"{'  with its PIN hashes':<44} {len(own):>5} {statistics.median(self.requests):>8.2f}"
                f" {ninety_five(self.requests):>8.2f}"
            )


HEAD = (
    f"{'What':<44} {'N':>5} {'median':>8} {'p95':>8} {'statements':>10} {'bare SQL':>8} {'ratio':>6}\n"
    f"{'':<44} {'':>5} {'ms':>8} {'ms':>8} {'':>10} {'ms':>8} {'':>6}"
)


def ninety_five(values: Iterable[float]) -> float:
    """Return the smallest value that 95 % do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-95 * len(ordered) // 100) - 1)]


class TimedHandler(ClientHandler):
    """The test client's handler, which notes how long the program itself took: no network, no test client."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=False)
        self.load_middleware()
        self.took_ms: list[float] = []

    def get_response(self, request: Any) -> Any:
        begun = time.perf_counter()
        response = super().get_response(request)
        self.took_ms.append((time.perf_counter() - begun) * 1000)
        return response


@contextmanager
def timed_hashes() -> Iterator[list[float]]:
    """Give a list whose first number grows by the time that PINs took to verify."""
    spent, real = [0.0], pins.PIN_HASHER

    class Hasher:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def verify(self, *given: Any) -> Any:
            begun = time.perf_counter()
            try:
                return real.verify(*given)
            finally:
                spent[0] += (time.perf_counter() - begun) * 1000

    pins.PIN_HASHER = Hasher()
    try:
        yield spent
    finally:
        pins.PIN_HASHER = real


def measure(
    name: str,
    client: Client,
    prepare: Callable[[], Sent],
    *,
    bare: Callable[[Client, Sent], float],
    n: int = 200,
    warm_up: int = 10,
) -> Figures:
    """Send `n` requests after a warm-up, each prepared anew, and as many times the same by bare SQL.

    `bare` takes one request, runs its statements without the program, and returns the milliseconds.
    """
    handler = TimedHandler()
    client.handler = handler
    hashes, counts, bares = [], [], []
    with timed_hashes() as spent:
        for turn in range(-warm_up, n):
            sent = prepare()
            spent[0] = 0.0
            with statements() as found:
                answer: Any = _send(client, sent)
            assert answer.status_code == sent.status, f"{name}: {answer.status_code}"
            if turn < 0:
                continue
            hashes.append(spent[0])
            counts.append(len(found))
            took = handler.took_ms[-1]
            assert took > 0
            bares.append((took, bare(client, prepare())))
    return Figures(
        name=name,
        requests=tuple(took for took, _ in bares),
        hashes=tuple(hashes),
        counts=tuple(counts),
        bare=tuple(took for _, took in bares),
    )


def _send(client: Client, sent: Sent) -> Any:
    if sent.method == "GET":
        return client.get(sent.url, sent.data)
    # As a browser sends a form without files: the test client alone would make it multipart.
    return client.post(sent.url, urlencode(sent.data), content_type="application/x-www-form-urlencoded")


# --- bare SQL --------------------------------------------------------------------------------------------


class UndoneError(DatabaseError):
    """The act was undone at its end, so that the same rows can be written without the program."""


def write_bare(client: Client, sent: Sent, *, marker: str) -> float:
    """Write the rows of one act by bare SQL: milliseconds of its writing statements and their commit.

    The act runs, is undone where it would commit, and what it wrote is sent once more, as it was. `marker` is a
    table that the act writes to and no other transaction of the request does.
    """
    act = _undone(client, sent, marker)
    renumbered: dict[str, str] = {}
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute("BEGIN")
        for sql, params, answer in act:
            cursor.execute(sql, _with_new_numbers(params, renumbered))
            if answer is not None:
                renumbered[str(answer)] = str(cursor.fetchone()[0])
        cursor.execute("COMMIT")
        return (time.perf_counter() - begun) * 1000


def _with_new_numbers(params: Any, renumbered: dict[str, str]) -> Any:
    """Put the id that the database gave a line this time in place of the one it gave before."""
    if not renumbered or params is None:
        return params
    return [renumbered.get(str(value), value) if value is not None else None for value in params]


def _undone(client: Client, sent: Sent, marker: str) -> list[tuple[str, Any, Any]]:
    """Return what an act wrote: statement, parameters, and the first value that the database answered."""
    written: list[tuple[str, Any, Any]] = []
    commit = connection._commit

    def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        if connection.in_atomic_block and _WRITES.match(sql):
            given = None
            cursor = context["cursor"].cursor
            if cursor.description and sql.startswith("EXECUTE "):  # it may number a line
                given = cursor.fetchone()[0]
                cursor.scroll(0, mode="absolute")
            written.append((sql, params, given))
        return answer

    def undo() -> None:
        if any(f'INTO "{marker}"' in sql or f"EXECUTE hat_writes_{marker}_" in sql for sql, _, _ in written):
            raise UndoneError
        written.clear()
        commit()

    connection._commit = undo
    logging.disable(logging.CRITICAL)
    try:
        with connection.execute_wrapper(note):
            _send(client, sent)
    except UndoneError:
        return list(written)
    finally:
        connection._commit = commit
        logging.disable(logging.NOTSET)
    raise AssertionError(f"{sent.url} never wrote to {marker}")


def read_bare(client: Client, sent: Sent) -> float:
    """Run the statements of one page by bare SQL, and return the milliseconds."""
    found: Statements
    with statements() as found:
        _send(client, sent)
    with connection.cursor() as cursor:
        begun = time.perf_counter()
        for sql, params in found.sent:
            cursor.execute(sql, params)
            if cursor.description and sql.startswith("EXECUTE "):  # it may number a line
                cursor.fetchall()
        return (time.perf_counter() - begun) * 1000


# --- what it was measured on ------------------------------------------------------------------------------


def machine() -> str:
    """Return processor, cores, load, versions and commit, for the foot of the table."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (database,) = cursor.fetchone()
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"CPython {platform.python_version()}, PostgreSQL {database}, commit {commit or 'unknown'}"
    )
