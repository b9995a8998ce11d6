"""One act, one transaction; tried again when the database asks for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection, transaction

Answer = TypeVar("Answer")

# Serialisation failure, deadlock, lock not available, and a plan from before a migration, which is planned anew: the
# database undid everything and may be asked again.
TRY_AGAIN = frozenset({"40001", "40P01", "55P03", "0A000", "26000"})
TRIES = 3


def take_time(longest: str, *, wait: str | None = None) -> None:
    """Let the rest of this transaction wait for a lock, ask and think for `longest`, where a page has seconds.

    Both are times as PostgreSQL writes them, such as `60s`; `0` is without end. `wait` is for locks, where that differs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %(wait)s, true), set_config('statement_timeout', %(longest)s, true),"
            " set_config('idle_in_transaction_session_timeout', %(longest)s, true)",
            {"longest": longest, "wait": wait or longest},
        )


def one_act(work: Callable[[], Answer]) -> Answer:
    """Run `work` in a durable transaction of its own and return its answer.

    After a deadlock, a lock that was not to be had or a plan that a migration made old it is run again, at most
    three times, with a short random pause; `work` carries its own idempotency key, so that a repeat cannot do the
    thing twice. Every other error is raised as it is, with nothing stored.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(durable=True):
                return work()
        except DatabaseError as error:
            if left == 0 or getattr(error.__cause__, "pgcode", None) not in TRY_AGAIN:
                raise
            time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - a pause between rivals, not a secret
    raise AssertionError("unreachable: the last try returns or raises")
