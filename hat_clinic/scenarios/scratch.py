"""Databases that are made for scenarios and dropped after them, and the hand on their clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

import psycopg2
from django.conf import settings
from django.db import connections
from psycopg2 import sql

from hat_clinic.settings import BASE_DIR, database_from


class Clock:
    """The clock of one scratch database: it stands where it is put."""

    def __init__(self, database: str) -> None:
        self._connection = owner_of(database)

    def put(self, at: datetime) -> None:
        """Let the database's time be this moment, for every connection."""
        with self._connection.cursor() as cursor:
            cursor.execute("DELETE FROM clock_override; INSERT INTO clock_override VALUES (%s)", [at])

    def let_run(self) -> None:
        """Let the database's time be the machine's again, for every connection."""
        with self._connection.cursor() as cursor:
            cursor.execute("DELETE FROM clock_override")

    def close(self) -> None:
        self._connection.close()


@contextmanager
def migrated_database() -> Iterator[str]:
    """Make an empty database with every table and a clock that can be put, and drop it at the end."""
    home = settings.DATABASES["default"]["NAME"]
    name = f"scenarios_{uuid.uuid4().hex[:12]}"
    run_as_owner(home, "CREATE DATABASE {name}", name=name)
    try:
        address = os.environ["DATABASE_OWNER_URL"].rsplit("/", 1)[0]
        subprocess.run(  # noqa: S603 - this program's own command line
            [sys.executable, str(BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"],
            check=True,
            cwd=BASE_DIR,
            env={**os.environ, "DATABASE_OWNER_URL": f"{address}/{name}"},
        )
        run_as_owner(name, "CREATE TABLE IF NOT EXISTS clock_override (at timestamptz)")
        run_as_owner(name, "REVOKE ALL ON clock_override FROM {role}", role=settings.DATABASE_APP_ROLE)
        run_as_owner(name, "GRANT SELECT ON clock_override TO {role}", role=settings.DATABASE_APP_ROLE)
        yield name
    finally:
        drop_database(home, name)


@contextmanager
def own_copy(template: str) -> Iterator[Clock]:
    """Let Django work, as the application, in a copy of a database that is dropped at the end."""
    home = connections["default"].settings_dict["NAME"]
    name = f"scenario_{uuid.uuid4().hex[:12]}"
    run_as_owner(home, "CREATE DATABASE {name} TEMPLATE {template}", name=name, template=template)
    clock: Clock | None = None
    try:
        _point_at(name)
        clock = Clock(name)
        yield clock
    finally:
        if clock is not None:
            clock.close()
        _point_at(home)
        drop_database(home, name)


@contextmanager
def as_owner() -> Iterator[psycopg2.extensions.cursor]:
    """Give a cursor of the owner in the database that Django works in now; each statement is committed at once."""
    with (
        closing(owner_of(connections["default"].settings_dict["NAME"])) as connection,
        connection.cursor() as cursor,
    ):
        yield cursor


def _point_at(name: str) -> None:
    connections["default"].close()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name


def owner_of(database: str) -> psycopg2.extensions.connection:
    """Return a connection to a database as its owner; each statement is committed by itself."""
    url = database_from("DATABASE_OWNER_URL")
    connection = psycopg2.connect(
        dbname=database,
        user=url["USER"],
        password=url["PASSWORD"] or None,
        host=url["HOST"],
        port=url["PORT"] or None,
    )
    connection.autocommit = True
    return connection


def run_as_owner(database: str, statement: str, **names: str) -> None:
    """Run a statement as the owner; `names` are put into it as identifiers."""
    with closing(owner_of(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})
        )


def drop_database(within: str, name: str) -> None:
    """Drop a database; the owner may not end an autovacuum that is at work in it, so wait for that."""
    for wait in (0.1, 0.5, 2, 5, 0):
        try:
            run_as_owner(within, "DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
        except psycopg2.errors.InsufficientPrivilege:
            if not wait:
                raise
            time.sleep(wait)
        else:
            return
