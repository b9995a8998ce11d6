"""Rivals that go at the same moment, each in a thread with a connection of its own that is kept between races."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connections

from dosing.actions import injections
from hat_clinic.core.transactions import one_act

WAIT_S = 120


class Crew:
    """So many threads; what each of a race answered or raised comes back in the order of the works."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(max_workers=size)

    def at_once(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Let go of every work together, and return what each answered or the error that it raised."""
        barrier = threading.Barrier(len(works))

        def run(work: Callable[[], Any]) -> Any:
            barrier.wait(timeout=WAIT_S)
            try:
                return work()
            except Exception as error:
                return error

        return list(self._pool.map(run, works))

    def close(self) -> None:
        """End the connections and the threads."""
        self.at_once([lambda: connections["default"].close()] * self.size)
        self._pool.shutdown()


@contextmanager
def a_crew(size: int) -> Iterator[Crew]:
    """Give a crew, and end it."""
    crew = Crew(size)
    try:
        yield crew
    finally:
        crew.close()


@contextmanager
def meeting_at_the_act(rivals: int) -> Iterator[None]:
    """Let rivals go into the act of the injection together, their PINs proved.

    Proving one nurse's PIN locks it, and would send rivals who share it in one after the other.
    """
    barrier = threading.Barrier(rivals)

    def together(work: Callable[[], Any]) -> Any:
        barrier.wait(timeout=WAIT_S)
        return one_act(work)

    with patch.object(injections, "one_act", together):
        yield
