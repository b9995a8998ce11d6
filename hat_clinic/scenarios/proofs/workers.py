"""A real worker in processes of its own, over a real broker, on a scratch database; killed as when the power fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from celery import Task
from django.conf import settings
from kombu import Connection

# A worker that starts on a busy machine and prints a report needs a good part of it; nothing waits longer for one thing.
LONGEST_S = 200
POLL_S = 0.02
# What the transport calls the queue, and what was taken from it and not answered for, by id and by time of taking.
QUEUE, TAKEN, TAKEN_AT = "celery", "unacked", "unacked_index"


@dataclass(frozen=True, slots=True)
class Broker:
    """A numbered database of the broker that nobody else uses meanwhile."""

    url: str

    def publish(self, job: Task, *args: Any) -> None:
        """Put a job in the queue, as beat does."""
        with Connection(self.url) as connection:
            job.apply_async(args=args, connection=connection)

    def is_idle(self) -> bool:
        """Tell whether no job waits and none is being done."""
        with redis.Redis.from_url(self.url) as server:
            return not server.llen(QUEUE) and not server.hlen(TAKEN)

    def give_back_unanswered(self) -> int:
        """Let the time be over after which a dead worker's jobs go to another one; return how many those are.

        That time is an hour; the next worker that looks takes them.
        """
        with redis.Redis.from_url(self.url) as server:
            jobs = server.zrange(TAKEN_AT, 0, -1)
            for job in jobs:
                server.zadd(TAKEN_AT, {job: 0})
            return len(jobs)


class BrokerInUse(Exception):
    """A numbered database of the broker that was to be used alone holds something."""


@contextmanager
def a_broker(number: int) -> Iterator[Broker]:
    """Give a database of the broker with this number, and empty it at the end.

    Raises BrokerInUse, with nothing changed, where something is in it: it may be somebody else's.
    """
    broker = Broker(f"{settings.REDIS_URL.rsplit('/', 1)[0]}/{number}")
    with redis.Redis.from_url(broker.url) as server:
        if server.dbsize():
            raise BrokerInUse(
                f"Database {number} of the broker is not empty. Stop who uses it, or empty it, and begin again."
            )
        try:
            yield broker
        finally:
            server.flushdb()


class Worker:
    """A worker with its children, in a process group of its own; what it says goes to a file."""

    def __init__(
        self,
        *,
        database: str,
        broker: Broker,
        log: Path,
        processes: int,
        environment: Mapping[str, str],
    ) -> None:
        words = [sys.executable, "-m", "celery", "-A", "hat_clinic.celery", "worker", "-c", str(processes)]
        address = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{database}"
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - this program's own worker
                [*words, "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
                cwd=settings.BASE_DIR,
                env={**os.environ, **environment, "DATABASE_URL": address, "REDIS_URL": broker.url},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill the worker and its children with signal 9."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=LONGEST_S)

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something is so; raise AssertionError with what was waited for and the log when it never is."""
        end = time.monotonic() + LONGEST_S
        while not is_so():
            ended = self._process.poll()
            if ended is not None or time.monotonic() > end:
                state = "the worker runs" if ended is None else f"the worker ended with {ended}"
                last = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
                raise AssertionError("\n".join([f"waited in vain until {what}; {state}", *last]))
            time.sleep(POLL_S)


@contextmanager
def a_worker(
    *,
    database: str,
    broker: Broker,
    log: Path,
    processes: int = 2,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Worker]:
    """Give a worker, and end it and its children whatever happens; `environment` is what it is told besides."""
    worker = Worker(
        database=database, broker=broker, log=log, processes=processes, environment=environment or {}
    )
    try:
        yield worker
    finally:
        worker.kill()
