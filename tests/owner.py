"""A connection as the owner of the tables, for tests that look at or plant what the application may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import cursor as Cursor

from hat_clinic.settings import database_from


@contextmanager
def as_owner(dbname: str) -> Iterator[Cursor]:
    """Give a cursor of the owner role in one database; each statement is committed at once."""
    url = database_from("DATABASE_OWNER_URL")
    connection = psycopg2.connect(
        dbname=dbname,
        user=url["USER"],
        password=url["PASSWORD"] or None,
        host=url["HOST"],
        port=url["PORT"] or None,
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
