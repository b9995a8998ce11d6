"""Is this program fit to take a dose down? Answers in words, without names, versions or addresses."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Without any of these a power cut may lose what was acknowledged.
DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
}
LEAST_FREE_PERCENT = 10
MOST_SKEW_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `is_needed` tells whether dosing depends on it."""

    name: str
    is_well: bool
    words: str
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """All that was looked at. Not ready: send nobody here. Degraded: dosing works, something else waits."""

    checks: tuple[Check, ...]

    @property
    def is_ready(self) -> bool:
        return all(check.is_well for check in self.checks if check.is_needed)

    @property
    def word(self) -> str:
        if not self.is_ready:
            return "not ready"
        return "ready" if all(check.is_well for check in self.checks) else "degraded"


# What rooms above this floor add: asked once the database is well, and never needed for dosing.
ALSO: list[Callable[[], Check]] = []


def look() -> Health:
    """Look at the database, its settings and tables, at disk and clocks, and at the message broker."""
    try:
        first = (_database(), _tables())
        if not Health(first).is_ready:
            return Health(first)
        ours = (_heartbeat(), _durability(), _clock(), _skew(), _disk(), _broker())
        return Health((*first, *ours, *(check() for check in ALSO)))
    except DatabaseError:
        connection.close()
        words = "The database does not answer: nothing can be recorded. Use the paper pack."
        return Health((Check("database", False, words),))


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')")
        is_copy, is_read_only = cursor.fetchone()
    if is_copy or is_read_only == "on":
        words = "The database only reads: nothing can be recorded. Use the paper pack."
        return Check("database", False, words)
    return Check("database", True, "The database answers and can be written to.")


@cache
def _migrations_of_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _tables() -> Check:
    missing = _migrations_of_the_code() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        return Check("tables", False, f"{len(missing)} migrations wait. Run `manage.py migrate`.")
    return Check("tables", True, "The tables fit the program.")


def _heartbeat() -> Check:
    """Write one row, as a dose would be written: full disks and lost rights show only here."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO heartbeat (at) VALUES (clock_timestamp())"
                " ON CONFLICT (is_the_only_one) DO UPDATE SET at = excluded.at"
            )
    except DatabaseError:
        words = "The database takes nothing in: nothing can be recorded. Use the paper pack."
        return Check("heartbeat", False, words)
    return Check("heartbeat", True, "A row was written.")


def _durability() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)])
        unsafe = sorted(name for name, setting in cursor.fetchall() if setting not in DURABLE[name])
    if unsafe:
        # The demo and the tests may run on a database that forgets; a clinic may not.
        words = f"A power cut may lose what was saved: switch on {', '.join(unsafe)} in the database."
        return Check("durability", False, words, is_needed=not settings.IS_DEMO)
    return Check("durability", True, "What is saved outlives a power cut.")


def _clock() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.clock_override') IS NOT NULL")
        (is_set_by_hand,) = cursor.fetchone()
    if is_set_by_hand and not settings.IS_DEMO:
        return Check("clock", False, "The clock can be set by hand: this is a test database, not a clinic's.")
    return Check("clock", True, "The clock is the database's own.")


def _skew() -> Check:
    """Compare the clock of this program with the database's, less half of the time that asking took."""
    with connection.cursor() as cursor:
        begun = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (database,) = cursor.fetchone()
        ended = time.time()
    if abs(database - (begun + ended) / 2) - (ended - begun) / 2 > MOST_SKEW_SECONDS:
        words = (
            "The clocks of the web server and of the database differ by more than a second: set them right."
        )
        return Check("clocks", False, words)
    return Check("clocks", True, "The clocks of the web server and of the database agree.")


def _disk() -> Check:
    """Look at the disk of the program; where the database has another, its host watches that one."""
    disk = shutil.disk_usage(settings.BASE_DIR)
    if disk.free * 100 < disk.total * LEAST_FREE_PERCENT:
        words = f"Less than {LEAST_FREE_PERCENT} % of the disk is free: make room."
        # The demo runs on somebody's own machine, whose disk is not ours to judge.
        return Check("disk", False, words, is_needed=not settings.IS_DEMO)
    return Check("disk", True, f"At least {LEAST_FREE_PERCENT} % of the disk is free.")


def _broker() -> Check:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as broker:
            broker.ping()
    except redis.RedisError:
        return Check("messages", False, "Messages and reports are delayed; dosing works.", is_needed=False)
    return Check("messages", True, "Background jobs are taken.", is_needed=False)
