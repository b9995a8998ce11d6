"""What whoever owns the database might do to a ledger, chaining all anew afterwards, so that it is whole in itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import psycopg2.extras

from dosing.models import RegisterEntry
from dosing.rules.register import ChainedEntry
from hat_clinic.scenarios.proofs.ledgers import head_of, rehashed

Rewriting = Callable[[list[ChainedEntry]], list[ChainedEntry]]

# Each takes at least six lines and leaves a balance that is never below none, if the first line brings enough.
REWRITINGS: dict[str, Rewriting] = {
    "edit": lambda lines: [*lines[:2], replace(lines[2], reference="another"), *lines[3:]],
    "delete": lambda lines: [*lines[:2], *lines[3:]],
    "cut the tail": lambda lines: lines[:-2],
    "restore and go on": lambda lines: [
        *lines[:-2],
        *(replace(line, reference="afterwards") for line in lines[-2:]),
    ],
    "swap": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "insert": lambda lines: [
        *lines[:2],
        replace(lines[0], id=max(line.id for line in lines) + 1, key=uuid.UUID(int=1)),
        *lines[2:],
    ],
    "rewrite the balance": lambda lines: [replace(lines[0], ampoules=lines[0].ampoules + 5), *lines[1:]],
}

_NAMES = [field.name for field in fields(ChainedEntry)]
_TABLES = ("dosing_registerentry", "dosing_registerhead")


def read_entries(line_id: uuid.UUID) -> list[ChainedEntry]:
    """Return the lines of one ledger in the order of their numbers."""
    rows = RegisterEntry.objects.filter(line=line_id).order_by("seq").values_list(*_NAMES)
    return [ChainedEntry(*row) for row in rows]


def rewrite(owner: Any, line_id: uuid.UUID, rewriting: Rewriting) -> None:
    """Rewrite a ledger as the owner of the tables, triggers and foreign keys off: lines, chain and head.

    `owner` is a cursor of the owner, each statement committed at once.
    """
    write(owner, line_id, rehashed(rewriting(read_entries(line_id))))


def write(owner: Any, line_id: uuid.UUID, entries: list[ChainedEntry]) -> None:
    """Put these lines in the place of a ledger's, and their last one into its head."""
    psycopg2.extras.register_uuid(conn_or_curs=owner)
    drop_references(owner)
    for table in _TABLES:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner.execute("DELETE FROM dosing_registerentry WHERE line_id = %s", [line_id])
    columns = ", ".join(_NAMES)
    psycopg2.extras.execute_values(
        owner,
        f"INSERT INTO dosing_registerentry ({columns}) VALUES %s",  # noqa: S608 - columns of our own
        [[getattr(entry, name) for name in _NAMES] for entry in entries],
    )
    head = head_of(entries)
    owner.execute(
        "UPDATE dosing_registerhead SET seq = %s, balance = %s, hash = %s WHERE line_id = %s",
        [head.seq, head.balance, head.hash, line_id],
    )
    for table in _TABLES:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def drop_references(owner: Any) -> None:
    """Drop the foreign keys that hold the lines of a ledger in their place."""
    owner.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid = 'dosing_registerentry'::regclass"
    )
    for table, name in owner.fetchall():
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
